"""Background jobs: asked for in a transaction, sent after commit, done exactly once.

The broker may lose or repeat a message; the row decides. A worker claims a job by a
lease UPDATE, computes outside any transaction, and writes effect and done-mark in one
short transaction that re-checks the lease.
"""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from celery import current_app
from django.db import transaction
from django.db.models import F, Q

from . import clock
from .enums import JobState
from .models import Job

LEASE = timedelta(seconds=45)  # a worker that says nothing for so long is taken for dead
MAX_ATTEMPTS = 5
RESEND = timedelta(seconds=45)  # a lost message is sent again after so long
log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has taken the job over; the present result is thrown away."""


class RunningJob:
    """What a handler sees of its job."""

    def __init__(self, job: Job, lease: str) -> None:
        self.pk, self.key, self.requested_by_id = job.pk, job.key, job.requested_by_id
        self._lease = lease

    def _own(self) -> "Q":
        return Q(pk=self.pk, lease=self._lease, state=JobState.RUNNING)

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Show progress and renew the lease; raises LeaseLost."""
        until = clock.now() + LEASE
        if not Job.objects.filter(self._own()).update(done=done, total=total, message=message, lease_until=until):
            raise LeaseLost(self.pk)

    @contextmanager
    def completing(self, result: Callable[[], str] = str) -> Iterator[None]:
        """Run the effect and the done-mark in one transaction; raises LeaseLost."""
        with transaction.atomic():
            changed = Job.objects.filter(self._own()).update(
                state=JobState.DONE, done=F("total"), finished_at=clock.now(), lease_until=None
            )
            if not changed:
                raise LeaseLost(self.pk)
            yield
            Job.objects.filter(pk=self.pk).update(result=result())


Handler = Callable[[RunningJob], None]
_handlers: dict[str, Handler] = {}


def handles(name: str) -> Callable[[Handler], Handler]:
    """Register the handler of a job name (in an app's tasks.py)."""

    def register(handler: Handler) -> Handler:
        _handlers[name] = handler
        return handler

    return register


def enqueue(name: str, key: str, *, by_id: int | None = None) -> Job:
    """Ask for a job once; a second call with the same name and key returns the first row."""
    job, created = Job.objects.get_or_create(
        name=name, key=key, defaults={"requested_by_id": by_id, "created_at": clock.now()}
    )
    if created:
        transaction.on_commit(lambda: send(job.pk))
    return job


def send(pk: int) -> None:
    """Tell the broker; when it is down the sweeper will send again."""
    try:
        current_app.send_task("lifecycle.run_job", args=[pk], retry=False)
    except Exception:  # noqa: BLE001  (any transport's own error: the row is safe, the sweeper retries)
        log.warning("broker_unreachable job=%s", pk)


def run(pk: int) -> bool:
    """Claim and run one job; False when it is not waiting (done, or held by another)."""
    lease, now = secrets.token_hex(16), clock.now()
    free = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=now)
    claimed = Job.objects.filter(free, pk=pk).update(
        state=JobState.RUNNING, lease=lease, lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    if not claimed:
        return False
    job = Job.objects.get(pk=pk)
    try:
        _handlers[job.name](RunningJob(job, lease))
    except LeaseLost:
        log.warning("job_lease_lost job=%s", pk)
    except Exception:
        _give_back(job, lease)
        log.exception("job_failed job=%s name=%s", pk, job.name)
    return True


def _give_back(job: Job, lease: str) -> None:
    """Queue a failed job again, or park it after MAX_ATTEMPTS with a plain sentence."""
    parked = job.attempts >= MAX_ATTEMPTS
    Job.objects.filter(pk=job.pk, lease=lease).update(
        state=JobState.FAILED if parked else JobState.QUEUED,
        lease_until=None if parked else clock.now() + timedelta(seconds=5 * job.attempts),
        message="We could not finish this. The administrator has been told." if parked else "We will try again.",
    )


def sweep() -> int:
    """Send again what the broker lost or a dead worker held; returns how many."""
    late = Q(state=JobState.RUNNING, lease_until__lt=clock.now())
    waiting = Q(state=JobState.QUEUED) & (Q(lease_until=None) | Q(lease_until__lt=clock.now()))
    old = Q(created_at__lt=clock.now() - timedelta(seconds=10))
    found = list(Job.objects.filter(late | (waiting & old)).values_list("pk", flat=True)[:500])
    # A long queue is not lost: what was sent again is left alone for a while, or messages would pile up.
    Job.objects.filter(pk__in=found, state=JobState.QUEUED).update(lease_until=clock.now() + RESEND)
    for pk in found:
        send(pk)
    return len(found)
