"""Run every stored evaluation again, compare the bytes, and each with what the trail says of it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incentives.models import EligibilityRun
from incentives.services.eligibility import faults_of, fingerprints, removed

CHUNK = 500


class Command(BaseCommand):
    """Names each evaluation that was altered, was removed or no longer gives the same answer."""

    help = "Run every stored evaluation again; exit code 1 on a difference."

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare all."""
        rows = EligibilityRun.objects.select_related("policy").order_by("pk")
        count, last, faults = 0, 0, 0
        while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
            told, last = fingerprints(row.pk for row in chunk), chunk[-1].pk
            count += len(chunk)
            for row in chunk:
                for fault in faults_of(row, told.get(row.pk, "")):
                    faults += 1
                    self.stdout.write(f"evaluation {row.pk} of {row.day}: {fault}")
        for pk in removed():
            faults += 1
            self.stdout.write(f"evaluation {pk}: it was removed")
        self.stdout.write(f"{count} evaluations, {faults} faults")
        if faults:
            raise CommandError(f"{faults} faults in stored evaluations.")
