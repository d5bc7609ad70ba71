"""Writing a draft together: no save ever overwrites one that was not seen."""

from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from fund.models import Call
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.enums import Part
from people.models import User
from people.queries import snapshot_of
from people.services.involvement import involve

from ..enums import CallSection, MemberState, ProposalState, SectionKey
from ..graphemes import SIGNS, count
from ..history import plain_lines
from ..lane import is_spark, keys_of
from ..models import Member, Partner, Proposal, Section
from ..policies import may_start, may_write
from . import copying

TITLE = 150  # letters that the proposal's title may have; a longer answer is kept, the title stays


class Clash(Exception):
    """Somebody saved the section after it was opened; nothing was written."""

    def __init__(self, theirs: Section) -> None:
        super().__init__("The section was changed in the meantime.")
        self.theirs = theirs


def begun(by: User, case: UUID | None) -> Proposal | None:
    """Return the draft that this person has begun under the number that its start page held, or None."""
    return Proposal.objects.filter(case=case, created_by=by).first() if case else None


def start(
    *, by: User, title: str, call: Call | None, source: Proposal | None = None, case: UUID | None = None
) -> Proposal:
    """Start a draft with `by` as lead; the agency comes from the register. NotPossible when the call is closed.

    `source` is an earlier proposal of one's own team, in any state: what it says is carried over. The same `case` again
    gives the draft that was begun under it.
    """
    made = begun(by, case)
    if made is not None:
        return made
    try:
        return _start(by, title, call, source, case or uuid4())
    except IntegrityError:  # the same page, sent twice at the same moment
        made = begun(by, case)
        if made is None:
            raise
        return made


def _start(by: User, title: str, call: Call | None, source: Proposal | None, case: UUID) -> Proposal:
    if not may_start(None, by):
        raise NotPossible("Only civil servants can start a proposal.", forbidden=True)
    if call is not None and not call.is_open:
        raise NotPossible("This call is not open.")
    if source is not None and not may_write(source, by):
        raise NotPossible("Only its own team can copy a proposal.", forbidden=True)
    post = snapshot_of(by)
    if post is None:
        raise NotPossible("The register does not name your agency yet. Ask your agency's HR officer.")
    if call is not None and not call.takes(post.agency.sector):
        raise NotPossible("This call is open to agencies of other sectors. “Who can apply” on its page names them.")
    with transaction.atomic():
        now = clock.now()
        proposal = Proposal.objects.create(
            title=title, call=call, lead_agency=post.agency, created_by=by, created_at=now, updated_at=now,
            copied_from=source, case=case,
        )  # fmt: skip
        Section.objects.create(
            proposal=proposal,
            key=keys_of(proposal)[0],
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
        if source is not None:
            _carry_over(source, proposal, by, copying.carry_parts(source, proposal, by))
            trail.record(
                proposal, action="copied", by=by, changes={"from": [None, str(source.case)]}, note=source.title
            )
    return proposal


def _carry_over(source: Proposal, proposal: Proposal, by: User, files: dict[str, str]) -> None:
    """Write the source's answers as first saves; where one names a file of `files`, the copy names the file's copy.

    Answers to a call's own questions stay behind unless the call is the same, and so does the money of the other lane.
    """
    note = f"Carried over from “{source.title}”."
    keys = set(keys_of(proposal)) - (set() if is_spark(source) == is_spark(proposal) else {SectionKey.BUDGET})
    if source.call_id == proposal.call_id:
        keys |= set(CallSection)
    for section in source.sections.filter(key__in=keys).order_by("pk"):
        first = proposal.sections.filter(key=section.key).first()
        answers = {name: files.get(said, said) for name, said in section.answers.items()}
        answers |= {"title": proposal.title} if "title" in answers else {}
        if section.key == SectionKey.BUDGET and not is_spark(proposal):
            answers = copying.with_spenders(source, proposal, answers)
        version = first.version if first else 0
        save_section(proposal, by=by, key=section.key, version=version, answers=answers, note=note)


def refuse_unless_writable(proposal: Proposal, by: User) -> None:
    """Raise NotPossible unless `by` may write and the proposal is a draft."""
    if not may_write(proposal, by):
        raise NotPossible("Only the team can change this proposal.", forbidden=True)
    if proposal.state != ProposalState.DRAFT:
        raise NotPossible("Only a draft can be changed.")


def save_section(
    proposal: Proposal, *, by: User, key: str, version: int, answers: dict[str, str], note: str = ""
) -> Section:
    """Save one section if it is still at `version` (0: not begun) and return it.

    Answers are kept as they were typed, also half or wrong ones. Raises Clash with the stored section when somebody
    else was faster, NotPossible when the proposal cannot be written. The same answers again change nothing.
    `note` says in the trail where they come from, when they were not typed.
    """
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        refuse_unless_writable(proposal, by)
        now = clock.now()
        section, created = Section.objects.get_or_create(
            proposal=proposal, key=key, defaults={"answers": {}, "edited_by": by, "edited_at": now}
        )
        if plain_lines(section.answers) == answers and not created:
            return section
        before = section.answers
        changed = Section.objects.filter(pk=section.pk, version=version).update(
            version=version + 1, answers=answers, edited_by=by, edited_at=now
        )
        if not changed:
            raise Clash(section)
        title = answers.get("title", "").strip()
        fits = 0 < count(title) <= TITLE and len(title) <= TITLE * SIGNS
        title = title if fits else proposal.title
        Proposal.objects.filter(pk=proposal.pk).update(updated_at=now, title=title)
        names = sorted({*before, *answers})
        pairs = {name: [before.get(name, ""), answers.get(name, "")] for name in names}
        changed_answers = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        trail.record(proposal, action=f"saved_{key}", by=by, changes=changed_answers, note=note)
        return Section.objects.get(pk=section.pk)
