"""Reads beyond `.get`."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from lifecycle import clock
from lifecycle.performing import explain
from people.enums import Part, Role
from people.models import Agency, EmploymentSnapshot, Involvement, RoleGrant, User
from people.policies import in_force
from people.queries import agencies_for, blocked_cases
from people.waiting import Waiting, as_part

from .enums import GONE, JUDGED, Answer, MemberState, ProposalState, SectionKey
from .forms import frame_of, notices_in, requested_in
from .guards import answers_of
from .models import Endorsement, Member, Proposal, Section, Version
from .models.proposal import WITHDRAWABLE, ProposalQuerySet
from .reading import Difference, differences
from .sections import Written, sections_of

ONE_MINUTE = timedelta(minutes=1)  # a closing is exclusive: at midnight the day before is the last one
SHOWN_LATE = 200
FUNDED = (
    ProposalState.OFFERED, ProposalState.FUNDED, ProposalState.COMPLETED, ProposalState.STOPPED_EARLY,
)  # fmt: skip
EARLIER = 30  # proposals that are looked through for unit costs
SHOWN = 20  # rows of one kind on my work; the list page has all


@dataclass(frozen=True)
class Task:
    """One row of the task list."""

    key: str
    title: str
    status: str
    done: bool
    section: Section | None
    needed: bool = True


def tasks_of(proposal: Proposal) -> list[Task]:
    """Return the written tasks with their status, in the order of the form."""
    stored = {section.key: section for section in proposal.sections.all()}
    return [_task(written, stored.get(written.key)) for written in sections_of(proposal)]


def _task(written: Written, stored: Section | None) -> Task:
    key, title = written.key, str(written.key.label)
    if stored is None or not any(stored.answers.values()):
        return Task(key, title, "Not yet started" if written.needed else "Optional", False, None, written.needed)
    if not written.problems(stored.answers):
        return Task(key, title, "Completed", True, stored, written.needed)
    wrong = not written.form(stored.answers).is_valid()
    return Task(key, title, "Something to correct" if wrong else "In progress", False, stored, written.needed)


@dataclass(frozen=True)
class UnitCost:
    """What one piece cost in an earlier, funded proposal of an agency that takes part; money in chhetrum."""

    item: str
    unit: str
    cost: int
    reference: str
    day: date


def unit_costs_for(proposal: Proposal) -> list[UnitCost]:
    """Return unit costs of earlier funded proposals of the same agencies, newest first, each item once."""
    agencies = proposal.partners.values("agency")
    newer = Version.objects.filter(proposal=OuterRef("proposal"), number__gt=OuterRef("number"))
    funded = Version.objects.filter(proposal__state__in=FUNDED, proposal__lead_agency__in=agencies)
    versions = funded.exclude(Exists(newer)).select_related("proposal").order_by("-frozen_at")[:EARLIER]
    found: dict[tuple[str, str], UnitCost] = {}
    for version in versions:
        for item in version.facts["budget"]["items"]:
            day = timezone.localtime(version.frozen_at).date()
            cost = UnitCost(item["item"], item["unit"], item["cost"], version.proposal.reference or "", day)
            found.setdefault((cost.item.casefold(), cost.unit.casefold()), cost)
    return list(found.values())[:SHOWN]


def help_for(proposal: Proposal, key: str) -> dict[str, Any]:
    """Return what stands beside a section: notices on the measure; sums and known unit costs on the budget."""
    if key == SectionKey.MEASURE:
        return {"notices": notices_in(answers_of(proposal))}
    if key != SectionKey.BUDGET:
        return {}
    said, ceiling = answers_of(proposal)[SectionKey.BUDGET], frame_of(proposal).ceiling
    requested = requested_in(said)
    return {"requested": requested, "ceiling": ceiling, "over": requested - ceiling if requested > ceiling > 0 else 0,
            "unit_costs": unit_costs_for(proposal)}  # fmt: skip


def notices_of(proposal: Proposal) -> list[str]:
    """Return what a writer should look at again although it is no error."""
    return notices_in(answers_of(proposal))


def other_obstacles(proposal: Proposal) -> list[str]:
    """Return why the agencies cannot be asked yet, the written answers apart."""
    return [reason for reason in explain(proposal, "ask_agencies") if not reason.startswith("Some questions")]


def listed_for(user: User, words: str = "", state: str = "") -> ProposalQuerySet:
    """Return visible proposals for the list page, narrowed by title words or reference and state."""
    found = Proposal.objects.visible_to(user).select_related("call", "lead_agency")
    if words:
        found = found.filter(Q(title__icontains=words) | Q(reference__iexact=words))
    return found.shown_as(state) if state in (JUDGED, *ProposalState.values) else found


def in_progress_of(user: User, roles: set[str]) -> ProposalQuerySet:
    """Return visible proposals for my work, without what is over."""
    return Proposal.objects.visible_to(user, roles).select_related("call", "lead_agency").going_on()


def invitations_of(user: User) -> QuerySet[Member]:
    """Return the person's invitations and memberships, without cases that a conflict keeps them out of."""
    mine = Member.objects.filter(person=user).exclude(status__in=GONE).exclude(proposal__state=ProposalState.DELETED)
    return mine.exclude(proposal__case__in=blocked_cases(user)).select_related("proposal", "invited_by")


def newest_endorsements() -> QuerySet[Endorsement]:
    """Return the agencies' answers to versions that no newer one has replaced."""
    newer = Version.objects.filter(proposal=OuterRef("version__proposal"), number__gt=OuterRef("version__number"))
    return Endorsement.objects.exclude(Exists(newer))


def late_endorsements() -> QuerySet[Endorsement]:
    """Return what agencies have not answered by their day, longest first."""
    asked = newest_endorsements().filter(answer=Answer.ASKED, due_on__lt=clock.today())
    asked = asked.filter(version__proposal__state=ProposalState.AWAITING_ENDORSEMENT)
    return asked.select_related("agency", "version__proposal__lead_agency").order_by("due_on", "pk")


@dataclass(frozen=True)
class Late:
    """One answer that is missing, and whom to ask about it."""

    row: Endorsement
    approvers: list[str]
    leads: list[str]


def late_for(user: User) -> list[Late]:
    """Return the late answers that the secretariat may help with; three queries."""
    rows = late_endorsements().exclude(version__proposal__case__in=blocked_cases(user))[:SHOWN_LATE]
    late = list(rows)
    grants = RoleGrant.objects.filter(in_force(), role=Role.SPONSOR, agency__in=[row.agency_id for row in late])
    leads = Involvement.objects.filter(
        in_force(), part__in=(Part.LEAD, Part.DEPUTY), case__in=[row.version.proposal.case for row in late]
    )
    approvers = list(grants.values_list("agency", "person__full_name").order_by("person__full_name"))
    steering = list(leads.values_list("case", "person__full_name").order_by("pk"))
    return [
        Late(row, [name for agency, name in approvers if agency == row.agency_id],
             [name for case, name in steering if case == row.version.proposal.case])
        for row in late
    ]  # fmt: skip


def endorsements_of(proposal: Proposal) -> QuerySet[Endorsement]:
    """Return what the agencies said to the newest version."""
    said = newest_endorsements().filter(version__proposal=proposal)
    return said.select_related("agency", "answered_by", "version")


def own_endorsements(proposal: Proposal, user: User) -> QuerySet[Endorsement]:
    """Return the rows that the person may answer for."""
    return endorsements_of(proposal).filter(agency__in=agencies_for(user, Role.SPONSOR))


def changes_since_last_answer(version: Version, agencies: list[Agency]) -> tuple[Version, list[Difference]] | None:
    """Return the version that the agencies answered last and what has changed since, or None at the first time."""
    answers = Endorsement.objects.filter(agency__in=agencies).exclude(answer=Answer.ASKED)
    earlier = Version.objects.filter(proposal=version.proposal_id, number__lt=version.number)
    old = earlier.filter(pk__in=answers.values("version")).last()
    return (old, differences(old.facts, version.facts)) if old else None


def register_entry_of(proposal: Proposal) -> EmploymentSnapshot | None:
    """Return the register entry from which the lead agency was taken, or None when the person has left it."""
    entries = EmploymentSnapshot.objects.filter(person=proposal.created_by_id, agency=proposal.lead_agency_id)
    return entries.order_by("-as_of").first()


def free_agencies(proposal: Proposal) -> QuerySet[Agency]:
    """Return the agencies that could still become partners."""
    return Agency.objects.filter(until=None).exclude(pk__in=proposal.partners.values("agency"))


def agencies_with_data(proposal: Proposal) -> QuerySet[Agency]:
    """Return the agencies that may hold data: all of today but the lead agency itself."""
    return Agency.objects.filter(until=None).exclude(pk=proposal.lead_agency_id)


def content_of(proposal: Proposal) -> dict[str, Any] | None:
    """Return the content of the newest frozen version, or None."""
    version = proposal.versions.last()
    return version.facts if version else None


def waiting_for(user: User, roles: set[str]) -> list[Waiting]:
    """Return what waits for the person, who holds `roles`, in this room."""
    rows = [*_invitations(user), *_to_submit(user)]
    if Role.SPONSOR in roles:
        rows += as_part(Role.SPONSOR.label, _agreements(user))
    if Role.SECRETARIAT in roles:
        rows += as_part(Role.SECRETARIAT.label, [*_first_checks(user), *_late_answers(user)])
    if Role.HEAD in roles:
        rows += as_part(Role.HEAD.label, _refusals(user))
    return rows


def _invitations(user: User) -> list[Waiting]:
    invited = Q(status=MemberState.INVITED, proposal__state=ProposalState.DRAFT)
    offered = Q(lead_offered_at__isnull=False, proposal__state__in=WITHDRAWABLE)
    return [
        Waiting(f"Take the lead of “{m.proposal.title}”?", "The lead asks you", f"/proposals/{m.proposal.case}/team/")
        if m.lead_offered_at
        else Waiting(f"Join the team of “{m.proposal.title}”?", f"{m.invited_by.full_name} asks you",
                     f"/proposals/{m.proposal.case}/join/")
        for m in invitations_of(user).filter(invited | offered)
    ]  # fmt: skip


def _agreements(user: User) -> list[Waiting]:
    agencies = agencies_for(user, Role.SPONSOR)
    asked = (
        newest_endorsements()
        .filter(agency__in=agencies, answer=Answer.ASKED, version__proposal__state=ProposalState.AWAITING_ENDORSEMENT)
        .exclude(version__proposal__case__in=blocked_cases(user))
    )
    return [
        Waiting(f"Agree to “{row.version.proposal.title}”?", f"For {row.agency.name}",
                f"/proposals/{row.version.proposal.case}/endorse/", row.due_on)
        for row in asked.select_related("version__proposal", "agency")
    ]  # fmt: skip


def _late_answers(user: User) -> list[Waiting]:
    """Return one row for all answers that two business days after their day are still missing."""
    late = late_endorsements().filter(secretariat_on__lte=clock.today())
    count = late.exclude(version__proposal__case__in=blocked_cases(user)).count()
    words = f"{count} agenc{'y has' if count == 1 else 'ies have'} not answered in time"
    return [Waiting(words, "Help the team to find an approver", "/proposals/late-answers/")] if count else []


def _to_submit(user: User) -> list[Waiting]:
    led = Involvement.objects.filter(in_force(), person=user, part__in=(Part.LEAD, Part.DEPUTY)).values("case")
    open_answers = newest_endorsements().exclude(answer=Answer.AGREED)
    waiting = Proposal.objects.filter(state=ProposalState.AWAITING_ENDORSEMENT, case__in=led).select_related("call")
    return [
        Waiting(f"Submit “{p.title}”", "Every agency has agreed", f"/proposals/{p.case}/submit/",
                _last_day(p))
        for p in waiting.exclude(Exists(open_answers.filter(version__proposal=OuterRef("pk"))))
    ]  # fmt: skip


def _last_day(proposal: Proposal) -> date | None:
    """Return the last day to submit; None without a call, or while a rolling one is not closed."""
    ends = proposal.call.ends_for(proposal.case) if proposal.call else None
    return timezone.localtime(ends - ONE_MINUTE).date() if ends else None


def _first_checks(user: User) -> list[Waiting]:
    held = Involvement.objects.filter(in_force(), person=user, part=Part.SCREENER).values("case")
    mine = Q(state=ProposalState.SUBMITTED) | Q(state=ProposalState.SCREENING, case__in=held)
    found = list(Proposal.objects.visible_to(user).filter(mine).order_by("number"))
    return [
        Waiting(words.format(p.title), p.reference or "", f"{p.get_absolute_url()}{page}")
        for state, words, page in (
            (ProposalState.SUBMITTED, "Take the first check of “{}”", ""),
            (ProposalState.SCREENING, "Finish the first check of “{}”", "first-check/"),
        )
        for p in [p for p in found if p.state == state][:SHOWN]
    ]


def _refusals(user: User) -> list[Waiting]:
    failed = Proposal.objects.visible_to(user).filter(state=ProposalState.SCREENING, rule_results__passed=False)
    return [
        Waiting(f"Confirm or discuss: “{p.title}” does not meet a rule", p.reference or "", p.get_absolute_url())
        for p in failed.distinct()[:SHOWN]
    ]
