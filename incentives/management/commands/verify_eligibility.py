"""Run every stored evaluation again and compare the bytes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incentives.models import EligibilityRun
from incentives.services.eligibility import again


class Command(BaseCommand):
    """Names each evaluation that no longer gives the same answer."""

    help = "Run every stored evaluation again; exit code 1 on a difference."

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare all."""
        count, faults = 0, 0
        for row in EligibilityRun.objects.select_related("policy").order_by("pk").iterator(chunk_size=500):
            count += 1
            if again(row) != row.result:
                faults += 1
                self.stdout.write(f"evaluation {row.pk} of {row.day} gives another answer")
        self.stdout.write(f"{count} evaluations, {faults} differences")
        if faults:
            raise CommandError(f"{faults} evaluations gave another answer.")
