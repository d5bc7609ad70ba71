"""The page that shows what somebody typed and that did not arrive, with a button that sends it."""

import html
import re
from copy import copy
from dataclasses import dataclass
from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.response import SimpleTemplateResponse
from django.utils.html import strip_tags

from .kept import AROUND, is_typed

FORGET = "forget_typed"  # the button that throws the text away
LABEL = re.compile(r'<label[^>]*\bfor="id_([^"]+)"[^>]*>(.*?)</label>', re.DOTALL)
LINE = 26  # letters of a text in one line of a phone's box


@dataclass(frozen=True)
class Piece:
    """One value of a form: what a person typed is shown and can be changed, the rest goes along unseen."""

    name: str
    value: str
    label: str
    typed: bool

    @property
    def rows(self) -> int:
        """Return how high its box is."""
        return min(self.value.count("\n") + len(self.value) // LINE + 1, 10)


def labels_of(request: HttpRequest) -> dict[str, str]:
    """Return field -> label as the page that one wrote on words it; empty where it is not open any more."""
    match, looks = request.resolver_match, copy(request)
    looks.method = "GET"
    if match is None:
        return {}
    try:
        shown = match.func(looks, *match.args, **match.kwargs)
    except (Http404, PermissionDenied):
        return {}
    if isinstance(shown, SimpleTemplateResponse):
        shown.render()
    text = shown.content.decode() if isinstance(shown, HttpResponse) else ""
    return {name: html.unescape(strip_tags(label)).strip() for name, label in LABEL.findall(text)}


def pieces_of(said: QueryDict, labels: dict[str, str]) -> list[Piece]:
    """Return every value that a form sent, in its order."""
    return [
        Piece(name, value, labels.get(name) or name.replace("_", " ").capitalize(),
              name not in AROUND and is_typed(value))
        for name, values in said.lists() for value in values
    ]  # fmt: skip


def page(request: HttpRequest, said: QueryDict, status: int = 200) -> HttpResponse:
    """Return the page; with 403 it says that the form was old, and otherwise that the session had ended."""
    context = {"pieces": pieces_of(said, labels_of(request)), "forget": FORGET, "old": status != HTTPStatus.OK}
    return render(request, "people/typed.html", context, status=status)
