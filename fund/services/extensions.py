"""Later ends: for all, or for what one person leads; each with a reason, never earlier."""

from datetime import datetime, timedelta

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.jobs import enqueue
from lifecycle.locking import locked
from people.models import User
from people.services.notify import notify
from people.templatetags.fund import moment_before

from ..enums import CallState
from ..models import Call, Extension
from ..models.call import GRACE
from ..policies import may_extend

MOST = timedelta(days=180)  # beyond the present end; a mistyped year could never be taken back


def extend(call: Call, *, by: User, until: datetime, reason: str, person: User | None = None) -> Extension:
    """Move the end to `until` (exclusive), for all or for what `person` leads.

    Takes the lock under which a submission is judged, so the two never cross. Nothing lapses before the new end and
    grace. NotPossible when the call is past, rolling, would end earlier, or more than `MOST` later: what was given is
    not taken back. What one person has already is returned again, without a second message, when a form arrives
    twice. Side effects: the trail, a message to `person`, or after commit to all who write in the call.
    """
    with locked([call]):
        fresh = Call.objects.get(pk=call.pk)
        _refuse(fresh, by, until, reason)
        given = fresh.extensions.filter(person=person).order_by("until").last() if person else None
        if given is not None and given.until == until and given.reason == reason.strip():
            return given
        if given is not None and given.until >= until:
            raise NotPossible(f"This person has time until {moment_before(given.until)} already. Enter a later day.")
        if person is None:
            fresh.extended_to = until
            fresh.save(update_fields=["extended_to"])
        row = Extension.objects.create(
            call=fresh, person=person, until=until, reason=reason.strip(), by=by, at=clock.now()
        )
        whom = f"{person.full_name} · {person.employee_number}" if person else "all"
        changes = {"until": [str(fresh.closes_at), str(until)], "for": [None, whom]}
        trail.record(fresh, action="extended", by=by, note=reason, changes=changes)
        if person is not None:
            notify(
                person=person, key=f"extended:{fresh.pk}:{row.pk}", subject=f"More time for you: {fresh.title}",
                body=f"You can submit to “{fresh.title}” until {moment_before(until)}. The reason: {reason}",
                path=f"/calls/{fresh.reference}/",
            )  # fmt: skip
        else:
            enqueue("proposals.tell_of_more_time", str(row.pk), by_id=by.pk)
        return row


def _refuse(call: Call, by: User, until: datetime, reason: str) -> None:
    if not may_extend(call, by):
        raise NotPossible("Only the secretariat gives more time.", forbidden=True)
    if call.state != CallState.APPROVED:
        raise NotPossible("Only an approved call can be extended.")
    if call.ends_at is None:
        raise NotPossible("A rolling call has no end yet.")
    if clock.now() >= call.ends_at + GRACE:
        raise NotPossible("The call is over; what was not submitted has lapsed. More time has to be given before.")
    if until <= call.ends_at:
        raise NotPossible("The new end must be later than the present one. A call is never shortened.")
    if until > call.ends_at + MOST:
        last = moment_before(call.ends_at + MOST)
        raise NotPossible(f"Give at most {MOST.days} days more, until {last}: it cannot be taken back. Check the year.")
    if not reason.strip():
        raise NotPossible("Give a reason.")
