"""A worker whose jobs stop where the test wants to kill them; and `ask` and `tell`, run beside it.

Each job stops on its first attempt only: `start` before it does anything, `progress` after it has told how far it is,
`inside` with effect and done-mark written and not committed, `done` committed but not acknowledged to the broker;
`child` kills its own process; `naive` is the control: its effect is not in the transaction of the done-mark.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402  (settings first, here and below)

from config.celery import app  # noqa: E402
from lifecycle import jobs, trail  # noqa: E402
from lifecycle.models import Job, TrailEntry  # noqa: E402
from people.services.accounts import system_user  # noqa: E402

__all__ = ["app"]
POINTS = ("start", "progress", "done", "child", "naive", "inside")
LATEST = POINTS[-1]  # it holds the write lock of SQLite, so it waits until the others stand
FOREVER = 600  # seconds, far beyond the test


def reached(point):
    """Return the file that says that a job stands at its point."""
    return Path(settings.DATA_DIR) / f"reached-{point}"


def stand(point, here, first):
    """Stop at the point, on the first attempt only."""
    if first and point == here:
        reached(point).touch()
        time.sleep(FOREVER)


def effect(point):
    """Leave a mark that counts."""
    user = system_user()
    trail.record(user, action=f"effect-{point}", by=user)


@jobs.handles("proof.work")
def work(job):
    """Do what the point says."""
    point, first = job.key, Job.objects.get(pk=job.pk).attempts == 1
    stand(point, "start", first)
    if first and point == "child":
        reached(point).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    job.progress(0, 1)
    stand(point, "progress", first)
    if point == "naive":
        effect(point)
        stand(point, "naive", first)
    while first and point == LATEST and not all(reached(p).exists() for p in POINTS[:-1]):
        job.progress(0, 1)
        time.sleep(0.2)
    with job.completing():
        if point != "naive":
            effect(point)
        stand(point, "inside", first)
    stand(point, "done", first)


def main(word):
    """Ask for one job at each point, or tell how they are."""
    if word == "ask":
        system_user()
        for point in POINTS:
            jobs.enqueue("proof.work", point)
        return
    states = dict(Job.objects.values_list("key", "state"))
    effects = {point: TrailEntry.objects.filter(action=f"effect-{point}").count() for point in POINTS}
    sys.stdout.write(json.dumps({"states": states, "effects": effects}))


if __name__ == "__main__":
    main(sys.argv[1])
