"""Inviting, joining and leaving a team."""

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.enums import Part
from people.models import Involvement, User
from people.policies import in_force, is_blocked
from people.queries import blocked_people, snapshot_of
from people.services.involvement import involve, release
from people.services.notify import notify
from people.toxic import refuse_clash

from ..enums import MemberState, ProposalState
from ..models import Member, Proposal
from ..policies import may_lead
from .drafting import refuse_unless_writable


def joined_people(proposal: Proposal) -> list[User]:
    """Return the team: everybody who has joined and not left, without those whom a conflict keeps out."""
    rows = proposal.members.filter(status=MemberState.JOINED).exclude(person__in=blocked_people(proposal.case))
    return [row.person for row in rows.select_related("person")]


def leads_of(proposal: Proposal) -> list[User]:
    """Return the lead and the deputy."""
    rows = Involvement.objects.filter(in_force(), case=proposal.case, part__in=(Part.LEAD, Part.DEPUTY))
    rows = rows.exclude(person__in=blocked_people(proposal.case))
    return [row.person for row in rows.select_related("person").order_by("pk")]


def take_back(member: Member, *, by: User) -> None:
    """Take an open invitation back."""
    with locked([member.proposal]):
        proposal = Proposal.objects.get(pk=member.proposal_id)
        refuse_unless_writable(proposal, by)
        if not may_lead(proposal, by):
            raise NotPossible("Only the lead can take an invitation back.", forbidden=True)
        changed = Member.objects.filter(pk=member.pk, status=MemberState.INVITED).update(status=MemberState.LEFT)
        if not changed:
            raise NotPossible("This person has already joined.")
        trail.record(proposal, action="invitation_taken_back", by=by, changes={"person": [member.person_id, None]})


def invite(proposal: Proposal, *, by: User, person: User) -> Member:
    """Ask a civil servant into the team; they are told and join with one tap. NotPossible says why not."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        refuse_unless_writable(proposal, by)
        if not may_lead(proposal, by):
            raise NotPossible("Only the lead can invite people.", forbidden=True)
        post = snapshot_of(person)
        if post is None:
            raise NotPossible("The register does not name this person's agency yet.")
        refuse_clash(proposal.case, person, Part.MEMBER)
        member, created = Member.objects.get_or_create(
            proposal=proposal, person=person,
            defaults={"agency": post.agency, "invited_by": by, "invited_at": clock.now()},
        )  # fmt: skip
        if not created and member.status != MemberState.LEFT:
            raise NotPossible(f"{person.full_name} is already in the team or invited.")
        Member.objects.filter(pk=member.pk).update(status=MemberState.INVITED, invited_at=clock.now())
        entry = trail.record(proposal, action="invited", by=by, changes={"person": [None, person.pk]})
        notify(
            person=person,
            key=f"invite:{proposal.case}:{entry.seq}",
            subject="You are asked to join a proposal",
            body=f"{by.full_name} asks you to join the team of “{proposal.title}”.",
            path=f"/proposals/{proposal.case}/join/",
        )
        return member


def join(proposal: Proposal, *, by: User) -> None:
    """Accept one's invitation; a second tap changes nothing."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        member = Member.objects.filter(proposal=proposal, person=by).exclude(status=MemberState.LEFT).first()
        if member is None or is_blocked(proposal, by) or proposal.state != ProposalState.DRAFT:
            raise NotPossible("This invitation no longer stands.")
        if member.status == MemberState.JOINED:
            return
        involve(case=proposal.case, person=by, part=Part.MEMBER, agency=member.agency)
        Member.objects.filter(pk=member.pk).update(status=MemberState.JOINED, joined_at=clock.now())
        trail.record(proposal, action="joined", by=by)


def leave(proposal: Proposal, *, by: User) -> None:
    """Leave the team; the lead cannot, the work recorded stays."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        refuse_unless_writable(proposal, by)
        if may_lead(proposal, by):
            raise NotPossible("The lead cannot leave. Withdraw the proposal instead.")
        Member.objects.filter(proposal=proposal, person=by).update(status=MemberState.LEFT)
        release(case=proposal.case, person=by, part=Part.MEMBER)
        trail.record(proposal, action="left", by=by)
