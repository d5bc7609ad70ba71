"""What the pages of writing, teams and agreements read."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.forms import Field

from fund.limits import RUNNING_GRANTS
from fund.models import Call
from fund.queries import running_grants_of
from lifecycle import clock, trail
from people.enums import LEAD_PARTS, TEAM_PARTS, Role
from people.models import EmploymentSnapshot, Involvement, User
from people.policies import in_force
from people.queries import agencies_for, holders
from people.timeline import Line as TimelineLine
from people.timeline import timeline_of

from . import guards
from .enums import Answer, MemberState, ProposalState
from .history import Entry, Piece, compare, saves_of, sittings
from .models import Endorsement, Member, Proposal, Section
from .models.visible import ProposalQuerySet
from .policies import may_write
from .reading import shown_answer
from .sections import section_named, sections_of, stored_answers
from .services.versions import digest_of

EARLIEST = 400  # saves of one section that the history reads


def section_of(proposal: Proposal, key: str) -> Section | None:
    """Return a stored section with who saved it, or None."""
    return proposal.sections.filter(key=key).select_related("edited_by").first()


def own_proposals(user: User) -> ProposalQuerySet:
    """Return the proposals in whose team the person is, in any state but deleted, newest first."""
    mine = Involvement.objects.filter(in_force(), person=user, part__in=TEAM_PARTS).values("case")
    return Proposal.objects.visible_to(user).filter(case__in=mine).exclude(state=ProposalState.DELETED)


def agreements_at_stake(proposal: Proposal) -> list[Endorsement]:
    """Return the agreements that fall when anything changes now: those to the newest version while it still holds."""
    version = proposal.versions.last()
    if version is None:
        return []
    agreed = list(version.endorsements.filter(answer=Answer.AGREED).select_related("agency", "answered_by"))
    return agreed if agreed and digest_of(proposal) == version.sha256 else []


def deleted_draft_of(user: User, case: UUID) -> Proposal | None:
    """Return a deleted draft in whose team the person is, or None."""
    gone = Proposal.objects.filter(case=case, state=ProposalState.DELETED).select_related("call", "lead_agency")
    return next((proposal for proposal in gone if may_write(proposal, user)), None)


JUST_NOW = timedelta(minutes=10)


def just_started(user: User, call: Call, title: str, source: Proposal | None) -> Proposal | None:
    """Return a draft of this name that the person began here minutes ago and that nobody touched since, or None."""
    mine = Proposal.objects.filter(call=call, created_by=user, state=ProposalState.DRAFT, title=title.strip())
    recent = mine.filter(copied_from=source, created_at__gt=clock.now() - JUST_NOW)
    for proposal in recent[:3]:
        last = trail.entries_of(proposal).first()
        if last is not None and last.action in ("started", "copied"):
            return proposal
    return None


TEAM_CHANGES = (
    "invited", "invitation_taken_back", "invitation_declined", "joined", "left", "deputy_named", "deputy_ended",
    "lead_taken",
)  # fmt: skip
PARTNER_CHANGES = tuple(
    f"{part}_{what}" for part in ("partner", "outside_partner", "data_need") for what in ("added", "changed", "removed")
)
FILE_CHANGES = ("attached", "attachment_changed", "attachment_removed")
STAMPED = {"team": TEAM_CHANGES, "partners": PARTNER_CHANGES, "files": FILE_CHANGES}


def stamp_of(proposal: Proposal, part: str) -> TimelineLine | None:
    """Return who changed a part beside the written sections last, and when; two queries."""
    return next(iter(timeline_of(proposal, {}, limit=1, only=STAMPED[part])), None)


def stamps_in(timeline: list[TimelineLine]) -> dict[str, TimelineLine]:
    """Return part -> its newest line of a timeline that is shown anyway."""
    newest = {part: [line for line in timeline if line.action in changes][:1] for part, changes in STAMPED.items()}
    return {part: lines[0] for part, lines in newest.items() if lines}


@dataclass(frozen=True)
class Change:
    """One answer that changed in one sitting."""

    label: str
    pieces: list[Piece]

    @property
    def text(self) -> str:
        """Return all its words, old and new, by which its language is told."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Line:
    """One sitting as people read it; `restorable` unless its text is the present one."""

    entry: Entry
    who: str
    changes: list[Change]
    restorable: bool


def history_of(proposal: Proposal, section: Section) -> list[Line]:
    """Return the section's history, newest first; two queries."""
    entries = trail.entries_of(proposal).filter(action=f"saved_{section.key}")[:EARLIEST]
    found = sittings(saves_of(entries, section.answers))
    names = dict(User.objects.filter(pk__in={entry.last.who for entry in found}).values_list("pk", "full_name"))
    written = section_named(proposal, section.key)
    fields = written.form(section.answers).fields if written else {}
    return [
        Line(entry, names.get(entry.last.who or 0, "Unknown"), _changes(entry, fields),
             entry.last.after != section.answers)
        for entry in found
    ]  # fmt: skip


def _changes(entry: Entry, fields: dict[str, Field]) -> list[Change]:
    changed = entry.changes
    known = [
        Change(str(field.label), compare(*(shown_answer(field, text) for text in changed[name])))
        for name, field in fields.items()
        if name in changed
    ]
    return known + [Change(name, compare(*changed[name])) for name in sorted(set(changed) - set(fields))]


@dataclass(frozen=True)
class Fault:
    """One thing that is missing or wrong in the answers, and the field that mends it."""

    key: str
    section: str
    anchor: str
    words: str


def faults_in(proposal: Proposal) -> list[Fault]:
    """Return everything that keeps the written answers from being sent, in the order of the form."""
    found = []
    stored = stored_answers(proposal)
    for written in sections_of(proposal):
        form = written.form(stored.get(written.key, {}), complete=True)
        for name, errors in form.errors.items():
            anchor = form[name].id_for_label if name in form.fields else ""
            found += [Fault(written.key, str(written.key.label), anchor, str(error)) for error in errors]
    return found


@dataclass(frozen=True)
class Seat:
    """One member of the team as its page shows them."""

    member: Member
    part: str
    is_me: bool
    full: bool  # leads as many running grants as one person may


def with_source(members: QuerySet[Member]) -> QuerySet[Member]:
    """Annotate `source` and `as_of` of each member's newest register entry."""
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("person")).order_by("-as_of")
    return members.annotate(source=Subquery(newest.values("source")[:1]), as_of=Subquery(newest.values("as_of")[:1]))


def seats_of(proposal: Proposal, user: User) -> list[Seat]:
    """Return the team and the open and declined invitations, with parts and whether each could lead one more grant."""
    stay = proposal.members.exclude(status=MemberState.LEFT)
    members = list(with_source(stay).select_related("person", "agency"))
    held = Involvement.objects.filter(in_force(), case=proposal.case, part__in=LEAD_PARTS)
    parts: dict[int, str] = dict(held.values_list("person", "part"))
    running = running_grants_of([member.person for member in members])
    return [
        Seat(m, parts.get(m.person_id, ""), m.person_id == user.pk, running.get(m.person_id, 0) >= RUNNING_GRANTS)
        for m in members
    ]


def approver_in_team(person: User) -> str:
    """Return what follows when this approver of an agency joins a team; empty for everybody else."""
    agencies = list(agencies_for(person, Role.SPONSOR))
    if not agencies:
        return ""
    names = ", ".join(agency.name for agency in agencies)
    words = f"{person.full_name} approves for {names}. Who is in the team cannot agree for an agency"
    alone = [agency.name for agency in agencies if not holders(Role.SPONSOR, agency).exclude(pk=person.pk).exists()]
    if alone:
        return f"{words}, and {', '.join(alone)} has no other approver. It needs one before it can be asked."
    return f"{words}; another approver will be asked."


@dataclass(frozen=True)
class Place:
    """One agency and who of it works in the team."""

    name: str
    joined: list[str]
    invited: list[str]


def places_of(proposal: Proposal, seats: list[Seat]) -> list[Place]:
    """Return for each agency who of it has joined and who is invited."""

    def named(agency: int, status: MemberState) -> list[str]:
        here = [seat.member for seat in seats if seat.member.agency_id == agency and seat.member.status == status]
        return [member.person.full_name for member in here if member.person.is_active]

    return [
        Place(p.agency.name, named(p.agency_id, MemberState.JOINED), named(p.agency_id, MemberState.INVITED))
        for p in proposal.partners.select_related("agency")
    ]


def lead_offer_to(proposal: Proposal, user: User) -> Member | None:
    """Return the person's own open request to take the lead, or None."""
    return proposal.members.filter(person=user, lead_offered_at__isnull=False).first()


@dataclass(frozen=True)
class Standing:
    """How far a task beside the written sections is: its status in plain words, and a line that counts."""

    status: str
    words: str

    @property
    def done(self) -> bool:
        """Tell whether nothing of it keeps the agencies from being asked."""
        return self.status == "Completed"


def team_standing(proposal: Proposal) -> Standing:
    """Return how far the team is; members and partners may be prefetched, and then it asks nothing."""
    found = [member.status for member in proposal.members.all()]
    joined, invited = found.count(MemberState.JOINED), found.count(MemberState.INVITED)
    words = f"{joined} {'person has' if joined == 1 else 'people have'} joined"
    if invited:
        return Standing("Waiting for an answer", f"{words}, {invited} invited")
    if guards.two_sectors.holds(proposal) and guards.working_members.holds(proposal):
        return Standing("Completed", words)
    return Standing("Not yet started" if joined == 1 else "In progress", words)


def partners_standing(proposal: Proposal) -> Standing:
    """Return how far the agencies are; partners may be prefetched with their agencies, and then it asks nothing."""
    partners = list(proposal.partners.all())
    named = sum(partner.days is not None for partner in partners)
    words = f"{len(partners)} {'agency' if len(partners) == 1 else 'agencies'}, {named} with its days"
    if guards.two_sectors.holds(proposal) and guards.days_named.holds(proposal):
        return Standing("Completed", words)
    return Standing("In progress" if named or len(partners) > 1 else "Not yet started", words)
