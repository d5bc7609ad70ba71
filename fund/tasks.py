"""Thin Celery entries of the room."""

from celery import shared_task

from .services import grants


@shared_task(name="fund.expire_offers")
def expire_offers() -> None:
    """Expire the offers that nobody signed in time."""
    grants.expire_due_offers()
