"""Reads beyond `.get`."""

from dataclasses import dataclass

from django.db.models import QuerySet

from people.models import User
from people.queries import blocked_cases

from .enums import MemberState, ProposalState, SectionKey
from .forms import section_form
from .models import Member, Proposal, Section


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
    return [_task(key, stored.get(key)) for key in SectionKey]


def _task(key: SectionKey, section: Section | None) -> Task:
    if section is None or not any(section.answers.values()):
        return Task(key, key.label, "Not yet started", False)
    done = not problems_in(key, section.answers)
    return Task(key, key.label, "Completed" if done else "In progress", done)


def problems_in(key: str, answers: dict[str, str]) -> list[str]:
    """Return what a section still needs before it could be sent, one sentence each."""
    form = section_form(key)(answers, complete=True)
    return [str(error) for errors in form.errors.values() for error in errors]


def listed_for(user: User, words: str = "", state: str = "") -> QuerySet[Proposal]:
    """Return visible proposals for the list page, narrowed by title words and state."""
    found = Proposal.objects.visible_to(user).select_related("call", "lead_agency")
    if words:
        found = found.filter(title__icontains=words)
    return found.filter(state=state) if state in ProposalState.values else found


def invitations_of(user: User) -> QuerySet[Member]:
    """Return the person's invitations and memberships, without cases that a conflict keeps them out of."""
    mine = Member.objects.filter(person=user).exclude(status=MemberState.LEFT)
    return mine.exclude(proposal__case__in=blocked_cases(user)).select_related("proposal", "invited_by")


def waiting_for(user: User) -> list[Member]:
    """Return the invitations that wait for the person."""
    waiting = invitations_of(user).filter(status=MemberState.INVITED, proposal__state=ProposalState.DRAFT)
    return list(waiting)
