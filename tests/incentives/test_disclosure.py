"""Numbers of people: neither a cell, nor subtracting, nor a moved threshold tells how many a group under five has."""

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from incentives.disclosure import FEW, HIDDEN, LEAST, told
from incentives.services.simulation import FAMILIES
from incentives.takeup import told_apart, told_together

LEVELS = ("P1", "P2", "P3", "S1", "S2", "O1")
FAMILY_OF = {level: FAMILIES[level.rstrip("0123456789")] for level in LEVELS}
INSIDE = {"Level": ("Family", FAMILY_OF)}
ALONE = {("table", str(figure)): figure for figure in range(60)}
POSSIBLE = defaultdict(set)  # what is told of a figure by itself -> what it can be
for (_, name), words in told(ALONE).items():
    POSSIBLE[words].add(int(name))

people = st.lists(
    st.tuples(st.sampled_from(LEVELS), st.sampled_from(("Woman", "Man")), st.integers(0, 400)), min_size=1, max_size=40
)


def tables_of(everybody, threshold=0):
    """The tables of a simulation: how many there are, and how many of them have at least so many tenths."""
    groupings = {
        "Everybody": ["all"] * len(everybody), "Family": [FAMILY_OF[level] for level, _, _ in everybody],
        "Level": [level for level, _, _ in everybody], "Gender": [gender for _, gender, _ in everybody],
    }  # fmt: skip
    tables = {}
    for title, names in groupings.items():
        enough = Counter(name for name, (*_, tenths) in zip(names, everybody, strict=True) if tenths >= threshold)
        tables[title] = {name: [count, enough[name]] for name, count in Counter(names).items()}
    return tables


def test_nought_reads_as_any_other_few_and_the_rest_is_rounded():
    assert [told_apart({"": [figure]})[0].cells[0] for figure in (0, 1, 4, 5, 7, 8, 11, 12, 13, 98)] == [
        FEW, FEW, FEW, "5", "5", "10", "10", "10", "15", "100",
    ]  # fmt: skip


def test_row_of_twelve_with_eleven_does_not_name_the_one():
    assert told_apart({"Paro": [12, 11]})[0].cells == ("10", "10")


def test_two_few_that_their_sum_would_give_away_are_hidden_with_it():
    """Eight are told as 10, so at least eight: two groups of at most four could only be four each."""
    rows = told_together({"Family": {"P": [8]}, "Level": {"P1": [4], "P2": [4]}}, inside={"Level": ("Family", {
        "P1": "P", "P2": "P"})})  # fmt: skip
    assert [group.cells[0] for group in rows["Family"] + rows["Level"]] == ["10", HIDDEN, HIDDEN]


@given(people)
def test_no_cell_tells_a_small_figure(everybody):
    for title, rows in told_together(tables := tables_of(everybody, 200), inside=INSIDE).items():
        for group in rows:
            for cell, figure in zip(group.cells, tables[title][group.name], strict=True):
                assert cell in (FEW, HIDDEN) if figure < LEAST else cell == HIDDEN or int(cell) % 5 == 0


def test_everything_told_together_leaves_each_small_figure_open():
    """Everybody, two families, three levels and two genders of at most 14 people, each way they can be: from all that
    is told, also from what is hidden, no figure under five follows."""
    behind = defaultdict(lambda: defaultdict(set))  # what is told -> figure -> what it can be
    family_of = {"P1": "P", "P2": "P", "S1": "S"}
    for figures in _ways(14):
        first, second, third, woman = figures
        everybody = first + second + third
        tables = {
            "Everybody": {"all": [everybody]}, "Family": {"P": [first + second], "S": [third]},
            "Level": {"P1": [first], "P2": [second], "S1": [third]},
            "Gender": {"Man": [everybody - woman], "Woman": [woman]},
        }  # fmt: skip
        rows = told_together(tables, inside={"Level": ("Family", family_of)})
        answer = tuple(group.cells[0] for groups in rows.values() for group in groups)
        for title, table in tables.items():
            for name, (figure,) in table.items():
                behind[answer][title, name].add(figure)
    assert any(HIDDEN in answer for answer in behind)
    for answer, cells in behind.items():
        for cell, possible in cells.items():
            assert len(possible) > 1 or min(possible) >= LEAST, (answer, cell, possible)


def _ways(most):
    for everybody in range(most + 1):
        for first in range(everybody + 1):
            for second in range(everybody - first + 1):
                for woman in range(everybody + 1):
                    yield first, second, everybody - first - second, woman


@given(people, st.integers(1, 400))
def test_difference_of_a_family_and_its_levels_is_no_small_figure(everybody, threshold):
    tables = told_together(tables_of(everybody, threshold), inside=INSIDE)
    for place in (0, 1):
        cells = {title: {group.name: group.cells[place] for group in rows} for title, rows in tables.items()}
        for family, whole in cells["Family"].items():
            parts = [cells["Level"][level] for level in cells["Level"] if FAMILY_OF[level] == family]
            for left_out in range(len(parts)):
                others = parts[:left_out] + parts[left_out + 1 :]
                if parts[left_out] == FEW and HIDDEN not in (whole, *others):
                    low = min(POSSIBLE[whole]) - sum(max(POSSIBLE[part]) for part in others)
                    high = max(POSSIBLE[whole]) - sum(min(POSSIBLE[part]) for part in others)
                    assert low <= 0
                    assert high >= LEAST - 1


@given(people, st.integers(1, 400))
def test_two_thresholds_a_tenth_apart_do_not_tell_how_many_lie_between(everybody, threshold):
    tables = [told_together(tables_of(everybody, one), inside=INSIDE) for one in (threshold, threshold + 1)]
    for title, rows in tables[0].items():
        for before, after in zip(rows, tables[1][title], strict=True):
            if HIDDEN in (before.cells[1], after.cells[1]):
                continue
            between = {
                more - fewer
                for more in POSSIBLE[before.cells[1]]
                for fewer in POSSIBLE[after.cells[1]]
                if more >= fewer
            }
            assert len(between) > 1
            assert len(between - set(range(1, LEAST))) > 0
