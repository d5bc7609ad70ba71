"""Reads beyond `.get`."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast
from django.utils import timezone

from fund.enums import Stage
from lifecycle import clock, trail
from lifecycle.performing import explain
from people.enums import LEAD_PARTS, Part, Role
from people.models import Agency, EmploymentSnapshot, Involvement, RoleGrant, User
from people.policies import holds, in_force
from people.queries import agencies_for, blocked_cases
from people.waiting import Waiting, as_part

from .delegating import RULED_OUT, cases_not_to_answer
from .differing import Difference, differences
from .enums import GONE, JUDGED, Answer, EligibilityRule, MemberState, ProposalState, SectionKey
from .forms import frame_of, notices_in, requested_in
from .guards import answers_of
from .lane import answer_page, is_spark
from .models import Endorsement, InfoRequest, Member, Proposal, RuleResult, Section, Version
from .models.proposal import REFUSABLE, WITHDRAWABLE
from .models.visible import ProposalQuerySet, of_own_agency
from .openable import labels_in, part_labels
from .policies import may_endorse
from .sections import Written, sections_of

ONE_MINUTE = timedelta(minutes=1)  # a closing is exclusive: at midnight the day before is the last one
# In these an agency's answer to a version may be open: before submission, after a change that the first check asked
# for, and for a small idea until it is offered.
ASKABLE = (ProposalState.AWAITING_ENDORSEMENT, *REFUSABLE)
SHOWN_LATE = 200
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


def help_for(proposal: Proposal, key: str) -> dict[str, Any]:
    """Return what stands beside a section: notices on the measure; sums on the budget."""
    if key == SectionKey.MEASURE:
        return {"notices": notices_in(answers_of(proposal))}
    if key != SectionKey.BUDGET:
        return {}
    said, ceiling = answers_of(proposal)[SectionKey.BUDGET], frame_of(proposal).ceiling
    requested = requested_in(said)
    over = requested - ceiling if requested > ceiling > 0 else 0
    return {"requested": requested, "ceiling": ceiling, "over": over, "led_before": led_before(proposal)}


def led_before(proposal: Proposal) -> Agency | None:
    """Return the agency that led the proposal from which this one was copied, where it is another one; else None."""
    source = proposal.copied_from
    if source is None or is_spark(proposal) or source.lead_agency_id == proposal.lead_agency_id:
        return None
    return source.lead_agency


def notices_of(proposal: Proposal) -> list[str]:
    """Return what a writer should look at again although it is no error."""
    return notices_in(answers_of(proposal))


def other_obstacles(proposal: Proposal) -> list[str]:
    """Return why the agencies cannot be asked yet, the written answers apart."""
    return [reason for reason in explain(proposal, "ask_agencies") if not reason.startswith("Some questions")]


def listed_for(user: User, words: str = "", state: str = "") -> ProposalQuerySet:
    """Return visible proposals for the list page, narrowed by title words or reference and state."""
    found = Proposal.objects.visible_to(user).of_practice(False).select_related("call", "lead_agency")
    if words:
        found = found.filter(Q(title__icontains=words) | Q(reference__iexact=words))
    return found.shown_as(state) if state in (JUDGED, *ProposalState.values) else found


def in_progress_of(user: User, roles: set[str]) -> ProposalQuerySet:
    """Return visible proposals for my work, without what is over."""
    found = Proposal.objects.visible_to(user, roles).of_practice(False)
    return found.select_related("call", "lead_agency").going_on()


def invitations_of(user: User) -> QuerySet[Member]:
    """Return the person's invitations and memberships, without cases that a conflict keeps them out of."""
    mine = Member.objects.filter(person=user).exclude(status__in=GONE).exclude(proposal__state=ProposalState.DELETED)
    return mine.exclude(proposal__case__in=blocked_cases(user)).select_related("proposal", "invited_by")


def newest_endorsements() -> QuerySet[Endorsement]:
    """Return the agencies' answers to versions that no newer one, put to them as well, has replaced."""
    asked = Version.objects.filter(endorsements__isnull=False)
    newer = asked.filter(proposal=OuterRef("version__proposal"), number__gt=OuterRef("version__number"))
    return Endorsement.objects.exclude(Exists(newer))


def late_endorsements() -> QuerySet[Endorsement]:
    """Return what agencies have not answered by their day, longest first."""
    asked = newest_endorsements().filter(answer=Answer.ASKED, due_on__lt=clock.today())
    asked = asked.filter(version__proposal__state__in=ASKABLE)
    return asked.select_related("agency", "version__proposal__lead_agency", "version__proposal__call").order_by(
        "due_on", "pk"
    )


@dataclass(frozen=True)
class Late:
    """One answer that is missing, and whom to ask about it."""

    row: Endorsement
    approvers: list[str]
    leads: list[str]


def late_for(user: User) -> list[Late]:
    """Return the late answers that the secretariat may help with; four queries."""
    rows = late_endorsements().exclude(version__proposal__case__in=blocked_cases(user))[:SHOWN_LATE]
    late = list(rows)
    grants = RoleGrant.objects.filter(in_force(), role=Role.SPONSOR, agency__in=[row.agency_id for row in late])
    involved = Involvement.objects.filter(case__in=[row.version.proposal.case for row in late])
    leads = involved.filter(in_force(), part__in=LEAD_PARTS)
    kept_out = set(involved.filter(part__in=RULED_OUT).values_list("case", "person"))
    approvers = list(grants.values_list("agency", "person", "person__full_name").order_by("person__full_name"))
    steering = list(leads.values_list("case", "person__full_name").order_by("pk"))
    return [
        Late(row, [name for agency, pk, name in approvers
                   if agency == row.agency_id and (row.version.proposal.case, pk) not in kept_out],
             [name for case, name in steering if case == row.version.proposal.case])
        for row in late
    ]  # fmt: skip


def endorsements_of(proposal: Proposal) -> QuerySet[Endorsement]:
    """Return what the agencies said to the newest version that was put to them."""
    said = newest_endorsements().filter(version__proposal=proposal)
    return said.select_related("agency", "answered_by", "version")


def unanswered_in_check(proposal: Proposal) -> list[Endorsement]:
    """Return the agencies that were asked again in the first check and have not answered; of a small idea none."""
    return [] if is_spark(proposal) else list(endorsements_of(proposal).filter(answer=Answer.ASKED))


def earlier_results_of(proposal: Proposal) -> list[tuple[str, str]]:
    """Return rule and result of the last time that the first check was recorded, from the trail."""
    last = trail.entries_of(proposal).filter(action="checked").first()
    if last is None or not last.payload.text:
        return []
    changes = json.loads(last.payload.text)["changes"]
    return [(str(EligibilityRule(rule).label), str(pair[1])) for rule, pair in changes.items()]


def taken_back_from(user: User, case: UUID) -> Proposal | None:
    """Return a draft about which an agency of the user was asked, and which the team took back; else None."""
    agencies = agencies_for(user, Role.SPONSOR)
    asked = Endorsement.objects.filter(version__proposal=OuterRef("pk"), agency__in=agencies)
    back = Proposal.objects.filter(Exists(asked), case=case, state=ProposalState.DRAFT).select_related("call")
    return next((proposal for proposal in back if may_endorse(proposal, user)), None)


def own_endorsements(proposal: Proposal, user: User) -> QuerySet[Endorsement]:
    """Return the rows that the person may answer for."""
    return endorsements_of(proposal).filter(agency__in=agencies_for(user, Role.SPONSOR))


def changes_since_last_answer(version: Version, agencies: list[Agency]) -> tuple[Version, list[Difference]] | None:
    """Return the version that the agencies answered last and what has changed since, or None at the first time."""
    answers = Endorsement.objects.filter(agency__in=agencies).exclude(answer=Answer.ASKED)
    earlier = Version.objects.filter(proposal=version.proposal_id, number__lt=version.number)
    old = earlier.filter(pk__in=answers.values("version")).last()
    return (old, differences(old.facts, version.facts)) if old else None


def changes_since_read(proposal: Proposal, number: int) -> tuple[Version, list[Difference]] | None:
    """Return the version that somebody has read and what the newest one changes of it; None when there is no other."""
    read, newest = proposal.versions.filter(number=number).first(), proposal.versions.last()
    if read is None or newest is None or read == newest:
        return None
    return read, differences(read.facts, newest.facts)


def register_entry_of(proposal: Proposal) -> EmploymentSnapshot | None:
    """Return the register entry from which the lead agency was taken, or None when the person has left it."""
    entries = EmploymentSnapshot.objects.filter(person=proposal.created_by_id, agency=proposal.lead_agency_id)
    return entries.order_by("-as_of").first()


def free_agencies(proposal: Proposal) -> QuerySet[Agency]:
    """Return the agencies that could still become partners."""
    return Agency.objects.filter(until=None).exclude(pk__in=proposal.partners.values("agency"))


@dataclass(frozen=True)
class Asked:
    """One request for information with what the answer changed."""

    request: InfoRequest
    labels: list[str]
    changes: list[Difference]


def requests_of(proposal: Proposal) -> list[Asked]:
    """Return the requests for information, newest first, each with the difference between its two versions."""
    rows = list(proposal.info_requests.select_related("before", "after", "asked_by", "answered_by").order_by("-pk"))
    sections = sections_of(proposal) if rows else []
    parts = part_labels(proposal) if rows else {}
    return [_request(row, labels_in(sections, row.before.facts["sections"]) | parts) for row in rows]


def _request(row: InfoRequest, labels: dict[str, str]) -> Asked:
    changes = differences(row.before.facts, row.after.facts) if row.after else []
    return Asked(row, [labels.get(name, name) for name in row.fields], changes)


def late_decisions(user: User) -> QuerySet[Proposal]:
    """Return what is promised for an earlier day and not answered, the longest first, conflicts of `user` apart."""
    over = (ProposalState.WITHDRAWN, ProposalState.LAPSED, ProposalState.INFO_REQUESTED)  # the last: the team's turn
    unanswered = Proposal.objects.filter(answer_by__lt=clock.today(), released_at=None).exclude(state__in=over)
    free = unanswered.exclude(case__in=blocked_cases(user)).exclude(of_own_agency(user))
    return free.select_related("call").order_by("answer_by", "pk")


sees_late = holds(Role.BOARD, Role.HEAD, Role.SECRETARIAT, Role.AUDITOR)


def agencies_with_data(proposal: Proposal) -> QuerySet[Agency]:
    """Return the agencies that may hold data: all of today but the lead agency itself."""
    return Agency.objects.filter(until=None).exclude(pk=proposal.lead_agency_id)


def content_of(proposal: Proposal) -> dict[str, Any] | None:
    """Return the content of the newest frozen version, or None."""
    version = proposal.versions.last()
    return version.facts if version else None


def first_of(found: QuerySet[Proposal]) -> Q:
    """Return the condition for the first rows of one kind on my work, by number; the database reads no more."""
    return Q(pk__in=found.order_by("number").values("pk")[:SHOWN])


def waiting_for(user: User, roles: set[str]) -> list[Waiting]:
    """Return what waits for the person, who holds `roles`, in this room."""
    rows = [*_asked_or_late(user, Role.SECRETARIAT in roles), *_on_proposals(user, roles)]
    if Role.SPONSOR in roles:
        rows += as_part(Role.SPONSOR.label, _agreements(user))
    if Role.BOARD in roles:
        rows += as_part(Role.BOARD.label, _late(user))
    return rows


def _asked_or_late(user: User, secretariat: bool) -> list[Waiting]:
    """Return what colleagues ask, and one row for all answers that two business days after their day are missing."""
    invited = Q(status=MemberState.INVITED, proposal__state=ProposalState.DRAFT)
    offered = Q(lead_offered_at__isnull=False, proposal__state__in=WITHDRAWABLE)
    asked = invitations_of(user).filter(invited | offered)
    kind = Case(When(lead_offered_at=None, then=Value("join")), default=Value("lead"))
    rows = _columns(asked, kind, F("proposal__title"), F("proposal__case"), F("invited_by__full_name"))
    if secretariat:
        late = late_endorsements().filter(secretariat_on__lte=clock.today())
        late = late.exclude(version__proposal__case__in=blocked_cases(user))
        nothing = Value("")
        rows = rows.union(_columns(late, Value("late"), nothing, nothing, nothing), all=True)
    return [_asks(*row) for row in rows]


def _columns(found: Any, kind: Any, title: Any, case: Any, who: Any) -> Any:
    """Return rows in the columns that all kinds share, for a union, and how many of each there are."""
    columns = {"kind": kind, "title_of": title, "key": case, "who": who}
    casts = {name: Cast(value, CharField()) for name, value in columns.items()}
    return found.select_related(None).order_by().annotate(**casts).values_list(*columns).annotate(n=Count("pk"))


def _asks(kind: str, title: str, case: str, who: str, count: int) -> Waiting:
    if kind == "late":
        words = f"{count} agenc{'y has' if count == 1 else 'ies have'} not answered in time"
        about, path = "Help the team to find an approver", "/proposals/late-answers/"
        return Waiting(words, about, path, part=Role.SECRETARIAT.label)
    url = f"/proposals/{UUID(case)}/"  # SQLite keeps it without hyphens
    if kind == "lead":
        return Waiting(f"Take the lead of “{title}”?", "The lead asks you", f"{url}team/")
    return Waiting(f"Join the team of “{title}”?", f"{who} asks you", f"{url}join/")


def _agreements(user: User) -> list[Waiting]:
    agencies = agencies_for(user, Role.SPONSOR)
    asked = (
        newest_endorsements()
        .filter(agency__in=agencies, answer=Answer.ASKED, version__proposal__state__in=ASKABLE)
        .exclude(version__proposal__case__in=blocked_cases(user))
        .exclude(version__proposal__case__in=cases_not_to_answer(user))
        .exclude(~Q(version__proposal__call__stage=Stage.SPARK), version__proposal__state=ProposalState.INFO_REQUESTED)
    )  # while the team answers the secretariat, a next version is on its way to the agencies
    return [
        Waiting(f"Agree to “{row.version.proposal.title}”?", f"For {row.agency.name}",
                f"/proposals/{row.version.proposal.case}/{answer_page(row.version.proposal)}", row.due_on)
        for row in asked.select_related("version__proposal__call", "agency")
    ]  # fmt: skip


def _on_proposals(user: User, roles: set[str], *, practice: bool = False) -> list[Waiting]:
    """Return what every agency agreed to, what the secretariat asks about, and an officer's first checks; one query."""
    led = Involvement.objects.filter(in_force(), person=user, part__in=LEAD_PARTS).values("case")
    mine = Proposal.objects.of_practice(practice).filter(case__in=led).exclude(case__in=blocked_cases(user))
    open_answers = newest_endorsements().exclude(answer=Answer.AGREED).filter(version__proposal=OuterRef("pk"))
    agreed = Q(state=ProposalState.AWAITING_ENDORSEMENT) & ~Exists(open_answers)
    wanted = Q(pk__in=mine.filter(agreed | Q(state=ProposalState.INFO_REQUESTED)).values("pk"))
    held = Involvement.objects.filter(in_force(), person=user, part=Part.SCREENER).values("case")
    failed = Exists(RuleResult.objects.filter(proposal=OuterRef("pk"), passed=False))
    against = Exists(newest_endorsements().filter(answer=Answer.RETURNED, version__proposal=OuterRef("pk")))
    seen, checked = Proposal.objects.visible_to(user).of_practice(practice), {"state": ProposalState.SCREENING}
    if Role.SECRETARIAT in roles:
        wanted |= first_of(seen.filter(state=ProposalState.SUBMITTED))
        wanted |= first_of(seen.filter(case__in=held, **checked))
    if Role.HEAD in roles:
        wanted |= first_of(seen.filter(failed | against, **checked))
    question = InfoRequest.objects.filter(proposal=OuterRef("pk"), answered_at=None).values("due_on")[:1]
    found = Proposal.objects.filter(wanted).select_related("call").order_by("number", "pk")
    found = found.annotate(due_on=Subquery(question), failed=failed, against=against, held=Q(case__in=held))
    return [row for proposal in found for row in _next_steps(proposal, roles)]


def _next_steps(proposal: Any, roles: set[str]) -> list[Waiting]:
    """Return the rows of one proposal that `_on_proposals` found."""
    if proposal.state == ProposalState.INFO_REQUESTED:
        return [_asked(proposal)]
    if proposal.state == ProposalState.AWAITING_ENDORSEMENT:
        return [_agreed(proposal)]
    title, about, url = proposal.title, proposal.reference or "", proposal.get_absolute_url()
    if proposal.state == ProposalState.SUBMITTED:
        return [Waiting(f"Take the first check of “{title}”", about, url, part=Role.SECRETARIAT.label)]
    rows = []
    if proposal.held and Role.SECRETARIAT in roles:
        words = f"Finish the first check of “{title}”"
        rows.append(Waiting(words, about, f"{url}first-check/", part=Role.SECRETARIAT.label))
    if proposal.failed and Role.HEAD in roles:
        words = f"Confirm or discuss: “{title}” does not meet a rule"
        rows.append(Waiting(words, about, url, part=Role.HEAD.label))
    elif proposal.against and Role.HEAD in roles:
        words = f"Talk it over, or end the first check: an agency does not agree to the change of “{title}”"
        rows.append(Waiting(words, about, url, part=Role.HEAD.label))
    return rows


def _asked(proposal: Any) -> Waiting:
    words = f"Answer the secretariat about “{proposal.title}”"
    return Waiting(words, proposal.reference or "", f"{proposal.get_absolute_url()}answer/", proposal.due_on)


def _agreed(proposal: Proposal) -> Waiting:
    words = f"Submit “{proposal.title}”"
    return Waiting(words, "Every agency has agreed", f"/proposals/{proposal.case}/submit/", _last_day(proposal))


def _last_day(proposal: Proposal) -> date | None:
    """Return the last day to submit; None without a call, or while a rolling one is not closed."""
    ends = proposal.call.ends_for(proposal.case) if proposal.call else None
    return timezone.localtime(ends - ONE_MINUTE).date() if ends else None


def waiting_in_practice(user: User, roles: set[str]) -> list[Waiting]:
    """Return the first checks of practice calls that wait for the person, who holds `roles`."""
    return _on_proposals(user, roles, practice=True)


def _late(user: User) -> list[Waiting]:
    count = late_decisions(user).count()
    words = f"{count} answer is late" if count == 1 else f"{count} answers are late"
    return [Waiting(words, "Promised to applicants for an earlier day", "/late-decisions/")] if count else []
