"""`manage.py verify_trail`: recompute every chain and name each fault."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from lifecycle.checkpoints import faults
from lifecycle.models import TrailEntry


class Command(BaseCommand):
    """Exit status 1 when any row was altered, removed or reordered."""

    help = "Recompute the hash-chained trail and name every row that was changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each fault on its own line, then the summary."""
        found = 0
        for fault in faults():
            found += 1
            self.stdout.write(f"FAULT {fault}")
        count = TrailEntry.objects.count()
        self.stdout.write(f"{count} entries checked, {found} faults")
        if found:
            sys.exit(1)
