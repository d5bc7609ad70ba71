"""How a grant ends: stopped early, or completed."""

from lifecycle import trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, perform
from people.models import User
from people.services.accounts import system_user
from people.templatetags.fund import money

from ..enums import UNPAID, TrancheState
from ..models import CloseOut, Grant
from . import ledger, quarters
from .bank import keep_back
from .payments import cancel_unpaid, open_payments
from .telling import tell, tell_team


@act
def ask_to_stop(grant: Grant, *, by: User, note: str = "", unspent: int | None = None) -> Grant:
    """Ask to stop early: `note` is the stop rule that was met, or why; `unspent` is chhetrum still in hand."""
    if unspent is None:
        raise NotPossible("Say how much money is unspent: use “Stop early” on the grant's page.")
    if not note.strip():
        raise NotPossible("Say which stop rule was met, or why you want to stop.")
    with changing(grant, "stop") as fresh:
        _refuse_beyond(fresh, unspent)
        fresh = perform(fresh, "stop", by=by, note=note, reason=note, unspent=unspent)
        tell(fresh, fresh.sponsor, "stopping", "A grant is to stop early", f"“{fresh.title}”: {note}")
        return fresh


@act
def restate_unspent(grant: Grant, *, by: User, note: str = "", unspent: int | None = None) -> Grant:
    """Correct what was reported as unspent, while the grant is stopping; `unspent` is chhetrum still in hand."""
    if unspent is None:
        raise NotPossible("Say how much money is unspent: use “State anew what is unspent” on the grant's page.")
    with changing(grant, "restate") as fresh:
        _refuse_beyond(fresh, unspent)
        return perform(fresh, "restate", by=by, note=note or money(unspent), unspent=unspent)


def _refuse_beyond(grant: Grant, unspent: int) -> None:
    if not 0 <= unspent <= grant.in_hand:
        raise NotPossible(f"The unspent amount is at most {money(grant.in_hand)}: paid and not accounted for.")


@act
def confirm_stop(grant: Grant, *, by: User, note: str = "") -> Grant:
    """End the grant early: what was not paid is set free. What was paid stays open until it is spent or came back."""
    with changing(grant, "stop_early") as fresh:
        fresh = perform(fresh, "stop_early", by=by, note=note)
        cancel_unpaid(fresh)
        words = "has been stopped early. Stopping well is part of trying things out."
        if fresh.unaccounted:
            words += f" {money(fresh.unaccounted)} is still open: account for what was spent, and pay back the rest."
        return _end(fresh, "stop_early", words, by)


@act
def complete_grant(grant: Grant, *, by: User, note: str = "") -> Grant:
    """End the grant as planned; the last of several payments waits for the close-out, what else is left is free."""
    with changing(grant, "complete") as fresh:
        fresh = perform(fresh, "complete", by=by, note=note)
        return _end(fresh, "complete", "is completed.", by)


@act
def suspend(grant: Grant, *, by: User, note: str = "") -> Grant:
    """Pause the grant: no payment is made and nothing is accepted until it goes on."""
    with changing(grant, "suspend") as fresh:
        fresh = perform(fresh, "suspend", by=by, note=note)
        return _told(fresh, "is suspended", note)


@act
def resume(grant: Grant, *, by: User, note: str = "") -> Grant:
    """Let a suspended grant go on; payments whose facts hold are open at once."""
    with changing(grant, "resume") as fresh:
        fresh = perform(fresh, "resume", by=by, note=note)
        open_payments(fresh)
        return _told(fresh, "goes on", note)


def _leave_nothing_to_pay(grant: Grant) -> None:
    """Undo what was released and never went to the bank, and cancel the rest; call while the family is held."""
    for tranche in grant.tranches.filter(state=TrancheState.RELEASED, in_file=None):
        keep_back(tranche, by=system_user(), note="The grant was ended before it went to the bank")
    cancel_unpaid(grant)


@act
def terminate(grant: Grant, *, by: User, note: str = "") -> Grant:
    """End the grant by the board: nothing more is paid, what was never paid is free, the rest is accounted for."""
    with changing(grant, "terminate") as fresh:
        fresh = perform(fresh, "terminate", by=by, note=note, reason=note)
        _leave_nothing_to_pay(fresh)
        return _end(fresh, "terminate", f"was ended by the board. Reason: {note}", by)


def _told(grant: Grant, words: str, note: str) -> Grant:
    key = f"{words}:{trail.entries_of(grant).values_list('seq', flat=True)[0]}"
    tell_team(grant, key, f"Your grant {words}", f"“{grant.title}” {words}. Reason: {note}")
    return grant


def _end(grant: Grant, name: str, words: str, by: User) -> Grant:
    """Set free what is set aside and no payment needs, and tell the team."""
    fresh = Grant.objects.get(pk=grant.pk)
    needed = sum(fresh.tranches.filter(state__in=UNPAID).values_list("amount", flat=True))
    rest = fresh.amount - fresh.released - fresh.disbursed - needed
    if rest:
        source = f"{fresh.case}:{name}:1"
        ledger.release_commitment(line=fresh.line, amount=rest, source=source, case=fresh.case, by=by)
    quarters.skip_rest(fresh)
    CloseOut.objects.create(grant=fresh)
    tell_team(fresh, name, "Your grant has ended", f"“{fresh.title}” {words}")
    return Grant.objects.get(pk=fresh.pk)
