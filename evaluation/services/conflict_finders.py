"""What speaks against a person's judging of a proposal: one finder for each kind of tie, each a few queries for all.

A finder takes the proposal and the people and yields (person pk, Conflict). The windows are calendar months up to
today; a register entry holds from its day until the next one's.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from fund.enums import CallKind
from lifecycle import clock
from people.enums import TEAM_PARTS, AgencyKind, Grade, Part
from people.models import Block, EmploymentSnapshot, Involvement, User
from people.policies import heads_of, involved_in
from people.services.calendar import months_before
from people.toxic import first_clash
from proposals.enums import UNDECIDED
from proposals.lane import is_practice
from proposals.models import Proposal

from ..enums import LIVE
from ..models import Review

FORTNIGHT = timedelta(days=14)
EMPLOYED, MANAGED, APPLIED = 24, 12, 36  # months back that count, of domain.md section 5
TREE_PARTS = (*TEAM_PARTS, Part.SPONSOR)  # whose agencies take part in the proposal


@dataclass(frozen=True)
class Conflict:
    """One conflict with the reason that a person reads; a lasting one is written down when it is found."""

    grade: Grade
    reason: str
    lasting: bool = True


Found = Iterator[tuple[int, Conflict]]
Finder = Callable[[Proposal, Sequence[User]], Found]


def finders(part: Part) -> tuple[Finder, ...]:
    """Return the finders for `part`: who reviews has two more."""
    every: tuple[Finder, ...] = (recorded, _part(part), managing, division, agency, applied_together, _same_line(part))
    return (*every, reciprocal) if part == Part.REVIEWER else every


def recorded(proposal: Proposal, people: Sequence[User]) -> Found:
    """Yield what is on record already."""
    for row in Block.objects.filter(case=proposal.case, person__in=people):
        yield row.person_id, Conflict(Grade(row.grade), f"On record: {row.reason}", lasting=False)


def _part(part: Part) -> Finder:
    """Return the finder of what `part` clashes with: parts in the case, and for a reviewer in cases beside it."""

    def find(proposal: Proposal, people: Sequence[User]) -> Found:
        asked = Q(case=proposal.case)
        if part == Part.REVIEWER:
            asked |= Q(case__in=_beside(proposal).values("case"), part__in=TEAM_PARTS)
        parts, applied = defaultdict(list), set()
        for pk, case, held in Involvement.objects.filter(asked, person__in=people).values_list(
            "person", "case", "part"
        ):
            if case == proposal.case:
                parts[pk].append(held)
            else:
                applied.add(pk)
        for pk, held_parts in parts.items():
            clashing = first_clash(held_parts, part)
            if clashing:
                yield pk, Conflict(Grade.BLOCK, f"Has or had the part “{clashing.label}” in it", lasting=False)
        fortnight = " in the same fortnight" if is_rolling(proposal) else ""
        for pk in sorted(applied):
            yield pk, Conflict(Grade.BLOCK, f"Applied to the same call{fortnight}")

    return find


def is_rolling(proposal: Proposal) -> bool:
    """Tell whether the proposal's call has no common end."""
    return proposal.call is not None and proposal.call.kind == CallKind.ROLLING


def _beside(proposal: Proposal) -> QuerySet[Proposal]:
    """Return what else was sent to the call; of a rolling one what was sent in the fortnight before or after."""
    found = Proposal.objects.filter(call=proposal.call, submitted_at__isnull=False).exclude(pk=proposal.pk)
    if not is_rolling(proposal) or proposal.submitted_at is None:
        return found
    return found.filter(submitted_at__range=(proposal.submitted_at - FORTNIGHT, proposal.submitted_at + FORTNIGHT))


def team_of(proposal: Proposal) -> set[int]:
    """Return the ids of all who are or were in the team."""
    return {row.person_id for row in involved_in(proposal.case) if row.part in TEAM_PARTS}


def posts_since(people: Iterable[User | int], start: date) -> list[EmploymentSnapshot]:
    """Return the posts that the people held on any day from `start` on, of each person the present one first."""
    found = EmploymentSnapshot.objects.filter(person__in=list(people)).select_related(
        "agency", "person", "line_manager"
    )
    kept, begun = [], set()
    for post in found.order_by("person", "-as_of"):
        if post.person_id not in begun:
            kept.append(post)
        if post.as_of <= start:
            begun.add(post.person_id)
    return kept


def managing(proposal: Proposal, people: Sequence[User]) -> Found:
    """Yield line managers and reports of the team's people, now or in the last 12 months."""
    team, own = team_of(proposal), {person.pk for person in people}
    start, seen = months_before(clock.today(), MANAGED), set()
    for post in posts_since(own | team, start):
        verb = ("Was", "Reported to") if post.person_id in seen else ("Is", "Reports to")
        seen.add(post.person_id)
        if post.line_manager is None:
            continue
        if post.person_id in team and post.line_manager_id in own:
            words = f"{verb[0]} the line manager of {post.person.full_name}"
            yield post.line_manager_id, Conflict(Grade.BLOCK, words)  # type: ignore[misc]
        if post.person_id in own and post.line_manager_id in team:
            yield post.person_id, Conflict(Grade.BLOCK, f"{verb[1]} {post.line_manager.full_name}")


def _agencies(proposal: Proposal) -> set[int]:
    """Return the agencies that take part: the lead's, every partner, and those of the team and of who approved.

    The agencies of a practice are named without their knowing, so they keep nobody out.
    """
    if is_practice(proposal):
        return set()
    partners = set(proposal.partners.values_list("agency", flat=True))
    parts = {row.agency_id for row in involved_in(proposal.case) if row.part in TREE_PARTS and row.agency_id}
    return {proposal.lead_agency_id, *partners, *parts}


def division(proposal: Proposal, people: Sequence[User]) -> Found:
    """Yield who works in a division that takes part or in which somebody of the team works."""
    team, today = team_of(proposal), clock.today()
    own = {person.pk for person in people}
    posts = posts_since(own | team, today)
    newest: dict[int, EmploymentSnapshot] = {}
    for post in posts:
        newest.setdefault(post.person_id, post)
    theirs = _agencies(proposal) | {newest[pk].agency_id for pk in team if pk in newest}
    for pk in sorted(own & set(newest)):
        place = newest[pk].agency
        if place.kind == AgencyKind.DIVISION and place.pk in theirs:
            yield pk, Conflict(Grade.BLOCK, f"Works in the same division: {place.name}")


def agency(proposal: Proposal, people: Sequence[User]) -> Found:
    """Yield who works, or worked in the last 24 months, in the agency tree of the lead or of any partner.

    A tree is everything under one ministry or other head; government itself is no tree.
    """
    posts, told = posts_since(people, months_before(clock.today(), EMPLOYED)), set()
    taking_part = _agencies(proposal)
    heads = heads_of({*taking_part, *(post.agency_id for post in posts)})
    trees, seen = {heads[pk] for pk in taking_part}, set()
    for post in posts:
        present = post.person_id not in seen
        seen.add(post.person_id)
        if heads[post.agency_id] not in trees or post.person_id in told:
            continue
        told.add(post.person_id)
        words = f"Works in {post.agency.name}, which takes part"
        if not present:
            words = f"Worked in {post.agency.name}, which takes part, in the last {EMPLOYED} months"
        yield post.person_id, Conflict(Grade.MITIGATE, words)


def applied_together(proposal: Proposal, people: Sequence[User]) -> Found:
    """Yield who was in a team with somebody of this team, in what was sent in the last 36 months."""
    start = months_before(clock.today(), APPLIED)
    with_team = Involvement.objects.filter(person__in=team_of(proposal), part__in=TEAM_PARTS).values("case")
    sent = Proposal.objects.of_practice(False).filter(submitted_at__date__gte=start, case__in=with_team)
    for pk in _in_team_of(sent.exclude(pk=proposal.pk), people):
        yield pk, Conflict(Grade.MITIGATE, f"Applied together with somebody of the team in the last {APPLIED} months")


def _same_line(part: Part) -> Finder:
    """Return the finder of who asks for money of the same budget line with an own proposal that is not decided.

    What a reviewer sent to the same call has a rule of its own: see `_part`.
    """

    def find(proposal: Proposal, people: Sequence[User]) -> Found:
        line = proposal.call.budget_line_id if proposal.call else None
        if line is None:
            return
        sent = Proposal.objects.of_practice(False).filter(call__budget_line=line, state__in=UNDECIDED)
        if part == Part.REVIEWER:
            sent = sent.exclude(call=proposal.call)
        words = "Has a proposal of their own that asks for money of the same budget line"
        for pk in _in_team_of(sent.exclude(pk=proposal.pk), people):
            yield pk, Conflict(Grade.MITIGATE, words)

    return find


def reciprocal(proposal: Proposal, people: Sequence[User]) -> Found:
    """Yield who has a proposal in this call that somebody of this team reviews."""
    reviewed = Review.objects.filter(
        proposal__call=proposal.call, reviewer__in=team_of(proposal), state__in=LIVE
    ).values("proposal")
    for pk in _in_team_of(Proposal.objects.filter(pk__in=reviewed).exclude(pk=proposal.pk), people):
        words = "Somebody of this team reviews their own proposal in this call"
        yield pk, Conflict(Grade.BLOCK, words, lasting=False)


def _in_team_of(proposals: QuerySet[Proposal], people: Sequence[User]) -> list[int]:
    cases = Involvement.objects.filter(case__in=proposals.values("case"), part__in=TEAM_PARTS, person__in=people)
    return sorted(set(cases.values_list("person", flat=True)))
