"""Two people change the same page: a merge of three texts, and what one chooses where both changed the same answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

CHOICES = ("mine", "saved", "both")


@dataclass(frozen=True)
class Merge:
    """The answers as they would stand; what both changed (`asked`), and what only the other changed (`brought`)."""

    answers: dict[str, str]
    asked: list[str]
    brought: list[str]


def merged(
    began: Mapping[str, str] | None, mine: Mapping[str, str], theirs: Mapping[str, str], table: Iterable[str] = ()
) -> Merge:
    """Merge `mine` with `theirs`, both made from `began`; None when it is not known any more, and then all is asked.

    What only one changed is kept. Where both changed it differently, mine stands in the answers and is asked about.
    The answers of `table` are one: rows that moved up cannot be told apart answer by answer.
    """
    names = [*mine, *(name for name in theirs if name not in mine)]
    whole = [name for name in names if name in set(table)]
    units = ([whole] if whole else []) + [[name] for name in names if name not in whole]
    answers, asked, brought = dict(mine), set[str](), set[str]()
    for unit in units:
        differing = [name for name in unit if mine.get(name, "") != theirs.get(name, "")]
        if began is None or (_changed(unit, began, mine) and _changed(unit, began, theirs)):
            asked.update(differing)
        elif _changed(unit, began, theirs):
            answers |= {name: theirs.get(name, "") for name in unit}
            brought.update(differing)
    return Merge(answers, [name for name in names if name in asked], [name for name in names if name in brought])


def _changed(unit: list[str], before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    return any(before.get(name, "") != after.get(name, "") for name in unit)


def rows_of(
    form: forms.Form,
    mine: Mapping[str, str],
    theirs: Mapping[str, str],
    words: Callable[[Any, str], str],
    only: Iterable[str] | None = None,
) -> list[dict[str, Any]]:
    """Return each answer in which the two differ, in the words of its field; `only` names those that are asked about.

    Without `only` all are shown, and mine is kept unless the other is chosen.
    """
    wanted = None if only is None else set(only)
    return [
        {
            "name": name, "label": field.label, "mine": words(field, mine.get(name, "")),
            "theirs": words(field, theirs.get(name, "")), "long": isinstance(field.widget, forms.Textarea),
            "chosen": form.data.get(f"take_{name}", "") if wanted is not None else "mine", "ask": wanted is not None,
        }
        for name, field in form.fields.items()
        if mine.get(name, "") != theirs.get(name, "") and (wanted is None or name in wanted)
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


def with_errors(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a clash page that was sent, with what to do beside each that nobody chose for."""
    return [
        row if row["chosen"] in CHOICES else row | {"error": f"Choose which text to keep: “{row['label']}”."}
        for row in rows
    ]


def labels_of(form: forms.Form, names: Iterable[str]) -> str:
    """Return the questions of these answers in one line."""
    wanted = set(names)
    return ", ".join(f"“{field.label}”" for name, field in form.fields.items() if name in wanted and field.label)


def shown(field: Any, value: str) -> str:
    """Return a value as its form words it: a choice by its label, a box as yes or no."""
    if isinstance(field, forms.BooleanField):
        return "Yes" if value else "No"
    choices = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    return choices.get(value, value)


def as_sent(form: forms.Form) -> dict[str, str]:
    """Return every value of a form as its browser sends it; an empty box is an empty text."""
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value in (None, False) else "on" if value is True else str(value)
            for name, value in values.items()}  # fmt: skip
