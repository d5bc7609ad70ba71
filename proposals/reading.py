"""A frozen version as people read it, and how two versions differ."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.forms import DateField, Field

from people.templatetags.fund import money

from .enums import SectionKey
from .forms import BUDGET_ROWS, section_form
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


def groups_of(content: dict[str, Any]) -> list[Group]:
    """Return the written sections of a version's content in the order of the form."""
    order = SMALL if SectionKey.SPARK in content["sections"] else FULL
    return [_group(key, content["sections"].get(key, {})) for key in order]


def _group(key: SectionKey, answers: dict[str, str]) -> Group:
    if key == SectionKey.BUDGET:
        return Group(key, key.label, _budget(answers))
    fields = section_form(key).base_fields
    rows = [Row(str(field.label), _shown(field, answers.get(name, ""))) for name, field in fields.items()]
    return Group(key, key.label, rows)


def _shown(field: Field, answer: str) -> str:
    if isinstance(field, DateField) and answer:
        day = date.fromisoformat(answer)
        return f"{day.day} {day:%B %Y}"
    return answer


def _budget(answers: dict[str, str]) -> list[Row]:
    rows = [(answers.get(f"item_{n}", ""), answers.get(f"amount_{n}", "")) for n in range(1, BUDGET_ROWS + 1)]
    return [Row(item, money(int(Decimal(amount) * 100)) if amount else "(no amount)") for item, amount in rows if item]


@dataclass(frozen=True)
class Difference:
    """One answer that changed."""

    label: str
    before: str
    after: str


def flat(content: dict[str, Any]) -> dict[str, str]:
    """Return label -> text of everything an approver agrees to."""
    said = {f"{g.title}: {row.label}": row.value for g in groups_of(content) for row in g.rows}
    said |= {f"{p['name']}: days a month and part": f"{p['days']}, {p['contribution']}" for p in content["partners"]}
    return said | {f"Team: {member['name']}": member["agency"] for member in content["team"]}


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """Return what changed between two versions' contents, in the order of the newer one."""
    old, new = flat(before), flat(after)
    labels = [*new, *(label for label in old if label not in new)]
    return [Difference(x, old.get(x, ""), new.get(x, "")) for x in labels if old.get(x, "") != new.get(x, "")]
