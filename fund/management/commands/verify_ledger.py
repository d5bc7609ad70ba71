"""`manage.py verify_ledger`: recompute every total from the entries and name each fault."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from fund.models import LedgerEntry
from fund.services.verifying import faults


class Command(BaseCommand):
    """Exit status 1 when any total or balance does not follow from the entries."""

    help = "Recompute the ledger and name every number that does not follow from its entries."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each fault on its own line, then the summary."""
        found = 0
        for fault in faults():
            found += 1
            self.stdout.write(f"FAULT {fault}")
        self.stdout.write(f"{LedgerEntry.objects.count()} entries checked, {found} faults")
        if found:
            sys.exit(1)
