"""`manage.py backup [FILE]`: everything in one file, made while the product serves."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lifecycle import backups, clock
from lifecycle.dumps import DumpFailed


class Command(BaseCommand):
    """Ends with status 1 and no file when anything could not be copied."""

    help = "Copy database, stored files, checkpoints and secret key into one file."

    def add_arguments(self, parser: Any) -> None:
        """Take the file; by default one named by the time, in the data folder."""
        parser.add_argument("file", nargs="?", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and say what is in it."""
        name = f"fund-{clock.now():%Y%m%dT%H%M%S}.tar.gz"
        target = options["file"] or Path(settings.DATA_DIR) / "backups" / name
        try:
            made = backups.make(target)
        except (DumpFailed, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from error
        rows = sum(made.rows.values())
        self.stdout.write(f"{target}: {rows} rows in {len(made.rows)} tables, {len(made.files)} files.")
        self.stdout.write("It holds personal data" + (" and the secret key." if backups.KEY in made.files else "."))
