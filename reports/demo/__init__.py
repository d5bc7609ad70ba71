"""The demonstration fund: believable, invented, and lived through the services under the injected clock."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from lifecycle import clock
from people.enums import MailState
from people.models import Agency, Notification, User

from . import story
from .people import DOMAIN, add_agencies, add_people, password, renew_register

__all__ = ["DOMAIN", "DemoRefused", "load", "password"]


class DemoRefused(Exception):
    """The database is not empty, or the settings say production."""


def load() -> bool:
    """Fill an empty database; False when the demo fund is already there. Raises DemoRefused."""
    if settings.PRODUCTION:
        raise DemoRefused("The settings say production: a demonstration fund is refused.")
    if User.objects.filter(is_demo=True).exists():
        return False
    if User.objects.exclude(is_system=True).exists() or Agency.objects.exists():
        raise DemoRefused("The database holds other data. Load the demonstration fund into an empty one.")
    with transaction.atomic():
        _fill()
    return True


def _fill() -> None:
    """Live through fourteen months; what happened long ago is read, and nothing of it is mailed now."""
    with clock.frozen(clock.now() - timedelta(days=story.BEGIN)):
        people = add_people(add_agencies())
    story.tell(people)
    with clock.frozen(clock.now() - timedelta(days=20)):
        renew_register(people)
    Notification.objects.update(mail_state=MailState.SENT, sent_at=clock.now())
    Notification.objects.filter(created_at__lt=clock.now() - timedelta(days=10)).update(read_at=clock.now())
