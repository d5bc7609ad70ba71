"""`manage.py draw_lots FILE.json`: draw or redraw lots offline; needs no database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluation.engine.lots import BadLots, commitment, digest_of_list, draw
from evaluation.engine.objects import BadFile, read_object


class Command(BaseCommand):
    """Prints one JSON object; bad input ends with status 2 and one line that names the field."""

    help = "Draw the lots of a json file (labels, code, randomness in hexadecimal digits)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Draw and print."""
        try:
            labels, code, randomness = _read(file)
            order = draw(labels, code, randomness)
        except BadLots as error:
            raise CommandError(str(error), returncode=2) from None
        found = {
            "commitment": commitment(code), "list": digest_of_list(labels),
            "order": [{"label": lot.label, "key": lot.key} for lot in order],
        }  # fmt: skip
        self.stdout.write(json.dumps(found, indent=1, ensure_ascii=False))


def _read(file: Path) -> tuple[list[str], str, str]:
    try:
        said = read_object(file)
    except BadFile as error:
        raise BadLots(str(error)) from None
    labels = said.get("labels")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise BadLots("labels: not a list of texts")
    for field in ("code", "randomness"):
        if not isinstance(said.get(field), str):
            raise BadLots(f"{field}: missing, or not a text")
    for field, text in [("code", said["code"]), *(("labels", label) for label in labels)]:
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise BadLots(f"{field}: {text!r} holds half a character")
    return labels, said["code"], said["randomness"]
