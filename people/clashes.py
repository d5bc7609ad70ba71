"""Two people change the same page: both texts side by side, and what one chooses of them."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms


def rows_of(
    form: forms.Form, mine: Mapping[str, str], theirs: Mapping[str, str], words: Callable[[Any, str], str]
) -> list[dict[str, Any]]:
    """Return each answer in which the two differ, in the words of its field, for the clash page."""
    return [
        {
            "name": name, "label": field.label, "mine": words(field, mine.get(name, "")),
            "theirs": words(field, theirs.get(name, "")), "long": isinstance(field.widget, forms.Textarea),
        }
        for name, field in form.fields.items()
        if mine.get(name, "") != theirs.get(name, "")
    ]  # fmt: skip


def taken(form: forms.Form, answers: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """Return the answers after the choices of the clash page: mine, the saved one, or both one after the other."""
    chosen = dict(answers)
    for name in form.fields:
        choice = form.data.get(f"take_{name}")
        if choice == "saved":
            chosen[name] = theirs.get(name, "")
        elif choice == "both" and answers.get(name, "") != theirs.get(name, ""):
            chosen[name] = f"{theirs.get(name, '')}\n\n{answers.get(name, '')}".strip()
    return chosen
