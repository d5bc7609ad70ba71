"""By when an applicant has an answer, and whether that was kept."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from fund.call_queries import answer_by
from lifecycle import clock


def promised_for(call: Any, submitted_at: datetime) -> date | None:
    """Return the day by which what was submitted at `submitted_at` is answered, in the call's own business days."""
    return answer_by(call, timezone.localtime(submitted_at).date())


def is_kept(proposal: Any) -> bool:
    """Tell whether the promised day was kept, or can still be; True where nothing was promised."""
    if proposal.answer_by is None:
        return True
    day = timezone.localtime(proposal.released_at).date() if proposal.released_at else clock.today()
    return bool(day <= proposal.answer_by)
