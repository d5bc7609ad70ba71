"""Conflicts of interest, computed from team, agencies and line management; graded block, mitigate, note."""

from dataclasses import dataclass
from datetime import timedelta

from lifecycle import clock, trail
from people.enums import TEAM_PARTS, Grade, Part
from people.models import Block, EmploymentSnapshot, Involvement, User
from people.policies import agencies_of_case, tree_of
from people.queries import snapshot_of
from people.toxic import clash
from proposals.lane import is_spark
from proposals.models import Proposal

FORTNIGHT = timedelta(days=14)


@dataclass(frozen=True)
class Conflict:
    """One conflict with the reason that a person reads."""

    grade: Grade
    reason: str


def conflicts_of(proposal: Proposal, person: User, part: Part = Part.REVIEWER) -> list[Conflict]:
    """Return every conflict of `person` with the proposal in `part`, the strongest first."""
    found = [*_recorded(proposal, person), *_part(proposal, person, part), *_line(proposal, person)]
    found += _applied(proposal, person) if part == Part.REVIEWER else []
    return sorted([*found, *_agency(proposal, person)], key=lambda c: list(Grade).index(c.grade))


def _recorded(proposal: Proposal, person: User) -> list[Conflict]:
    rows = Block.objects.filter(case=proposal.case, person=person)
    return [Conflict(Grade(row.grade), f"On record: {row.reason}") for row in rows]


def _part(proposal: Proposal, person: User, part: Part) -> list[Conflict]:
    held = clash(proposal.case, person, part)
    return [Conflict(Grade.BLOCK, f"Has or had the part “{held.label}” in it")] if held else []


def _line(proposal: Proposal, person: User) -> list[Conflict]:
    team = Involvement.objects.filter(case=proposal.case, part__in=TEAM_PARTS).values("person")
    rows = EmploymentSnapshot.objects.select_related("person")
    found = [
        Conflict(Grade.BLOCK, f"Is the line manager of {row.person.full_name}")
        for row in rows.filter(person__in=team, line_manager=person)
    ]
    own = EmploymentSnapshot.objects.filter(person=person, line_manager__in=team).select_related("line_manager")
    managers = {row.line_manager.full_name for row in own if row.line_manager}
    return found + [Conflict(Grade.BLOCK, f"Reports to {name}") for name in sorted(managers)]


def _applied(proposal: Proposal, person: User) -> list[Conflict]:
    """Nobody reviews in a call to which they applied; in a rolling one the fortnight around counts."""
    led = Involvement.objects.filter(person=person, part__in=TEAM_PARTS).values("case")
    own = Proposal.objects.filter(call=proposal.call, case__in=led, submitted_at__isnull=False)
    if is_spark(proposal) and proposal.submitted_at is not None:
        first, last = proposal.submitted_at - FORTNIGHT, proposal.submitted_at + FORTNIGHT
        own = own.filter(submitted_at__gte=first, submitted_at__lte=last)
    words = "Applied to the same call" + (" in the same fortnight" if is_spark(proposal) else "")
    return [Conflict(Grade.BLOCK, words)] if own.exclude(pk=proposal.pk).exists() else []


def _agency(proposal: Proposal, person: User) -> list[Conflict]:
    post = snapshot_of(person)
    if post is not None and tree_of(post.agency_id) in agencies_of_case(proposal.case):
        return [Conflict(Grade.MITIGATE, f"Works in {post.agency.name}, which takes part")]
    return []


def block(proposal: Proposal, person: User, *, reason: str, by: User) -> None:
    """Write a blocking conflict down; from now on the proposal does not exist for the person."""
    Block.objects.get_or_create(
        case=proposal.case, person=person, reason=reason[:300],
        defaults={"grade": Grade.BLOCK, "since": clock.now()},
    )  # fmt: skip
    trail.record(proposal, action="conflict_recorded", by=by)
