"""`manage.py measure_agreement FILE.csv --places K`: how far reviewers agree, offline; needs no database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluation.engine.reading import read_scores
from evaluation.engine.reliability import LEVELS, BadAgreement, Level, agreement
from evaluation.engine.scores import BadScores


class Command(BaseCommand):
    """Prints one JSON object; bad input ends with status 2 and one line that names row and column."""

    help = "Measure the agreement in a csv file (proposal, reviewer, score and optionally panel)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, the number of places and what kind of scores these are."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--places", type=int, required=True, help="How many proposals the budget pays.")
        parser.add_argument("--level", choices=LEVELS, default="interval", help="What the distance of scores means.")
        parser.add_argument("--preselected", action="store_true", help="Only the better proposals are in the file.")

    def handle(self, *args: Any, file: Path, places: int, level: Level, preselected: bool, **options: Any) -> None:
        """Measure and print."""
        try:
            found = agreement(read_scores(file), places, level, preselected=preselected).as_json()
        except (BadScores, BadAgreement) as error:
            raise CommandError(str(error), returncode=2) from None
        self.stdout.write(json.dumps(found, indent=1, ensure_ascii=False))
