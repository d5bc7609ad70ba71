"""What the scheduler and the broker bring to a worker: the names are known, and each message has its effect."""

import queue

import pytest
from django.conf import settings

from config.celery import app
from lifecycle import clock, jobs
from lifecycle.enums import JobState
from lifecycle.models import Checkpoint, Job
from people.services.accounts import system_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker():
    """An empty queue of the broker."""
    with app.connection_for_read() as connection:
        waiting = connection.SimpleQueue("celery")
        waiting.clear()
        yield waiting
        waiting.close()


@pytest.fixture
def job(monkeypatch):
    """A job whose message the broker lost."""
    monkeypatch.setitem(jobs._handlers, "test.work", lambda job: _done(job))
    return Job.objects.create(name="test.work", key="a", created_at=clock.shift(minutes=-1))


def _done(job):
    with job.completing():
        system_user()


def deliver(broker):
    """Hand the one waiting message to its task, as a worker does."""
    message = broker.get_nowait()
    app.tasks[message.headers["task"]].apply(args=message.payload[0], throw=True)
    message.ack()


def tick(task):
    """Run a task of the schedule now."""
    assert task in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    app.tasks[task].apply(throw=True)


@pytest.mark.parametrize("entry", settings.CELERY_BEAT_SCHEDULE)
def test_schedule_names_only_tasks_that_a_worker_knows(entry):
    assert settings.CELERY_BEAT_SCHEDULE[entry]["task"] in app.tasks


def test_job_that_the_broker_lost_is_done_after_the_next_tick(broker, job):
    tick("lifecycle.sweep_jobs")
    deliver(broker)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.DONE, 1)
    with pytest.raises(queue.Empty):
        broker.get_nowait()


def test_tick_hashes_the_heads_and_exports_them(proposal, tmp_path):
    tick("lifecycle.checkpoint")
    (file,) = (tmp_path / "checkpoints").iterdir()
    assert (file.read_text(), file.stem.split("-")[1]) == Checkpoint.objects.values_list("heads", "hash").get()
