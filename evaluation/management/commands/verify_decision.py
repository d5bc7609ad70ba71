"""`manage.py verify_decision BUNDLE.json`: recompute a decision offline; needs no database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluation.bundle_form import Differs
from evaluation.engine.objects import BadFile, read_object
from evaluation.verify import checks_of


class Command(BaseCommand):
    """Prints each check; the first that differs ends with status 1 and its name, a file that is none with status 2."""

    help = "Recompute every figure of a decision bundle and compare."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Check and print."""
        try:
            bundle = read_object(file)
        except BadFile as error:
            raise CommandError(str(error), returncode=2) from None
        count = 0
        try:
            for name in checks_of(bundle):
                self.stdout.write(f"ok  {name}")
                count += 1
        except Differs as no:
            raise CommandError(f"DIFFERS  {no}", returncode=1) from None
        self.stdout.write(f"All {count} checks hold.")
