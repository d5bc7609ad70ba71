"""Thin Celery entries of the room."""

from celery import shared_task

from .services import grants, notify


@shared_task(name="people.dispatch_mail")
def dispatch_mail() -> None:
    """Send what waits in the outbox."""
    notify.dispatch()


@shared_task(name="people.project_grants")
def project_grants() -> None:
    """Sweep the projection of role grants."""
    grants.project_grants()
