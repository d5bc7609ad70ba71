"""What speaks against a person's judging of a proposal: one finder for each kind of tie, each a few queries for all.

A finder takes the proposal and the people and yields (person pk, Conflict). The windows are calendar months up to
today; a register entry holds from its day until the next one's.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from fund.enums import CallKind
from lifecycle import clock
from lifecycle.remembering import remembered
from people.enums import TEAM_PARTS, AgencyKind, Grade, Part
from people.models import Block, EmploymentSnapshot, Involvement, User
from people.policies import heads_of, involved_in
from people.services.calendar import months_before
from people.toxic import first_clash
from proposals.enums import UNDECIDED
from proposals.lane import is_practice
from proposals.models import Proposal

from ..enums import LIVE
from ..models import Declaration, Review

FORTNIGHT = timedelta(days=14)
EMPLOYED, MANAGED, APPLIED = 24, 12, 36  # months back that count, of domain.md section 5
TREE_PARTS = (*TEAM_PARTS, Part.SPONSOR)  # whose agencies take part in the proposal


@dataclass(frozen=True)
class Conflict:
    """One conflict with the reason that a person reads; a lasting one is written down when it is found."""

    grade: Grade
    reason: str
    lasting: bool = True
    of_office: bool = False  # it blocks who chairs or votes, not who has another role as well


Found = Iterator[tuple[int, Conflict]]
Finder = Callable[[Proposal, Sequence[User]], Found]


def finders(part: Part) -> tuple[Finder, ...]:
    """Return the finders for who would act in `part`."""
    return (recorded, declared, _part(part), managing, division, _agency(part), _elsewhere(part))


def recorded(proposal: Proposal, people: Sequence[User]) -> Found:
    """Yield what is on record already."""
    for row in Block.objects.filter(case=proposal.case, person__in=people):
        yield row.person_id, Conflict(Grade(row.grade), f"On record: {row.reason}", lasting=False)


def declared(proposal: Proposal, people: Sequence[User]) -> Found:
    """Yield who named somebody of the team on the mixed list of a call that is read without names."""
    if proposal.call is None or not proposal.call.names_hidden:
        return
    newest = {row.person_id: row for row in Declaration.objects.filter(call=proposal.call, person__in=people)}
    named = {pk: row for pk, row in newest.items() if row.tied}
    team = team_of(proposal) if named else set()
    for pk, row in named.items():
        if team & set(row.tied):
            words = f"{row.get_interest_display()}. {row.note}".strip()
            yield pk, Conflict(Grade.BLOCK, words)


def _part(part: Part) -> Finder:
    """Return the finder of what `part` clashes with in the case itself."""

    def find(proposal: Proposal, people: Sequence[User]) -> Found:
        own, parts = {person.pk for person in people}, defaultdict(list)
        for row in involved_in(proposal.case):
            if row.person_id in own:
                parts[row.person_id].append(row.part)
        for pk, held in parts.items():
            clashing = first_clash(held, part)
            if clashing:
                yield pk, Conflict(Grade.BLOCK, f"Has or had the part “{clashing.label}” in it", lasting=False)

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


@remembered
def _posts_of(people: frozenset[int]) -> list[EmploymentSnapshot]:
    found = EmploymentSnapshot.objects.filter(person__in=people).select_related("agency", "person", "line_manager")
    return list(found.order_by("person", "-as_of"))


def posts_since(people: Iterable[int], start: date) -> list[EmploymentSnapshot]:
    """Return the posts that the people held on any day from `start` on, of each person the present one first."""
    kept, begun = [], set()
    for post in _posts_of(frozenset(people)):
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


@remembered
def _partners(proposal: Proposal) -> list[int]:
    return list(proposal.partners.values_list("agency", flat=True))


def _agencies(proposal: Proposal) -> set[int]:
    """Return the agencies that take part: the lead's, every partner, and those of the team and of who approved.

    The agencies of a practice are named without their knowing, so they keep nobody out.
    """
    if is_practice(proposal):
        return set()
    partners = set(_partners(proposal))
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


def _agency(part: Part) -> Finder:
    """Return the finder of who works, or worked in the last 24 months, in the tree of the lead or of any partner.

    A tree is everything under one ministry or other head; government itself is no tree. The own agency of today blocks
    who chairs or votes; a review of it can be permitted.
    """

    def find(proposal: Proposal, people: Sequence[User]) -> Found:
        for pk, words, present in _in_tree(proposal, people):
            blocks = present and part != Part.REVIEWER
            yield pk, Conflict(Grade.BLOCK if blocks else Grade.MITIGATE, words, of_office=blocks)

    return find


def _in_tree(proposal: Proposal, people: Sequence[User]) -> Iterator[tuple[int, str, bool]]:
    """Yield (person pk, what ties them, whether it is their agency of today), each person once."""
    own = {person.pk for person in people}
    held = posts_since(own | team_of(proposal), months_before(clock.today(), EMPLOYED))
    posts, told = [post for post in held if post.person_id in own], set()
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
        yield post.person_id, words, present


MUTUAL = "Somebody of this team reviews their own proposal in this call"


def _elsewhere(part: Part) -> Finder:
    """Return the finder of ties by other proposals, in whose teams the people are or were; two queries, one if none.

    Who reviews has not applied to the same call (in a rolling one: in the same fortnight), and is not reviewed in it by
    this team. Nobody was in a team with somebody of this team in what was sent in the last 36 months, or asks for money
    of the same budget line with what is not decided; for a reviewer the same call has the rule above instead.
    """

    def find(proposal: Proposal, people: Sequence[User]) -> Found:
        rows = Involvement.objects.filter(person__in=people, part__in=TEAM_PARTS).exclude(case=proposal.case)
        if not rows.exists():
            return
        others = Proposal.objects.exclude(pk=proposal.pk).filter(case=OuterRef("case"))
        reviews = part == Part.REVIEWER
        ties = {
            "beside": others.filter(pk__in=_beside(proposal).values("pk")) if reviews else others.none(),
            "together": _together(others, team_of(proposal)),
            "line": _same_line(others, proposal, reviews),
            "mutual": others.filter(pk__in=_reviewed_by_team(proposal)) if reviews else others.none(),
        }
        flagged = rows.annotate(**{name: Exists(tie) for name, tie in ties.items()}).order_by("person")
        fortnight = " in the same fortnight" if is_rolling(proposal) else ""
        said = (
            Conflict(Grade.BLOCK, f"Applied to the same call{fortnight}"),
            Conflict(Grade.MITIGATE, f"Applied together with somebody of the team in the last {APPLIED} months"),
            Conflict(Grade.MITIGATE, "Has a proposal of their own that asks for money of the same budget line"),
            Conflict(Grade.BLOCK, MUTUAL, lasting=False),
        )
        for pk, *flags in flagged.values_list("person", *ties).distinct():
            yield from ((pk, conflict) for conflict, flag in zip(said, flags, strict=True) if flag)

    return find


def _together(others: QuerySet[Proposal], team: set[int]) -> QuerySet[Proposal]:
    with_team = Involvement.objects.filter(person__in=team, part__in=TEAM_PARTS).values("case")
    start = months_before(clock.today(), APPLIED)
    return others.filter(call__practice_of=None, submitted_at__date__gte=start, case__in=with_team)


def _same_line(others: QuerySet[Proposal], proposal: Proposal, reviews: bool) -> QuerySet[Proposal]:
    line = proposal.call.budget_line_id if proposal.call else None
    if line is None:
        return others.none()
    found = others.filter(call__budget_line=line, call__practice_of=None, state__in=UNDECIDED)
    return found.exclude(call=proposal.call) if reviews else found


def _reviewed_by_team(proposal: Proposal) -> QuerySet[Any, Any]:
    own = Review.objects.filter(proposal__call=proposal.call, reviewer__in=team_of(proposal), state__in=LIVE)
    return own.values("proposal")


def reciprocal(proposal: Proposal, people: Sequence[User]) -> list[Conflict]:
    """Return the ties of those who have a proposal in this call that somebody of this team reviews."""
    return [conflict for _, conflict in _elsewhere(Part.REVIEWER)(proposal, people) if conflict.reason == MUTUAL]
