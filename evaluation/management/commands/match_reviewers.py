"""`manage.py match_reviewers FILE.json`: assign reviewers offline; needs no database."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluation.engine.demand_reading import BadDemand, read_demand
from evaluation.engine.matching import Infeasible, assign
from evaluation.management.quiet import without_library_words

IMPOSSIBLE = 3


class Command(BaseCommand):
    """Prints one JSON object; status 2 and one line for bad input, status 3 and the shortfall when there is none."""

    help = "Assign reviewers to proposals from a json file (scores, need, load_min, load_max, forbidden, groups)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Assign and print."""
        try:
            demand, maximin = read_demand(file)
        except BadDemand as error:
            raise CommandError(str(error), returncode=2) from None
        try:
            with without_library_words():
                found = assign(demand, maximin=maximin)
        except Infeasible as error:
            short = [
                {s.kind if s.kind != "rule" else "proposal": s.place, "needs": s.needs, "possible": s.possible,
                 "short": s.needs - s.possible, "words": s.words}
                for s in error.shortfalls
            ]  # fmt: skip
            self.stdout.write(json.dumps({"shortfall": short}, indent=1, ensure_ascii=False))
            sys.exit(IMPOSSIBLE)
        said = {
            "total": round(found.total, 6), "worst": round(found.worst, 6), "assignment": found.reviewers,
            **({"gap": round(found.gap, 6)} if maximin else {}),
        }  # fmt: skip
        self.stdout.write(json.dumps(said, indent=1))
