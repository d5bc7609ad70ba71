"""`manage.py restore FILE [--yes] [--dry-run]`: put a backup back."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lifecycle import backups, checkpoints, dumps


class Command(BaseCommand):
    """Says first what would be replaced; a database that holds anything is replaced only with --yes."""

    help = "Replace database, stored files, checkpoints and secret key by those of a backup."

    def add_arguments(self, parser: Any) -> None:
        """Take the file and the consent."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--yes", action="store_true", help="replace a database that is not empty")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be replaced")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, say, ask for the word, restore, and check what was restored."""
        source: Path = options["file"]
        try:
            self._announce(backups.look(source))
            if options["dry_run"]:
                return
            if backups.holds_anything() and not options["yes"]:
                raise CommandError("This database is not empty, so nothing was changed. To replace it add YES=1.")
            found = backups.restore(source)
        except backups.BackupRefused as no:
            raise CommandError(str(no)) from no
        wrong = [*backups.differences(found), *checkpoints.faults()]
        for fault in wrong:
            self.stdout.write(f"FAULT {fault}")
        if wrong:
            raise CommandError("Restored, but not whole: see above.")
        self.stdout.write("Restored. Every count, file and chain agrees with the backup. Start with make run.")

    def _announce(self, found: backups.Backup) -> None:
        now = {table: count for table, count in dumps.counts().items() if count != found.rows.get(table, 0)}
        self.stdout.write(f"Backup of {found.made_at}: {sum(found.rows.values())} rows, {len(found.files)} files.")
        if now:
            self.stdout.write(f"It would replace what is in {settings.DATA_DIR} and these tables:")
        for table, count in sorted(now.items()):
            self.stdout.write(f"  {table}: {count} rows now, {found.rows.get(table, 0)} in the backup")
