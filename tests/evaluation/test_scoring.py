from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.ambition import ambition_of
from evaluation.scoring import (
    THRESHOLDS,
    Item,
    Sheet,
    diverging,
    means_of,
    rank,
    rounded,
    spread_is_wide,
    weighted_total,
)

WEIGHTS = {1: 30, 2: 20, 3: 20, 4: 15, 5: 15}


def item(key, *rows, consensus=None):
    sheets = [Sheet(str(n), dict(enumerate(row, start=1))) for n, row in enumerate(rows)]
    return Item(key, sheets, consensus or {})


def test_weighted_total_by_hand():
    """7, 8, 6, 9, 10 half points: 21 + 16 + 12 + 13.5 + 15 = 77.5 %."""
    assert weighted_total(WEIGHTS, dict(enumerate((7, 8, 6, 9, 10), start=1))) == Fraction(155, 2)


def test_mean_is_exact_and_consensus_replaces_it():
    found = means_of(WEIGHTS, item("a", (7, 8, 6, 9, 10), (8, 8, 6, 9, 10), (8, 8, 6, 9, 10), consensus={2: 4}))
    assert (found[1], found[2]) == (Fraction(23, 3), Fraction(4))


def test_criterion_that_does_not_apply_is_left_out_and_is_never_a_zero():
    """7 and 9 half points of weights 30 and 20: (210 + 180) / 500 = 78 %."""
    assert weighted_total(WEIGHTS, {1: 7, 2: 9}) == 78
    mixed = Item("a", [Sheet("x", {1: 7, 2: 9}), Sheet("y", {1: 9})], {})
    assert means_of(WEIGHTS, mixed) == {1: Fraction(8), 2: Fraction(9)}
    assert weighted_total(WEIGHTS, means_of(WEIGHTS, mixed)) == 84
    assert diverging(Item("a", [Sheet("x", {1: 7}), Sheet("y", {2: 2}), Sheet("z", {2: 6})], {})) == [2]


def test_proposal_that_nobody_scored_meets_nothing():
    (row,) = rank(WEIGHTS, [Item("a", [], {})], THRESHOLDS["spark"])
    assert (row.total, row.means, row.meets) == (0, {}, False)


@pytest.mark.parametrize(("low", "high", "flagged"), [(4, 8, [1]), (5, 8, []), (0, 10, [1])])
def test_divergence_begins_at_two_points(low, high, flagged):
    assert diverging(item("a", (low, 6, 6, 6, 6), (high, 6, 6, 6, 6))) == flagged


def test_wide_spread_begins_at_fifteen_points():
    """Totals 60 and 81.21 have sd 14.998; 60 and 90 have 21.2; 50, 65, 80 have exactly 15."""
    assert spread_is_wide(WEIGHTS, item("a", (5,) * 5, (6.5,) * 5, (8,) * 5)) is True
    assert spread_is_wide(WEIGHTS, item("a", (6,) * 5, (8,) * 5)) is False
    assert spread_is_wide(WEIGHTS, item("a", (6,) * 5)) is False


def test_ties_share_a_place_and_the_next_is_skipped():
    items = [item("c", (8,) * 5), item("a", (8,) * 5), item("b", (6,) * 5), item("d", (10,) * 5)]
    assert [(r.key, r.place) for r in rank(WEIGHTS, items, THRESHOLDS["explore"])] == [
        ("d", 1), ("a", 2), ("c", 2), ("b", 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("scores", "meets"), [((7, 7, 6, 6, 6), True), ((10, 10, 10, 5, 10), False), ((6, 6, 6, 6, 6), False)]
)
def test_explore_asks_three_of_five_each_and_65_percent(scores, meets):
    """7, 7, 6, 6, 6 is exactly 65 %; one criterion at 2.5 fails however high the rest."""
    assert rank(WEIGHTS, [item("a", scores)], THRESHOLDS["explore"])[0].meets is meets


score = st.integers(0, 10)
sheets = st.lists(st.tuples(*[score] * 5), min_size=1, max_size=5)


@given(st.lists(sheets, min_size=1, max_size=6), st.randoms())
def test_permuting_reviewers_or_proposals_changes_nothing(rows, random):
    items = [item(f"p{n}", *row) for n, row in enumerate(rows)]
    shuffled = [Item(i.key, random.sample(list(i.sheets), len(i.sheets)), i.consensus) for i in items]
    random.shuffle(shuffled)
    assert rank(WEIGHTS, items, THRESHOLDS["explore"]) == rank(WEIGHTS, shuffled, THRESHOLDS["explore"])


@pytest.mark.parametrize(
    ("value", "text"), [(Fraction(200, 3), "66.666667"), (Fraction(1, 2), "0.500000"), (Fraction(100), "100.000000")]
)
def test_figures_are_rounded_to_six_decimals(value, text):
    assert rounded(value) == text


@pytest.mark.parametrize(
    ("marks", "expected"),
    [(["bold", "open", "likely"], "open"), (["likely", "likely", "bold"], "likely"), (["bold", "likely"], "open"),
     (["bold", "bold"], "bold"), ([], "open")],
)  # fmt: skip
def test_ambition_is_the_median_mark(marks, expected):
    assert ambition_of(marks) == expected
