"""A frozen version as people read it, and how two versions differ."""

import re
from dataclasses import dataclass
from typing import Any

from django.forms import ChoiceField, DateField, Field

from people.templatetags.fund import money

from .enums import CallSection, Domain, Effect, SectionKey
from .form_base import day_in_words
from .forms import section_form
from .lane import FULL, SMALL


@dataclass(frozen=True)
class Row:
    """One question with its answer."""

    label: str
    value: str


@dataclass(frozen=True)
class Group:
    """One section."""

    key: str
    title: str
    rows: list[Row]


def groups_of(content: dict[str, Any], *, for_reviewer: bool = False) -> list[Group]:
    """Return the written sections of a version's content in the order of the form, then the call's own questions.

    An optional section that nobody touched is left out. A reviewer is kept from the answers that the call hides.
    """
    order = SMALL if SectionKey.SPARK in content["sections"] else FULL
    found = [_group(key, content["sections"].get(key, {}), content) for key in order]
    groups = [group for group in found if group.rows or group.key != SectionKey.WELLBEING]
    asked = [row for row in content.get("own_questions", []) if not (for_reviewer and row["hidden"])]
    if not asked:
        return groups
    rows = [Row(row["question"], row["answer"]) for row in asked]
    return [*groups, Group(CallSection.QUESTIONS, "Questions of this call", rows)]


def _group(key: SectionKey, answers: dict[str, str], content: dict[str, Any]) -> Group:
    if key == SectionKey.BUDGET:
        return Group(key, key.label, budget_rows(content))
    if key == SectionKey.WELLBEING:
        return Group(key, key.label, _wellbeing(answers))
    fields = section_form(key)(initial=answers).fields
    rows = [(str(field.label), shown_answer(field, answers.get(name, "")), name) for name, field in fields.items()]
    kept = [Row(label, value) for label, value, name in rows if value or not re.search(r"_\d+$|^second_", name)]
    return Group(key, key.label, kept)


def shown_answer(field: Field, answer: str) -> str:
    """Return a stored answer in the words of its form: a choice by its label, a day written out."""
    if isinstance(field, DateField) and answer:
        return day_in_words(answer)
    if isinstance(field, ChoiceField):
        return str(dict(field.choices).get(answer, answer)) if answer else ""  # type: ignore[arg-type]
    return answer


def _wellbeing(answers: dict[str, str]) -> list[Row]:
    said = [(key, answers.get(f"effect_{key}", ""), answers.get(f"harm_{key}", "")) for key in Domain]
    return [Row(key.label, f"{_effect(e)}{f': {harm}' if harm else ''}") for key, e, harm in said if e]


def _effect(answer: str) -> str:
    return str(dict(Effect.choices).get(answer, answer))  # a draft keeps what was typed


def budget_rows(content: dict[str, Any]) -> list[Row]:
    """Return one row an item, and then the sum of each agency; of a small idea the amounts alone."""
    if SectionKey.SPARK in content["sections"]:
        return [Row(item["item"], money(item["total"])) for item in content["budget"]["items"]]
    names = {partner["agency"]: partner["name"] for partner in content["partners"]}
    budget = content["budget"]
    rows = [
        Row(
            item["item"],
            f"{item['count']:,} {item['unit'] or '×'} at {money(item['cost'])} = {money(item['total'])}"
            + (f", {names.get(item['agency'], item['agency'])}" if item["agency"] else "")  # hidden from reviewers
            + (f" (cost known from: {item['source']})" if item.get("source") else ""),
        )
        for item in budget["items"]
    ]
    return rows + [
        Row(f"Sum of {names.get(code, code)}", money(total)) for code, total in budget["sums"].items() if rows
    ]
