"""What the head does with a signal: find nothing, or hold the record; and letting it go again."""

from django.db import IntegrityError, transaction

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from people.models import User
from people.services.notify import notify

from ..enums import OutcomeState, SignalAnswer, SignalKind
from ..models import IntegrityHold, Outcome, SignalReview
from ..policies import may_settle
from ..signals import open_signals
from .protecting import tell_protection

SEEN = "Somebody has looked at this already."
NOT_HELD = (OutcomeState.PRE_REGISTERED, OutcomeState.REVOKED)  # a failure that closed without a claim can be


def review(outcome: Outcome, *, by: User, kind: SignalKind, answer: SignalAnswer, note: str) -> SignalReview:
    """Say what one found; with the answer `hold` the record is held in the same transaction."""
    _refuse(outcome, by, note)
    if SignalReview.objects.filter(outcome=outcome, kind=kind).exists():
        raise NotPossible(SEEN)
    if not any((signal.outcome.pk, signal.kind) == (outcome.pk, kind) for signal in open_signals()):
        raise NotPossible("There is no such signal. Hold the record by its reference, and say why.")
    try:
        with transaction.atomic():
            row = SignalReview.objects.create(
                outcome=outcome, kind=kind, answer=answer, note=note.strip(), by=by, at=clock.now()
            )
            trail.record(outcome, action="signal_reviewed", by=by, changes={"kind": [None, kind]})
            if answer == SignalAnswer.HOLD and not outcome.holds.filter(until=None).exists():
                hold(outcome, by=by, reason=note)
    except IntegrityError:
        raise NotPossible(SEEN) from None
    return row


def hold(outcome: Outcome, *, by: User, reason: str) -> IntegrityHold:
    """Hold a claimed record, on a signal or a hint: it says so everywhere; lead and protection officer are told."""
    _refuse(outcome, by, reason)
    if outcome.state in NOT_HELD:
        raise NotPossible("Only a result that was claimed, or closed without a claim, and stands can be held.")
    try:
        with transaction.atomic():
            row = IntegrityHold.objects.create(
                outcome=outcome, case=outcome.case, reason=reason.strip(), by=by, since=clock.now()
            )
            trail.record(outcome, action="held", by=by)
    except IntegrityError:
        raise NotPossible("The record is held already.") from None
    words = f"“{outcome.grant.title}” is held while somebody looks at it. Nothing is decided."
    notify(
        person=outcome.grant.lead, key=f"hold:{row.pk}", subject="Your record is being looked at", body=words,
        path=outcome.get_absolute_url(), case=outcome.case,
    )  # fmt: skip
    tell_protection(outcome.case, key=f"hold:{row.pk}", body=words, path="/inbox/")
    return row


def lift(row: IntegrityHold, *, by: User, note: str) -> None:
    """Let the record go again, with the reason."""
    _refuse(row.outcome, by, note)
    changed = IntegrityHold.objects.filter(pk=row.pk, until=None)
    if not changed.update(until=clock.now(), lifted_by=by, lift_reason=note.strip()):
        raise NotPossible("The record is not held any more.")
    trail.record(row.outcome, action="hold_lifted", by=by, note=note)
    notify(
        person=row.outcome.grant.lead, key=f"hold-over:{row.pk}", subject="Your record is free again",
        body=f"“{row.outcome.grant.title}”: {note.strip()}", path=row.outcome.get_absolute_url(), case=row.case,
    )  # fmt: skip
    words = f"“{row.outcome.grant.title}” is not held any more."
    tell_protection(row.case, key=f"hold-over:{row.pk}", body=words, path="/inbox/")


def _refuse(outcome: Outcome, by: User, note: str) -> None:
    if not may_settle(outcome, by):
        raise NotPossible("Only the head of secretariat, outside the team, decides this.", forbidden=True)
    if not note.strip():
        raise NotPossible("Say what you found.")
