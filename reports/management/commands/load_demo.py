"""`manage.py load_demo`: fill an empty database with the demonstration fund."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports import demo
from reports.demo.people import DOMAIN, PEOPLE


class Command(BaseCommand):
    """Repeatable: a second run changes nothing; other data or production is refused."""

    help = "Fill an empty database with the demonstration fund."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then print one line per account."""
        try:
            loaded = demo.load()
        except demo.DemoRefused as no:
            raise CommandError(str(no)) from no
        self.stdout.write("Demonstration fund loaded." if loaded else "The demonstration fund is already there.")
        for account, _, code, _, roles in PEOPLE:
            what = ", ".join(str(role.label) for role in roles) or "civil servant"
            self.stdout.write(f"  {account}@{DOMAIN:<14} {what} ({code})")
        self.stdout.write(f"  citizen@{DOMAIN}, admin@{DOMAIN}\n  password: {demo.password()}")
