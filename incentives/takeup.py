"""Take-up of recognition by group, and what was promised against what was granted; small groups are hidden."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from people.enums import AgencyKind
from people.models import Agency, EmploymentSnapshot
from people.policies import heads_of

from .enums import FactKind, FactValue, NominationState, Wish
from .models import HrFact, Nomination, RecordHolder

LEAST = 5  # people; a smaller group could be recognised
FEW = f"fewer than {LEAST}"
HIDDEN = "hidden"
CENTRAL = "Ministries and central agencies"
NOT_KNOWN = "Not known"
Cell = tuple[str, int]  # name of the row, place of the column
COLUMNS = ("In the register", "With a verified record", "Nominated", "Granted")


@dataclass(frozen=True)
class Group:
    """One row: its name and a cell of each column, as people read it."""

    name: str
    cells: tuple[str, ...]


def suppressed(counts: Mapping[str, Sequence[int]], *, rows_add_up: bool = False) -> list[Group]:
    """Return the rows with every cell of 1 to 4 people hidden, and one more where it could be worked out.

    Where exactly one cell of a column is hidden, somebody who knows the sum could subtract: the smallest other cell
    of the column that is not 0 is hidden as well, and likewise along a row whose first cell is the sum of the others.
    A group of fewer than five people is hidden as a whole.
    """
    names = sorted(counts, key=lambda name: (name == NOT_KNOWN, name))
    cells = {(name, place): figure for name in names for place, figure in enumerate(counts[name])}
    hidden = {(n, p) for (n, p), figure in cells.items() if 0 < figure < LEAST or 0 < counts[n][0] < LEAST}
    width = len(next(iter(counts.values()), ()))
    lines = [[(name, place) for name in names] for place in range(width)]
    lines += [[(name, place) for place in range(width)] for name in names] if rows_add_up else []
    while more := {cell for line in lines for cell in _given_away(line, cells, hidden)}:
        hidden |= more
    return [
        Group(name, tuple(_cell(cells[name, place], (name, place) in hidden) for place in range(width)))
        for name in names
    ]


def _given_away(line: Sequence[Cell], cells: Mapping[Cell, int], hidden: set[Cell]) -> list[Cell]:
    """Return the cell to hide as well where only one of the line is hidden."""
    told = [cell for cell in line if cell not in hidden and cells[cell]]
    alone = sum(cell in hidden for cell in line) == 1
    return [min(told, key=lambda cell: cells[cell])] if alone and told else []


def _cell(figure: int, hidden: bool) -> str:
    if not hidden:
        return str(figure)
    return FEW if figure < LEAST else HIDDEN


def take_up() -> dict[str, list[Group]]:
    """Return name of grouping -> rows of COLUMNS; the same number of queries for any number of people."""
    people = groups_of_people()
    facts = [set(people), *_reached()]
    return {
        title: suppressed(_counted({pk: names[place] for pk, names in people.items()}, facts))
        for place, title in enumerate(("Dzongkhag", "Position level", "Gender"))
    }


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
    return suppressed(counts, rows_add_up=True)


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
