"""The public draw: a commitment before the call closes, a frozen list, randomness entered by two people, the lots."""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any

from fund.models import Call
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.trail import canonical
from people.enums import Role
from people.models import User
from people.policies import holds
from people.services.accounts import system_user
from proposals.models import Proposal

from ..apart import OUT_OF_IT, is_free_of
from ..engine.lots import draw
from ..models import Lottery
from ..standing import fits, labels_in, lottery_of, newest_run

may_prepare = holds(Role.SECRETARIAT) & is_free_of
may_enter = holds(Role.SECRETARIAT, Role.HEAD) & is_free_of
RANKED_AGAIN = "The call was ranked again, and lots now decide between others. Begin a new draw."
STILL_OPEN = "The call is still open, or somebody has more time: wait until nobody can send a proposal any more."
LONGEST = 1024  # hexadecimal digits


def seal_of(code: str, labels: list[str]) -> str:
    """Return what is published of the frozen list at once: SHA-256 of the code, a line end and the list's JSON."""
    return sha256(f"{code}\n{canonical(sorted(labels))}".encode()).hexdigest()


def commit(call: Call) -> Lottery:
    """Publish the commitment of a fresh code of 256 bits, once for each call."""
    row, made = Lottery.objects.get_or_create(call=call, number=1, defaults=_fresh())
    if made:
        trail.record(call, action="lots_committed", by=system_user(), changes={"commitment": [None, row.commitment]})
    return row


def _fresh() -> dict[str, Any]:
    code = secrets.token_hex(32)
    return {"code": code, "commitment": sha256(code.encode()).hexdigest(), "committed_at": clock.now()}


def commit_late(call: Call, *, by: User) -> Lottery:
    """Publish the commitment of a call that was approved without one. NotPossible once it is closed."""
    with locked([call]):
        call = Call.objects.get(pk=call.pk)
        _refuse(
            may_prepare(call, by),
            "Only the secretariat, without a tie to a proposal of the call, publishes the commitment.",
        )
        if not (call.is_open or call.opens_later):
            raise NotPossible("The call is closed: a commitment made now would prove nothing.")
        return commit(call)


def freeze(call: Call, *, by: User, source: str, source_at: datetime) -> Lottery:
    """Freeze the list of the newest ranking and name the future source of randomness."""
    with locked([call]):
        _refuse(
            may_prepare(call, by), "Only the secretariat, without a tie to a proposal of the call, freezes the list."
        )
        _refuse_open(call)
        row, run = _row(call), newest_run(call)
        labels = labels_in(run) if run else []
        if row.frozen_at is not None:
            raise NotPossible("The list is frozen already." if fits(row, run) else RANKED_AGAIN)
        if row.renewed_by_id == by.pk:
            raise NotPossible("You began this new draw, so another person of the secretariat freezes its list.")
        if run is None or not labels:
            raise NotPossible("Nobody has to be drawn for: the newest ranking decides every place by itself.")
        if not source.strip():
            raise NotPossible("Name the public source, so that anybody can look the value up.")
        if source_at <= clock.now():
            raise NotPossible("The source must speak in the future: choose a later time.")
        row.run, row.labels, row.seal = run, canonical(labels), seal_of(row.code, labels)
        row.source, row.source_at, row.frozen_by, row.frozen_at = source.strip(), source_at, by, clock.now()
        row.save()
        changes = {"seal": [None, row.seal], "source": [None, row.source], "source_at": [None, source_at.isoformat()]}
        trail.record(call, action="lots_frozen", by=by, changes=changes)
        return row


def renew(call: Call, *, by: User, reason: str) -> Lottery:
    """Begin a new draw with a new secret number, where the call was ranked again and lots decide between others.

    The draw before it stays on record as replaced. Another person freezes the new list, and the public value that two
    more entries bring in lies in the future, so nobody knows what the new draw will say. NotPossible while the draw
    fits the newest ranking: then it stands.
    """
    with locked([call]):
        _refuse(
            may_enter(call, by), "Only the secretariat or its head, without a tie to a proposal, begins a new draw."
        )
        _refuse_open(call)
        row, run = _row(call), newest_run(call)
        if row.frozen_at is None:
            raise NotPossible("No list is frozen yet: freeze the one of the newest ranking.")
        if run is None or not labels_in(run):
            raise NotPossible("Nobody has to be drawn for: the newest ranking decides every place by itself.")
        if fits(row, run):
            raise NotPossible("The newest ranking leaves the same ones to the lots, so the draw stands.")
        if not reason.strip():
            raise NotPossible("Say why the call was ranked again.")
        made = Lottery.objects.create(
            call=call, number=row.number + 1, reason=reason.strip(), renewed_by=by, **_fresh()
        )
        changes = {"commitment": [row.commitment, made.commitment]}
        trail.record(call, action="lots_renewed", by=by, note=reason, changes=changes)
        return made


def is_told(row: Lottery) -> bool:
    """Tell whether the results of those on the frozen list were released, so that the list hides nothing any more.

    Who was told once counts, also while the board decides again: else it would show that it does. Who withdrew waits
    for no result; where all did, the results of all that were ranked with them count.
    """
    field = Proposal.objects.filter(call=row.call_id).exclude(state__in=OUT_OF_IT)
    listed = field.filter(reference__in=row.listed)
    waited_for = listed if listed.exists() else field.filter(places__run=row.run_id)
    return not waited_for.filter(released_at=None, letters=None).exists()


def receipt_of(proposal: Proposal) -> list[str]:
    """Return the lines from which the team, or anybody, can draw its lot again; none where it was not drawn for."""
    drawn = [row for row in Lottery.objects.filter(call=proposal.call_id) if row.drawn_at is not None]
    drawn = [row for row in drawn if proposal.reference in row.listed]
    return [line for row in drawn[-1:] for line in _receipt(row, proposal.reference or "", len(drawn) > 1)]


def _receipt(row: Lottery, reference: str, again: bool) -> list[str]:
    order = draw(row.listed, row.code, row.randomness)
    place, lot = next((n, lot) for n, lot in enumerate(order, 1) if lot.label == reference)
    when = "before the call closed" if row.number == 1 else "before its list was frozen"
    return [
        f"Your lot was number {place} of {len(order)}.",
        *(["The call was ranked again after an earlier draw; this new one took its place."] if again else []),
        f"Seal published {when}: {row.commitment}",
        f"Secret number: {row.code}",
        f"The frozen list: {', '.join(row.listed)}",
        f"Seal of the frozen list: {row.seal}",
        f"Public value: {row.randomness} ({row.source})",
        f"Your reference: {lot.label}",
        f"Your key: {lot.key}",
        "Anybody can compute each key of the list again: HKDF of RFC 5869 with SHA-256, the secret number as salt, the "
        "public value as key material, the reference as info. The smallest key comes first.",
    ]


def enter(call: Call, *, by: User, value: str) -> Lottery:
    """Enter the public value, twice by two people; when both agree the lots are drawn, else both are cleared."""
    with locked([call]):
        _refuse(
            may_enter(call, by), "Only the secretariat and its head, without a tie to a proposal of the call, enter it."
        )
        _refuse_open(call)
        row, digits = _row(call), "".join(value.split()).lower()
        if row.frozen_at is None or row.source_at is None:
            raise NotPossible("Freeze the list first.")
        if row.drawn_at is not None:
            raise NotPossible("The lots are drawn already.")
        if not fits(row, newest_run(call)):
            raise NotPossible(RANKED_AGAIN)
        if clock.now() < row.source_at:
            raise NotPossible("The source has not spoken yet.")
        _refuse_nonsense(digits)
        if row.first_by is None:
            row.first_value, row.first_by = digits, by
            row.save()
            trail.record(call, action="lots_first_value", by=by)
            return row
        if row.first_by == by:
            raise NotPossible("Another person enters it the second time.")
        if row.first_value != digits:
            row.first_value, row.first_by = "", None
            row.save()
            trail.record(call, action="lots_values_differ", by=by)
            return row
        row.randomness, row.second_by, row.drawn_at = digits, by, clock.now()
        row.save()
        trail.record(call, action="lots_drawn", by=by, changes={"randomness": [None, digits], "code": [None, row.code]})
        return row


def _row(call: Call) -> Lottery:
    row = lottery_of(call)
    if row is None:
        raise NotPossible("No commitment was published before the call closed, so no lots can be drawn.")
    return row


def _refuse(allowed: bool, words: str) -> None:
    if not allowed:
        raise NotPossible(words, forbidden=True)


def _refuse_open(call: Call) -> None:
    if Call.objects.get(pk=call.pk).still_receives():
        raise NotPossible(STILL_OPEN)


def _refuse_nonsense(digits: str) -> None:
    if not digits or len(digits) > LONGEST or len(digits) % 2 or set(digits) - set("0123456789abcdef"):
        raise NotPossible("Enter the value in hexadecimal digits (0 to 9, a to f), two for each byte.")
