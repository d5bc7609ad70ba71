"""Reads beyond `.get`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from lifecycle import clock
from lifecycle.performing import explain
from people.enums import Part, Role
from people.models import Agency, Involvement, User
from people.policies import holds, in_force
from people.queries import agencies_for, blocked_cases
from people.waiting import Waiting

from .enums import JUDGED, Answer, MemberState, ProposalState, SectionKey
from .forms import problems_in
from .guards import answers_of
from .lane import is_spark, sections_of
from .models import Endorsement, InfoRequest, Member, Proposal, Section, Version
from .models.proposal import REFUSABLE, ProposalQuerySet, cases_of_own_agency
from .reading import Difference, differences
from .services.information import openable

ONE_MINUTE = timedelta(minutes=1)  # a closing is exclusive: at midnight the day before is the last one
# In these an agency's answer to a version may be open: before submission, after a change that the first check asked
# for, and for a small idea until it is offered.
ASKABLE = (ProposalState.AWAITING_ENDORSEMENT, *REFUSABLE)
SHOWN = 20  # rows of one kind on my work; the list page has all


@dataclass(frozen=True)
class Task:
    """One row of the task list."""

    key: str
    title: str
    status: str
    done: bool


def tasks_of(proposal: Proposal) -> list[Task]:
    """Return the written tasks with their status, in the order of the form."""
    stored = {section.key: section for section in proposal.sections.all()}
    return [_task(key, stored.get(key)) for key in sections_of(proposal)]


def _task(key: SectionKey, section: Section | None) -> Task:
    if section is None or not any(section.answers.values()):
        return Task(key, key.label, "Not yet started", False)
    done = not problems_in(key, section.answers)
    return Task(key, key.label, "Completed" if done else "In progress", done)


@dataclass(frozen=True)
class Check:
    """What one section still needs."""

    key: str
    title: str
    problems: list[str]


def missing_in(proposal: Proposal) -> list[Check]:
    """Return the sections that still need something, with what."""
    found = [Check(key, SectionKey(key).label, problems_in(key, said)) for key, said in answers_of(proposal).items()]
    return [check for check in found if check.problems]


def other_obstacles(proposal: Proposal) -> list[str]:
    """Return why the agencies cannot be asked yet, the written answers apart."""
    return [reason for reason in explain(proposal, "ask_agencies") if not reason.startswith("Some questions")]


def listed_for(user: User, words: str = "", state: str = "") -> ProposalQuerySet:
    """Return visible proposals for the list page, narrowed by title words or reference and state."""
    found = Proposal.objects.visible_to(user).select_related("call", "lead_agency")
    if words:
        found = found.filter(title__icontains=words) | found.filter(reference__iexact=words)
    return found.shown_as(state) if state in (JUDGED, *ProposalState.values) else found


def invitations_of(user: User) -> QuerySet[Member]:
    """Return the person's invitations and memberships, without cases that a conflict keeps them out of."""
    mine = Member.objects.filter(person=user).exclude(status=MemberState.LEFT)
    return mine.exclude(proposal__case__in=blocked_cases(user)).select_related("proposal", "invited_by")


def newest_endorsements() -> QuerySet[Endorsement]:
    """Return the agencies' answers to versions that no newer one, put to them as well, has replaced."""
    asked = Version.objects.filter(endorsements__isnull=False)
    newer = asked.filter(proposal=OuterRef("version__proposal"), number__gt=OuterRef("version__number"))
    return Endorsement.objects.exclude(Exists(newer))


def endorsements_of(proposal: Proposal) -> QuerySet[Endorsement]:
    """Return what the agencies said to the newest version that was put to them."""
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
    labels = openable(proposal)
    rows = proposal.info_requests.select_related("before", "after", "asked_by", "answered_by").order_by("-pk")
    return [
        Asked(
            row, [labels.get(name, name) for name in row.fields],
            differences(row.before.facts, row.after.facts) if row.after else [],
        )
        for row in rows
    ]  # fmt: skip


def late_answers(user: User) -> QuerySet[Proposal]:
    """Return what is promised for an earlier day and not answered, the longest first, conflicts of `user` apart."""
    over = (ProposalState.WITHDRAWN, ProposalState.LAPSED, ProposalState.INFO_REQUESTED)  # the last: the team's turn
    unanswered = Proposal.objects.filter(answer_by__lt=clock.today(), released_at=None).exclude(state__in=over)
    free = unanswered.exclude(case__in=blocked_cases(user)).exclude(case__in=cases_of_own_agency(user))
    return free.select_related("call").order_by("answer_by", "pk")


sees_late = holds(Role.BOARD, Role.HEAD, Role.SECRETARIAT, Role.AUDITOR)


def content_of(proposal: Proposal) -> dict[str, Any] | None:
    """Return the content of the newest frozen version, or None."""
    version = proposal.versions.last()
    return version.facts if version else None


def waiting_for(user: User, roles: set[str]) -> list[Waiting]:
    """Return what waits for the person, who holds `roles`, in this room."""
    rows = [*_invitations(user), *_for_leads(user)]
    if Role.SPONSOR in roles:
        rows += _agreements(user)
    if Role.SECRETARIAT in roles:
        rows += _first_checks(user)
    if Role.HEAD in roles:
        rows += _refusals(user)
    if Role.BOARD in roles:
        rows += _late(user)
    return rows


def _invitations(user: User) -> list[Waiting]:
    open_ones = invitations_of(user).filter(status=MemberState.INVITED, proposal__state=ProposalState.DRAFT)
    return [
        Waiting(f"Join the team of “{m.proposal.title}”?", f"{m.invited_by.full_name} asks you",
                f"/proposals/{m.proposal.case}/join/")
        for m in open_ones
    ]  # fmt: skip


def _agreements(user: User) -> list[Waiting]:
    agencies = agencies_for(user, Role.SPONSOR)
    asked = (
        newest_endorsements()
        .filter(agency__in=agencies, answer=Answer.ASKED, version__proposal__state__in=ASKABLE)
        .exclude(version__proposal__case__in=blocked_cases(user))
    )
    return [
        Waiting(f"Agree to “{row.version.proposal.title}”?", f"For {row.agency.name}",
                f"/proposals/{row.version.proposal.case}/{'agency' if is_spark(row.version.proposal) else 'endorse'}/")
        for row in asked.select_related("version__proposal__call", "agency")
    ]  # fmt: skip


def _for_leads(user: User) -> list[Waiting]:
    """Return what every agency agreed to and what the secretariat asks about; one query."""
    led = Involvement.objects.filter(in_force(), person=user, part__in=(Part.LEAD, Part.DEPUTY)).values("case")
    mine = Proposal.objects.filter(case__in=led).exclude(case__in=blocked_cases(user)).select_related("call")
    open_answers = newest_endorsements().exclude(answer=Answer.AGREED).filter(version__proposal=OuterRef("pk"))
    agreed = Q(state=ProposalState.AWAITING_ENDORSEMENT) & ~Exists(open_answers)
    question = InfoRequest.objects.filter(proposal=OuterRef("pk"), answered_at=None).values("due_on")[:1]
    waiting = mine.filter(agreed | Q(state=ProposalState.INFO_REQUESTED)).annotate(due_on=Subquery(question))
    return [_asked(p) if p.state == ProposalState.INFO_REQUESTED else _agreed(p) for p in waiting]


def _asked(proposal: Any) -> Waiting:
    words = f"Answer the secretariat about “{proposal.title}”"
    return Waiting(words, proposal.reference or "", f"{proposal.get_absolute_url()}answer/", proposal.due_on)


def _agreed(proposal: Proposal) -> Waiting:
    day = timezone.localtime(proposal.call.closes_at - ONE_MINUTE).date() if proposal.call else None
    words = f"Submit “{proposal.title}”"
    return Waiting(words, "Every agency has agreed", f"/proposals/{proposal.case}/submit/", day)


def _first_checks(user: User) -> list[Waiting]:
    seen = Proposal.objects.visible_to(user).order_by("number")
    held = Involvement.objects.filter(in_force(), person=user, part=Part.SCREENER).values("case")
    return [
        Waiting(f"Take the first check of “{p.title}”", p.reference or "", p.get_absolute_url())
        for p in seen.filter(state=ProposalState.SUBMITTED)[:SHOWN]
    ] + [
        Waiting(f"Finish the first check of “{p.title}”", p.reference or "", f"{p.get_absolute_url()}first-check/")
        for p in seen.filter(state=ProposalState.SCREENING, case__in=held)[:SHOWN]
    ]


def _late(user: User) -> list[Waiting]:
    count = late_answers(user).count()
    words = f"{count} answer is late" if count == 1 else f"{count} answers are late"
    return [Waiting(words, "Promised to applicants for an earlier day", "/late-answers/")] if count else []


def _refusals(user: User) -> list[Waiting]:
    failed = Proposal.objects.visible_to(user).filter(state=ProposalState.SCREENING, rule_results__passed=False)
    return [
        Waiting(f"Confirm or discuss: “{p.title}” does not meet a rule", p.reference or "", p.get_absolute_url())
        for p in failed.distinct()[:SHOWN]
    ]
