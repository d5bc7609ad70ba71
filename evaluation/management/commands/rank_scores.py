"""`manage.py rank_scores FILE.csv --places K`: rank scores offline; needs no database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluation.engine.ranks import PRIORS, REML, BadPlaces, rank
from evaluation.engine.reading import read_scores
from evaluation.engine.scores import BadScores


class Command(BaseCommand):
    """Prints one JSON object; bad input ends with status 2 and one line that names row and column."""

    help = "Rank the scores of a csv file (proposal, reviewer, score and optionally panel)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, the number of places and the seed of the rank intervals."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--places", type=int, required=True, help="How many proposals the budget pays.")
        parser.add_argument("--prior", choices=PRIORS, default=REML, help="Where the spread of merits comes from.")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, file: Path, places: int, prior: str, seed: int, **options: Any) -> None:
        """Rank and print."""
        try:
            if seed < 0:
                raise BadPlaces("seed: a seed is not negative")
            found = rank(read_scores(file), places, seed, prior).as_json()
        except (BadScores, BadPlaces) as error:
            raise CommandError(str(error), returncode=2) from None
        self.stdout.write(json.dumps(found, indent=1, ensure_ascii=False))
