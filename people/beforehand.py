"""What a room asks before somebody acts on its rows at the one page of acts, and what it writes down afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse

Ask = Callable[[HttpRequest, Any], HttpResponse | None]
WriteDown = Callable[[HttpRequest, Any, str], None]


def _ask_nothing(request: HttpRequest, row: Any) -> HttpResponse | None:
    return None


def _write_nothing(request: HttpRequest, row: Any, label: str) -> None:
    return None


@dataclass(frozen=True)
class Beforehand:
    """`ask` returns what is shown in place of the act, or None; `write_down` gets the label of what was done."""

    ask: Ask = _ask_nothing
    write_down: WriteDown = _write_nothing


_of_models: dict[str, Beforehand] = {}


def set_beforehand(label: str, *, ask: Ask, write_down: WriteDown) -> None:
    """Register both for the model `label`."""
    _of_models[label] = Beforehand(ask, write_down)


def beforehand_of(row: models.Model) -> Beforehand:
    """Return what is registered for the model of a row."""
    return _of_models.get(row._meta.label, Beforehand())
