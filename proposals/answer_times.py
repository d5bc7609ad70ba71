"""By when an applicant has an answer, per stage of money."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from fund.enums import Stage
from lifecycle import clock
from people.services.calendar import add_business_days

# business days; the fund's defaults
ANSWER_WITHIN = {Stage.SPARK: 10, Stage.EXPLORE: 30, Stage.BUILD: 40, Stage.SCALE: 60}
ONE_MINUTE = timedelta(minutes=1)  # a closing is exclusive


def promised_for(call: Any, submitted_at: datetime) -> date:
    """Return the day by which what was submitted at `submitted_at` is answered.

    A small idea counts from its own arrival; a dated call is judged as one, so its days begin at the closing.
    """
    day = timezone.localtime(submitted_at).date()
    if call.stage != Stage.SPARK:
        day = max(day, timezone.localtime(call.closes_at - ONE_MINUTE).date())
    return add_business_days(day, ANSWER_WITHIN[Stage(call.stage)])


def is_kept(proposal: Any) -> bool:
    """Tell whether the promised day was kept, or can still be; True where nothing was promised."""
    if proposal.answer_by is None:
        return True
    day = timezone.localtime(proposal.released_at).date() if proposal.released_at else clock.today()
    return bool(day <= proposal.answer_by)
