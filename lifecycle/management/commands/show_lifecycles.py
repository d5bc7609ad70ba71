"""`manage.py show_lifecycles`: print the state machines as markdown."""

from typing import Any

from django.core.management.base import BaseCommand

from lifecycle.tables import document


class Command(BaseCommand):
    """Print tables and diagrams of every lifecycle."""

    help = "Print the state machines as markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the document to standard output."""
        self.stdout.write(document(), ending="")
