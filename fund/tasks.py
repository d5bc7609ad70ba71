"""Thin Celery entries of the room."""

from celery import shared_task

from lifecycle.jobs import RunningJob, handles

from .services import agreement_files, findings, grants, money_sheets, payments, quarters, reminding, subscriptions


@shared_task(name="fund.expire_offers")
def expire_offers() -> None:
    """Expire the offers that nobody signed in time."""
    grants.expire_due_offers()


@shared_task(name="fund.tell_of_opened")
def tell_of_opened() -> None:
    """Tell subscribers which calls have opened."""
    subscriptions.tell_of_opened()


@shared_task(name="fund.remind")
def remind() -> None:
    """Open what its day has come for, reports and payments; remind of milestones, reports and answers to the audit."""
    quarters.open_due()
    payments.open_due()
    reminding.remind()
    findings.remind()


@handles(agreement_files.NAME)
def make_agreement(job: RunningJob) -> None:
    """Make the PDF of one version of an agreement."""
    agreement_files.make(job)


@handles(money_sheets.NAME)
def make_money_sheet(job: RunningJob) -> None:
    """Make a sheet of budgets, of one line's ledger, or the reconciliation of a year."""
    money_sheets.make(job)
