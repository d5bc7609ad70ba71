"""Inviting, joining and leaving a team; the deputy, and handing over the lead."""

from datetime import timedelta

from django.db.models import Q

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.enums import LEAD_PARTS, Part
from people.models import Involvement, User
from people.policies import in_force, is_blocked
from people.queries import blocked_people, snapshot_of
from people.services.involvement import involve, release
from people.services.notify import notify
from people.toxic import refuse_clash

from ..enums import GONE, MemberState, ProposalState
from ..models import Member, Proposal
from ..models.proposal import WITHDRAWABLE
from ..policies import holds_lead, may_lead, may_write
from .drafting import refuse_unless_writable

ONE_DAY = timedelta(hours=24)


def joined_people(proposal: Proposal) -> list[User]:
    """Return the team: everybody who has joined and not left, without those whom a conflict keeps out."""
    rows = proposal.members.filter(status=MemberState.JOINED).exclude(person__in=blocked_people(proposal.case))
    return [row.person for row in rows.select_related("person")]


def leads_of(proposal: Proposal) -> list[User]:
    """Return the lead and the deputy."""
    rows = Involvement.objects.filter(in_force(), case=proposal.case, part__in=LEAD_PARTS)
    rows = rows.exclude(person__in=blocked_people(proposal.case))
    return [row.person for row in rows.select_related("person").order_by("pk")]


def _ask_to_join(proposal: Proposal, person: User, by: User, action: str, subject: str) -> None:
    entry = trail.record(proposal, action=action, by=by, changes={"person": [None, person.pk]})
    notify(
        person=person,
        key=f"invite:{proposal.case}:{entry.seq}",
        subject=subject,
        body=f"{by.full_name} asks you to join the team of “{proposal.title}”.",
        path=f"/proposals/{proposal.case}/join/",
    )


def _tell(proposal: Proposal, people: list[User], key: str, subject: str, body: str) -> None:
    for person in people:
        path = f"/proposals/{proposal.case}/team/"
        notify(person=person, key=f"{key}:{person.pk}", subject=subject, body=body, path=path)


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
    """Ask a civil servant into the team, also again after they left or declined; they join with one tap."""
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
        if not created and member.status not in GONE:
            raise NotPossible(f"{person.full_name} is already in the team or invited.")
        Member.objects.filter(pk=member.pk).update(
            status=MemberState.INVITED, agency=post.agency, invited_by=by, invited_at=clock.now(), reminded_at=None
        )
        _ask_to_join(proposal, person, by, "invited", "You are asked to join a proposal")
        return member


def remind(member: Member, *, by: User) -> None:
    """Send an open invitation again, at most once in 24 hours."""
    with locked([member.proposal]):
        proposal = Proposal.objects.get(pk=member.proposal_id)
        refuse_unless_writable(proposal, by)
        if not may_lead(proposal, by):
            raise NotPossible("Only the lead can remind somebody.", forbidden=True)
        rested = Q(reminded_at=None) | Q(reminded_at__lte=clock.now() - ONE_DAY)
        waiting = Member.objects.filter(pk=member.pk, status=MemberState.INVITED)
        if not waiting.filter(rested).update(reminded_at=clock.now()):
            name = member.person.full_name
            asked = waiting.exists()
            raise NotPossible(f"{name} was reminded less than a day ago." if asked else f"{name} has answered already.")
        _ask_to_join(proposal, member.person, by, "member_reminded", "Reminder: you are asked to join a proposal")


def join(proposal: Proposal, *, by: User) -> None:
    """Accept one's invitation; a second tap changes nothing."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        member = Member.objects.filter(proposal=proposal, person=by).exclude(status__in=GONE).first()
        if member is None or is_blocked(proposal, by) or proposal.state != ProposalState.DRAFT:
            raise NotPossible("This invitation no longer stands.")
        if member.status == MemberState.JOINED:
            return
        involve(case=proposal.case, person=by, part=Part.MEMBER, agency=member.agency)
        Member.objects.filter(pk=member.pk).update(status=MemberState.JOINED, joined_at=clock.now())
        trail.record(proposal, action="joined", by=by)


def decline(proposal: Proposal, *, by: User) -> None:
    """Decline one's invitation; the leads are told and may ask again."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        open_one = Member.objects.filter(proposal=proposal, person=by, status=MemberState.INVITED)
        if is_blocked(proposal, by) or not open_one.update(status=MemberState.DECLINED):
            raise NotPossible("This invitation no longer stands.")
        entry = trail.record(proposal, action="invitation_declined", by=by)
        _tell(proposal, leads_of(proposal), f"declined:{proposal.case}:{entry.seq}", "An invitation was declined",
              f"{by.full_name} does not join “{proposal.title}”.")  # fmt: skip


def leave(proposal: Proposal, *, by: User) -> None:
    """Leave the team; the lead hands over first, the work recorded stays."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        refuse_unless_writable(proposal, by)
        if holds_lead(proposal, by):
            raise NotPossible("The lead cannot leave. Hand the lead over to a member first, or withdraw the proposal.")
        Member.objects.filter(proposal=proposal, person=by).update(status=MemberState.LEFT, lead_offered_at=None)
        for part in (Part.MEMBER, Part.DEPUTY):
            release(case=proposal.case, person=by, part=part)
        trail.record(proposal, action="left", by=by)


def _refuse_unless_steerable(proposal: Proposal, by: User) -> None:
    """Raise NotPossible unless `by` holds the lead and the result is not out yet."""
    if not holds_lead(proposal, by):
        raise NotPossible("Only the lead can do this.", forbidden=True)
    if proposal.state not in WITHDRAWABLE:
        raise NotPossible("The lead of this proposal can no longer change.")


def name_deputy(member: Member, *, by: User) -> None:
    """Let one member do all that the lead may; a deputy before goes back to being a member."""
    with locked([member.proposal]):
        proposal = Proposal.objects.get(pk=member.proposal_id)
        member = Member.objects.select_related("person", "agency").get(pk=member.pk)
        _refuse_unless_steerable(proposal, by)
        if member.status != MemberState.JOINED or member.person_id == by.pk:
            raise NotPossible("The deputy is a member who has joined.")
        _end_deputy(proposal)
        involve(case=proposal.case, person=member.person, part=Part.DEPUTY, agency=member.agency)
        entry = trail.record(proposal, action="deputy_named", by=by, changes={"person": [None, member.person_id]})
        _tell(proposal, [member.person], f"deputy:{proposal.case}:{entry.seq}", "You are now deputy lead",
              f"{by.full_name} named you deputy lead of “{proposal.title}”: you may do what the lead may.")  # fmt: skip


def end_deputy(proposal: Proposal, *, by: User) -> None:
    """Let the deputy be a member again."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        _refuse_unless_steerable(proposal, by)
        _end_deputy(proposal)
        trail.record(proposal, action="deputy_ended", by=by)


def _end_deputy(proposal: Proposal) -> None:
    held = Involvement.objects.filter(in_force(), case=proposal.case, part=Part.DEPUTY).select_related("person")
    for row in held:
        release(case=proposal.case, person=row.person, part=Part.DEPUTY)


def offer_lead(member: Member, *, by: User) -> None:
    """Ask a member to take the lead; until they accept, nothing changes. Asking another takes the first back."""
    with locked([member.proposal]):
        proposal = Proposal.objects.get(pk=member.proposal_id)
        member = Member.objects.select_related("person").get(pk=member.pk)
        _refuse_unless_steerable(proposal, by)
        if member.status != MemberState.JOINED or member.person_id == by.pk:
            raise NotPossible("The lead goes to a member who has joined.")
        proposal.members.update(lead_offered_at=None)
        Member.objects.filter(pk=member.pk).update(lead_offered_at=clock.now())
        entry = trail.record(proposal, action="lead_offered", by=by, changes={"person": [None, member.person_id]})
        _tell(proposal, [member.person], f"lead:{proposal.case}:{entry.seq}", "You are asked to take the lead",
              f"{by.full_name} asks you to take the lead of “{proposal.title}”.")  # fmt: skip


def take_lead(proposal: Proposal, *, by: User) -> None:
    """Accept the lead: the lead before becomes a member. The lead agency stays."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        mine = proposal.members.filter(person=by, lead_offered_at__isnull=False).select_related("agency").first()
        if mine is None or not may_write(proposal, by) or proposal.state not in WITHDRAWABLE:
            raise NotPossible("You are not asked to take the lead, or no longer.")
        proposal.members.update(lead_offered_at=None)
        held = Involvement.objects.filter(in_force(), case=proposal.case, part=Part.LEAD)
        for row in held.select_related("person", "agency"):
            release(case=proposal.case, person=row.person, part=Part.LEAD)
            involve(case=proposal.case, person=row.person, part=Part.MEMBER, agency=row.agency)
        release(case=proposal.case, person=by, part=Part.DEPUTY)
        involve(case=proposal.case, person=by, part=Part.LEAD, agency=mine.agency)
        entry = trail.record(proposal, action="lead_taken", by=by)
        others = [person for person in joined_people(proposal) if person != by]
        _tell(proposal, others, f"lead:{proposal.case}:{entry.seq}", "The proposal has a new lead",
              f"{by.full_name} now leads “{proposal.title}”.")  # fmt: skip


def refuse_lead(proposal: Proposal, *, by: User) -> None:
    """Say no to taking the lead; the lead is told."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        asked = proposal.members.filter(person=by, lead_offered_at__isnull=False)
        if not asked.update(lead_offered_at=None):
            raise NotPossible("You are not asked to take the lead, or no longer.")
        entry = trail.record(proposal, action="lead_refused", by=by)
        _tell(proposal, leads_of(proposal), f"lead:{proposal.case}:{entry.seq}", "The lead was not taken",
              f"{by.full_name} does not take the lead of “{proposal.title}”.")  # fmt: skip
