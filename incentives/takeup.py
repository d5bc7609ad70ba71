"""Take-up of recognition by group, and what was promised against what was granted; see `disclosure` for figures."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from people.enums import AgencyKind
from people.models import Agency, EmploymentSnapshot
from people.policies import heads_of

from . import disclosure
from .enums import FactKind, FactValue, NominationState, Wish
from .models import HrFact, Nomination, RecordHolder

CENTRAL = "Ministries and central agencies"
NOT_KNOWN = "Not known"
Table = Mapping[str, Sequence[int]]  # name of the row -> its figures
COLUMNS = ("In the register", "With a verified record", "Nominated", "Granted")


@dataclass(frozen=True)
class Group:
    """One row: its name and a cell of each column, as people read it."""

    name: str
    cells: tuple[str, ...]


def told_together(
    tables: Mapping[str, Table], *, inside: Mapping[str, tuple[str, Mapping[str, str]]] | None = None
) -> dict[str, list[Group]]:
    """Return each table as people read it: every table groups the same people, so that no column gives another away.

    `inside` names, for a finer table, the coarser one and in which of its rows each row lies.
    """
    inside = inside or {}
    width = max((len(line) for rows in tables.values() for line in rows.values()), default=0)
    columns = [_column(tables, place, inside) for place in range(width)]
    return {
        title: [Group(name, tuple(column[title, name] for column in columns)) for name in _in_order(rows)]
        for title, rows in tables.items()
    }


def told_apart(rows: Table, *, first_is_sum: bool = False) -> list[Group]:
    """Return rows that do not make up a whole; `first_is_sum` where the first cell of a row is that of the others."""
    found = []
    for name in rows:
        cells = [(name, str(place)) for place in range(len(rows[name]))]
        sums = [(cells[0], cells[1:])] if first_is_sum else []
        words = disclosure.told(dict(zip(cells, rows[name], strict=True)), sums)
        found.append(Group(name, tuple(words[cell] for cell in cells)))
    return found


def _column(
    tables: Mapping[str, Table], place: int, inside: Mapping[str, tuple[str, Mapping[str, str]]]
) -> dict[disclosure.Key, str]:
    """Return one column of all tables in words."""
    figures: dict[disclosure.Key, int] = {}
    parts: dict[tuple[disclosure.Key, str], list[disclosure.Key]] = defaultdict(list)
    for title, rows in tables.items():
        coarser, row_of = inside.get(title, ("", {}))
        for name, line in rows.items():
            figures[title, name] = line[place]
            parts[(coarser, row_of.get(name, "")), title].append((title, name))
    return disclosure.told(figures, [(whole, some) for (whole, _), some in parts.items()])


def _in_order(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (name == NOT_KNOWN, name))


def take_up() -> dict[str, list[Group]]:
    """Return name of grouping -> rows of COLUMNS; the same number of queries for any number of people."""
    people = groups_of_people()
    facts = [set(people), *_reached()]
    return told_together({
        title: _counted({pk: names[place] for pk, names in people.items()}, facts)
        for place, title in enumerate(("Dzongkhag", "Position level", "Gender"))
    })  # fmt: skip


def groups_of_people() -> dict[int, tuple[str, str, str]]:
    """Return person -> (dzongkhag, level, gender) of everybody in active service."""
    posts: dict[int, EmploymentSnapshot] = {}
    for row in EmploymentSnapshot.objects.filter(person__is_active=True).only("person_id", "agency_id", "level"):
        posts.setdefault(row.person_id, row)
    heads = heads_of({row.agency_id for row in posts.values()})
    places = dict(Agency.objects.filter(kind=AgencyKind.DZONGKHAG).values_list("pk", "name"))
    genders: dict[int, str] = {}
    for person, value in HrFact.objects.filter(kind=FactKind.GENDER).values_list("person", "value"):
        genders.setdefault(person, FactValue(value).label)
    return {
        pk: (places.get(heads[row.agency_id], CENTRAL), row.level, genders.get(pk, NOT_KNOWN))
        for pk, row in posts.items()
    }


def _reached() -> list[set[int]]:
    """Return who has a verified record, who was nominated, who was granted something that stands."""
    sent = Nomination.objects.exclude(state__in=[NominationState.DRAFTED, NominationState.WITHDRAWN])
    granted = Nomination.objects.filter(state=NominationState.RESULT_RECORDED).exclude(granted="")
    return [
        set(RecordHolder.objects.filter(listed=True).values_list("person", flat=True)),
        set(sent.values_list("person", flat=True)), set(granted.values_list("person", flat=True)),
    ]  # fmt: skip


def _counted(groups: Mapping[int, str], facts: Iterable[set[int]]) -> dict[str, list[int]]:
    columns = [Counter(groups[pk] for pk in reached if pk in groups) for reached in facts]
    return {name: [column[name] for column in columns] for name in set(groups.values())}


def promised_and_granted() -> list[Group]:
    """Return per wish: how many wished, how many got it, something else, nothing, and how many still wait."""
    counts: dict[str, list[int]] = {wish.label: [0] * 5 for wish in Wish}
    rows = Nomination.objects.exclude(state__in=[NominationState.DRAFTED, NominationState.WITHDRAWN])
    for wish, state, granted in rows.values_list("wish", "state", "granted"):
        line = counts[Wish(wish).label]
        line[0] += 1
        line[_fate(wish, state, granted)] += 1
    return told_apart(counts, first_is_sum=True)


PROMISED = ("Wished", "Granted as wished", "Something else granted", "Not granted", "Waiting")


def _fate(wish: str, state: str, granted: str) -> int:
    if state not in (NominationState.RESULT_RECORDED, NominationState.REVOKED, NominationState.NOT_ENDORSED):
        return 4
    if state == NominationState.RESULT_RECORDED and granted:
        return 1 if granted == wish else 2
    return 3


def as_rows(groupings: Mapping[str, Iterable[Group]]) -> list[list[str]]:
    """Return the rows of a sheet: grouping, group, and each cell."""
    return [[title, group.name, *group.cells] for title, groups in groupings.items() for group in groups]
