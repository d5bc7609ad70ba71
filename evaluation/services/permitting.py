"""The chair's written permission for a review in spite of a conflict that can be lived with.

Such a review is heard: the panel reads it. It fills no required place, and its scores decide nothing.
"""

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.enums import Grade, Part
from people.models import User
from people.services.involvement import involve
from proposals.lane import is_spark
from proposals.models import Proposal
from proposals.policies import may_chair

from ..models import Permission
from .conflicts import ONLY_A_CHAIR, conflicts_of, refuse_conflicted
from .reviewing import refuse_unassignable


def ask(proposal: Proposal, *, by: User, person: User) -> Permission:
    """Ask the chair; after a refusal again, the first answer stays in the trail.

    NotPossible for who needs no permission, cannot have one, or for whom an answer waits or was given.
    """
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        refuse_unassignable(proposal, by=by)
        if is_spark(proposal):
            raise NotPossible("A small idea is reviewed only by people without a conflict.")
        grades = {conflict.grade for conflict in conflicts_of(proposal, person)}
        if Grade.BLOCK in grades:
            raise NotPossible(f"{person.full_name} may not take part, also with a permission.")
        if Grade.MITIGATE not in grades:
            raise NotPossible(f"{person.full_name} needs no permission.")
        asked = {"asked_by": by, "asked_at": clock.now()}
        row, created = Permission.objects.get_or_create(proposal=proposal, person=person, defaults=asked)
        if not created and row.given is not False:
            raise NotPossible(f"The chair has been asked about {person.full_name} already.")
        if not created:
            unanswered = {"given": None, "answer": "", "answered_by": None, "answered_at": None}
            Permission.objects.filter(pk=row.pk).update(**asked, **unanswered)
            row = Permission.objects.get(pk=row.pk)
        trail.record(row, action="permission_asked", by=by)
        return row


def answer(row: Permission, *, by: User, given: bool, answer: str) -> Permission:
    """Give or refuse, with the reason in writing. NotPossible for others than a chair without a conflict."""
    with locked([row.proposal, row]):
        row = Permission.objects.select_related("proposal", "person").get(pk=row.pk)
        if not may_chair(row.proposal, by) or by == row.person:
            raise NotPossible(f"{ONLY_A_CHAIR} Nobody permits themselves.", forbidden=True)
        refuse_conflicted(row.proposal, by, Part.CHAIR, acting=True)
        if row.given is not None:
            raise NotPossible("This has been answered already.")
        if not answer.strip():
            raise NotPossible("Say why.")
        involve(case=row.proposal.case, person=by, part=Part.CHAIR)
        Permission.objects.filter(pk=row.pk).update(
            given=given, answer=answer.strip(), answered_by=by, answered_at=clock.now()
        )
        trail.record(row, action="permission_answered", by=by, note=answer, changes={"given": [None, given]})
        return Permission.objects.get(pk=row.pk)
