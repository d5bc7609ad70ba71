"""`manage.py export_decision CALL`: print the decision bundle of a call, people as pseudonyms."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluation.bundle import bundle_of
from fund.models import Call


class Command(BaseCommand):
    """Prints one JSON object; an unknown call ends with status 2 and one line."""

    help = "Print all that a stranger needs to recompute the decisions of a call."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the reference of the call."""
        parser.add_argument("call", help="The reference in the address of its page.")

    def handle(self, *args: Any, call: str, **options: Any) -> None:
        """Print it."""
        found = Call.objects.filter(reference=call).first()
        if found is None:
            raise CommandError(f"call: there is no call {call!r}", returncode=2)
        self.stdout.write(json.dumps(bundle_of(found), indent=1, ensure_ascii=False))
