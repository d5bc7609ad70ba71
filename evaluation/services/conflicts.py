"""Conflicts of interest: found by rules, graded block, mitigate or note, written down, and looked at again at each act.

block: takes no part, and the proposal does not exist for the person. mitigate: reviews only with the chair's written
permission; such a review is heard and never counted. note: on record, nothing more. Who votes has neither of the first
two, nor who chairs; and for both the agency where they work now blocks.
"""

from collections.abc import Iterable, Sequence

from lifecycle import clock, trail
from lifecycle.remembering import reading
from people.enums import Grade, Part, Role
from people.models import Block, Involvement, RoleGrant, User
from people.policies import in_force
from people.queries import holders
from people.toxic import ConflictOfInterest
from proposals.models import Proposal

from ..models import Permission
from .conflict_finders import Conflict, finders

__all__ = [
    "ONLY_A_CHAIR",
    "Conflict",
    "block",
    "conflicts_among",
    "conflicts_of",
    "is_permitted",
    "refuse_conflicted",
    "write_down",
]

READ_ON = (Role.REVIEWER, Role.SECRETARIAT, Role.HEAD, Role.AUDITOR)  # beside chair and board, of the own agency too
OF_OFFICE = (Part.REVIEWER, Part.CHAIR, Part.BOARD)  # any other part means that the person must go on reading it

ONLY_A_CHAIR = "Only a chair without a conflict of interest, of another agency, can do this."
VERBS = {Part.REVIEWER: "review", Part.CHAIR: "chair"}


def conflicts_of(proposal: Proposal, person: User, part: Part = Part.REVIEWER) -> list[Conflict]:
    """Return every conflict of `person` with the proposal in `part`, the strongest first."""
    return conflicts_among(proposal, [person], part)[person.pk]


def conflicts_among(
    proposal: Proposal, people: Sequence[User], part: Part = Part.REVIEWER
) -> dict[int, list[Conflict]]:
    """Return person pk -> conflicts with the proposal in `part`, the strongest first; in as many queries as for one.

    What several finders ask is asked once, afresh at each call.
    """
    found: dict[int, list[Conflict]] = {person.pk: [] for person in people}
    with reading():
        for find in finders(part):
            for pk, conflict in find(proposal, people):
                found[pk].append(conflict)
    grades = list(Grade)
    return {pk: sorted(_once(rows), key=lambda row: grades.index(row.grade)) for pk, rows in found.items()}


def _once(rows: list[Conflict]) -> list[Conflict]:
    """Return the conflicts without those on record that are found again."""
    found = {f"On record: {row.reason}"[:311] for row in rows}
    return [row for row in dict.fromkeys(rows) if row.reason not in found]


def is_permitted(proposal: Proposal, person: User) -> bool:
    """Tell whether the chair permitted the person in writing."""
    return Permission.objects.filter(proposal=proposal, person=person, given=True).exists()


def refuse_conflicted(proposal: Proposal, person: User, part: Part = Part.REVIEWER, *, acting: bool = False) -> None:
    """Raise ConflictOfInterest with the reason when the person may not act in `part` now; `acting`: it is they who try.

    The chair's permission lifts a conflict that can be lived with for a review, never for a decision.
    """
    for conflict in conflicts_of(proposal, person, part):
        if conflict.grade == Grade.BLOCK:
            raise ConflictOfInterest(_words(person, part, conflict, acting))
        if conflict.grade == Grade.MITIGATE and (part != Part.REVIEWER or not is_permitted(proposal, person)):
            words = _words(person, part, conflict, acting)
            wanted = "" if part != Part.REVIEWER else " This needs the chair's written permission."
            raise ConflictOfInterest(f"{words}{wanted}")


def _words(person: User, part: Part, conflict: Conflict, acting: bool) -> str:
    reason = conflict.reason.removesuffix(".")
    verb = VERBS.get(part, "decide on")
    if acting:
        return f"You cannot {'judge' if part == Part.REVIEWER else verb} this: {reason}."
    return f"{person.full_name} cannot {verb} this: {reason}."


def block(proposal: Proposal, person: User, *, reason: str, by: User, grade: Grade = Grade.BLOCK) -> None:
    """Write a conflict down; from a blocking one on the proposal does not exist for the person."""
    Block.objects.get_or_create(
        case=proposal.case, person=person, reason=reason[:300],
        defaults={"grade": grade, "since": clock.now()},
    )  # fmt: skip
    trail.record(proposal, action="conflict_recorded", by=by)


def write_down(proposal: Proposal, *, by: User) -> int:
    """Write down every lasting conflict of all who might judge the proposal; returns how many were new.

    Not of those who have another part in the case or answer for an agency in it: they must go on reading it.
    """
    kept = set(Involvement.objects.filter(case=proposal.case).exclude(part__in=OF_OFFICE).values_list("person"))
    agencies = proposal.partners.values("agency")
    approvers = RoleGrant.objects.filter(in_force(), role=Role.SPONSOR, agency__in=agencies).values_list("person")
    readers = {pk for (pk,) in {*kept, *approvers}}
    reviewers = list(holders(Role.REVIEWER).exclude(pk__in=readers))
    others = list((holders(Role.CHAIR) | holders(Role.BOARD)).exclude(pk__in=readers).distinct())
    known = set(Block.objects.filter(case=proposal.case).values_list("person", "reason"))
    wanted: dict[tuple[int, str], Grade] = {}
    wide = set(RoleGrant.objects.filter(in_force(), role__in=READ_ON).values_list("person", flat=True))
    for people, part in ((others, Part.BOARD), (reviewers, Part.REVIEWER)):
        wanted |= _lasting(conflicts_among(proposal, people, part).items(), wide)
    now = clock.now()
    new = [
        Block(case=proposal.case, person_id=pk, reason=reason, grade=grade, since=now)
        for (pk, reason), grade in wanted.items() if (pk, reason) not in known
    ]  # fmt: skip
    Block.objects.bulk_create(new, ignore_conflicts=True)
    if new:
        trail.record(proposal, action="conflicts_found", by=by)
    return len(new)


def _lasting(found: Iterable[tuple[int, list[Conflict]]], wide: set[int]) -> dict[tuple[int, str], Grade]:
    """Return (person pk, reason) -> grade as it is written down; `wide`: those who read on in another role."""
    return {
        (pk, row.reason[:300]): Grade.MITIGATE if row.of_office and pk in wide else row.grade
        for pk, rows in found for row in rows if row.lasting
    }  # fmt: skip
