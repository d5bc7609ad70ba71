"""Thin entries of background work."""

from celery import shared_task

from lifecycle.jobs import RunningJob, handles

from .services import (
    checking,
    contests,
    files,
    follow_ups,
    holders,
    nominations,
    outcomes,
    own_files,
    protecting,
    protection,
    retention,
    simulation,
    versions,
)


@shared_task(name="incentives.take_effect")
def take_effect() -> None:
    """Let an approved policy version hold from its day."""
    versions.take_effect_due()


@shared_task(name="incentives.chase")
def chase() -> None:
    """Give late checks and second looks free, publish what stood, name protection officers, ask of old results."""
    outcomes.chase()
    contests.chase()
    protecting.name_missing()
    follow_ups.ask_due()


@shared_task(name="incentives.keep_holders")
def keep_holders() -> None:
    """Let the lists of HR and the nominations follow the register, the accounts and the days of the cycle."""
    holders.keep_holders()
    nominations.follow()


@shared_task(name="incentives.remove_due")
def remove_due() -> None:
    """Remove the words and names of what is over its time of keeping."""
    retention.remove_due()


@handles("incentives.check_all")
def check_all(job: RunningJob) -> None:
    """Check the rules for everybody on a list."""
    checking.check_all(job)


@handles("incentives.simulate")
def simulate(job: RunningJob) -> None:
    """Count what a version of the points policy would change."""
    simulation.simulate(job)


@handles("incentives.make_own_record")
def make_own_record(job: RunningJob) -> None:
    """Make the PDF of a person's own record."""
    own_files.make_record(job)


@handles("incentives.make_protection_letter")
def make_protection_letter(job: RunningJob) -> None:
    """Make the protection letter of one person."""
    protection.make_letter(job)


@handles("incentives.make_take_up")
def make_take_up(job: RunningJob) -> None:
    """Make the xlsx of the take-up."""
    files.make_take_up(job)


@handles("incentives.make_annex")
def make_annex(job: RunningJob) -> None:
    """Make the PDF annex of one person."""
    files.make_annex(job)


@handles("incentives.make_cohort")
def make_cohort(job: RunningJob) -> None:
    """Make the xlsx of the cohort."""
    files.make_cohort(job)
