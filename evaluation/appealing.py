"""What can be appealed against, by whom and until when."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from fund.models.call import GRACE
from lifecycle import clock
from lifecycle.remembering import remembered
from people.services.calendar import add_business_days
from proposals.enums import ProposalState
from proposals.models import Proposal

from .enums import OPEN_APPEAL, AppealState, Choice
from .models import Appeal, Decision

DAYS = 30  # calendar days after the release, the last one included
ANSWER_DAYS = 20  # business days after the lodging
APPEALABLE = (ProposalState.DECLINED, ProposalState.INELIGIBLE)


def in_words(day: date) -> str:
    """Return a day as people write it, e.g. `3 November 2026`."""
    return f"{day.day} {day:%B %Y}"


def last_day(told_at: datetime) -> date:
    """Return the last day on which an appeal against what was told at `told_at` can be lodged."""
    return timezone.localtime(told_at).date() + timedelta(days=DAYS)


def answer_day(lodged_at: datetime) -> date:
    """Return the day by which an appeal is answered."""
    return add_business_days(timezone.localtime(lodged_at).date(), ANSWER_DAYS)


def decision_against(proposal: Proposal) -> Decision | None:
    """Return the board's decision that the team was told last, or None: then it is the first check.

    Where the time on the reserve list ran out, it is the decision that put it there.
    """
    if proposal.state != ProposalState.DECLINED:
        return None
    return proposal.decisions.filter(choice__in=(Choice.DECLINE, Choice.RESERVE)).last()


@remembered
def appeals_of(proposal: Proposal) -> list[Appeal]:
    """Return all appeals about the proposal; one query on a page."""
    return list(proposal.appeals.all())


def lodged_against(proposal: Proposal) -> Appeal | None:
    """Return the appeal against what the team was told last, those taken back apart."""
    told = [row for row in appeals_of(proposal) if row.told_at == proposal.released_at]
    return next((row for row in told if row.state != AppealState.WITHDRAWN), None)


def obstacle(proposal: Proposal) -> str:
    """Return why no appeal can be lodged now, or nothing. The person apart."""
    if proposal.state not in APPEALABLE or proposal.released_at is None:
        return "An appeal can be lodged only against a refusal that the team was told."
    if proposal.state == ProposalState.DECLINED and decision_against(proposal) is None:
        return "Your own agency said no to it. The fund cannot decide about that; speak with your agency's approver."
    if timezone.localtime(clock.arrival() - GRACE).date() > last_day(proposal.released_at):
        return f"The {DAYS} days for an appeal are over."
    if lodged_against(proposal):
        return "An appeal against this decision was already lodged. It is heard once."
    return ""


def open_appeal(proposal: Proposal) -> Appeal | None:
    """Return the appeal that is not answered yet, or None."""
    return next((row for row in appeals_of(proposal) if row.state in OPEN_APPEAL), None)
