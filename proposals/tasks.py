"""Thin entries of background work."""

from celery import shared_task

from lifecycle.jobs import RunningJob, handles

from .services import endorsing, extending, information, receipts, submitting


@shared_task(name="proposals.lapse_late")
def lapse_late() -> None:
    """End drafts whose call is over."""
    submitting.lapse_late()


@shared_task(name="proposals.chase_information")
def chase_information() -> None:
    """Remind of answers that are due, and end what was not answered."""
    information.chase()


@shared_task(name="proposals.chase_late")
def chase_late() -> None:
    """Pass on what agencies have not answered in time."""
    endorsing.chase_late()


@handles("proposals.make_receipt")
def make_receipt(job: RunningJob) -> None:
    """Make the PDF copy of a submitted proposal."""
    receipts.make(job)


@handles("proposals.tell_of_more_time")
def tell_of_more_time(job: RunningJob) -> None:
    """Tell the teams of a call that it closes later."""
    extending.tell(job)
