"""Conflicts of interest, computed from team, agencies and line management; graded block, mitigate, note."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from fund.enums import CallKind
from lifecycle import clock, trail
from people.enums import TEAM_PARTS, Grade, Part
from people.models import Block, EmploymentSnapshot, Involvement, User
from people.policies import agencies_of_case, tree_of
from people.toxic import first_clash
from proposals.models import Proposal

FORTNIGHT = timedelta(days=14)


@dataclass(frozen=True)
class Conflict:
    """One conflict with the reason that a person reads."""

    grade: Grade
    reason: str


def conflicts_of(proposal: Proposal, person: User, part: Part = Part.REVIEWER) -> list[Conflict]:
    """Return every conflict of `person` with the proposal in `part`, the strongest first."""
    return conflicts_among(proposal, [person], part)[person.pk]


def conflicts_among(
    proposal: Proposal, people: Sequence[User], part: Part = Part.REVIEWER
) -> dict[int, list[Conflict]]:
    """Return person pk -> conflicts with the proposal in `part`, the strongest first; in as many queries as for one."""
    found: dict[int, list[Conflict]] = {person.pk: [] for person in people}
    for find in (_recorded, _part(part), _line, _agency):
        for pk, conflict in find(proposal, people):
            found[pk].append(conflict)
    grades = list(Grade)
    return {pk: sorted(rows, key=lambda row: grades.index(row.grade)) for pk, rows in found.items()}


Found = Iterator[tuple[int, Conflict]]


def _recorded(proposal: Proposal, people: Sequence[User]) -> Found:
    for row in Block.objects.filter(case=proposal.case, person__in=people):
        yield row.person_id, Conflict(Grade(row.grade), f"On record: {row.reason}")


def _part(part: Part) -> Callable[[Proposal, Sequence[User]], Found]:
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
                yield pk, Conflict(Grade.BLOCK, f"Has or had the part “{clashing.label}” in it")
        fortnight = " in the same fortnight" if _is_rolling(proposal) else ""
        for pk in sorted(applied):
            yield pk, Conflict(Grade.BLOCK, f"Applied to the same call{fortnight}")

    return find


def _is_rolling(proposal: Proposal) -> bool:
    return proposal.call is not None and proposal.call.kind == CallKind.ROLLING


def _beside(proposal: Proposal) -> QuerySet[Proposal]:
    """Return what else was sent to the call; of a rolling one what was sent in the fortnight before or after."""
    found = Proposal.objects.filter(call=proposal.call, submitted_at__isnull=False).exclude(pk=proposal.pk)
    if not _is_rolling(proposal) or proposal.submitted_at is None:
        return found
    return found.filter(submitted_at__range=(proposal.submitted_at - FORTNIGHT, proposal.submitted_at + FORTNIGHT))


def _line(proposal: Proposal, people: Sequence[User]) -> Found:
    team = Involvement.objects.filter(case=proposal.case, part__in=TEAM_PARTS).values("person")
    posts = EmploymentSnapshot.objects.select_related("person", "line_manager")
    below = {
        (row.line_manager_id, row.person.full_name) for row in posts.filter(person__in=team) if row.line_manager_id
    }
    above = {
        (row.person_id, row.line_manager.full_name)
        for row in posts.filter(person__in=people, line_manager__in=team)
        if row.line_manager
    }
    own = {person.pk for person in people}
    for pk, name in sorted(pair for pair in below if pair[0] in own):
        yield pk, Conflict(Grade.BLOCK, f"Is the line manager of {name}")
    for pk, name in sorted(above):
        yield pk, Conflict(Grade.BLOCK, f"Reports to {name}")


def _agency(proposal: Proposal, people: Sequence[User]) -> Found:
    taking_part, seen = agencies_of_case(proposal.case), set()
    for post in EmploymentSnapshot.objects.filter(person__in=people).select_related("agency"):  # the newest first
        if post.person_id not in seen and tree_of(post.agency_id) in taking_part:
            yield post.person_id, Conflict(Grade.MITIGATE, f"Works in {post.agency.name}, which takes part")
        seen.add(post.person_id)


def block(proposal: Proposal, person: User, *, reason: str, by: User) -> None:
    """Write a blocking conflict down; from now on the proposal does not exist for the person."""
    Block.objects.get_or_create(
        case=proposal.case, person=person, reason=reason[:300],
        defaults={"grade": Grade.BLOCK, "since": clock.now()},
    )  # fmt: skip
    trail.record(proposal, action="conflict_recorded", by=by)
