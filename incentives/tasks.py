"""Thin entries of background work."""

from celery import shared_task

from lifecycle.jobs import RunningJob, handles

from .services import files, versions


@shared_task(name="incentives.take_effect")
def take_effect() -> None:
    """Let an approved policy version hold from its day."""
    versions.take_effect_due()


@handles("incentives.make_annex")
def make_annex(job: RunningJob) -> None:
    """Make the PDF annex of one person."""
    files.make_annex(job)


@handles("incentives.make_cohort")
def make_cohort(job: RunningJob) -> None:
    """Make the xlsx of the cohort."""
    files.make_cohort(job)
