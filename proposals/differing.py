"""How two versions of a proposal differ: whatever differs in what was frozen is shown, in words where it has some."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lifecycle.trail import canonical
from people.templatetags.fund import money

from .enums import CallSection, SectionKey
from .forms import section_form
from .reading import budget_rows, shown_answer


@dataclass(frozen=True)
class Difference:
    """One answer that changed."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Said:
    """One thing that a version says: the part of the content, its label, its words, and all that it holds."""

    part: str
    label: str
    words: str
    held: str


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """Return what changed between two versions' contents, in the order of the newer one; empty only for equal ones."""
    found, parts = [], set()
    old, new = _labelled(_said(before)), _labelled(_said(after))
    for label in [*new, *(label for label in old if label not in new)]:
        was, now = old.get(label), new.get(label)
        if was is None or now is None or was.held != now.held:
            found.append(_difference(label, was, now))
            parts.add((now or was).part)  # type: ignore[union-attr]
    return found + _unsaid(before, after, parts)


def _difference(label: str, was: Said | None, now: Said | None) -> Difference:
    """Put the two beside each other; where their words are the same, all that they hold is shown."""
    before, after = was.words if was else "", now.words if now else ""
    if was and now and before == after:
        before, after = (f"{before} ({more})" for more in _apart(json.loads(was.held), json.loads(now.held)))
    return Difference(label, before, after)


def _apart(was: Any, now: Any) -> tuple[str, str]:
    """Return what two holdings of the same words differ in."""
    if not (isinstance(was, dict) and isinstance(now, dict)):
        return canonical(was), canonical(now)
    names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    before, after = (", ".join(f"{HELD.get(name, name)} {said.get(name)}" for name in names) for said in (was, now))
    return before, after


HELD = {"as_of": "in the register of", "source": "known from", "number": "employee number", "file": "file number"}


def _labelled(said: Iterable[Said]) -> dict[str, Said]:
    """Return label -> what is said; the second of the same label is numbered."""
    found: dict[str, Said] = {}
    for row in said:
        label, number = row.label, 1
        while label in found:
            number += 1
            label = f"{row.label} ({number})"
        found[label] = row
    return found


def _said(content: dict[str, Any]) -> Iterator[Said]:
    """Yield what a version says, in the order of the form, as an approver reads it."""
    sections = content["sections"]
    order = [key for key in SectionKey if key in sections or key == SectionKey.BUDGET]
    for key in [*order, *sorted(set(sections) - set(SectionKey.values))]:
        yield from _money(content) if key == SectionKey.BUDGET else _answers(key, sections[key])
    for row in content.get("own_questions", []):
        yield Said("own_questions", f"{QUESTIONS}: {row['question']}", row["answer"], canonical(row))
    for p in content["partners"]:
        label = f"{p['name']}: days a month and part"
        yield Said("partners", label, f"{p['days']}, {p['contribution']}", canonical(p))
    for p in content["outside_partners"]:
        words = ", ".join(filter(None, (p["kind"], p["contribution"], p["interests"], p["letter"])))
        yield Said("outside_partners", f"Partner outside government: {p['name']}", words, canonical(p))
    for need in content["data_needs"]:
        yield Said("data_needs", f"Data of {need['owner']}: {need['dataset']}", need["answer"], canonical(need))
    for a in content["attachments"]:
        words = f"{a['description'] or 'no description'}, fingerprint {a['sha256'][:16]}"
        yield Said("attachments", f"Attached file: {a['name']}", words, canonical(a))
    for member in content["team"]:
        words = ", ".join(filter(None, (member["agency"], member["number"])))
        yield Said("team", f"Team: {member['name']}", words, canonical(member))


QUESTIONS = "Questions of this call"


def _answers(key: str, answers: dict[str, str]) -> Iterator[Said]:
    """Yield every answer of a section, also those that its reader is not shown."""
    known = key in SectionKey.values
    title = SectionKey(key).label if known else str(dict(CallSection.choices).get(key, key))
    fields = section_form(key)(initial=answers).fields if known else {}
    for name in [*(name for name in fields if name in answers), *(name for name in answers if name not in fields)]:
        field = fields.get(name)
        label = f"{title}: {field.label or name}" if field else f"{title}: {name}"
        words = shown_answer(field, answers[name]) if field else answers[name]
        yield Said(f"sections.{key}", label, words, canonical([name, answers[name]]))


def _money(content: dict[str, Any]) -> Iterator[Said]:
    """Yield the items and the sums; what was typed into the budget is told apart only where these do not tell it."""
    held = [*content["budget"]["items"], *([code, total] for code, total in content["budget"]["sums"].items())]
    for row, whole in zip(budget_rows(content), held, strict=False):
        yield Said("budget", f"{SectionKey.BUDGET.label}: {row.label}", row.value, canonical(whole))


TOLD_BY = {"sections.budget": "budget", "budget": "budget", "requested": "budget", "notices": "sections.measure"}


def _unsaid(before: dict[str, Any], after: dict[str, Any], parts: set[str]) -> list[Difference]:
    """Return what differs in parts of which no difference is shown yet, as it is stored."""
    old, new = _parts(before), _parts(after)
    return [
        Difference(NAMES.get(part, part), _plain(part, old.get(part)), _plain(part, new.get(part)))
        for part in [*new, *(part for part in old if part not in new)]
        if old.get(part) != new.get(part) and not {part, TOLD_BY.get(part, part)} & parts
        if part != "title" or not _names_itself(before) & _names_itself(after)
    ]


def _names_itself(content: dict[str, Any]) -> set[str]:
    """Return the sections in which the title stands as an answer, so that its change is told there."""
    return {key for key, said in content["sections"].items() if said.get("title") == content["title"]}


def _parts(content: dict[str, Any]) -> dict[str, Any]:
    sections = {f"sections.{key}": answers for key, answers in content["sections"].items()}
    return sections | {key: value for key, value in content.items() if key != "sections"}


NAMES = {
    "title": "Title", "call": "Call", "lead_agency": "Lead agency", "requested": "Asked for in all",
    "approver": "Who says yes for the agency", "sections.budget": "Budget, as it was typed", "budget": "Budget",
    "notices": "Notices", "team": "Team, its order", "partners": "Partner agencies, their order",
    "attachments": "Attached files, their order", "own_questions": "Questions of this call, their order",
}  # fmt: skip


def _plain(part: str, value: Any) -> str:
    if part == "requested" and isinstance(value, int):
        return money(value)
    return value if isinstance(value, str) else "" if value is None else canonical(value)
