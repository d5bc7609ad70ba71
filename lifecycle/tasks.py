"""Thin Celery entries of the room."""

from celery import shared_task

from . import checkpoints, jobs


@shared_task(name="lifecycle.run_job")
def run_job(pk: int) -> None:
    """Run one background job."""
    jobs.run(pk)


@shared_task(name="lifecycle.sweep_jobs")
def sweep_jobs() -> None:
    """Re-send what the broker lost."""
    jobs.sweep()


@shared_task(name="lifecycle.checkpoint")
def checkpoint() -> None:
    """Hash all heads and export them."""
    checkpoints.make_checkpoint()
