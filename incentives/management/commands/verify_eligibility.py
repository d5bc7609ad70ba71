"""Run every stored evaluation again and compare the bytes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incentives.models import EligibilityRun
from incentives.services.eligibility import faults_of


class Command(BaseCommand):
    """Names each evaluation that was altered or no longer gives the same answer."""

    help = "Run every stored evaluation again; exit code 1 on a difference."

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare all."""
        count, faults = 0, 0
        for row in EligibilityRun.objects.select_related("policy").order_by("pk").iterator(chunk_size=500):
            count += 1
            for fault in faults_of(row):
                faults += 1
                self.stdout.write(f"evaluation {row.pk} of {row.day}: {fault}")
        self.stdout.write(f"{count} evaluations, {faults} faults")
        if faults:
            raise CommandError(f"{faults} faults in stored evaluations.")
