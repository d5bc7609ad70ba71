"""Beginning a small idea and naming who says yes for its agency."""

from uuid import UUID

from fund.enums import Stage
from fund.models import Call
from lifecycle import trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.enums import Role
from people.models import RoleGrant, User
from people.policies import in_force
from people.queries import blocked_people, snapshot_of

from ..enums import SectionKey
from ..models import Proposal
from . import drafting


def begin(
    *, by: User, call: Call, answers: dict[str, str], case: UUID | None = None, source: Proposal | None = None
) -> Proposal:
    """Start a draft in a Spark call with its first answers; the approver is proposed from the register.

    The same `case` again saves into the draft that was begun under it: a second press makes no second idea. Clash when
    that draft has gone on meanwhile. `source` is an earlier idea, whose money is carried over. NotPossible when the
    call is closed or gives other money.
    """
    if call.stage != Stage.SPARK:
        raise NotPossible("This call is not for small ideas.")
    made = drafting.start(by=by, title=answers["title"], call=call, source=source, case=case)
    section = made.sections.get(key=SectionKey.SPARK)
    first = 3 if made.copied_from_id else 2  # the version after its page was sent for the first time
    version = min(section.version, first)
    drafting.save_section(made, by=by, key=SectionKey.SPARK, version=version, answers=answers)
    proposed = proposed_approver(made, by)
    if proposed is not None:
        Proposal.objects.filter(pk=made.pk, approver=None).update(approver=proposed)
    return Proposal.objects.get(pk=made.pk)


def approvers_for(proposal: Proposal, by: User) -> list[User]:
    """Return who could say yes for the lead agency, `by` and the team apart."""
    grants = RoleGrant.objects.filter(in_force(), role=Role.SPONSOR, agency=proposal.lead_agency)
    free = grants.exclude(person__in=blocked_people(proposal.case)).exclude(person=by)
    outside = free.exclude(person__in=proposal.members.values("person"))
    return [grant.person for grant in outside.select_related("person").order_by("pk")]


def proposed_approver(proposal: Proposal, by: User) -> User | None:
    """Return the line manager of the register when that is an approver, else the agency's first; None without one."""
    people, post = approvers_for(proposal, by), snapshot_of(by)
    manager = post.line_manager_id if post else None
    return next((person for person in people if person.pk == manager), people[0] if people else None)


def name_approver(proposal: Proposal, *, by: User, approver: User) -> None:
    """Name who is asked for the agency's yes. NotPossible for somebody who does not approve for it."""
    with locked([proposal]):
        fresh = Proposal.objects.get(pk=proposal.pk)
        drafting.refuse_unless_writable(fresh, by)
        if approver not in approvers_for(fresh, by):
            raise NotPossible(f"{approver.full_name} does not approve for {fresh.lead_agency.name}.")
        if fresh.approver_id != approver.pk:
            Proposal.objects.filter(pk=fresh.pk).update(approver=approver)
            changes = {"approver": [fresh.approver_id, approver.pk]}
            trail.record(fresh, action="approver_named", by=by, changes=changes)
