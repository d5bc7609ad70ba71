"""Writing a draft together: no save ever overwrites one that was not seen."""

from django.db import transaction

from fund.models import Call
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.enums import Part
from people.models import User
from people.queries import snapshot_of
from people.services.involvement import involve

from ..enums import MemberState, ProposalState, SectionKey
from ..lane import sections_of
from ..models import Member, Partner, Proposal, Section
from ..policies import may_start, may_write


class Clash(Exception):
    """Somebody saved the section after it was opened; nothing was written."""

    def __init__(self, theirs: Section) -> None:
        super().__init__("The section was changed in the meantime.")
        self.theirs = theirs


def start(*, by: User, title: str, call: Call | None) -> Proposal:
    """Start a draft with `by` as lead; the agency comes from the register. NotPossible when the call is closed."""
    if not may_start(None, by):
        raise NotPossible("Only civil servants can start a proposal.", forbidden=True)
    if call is not None and not call.is_open:
        raise NotPossible("This call is not open.")
    post = snapshot_of(by)
    if post is None:
        raise NotPossible("The register does not name your agency yet. Ask your agency's HR officer.")
    with transaction.atomic():
        now = clock.now()
        proposal = Proposal.objects.create(
            title=title, call=call, lead_agency=post.agency, created_by=by, created_at=now, updated_at=now
        )
        Section.objects.create(
            proposal=proposal,
            key=sections_of(proposal)[0],
            version=1,
            answers={"title": title},
            edited_by=by,
            edited_at=now,
        )
        Member.objects.create(
            proposal=proposal, person=by, agency=post.agency, status=MemberState.JOINED, invited_by=by,
            invited_at=now, joined_at=now,
        )  # fmt: skip
        Partner.objects.create(proposal=proposal, agency=post.agency)
        involve(case=proposal.case, person=by, part=Part.LEAD, agency=post.agency)
        trail.record(proposal, action="started", by=by)
    return proposal


def refuse_unless_writable(proposal: Proposal, by: User) -> None:
    """Raise NotPossible unless `by` may write and the proposal is a draft."""
    if not may_write(proposal, by):
        raise NotPossible("Only the team can change this proposal.", forbidden=True)
    if proposal.state != ProposalState.DRAFT:
        raise NotPossible("Only a draft can be changed.")


def save_section(proposal: Proposal, *, by: User, key: SectionKey, version: int, answers: dict[str, str]) -> Section:
    """Save one section if it is still at `version` (0: not begun) and return it.

    Raises Clash with the stored section when somebody else was faster, NotPossible when the
    proposal cannot be written. The same answers again change nothing.
    """
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        refuse_unless_writable(proposal, by)
        now = clock.now()
        section, created = Section.objects.get_or_create(
            proposal=proposal, key=key, defaults={"answers": {}, "edited_by": by, "edited_at": now}
        )
        if section.answers == answers and not created:
            return section
        before = section.answers
        changed = Section.objects.filter(pk=section.pk, version=version).update(
            version=version + 1, answers=answers, edited_by=by, edited_at=now
        )
        if not changed:
            raise Clash(section)
        title = answers.get("title") or proposal.title
        Proposal.objects.filter(pk=proposal.pk).update(updated_at=now, title=title)
        differences = {k: [before.get(k, ""), v] for k, v in answers.items() if before.get(k, "") != v}
        trail.record(proposal, action=f"saved_{key}", by=by, changes=differences)
        return Section.objects.get(pk=section.pk)
