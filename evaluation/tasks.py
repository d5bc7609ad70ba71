"""Thin entries of background work."""

from lifecycle.jobs import RunningJob, handles

from .services import letters


@handles("evaluation.make_letter")
def make_letter(job: RunningJob) -> None:
    """Make the PDF of one letter."""
    letters.make(job)
