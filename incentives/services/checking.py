"""Checking the rules for everybody whom an officer may see, in the background, with progress."""

from collections.abc import Iterator
from uuid import uuid4

from lifecycle import clock
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.models import Job
from people.models import User
from people.services.access import log_looks

from ..hr_queries import checked_by
from ..models import EligibilityRun
from .eligibility import BATCH, evaluate_many
from .points_policy import policy_for_checking


def ask_for_all(*, by: User, why: str) -> Job:
    """Ask to check the rules as of today for everybody whom the officer checks; `why` is what people read.

    NotPossible while the points policy is suspended.
    """
    policy_for_checking(clock.today())
    return enqueue("incentives.check_all", f"{uuid4().hex}:{why}", by_id=by.pk)


def check_all(job: RunningJob) -> None:
    """Evaluate BATCH people at a time; who was evaluated before an interruption is not evaluated again."""
    officer = User.objects.get(pk=job.requested_by_id or 0)
    why, asked = job.key.split(":", 1)[1], Job.objects.get(pk=job.pk).created_at
    pks = list(checked_by(officer).order_by("pk").values_list("pk", flat=True))
    done = set(EligibilityRun.objects.filter(by=officer, at__gte=asked).values_list("person", flat=True))
    waiting, version = [pk for pk in pks if pk not in done], policy_for_checking(clock.today())
    for place, people in _batches(waiting):
        job.progress(len(done) + place, len(pks), f"{len(done) + place} of {len(pks)} people")
        evaluate_many(people, by=officer, day=clock.today(), version=version)
        log_looks(viewer=officer, people=people, what=f"Rules checked: {why}")
    job.progress(len(pks), max(len(pks), 1), f"The rules were checked for {len(pks)} people.")
    with job.completing():
        pass


def _batches(pks: list[int]) -> Iterator[tuple[int, list[User]]]:
    for start in range(0, len(pks), BATCH):
        yield start, list(User.objects.filter(pk__in=pks[start : start + BATCH]).order_by("pk"))
