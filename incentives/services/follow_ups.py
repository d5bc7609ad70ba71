"""Looking back at verified results after 6 and 12 months."""

from datetime import date

from lifecycle import clock
from lifecycle.acts import act
from lifecycle.performing import changing, perform
from people.models import User
from people.services.notify import notify

from ..enums import FollowUpState
from ..models import FollowUp, Outcome
from ..rules.steps import months_before

MONTHS = (6, 12)


def plan(outcome: Outcome, day: date) -> None:
    """Plan both looks back at a result that was verified on `day`; once."""
    for months in MONTHS:
        FollowUp.objects.get_or_create(
            outcome=outcome, months=months, defaults={"case": outcome.case, "due_on": months_before(day, -months)}
        )


def _answer(row: FollowUp, name: str, by: User, note: str) -> FollowUp:
    with changing(row, name) as fresh:
        return perform(fresh, name, by=by, note=note, said=note[:1000], day=clock.today())


@act
def sustain(row: FollowUp, *, by: User, note: str = "") -> FollowUp:
    """Say that the result holds, and what shows it."""
    return _answer(row, "sustain", by, note)


@act
def scale(row: FollowUp, *, by: User, note: str = "") -> FollowUp:
    """Say that it is used in more places, and where."""
    return _answer(row, "scale", by, note)


@act
def fade(row: FollowUp, *, by: User, note: str = "") -> FollowUp:
    """Say that it is gone, and why."""
    return _answer(row, "fade", by, note)


def ask_due() -> int:
    """Ask the lead for each look back whose day has come; returns how many were asked."""
    due = FollowUp.objects.filter(state=FollowUpState.DUE, due_on__lte=clock.today())
    rows = list(due.select_related("outcome__grant__lead"))
    for row in rows:
        notify(
            person=row.outcome.grant.lead, key=f"follow-up:{row.pk}", case=row.case,
            subject=f"{row.months} months later: does it hold?", path=row.get_absolute_url(),
            body=f"“{row.outcome.grant.title}” was checked {row.months} months ago. Does it hold?",
        )  # fmt: skip
    return len(rows)
