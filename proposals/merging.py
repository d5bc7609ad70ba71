"""What one writer began from, so that the changes of two can be told apart; rows that both added are all kept."""

from collections.abc import Mapping
from dataclasses import replace

from lifecycle import trail
from people.clashes import Merge, merged

from .form_base import RowsForm, SectionForm
from .history import plain_lines, saves_of
from .models import Proposal, Section

Answers = Mapping[str, str]


def answers_at(proposal: Proposal, section: Section, version: int) -> dict[str, str] | None:
    """Return what the section said at `version`, from the trail; None when it cannot be told any more."""
    if version == section.version:
        return dict(section.answers)
    since = section.version - version
    if since < 0 or version < 0:
        return None
    entries = trail.entries_of(proposal).filter(action=f"saved_{section.key}")[:since]
    saves = list(saves_of(entries, section.answers))
    return saves[-1].before if len(saves) == since else None


def merge(form: SectionForm, began: Answers | None, mine: Answers, theirs: Answers) -> Merge:
    """Merge two people's answers to the same section; rows that both added are kept one after the other."""
    start, theirs = None if began is None else plain_lines(began), plain_lines(theirs)
    if not isinstance(form, RowsForm) or start is None:
        return merged(start, mine, theirs)
    names = tuple(form.row_fields(1))
    old, other, own = (_rows(names, said) for said in (start, theirs, mine))
    if _moved(old, other, names[0]) or _moved(old, own, names[0]):
        table = [name for name in {*start, *theirs, *mine} if _is_cell(names, name)]
        return merged(start, mine, theirs, table=table)
    added = [row for row in own[len(old) :] if row not in other[len(old) :]]
    if not added or not len(old) < len(other) <= form.most - len(added):
        return merged(start, mine, theirs)
    apart = _without(names, mine) | _numbered([*own[: len(old)], *other[len(old) :], *added])
    found = merged(start, apart, theirs)
    return replace(found, brought=[name for name, text in found.answers.items() if text != mine.get(name, "")])


def _moved(old: list[dict[str, str]], new: list[dict[str, str]], first: str) -> bool:
    """Tell whether a row was taken out or stands in another's place."""
    before = [row[first] for row in old]
    pairs = zip(before, (row[first] for row in new), strict=False)
    return len(new) < len(old) or any(was != now and now in before for was, now in pairs)


def _is_cell(names: tuple[str, ...], name: str) -> bool:
    head, _, number = name.rpartition("_")
    return head in names and number.isdigit()


def _rows(names: tuple[str, ...], said: Answers) -> list[dict[str, str]]:
    """Return the filled rows in their order."""
    numbers = sorted({int(name.rpartition("_")[2]) for name in said if _is_cell(names, name)})
    rows = [{name: said.get(f"{name}_{number}", "") for name in names} for number in numbers]
    return [row for row in rows if any(row.values())]


def _without(names: tuple[str, ...], said: Answers) -> dict[str, str]:
    return {name: text for name, text in said.items() if not _is_cell(names, name)}


def _numbered(rows: list[dict[str, str]]) -> dict[str, str]:
    return {f"{name}_{number}": text for number, row in enumerate(rows, 1) for name, text in row.items()}
