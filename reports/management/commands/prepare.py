"""`manage.py prepare`: bring database, cache table and demonstration fund to what the code expects."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from lifecycle import fingerprint
from reports import demo
from reports.demo import rebuilding

LATER = "Nothing was changed. Move this database away (or set DATA_DIR or DATABASE_URL to another) and start again."
YES = ("y", "yes")


class Command(BaseCommand):
    """One process instead of three; a database that was built by rewritten migrations is never migrated."""

    help = "Migrate, make the cache table, and load the demonstration fund into an empty database."

    def add_arguments(self, parser: Any) -> None:
        """Say whether the demonstration fund is wanted."""
        parser.add_argument("--without-demo", action="store_true", help="do not load the demonstration fund")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare the fingerprint, migrate, remember; then load the demonstration fund."""
        misfits = fingerprint.misfits()
        if misfits:
            self._rebuild(misfits)
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        fingerprint.remember()
        if not options["without_demo"] and not settings.PRODUCTION:
            self._load()

    def _rebuild(self, misfits: list[str]) -> None:
        """Throw a demonstration fund away when the person agrees; CommandError otherwise."""
        self.stdout.write("This database no longer fits the code: its tables were made by an earlier text of")
        self.stdout.write("the migrations. " + "; ".join(misfits[:3]) + ("; and more." if misfits[3:] else "."))
        if not rebuilding.is_only_demo():
            raise CommandError(f"It holds more than the demonstration fund, so it is left alone. {LATER}")
        if not _agreed():
            raise CommandError(f"To build the demonstration fund anew: REBUILD_DEMO=1 make run. {LATER}")
        rebuilding.throw_away()
        self.stdout.write("The old demonstration fund is gone; building a new one.")

    def _load(self) -> None:
        try:
            if demo.load():
                self.stdout.write(f"Demonstration fund loaded. Password of lead@{demo.DOMAIN}: {demo.password()}")
        except demo.DemoRefused as no:
            self.stdout.write(str(no))


def _agreed() -> bool:
    """Ask whether to rebuild: REBUILD_DEMO=1, or yes at a terminal."""
    if os.environ.get("REBUILD_DEMO") == "1":
        return True
    if not sys.stdin.isatty():
        return False
    answer = input("It holds the demonstration fund only. Throw it away and build it anew? [y/N] ")
    return answer.strip().lower() in YES
