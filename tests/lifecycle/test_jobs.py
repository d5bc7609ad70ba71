from datetime import timedelta

import pytest

from lifecycle import clock, jobs
from lifecycle.enums import JobState
from lifecycle.models import Job
from people.services.accounts import system_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(monkeypatch):
    seen = []

    def work(job):
        seen.append(job.key)
        job.progress(1, 2, "half")
        with job.completing(lambda: "file:1"):
            system_user()

    monkeypatch.setitem(jobs._handlers, "test.work", work)
    monkeypatch.setattr(jobs, "send", lambda pk: None)
    return seen


def test_job_runs_once_although_delivered_three_times(handler):
    job = jobs.enqueue("test.work", "a")
    assert [jobs.run(job.pk) for _ in range(3)] == [True, False, False]
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.result, handler) == (JobState.DONE, 2, 2, "file:1", ["a"])


def test_job_asked_twice_is_one_row(handler):
    assert jobs.enqueue("test.work", "a").pk == jobs.enqueue("test.work", "a").pk
    assert Job.objects.count() == 1


def test_job_of_a_dead_worker_is_taken_over(handler, soon):
    job = jobs.enqueue("test.work", "a")
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, lease="dead", lease_until=clock.now() + jobs.LEASE)
    assert not jobs.run(job.pk)
    with clock.frozen(soon):
        assert jobs.sweep() == 1
        assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_job_lost_lease_throws_the_effect_away(monkeypatch):
    def slow(job):
        Job.objects.filter(pk=job.pk).update(lease="another")
        with job.completing():
            system_user()

    monkeypatch.setitem(jobs._handlers, "test.slow", slow)
    monkeypatch.setattr(jobs, "send", lambda pk: None)
    job = jobs.enqueue("test.slow", "a")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    from people.models import User

    assert not User.objects.filter(is_system=True).exists()


def test_job_that_keeps_failing_is_parked(monkeypatch, soon):
    def broken(job):
        raise ValueError("no")

    monkeypatch.setitem(jobs._handlers, "test.broken", broken)
    monkeypatch.setattr(jobs, "send", lambda pk: None)
    job = jobs.enqueue("test.broken", "a")
    for _ in range(jobs.MAX_ATTEMPTS):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.FAILED, jobs.MAX_ATTEMPTS)
    assert not jobs.run(job.pk)


def test_job_with_the_broker_down_is_sent_by_the_sweeper(monkeypatch, django_capture_on_commit_callbacks, soon):
    def down(*args, **kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr("lifecycle.jobs.current_app.send_task", down)
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue("test.work", "a")
    assert job.state == JobState.QUEUED
    with clock.frozen(soon):
        assert jobs.sweep() == 1


def test_sweep_of_a_long_queue_sends_each_job_once_in_a_while(monkeypatch):
    sent = []
    monkeypatch.setattr(jobs, "send", sent.append)
    start = clock.now()
    with clock.frozen(start):
        for number in range(3):
            Job.objects.create(name="test.slow", key=str(number), created_at=start)
    for seconds, expected in ((11, 3), (26, 3), (41, 3), (57, 6)):
        with clock.frozen(start + timedelta(seconds=seconds)):
            jobs.sweep()
        assert len(sent) == expected, seconds
