"""When a review is due, and who is reminded of one."""

from datetime import date, timedelta
from math import ceil

from django.utils import timezone

from lifecycle import clock
from people.queries import blocked_people
from people.services.calendar import add_business_days
from people.services.notify import notify

from ..enums import OPEN
from ..models import Review
from .reviewing import ASSIGNING

SHARE = 60  # percent of the answer days by whose end the reviews are in: the run sheet's own figure
LEAST = 5  # business days that every reviewer has


def due_on(review: Review) -> date:
    """Return the last day: 60 % of the call's answer days after its closing, or in a rolling call after the sending.

    Never earlier than 5 business days after the reviewer was asked.
    """
    call, proposal = review.proposal.call, review.proposal
    asked = add_business_days(timezone.localtime(review.assigned_at).date(), LEAST)
    ends = call.ends_at - timedelta(seconds=1) if call and call.ends_at else proposal.submitted_at
    if call is None or ends is None:
        return asked
    return max(asked, add_business_days(timezone.localtime(ends).date(), ceil(call.answer_days * SHARE / 100)))


def is_late(review: Review) -> bool:
    """Tell whether the review is not handed in and its last day is over."""
    return review.state in OPEN and due_on(review) < clock.today()


def remind() -> int:
    """Remind reviewers on the last business day before a review is due, and once when it is late; returns how many.

    Not of practice, and not whom a conflict keeps out.
    """
    today, told = clock.today(), 0
    waiting = Review.objects.of_practice(False).filter(state__in=OPEN, proposal__state__in=ASSIGNING)
    for review in waiting.select_related("proposal__call", "reviewer"):
        due = due_on(review)
        if add_business_days(today, 1) < due or review.reviewer_id in blocked_people(review.case):
            continue
        late = due < today
        subject = "Your review is late" if late else "Your review is due"
        words = f"“{review.subject}”: the last day {'was' if late else 'is'} {due.day} {due:%B %Y}."
        ending = " If you cannot do it, refuse it or tell the secretariat." if late else ""
        notify(
            person=review.reviewer, key=f"review-{'late' if late else 'due'}:{review.pk}", subject=subject,
            body=f"{words}{ending}", path=review.get_absolute_url(), case=review.case,
        )  # fmt: skip
        told += 1
    return told
