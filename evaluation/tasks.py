"""Thin entries of background work."""

from celery import shared_task

from lifecycle.jobs import RunningJob, handles
from proposals.views.reading import WORDS

from .services import decision_files, excluding, judging_sheets, letters, matching, reminding, reserve


@shared_task(name="evaluation.write_conflicts_down")
def write_conflicts_down() -> None:
    """Keep out whom a tie that came up since keeps out, and exclude their reviews."""
    excluding.look_everywhere()


@shared_task(name="evaluation.remind_reviewers")
def remind_reviewers() -> None:
    """Remind of reviews that are due or late."""
    reminding.remind()


@shared_task(name="evaluation.end_reserves")
def end_reserves() -> None:
    """End what is past its last day on a reserve list."""
    reserve.end_due()


@handles(matching.JOB)
def match_reviewers(job: RunningJob) -> None:
    """Compute the assignment of a call."""
    from .services import matching_job  # noqa: PLC0415  # numpy and scipy: for whoever computes, not for who asks

    matching_job.compute(job)


@handles("evaluation.make_letter")
def make_letter(job: RunningJob) -> None:
    """Make the PDF of one letter."""
    letters.make(job)


@handles(judging_sheets.NAME)
def make_judging_sheet(job: RunningJob) -> None:
    """Write one sheet of the judging."""
    judging_sheets.make(job)


@handles("evaluation.make_decision_file")
def make_decision_file(job: RunningJob) -> None:
    """Make the PDF of everything on one proposal, in the words of its page."""
    decision_files.make(job, WORDS)
