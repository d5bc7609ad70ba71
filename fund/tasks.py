"""Thin Celery entries of the room."""

from celery import shared_task

from .services import grants, subscriptions


@shared_task(name="fund.expire_offers")
def expire_offers() -> None:
    """Expire the offers that nobody signed in time."""
    grants.expire_due_offers()


@shared_task(name="fund.tell_of_opened")
def tell_of_opened() -> None:
    """Tell subscribers which calls have opened."""
    subscriptions.tell_of_opened()
