"""Thin Celery entries of the room."""

from celery import shared_task
from django.core.management import call_command

from lifecycle.jobs import RunningJob, handles

from .services import grants, notify, register_jobs


@shared_task(name="people.dispatch_mail")
def dispatch_mail() -> None:
    """Send what waits in the outbox."""
    notify.dispatch()


@shared_task(name="people.project_grants")
def project_grants() -> None:
    """Sweep the projection of role grants."""
    grants.project_grants()


@shared_task(name="people.clear_sessions")
def clear_sessions() -> None:
    """Forget the sessions that have ended."""
    call_command("clearsessions")


@handles(register_jobs.CHECK)
def check_register(job: RunningJob) -> None:
    """Check a long register file."""
    register_jobs.check(job)


@handles(register_jobs.IMPORT)
def import_register(job: RunningJob) -> None:
    """Import a long register file."""
    register_jobs.import_all(job)
