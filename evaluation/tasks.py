"""Thin entries of background work."""

from lifecycle.jobs import RunningJob, handles
from proposals.views.reading import WORDS

from .services import decision_files, letters


@handles("evaluation.make_letter")
def make_letter(job: RunningJob) -> None:
    """Make the PDF of one letter."""
    letters.make(job)


@handles("evaluation.make_decision_file")
def make_decision_file(job: RunningJob) -> None:
    """Make the PDF of everything on one proposal, in the words of its page."""
    decision_files.make(job, WORDS)
