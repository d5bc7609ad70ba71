"""A ranking recomputed from its inputs alone."""

import json
import random
from copy import deepcopy

import pytest

from evaluation import recompute
from evaluation.recompute import BadInputs, results_of

SHROUT_FLEISS = ((9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7))  # 1979, table 2


def review(name, reviewer, scores, order=1, reason=40):
    return {
        "id": name, "reviewer": reviewer, "order": order, "scores": scores, "reasons": dict.fromkeys(scores, reason)
    }  # fmt: skip


def inputs(rows=SHROUT_FLEISS, budget=30, cost=10, rule="stop", lots="exact_ties", least=0):
    """One criterion of all weight; a row of half points for each proposal, a column for each reviewer."""
    return {
        "format": "ranking-4", "call": "a", "stage": "explore", "weights": {"1": 100}, "seed": 1,
        "least": {"criterion": least, "total": 0}, "money": {"budget": budget, "rule": rule, "lots": lots},
        "proposals": [
            {
                "id": f"P{p}", "cost": cost, "consensus": {},
                "reviews": [review(f"v{p}{r}", f"r{r}", {"1": halves}, order=p + 1) for r, halves in enumerate(row)],
            }
            for p, row in enumerate(rows)
        ],
    }  # fmt: skip


def test_figures_of_the_reference_stand_beside_the_official_places():
    """Percent are ten times the published scores, so merits are ten times the published ones; ranks are the same."""
    found = results_of(inputs())
    assert [(row["id"], row["place"], row["percent"], row["exact"]) for row in found["official"]][:2] == [
        ("P4", 1, "75.000000", "75"), ("P2", 2, "65.000000", "65"),
    ]  # fmt: skip
    ranks = {row["id"]: row["expected_rank"] for row in found["advice"]["proposals"]}
    expected = {"P0": 2.7766, "P1": 5.8994, "P2": 2.1714, "P3": 4.9284, "P4": 1.1135, "P5": 4.1106}
    assert ranks == pytest.approx(expected, abs=5e-5)
    assert found["advice"]["variance"]["reviewer"] == pytest.approx(524.4444, abs=1e-3)
    assert found["agreement"]["icc_one"] == pytest.approx(0.2898, abs=5e-5)
    assert (found["line"]["places"], found["advice"]["places"]) == (3, 3)
    assert [key for key, fate in found["line"]["fates"].items() if fate == "fund"] == ["P4", "P2", "P0"]


def test_groups_bind_only_where_the_call_says_so():
    plain, bound = (results_of(inputs(budget=20, lots=lots)) for lots in ("exact_ties", "rank_interval"))
    groups = {row["id"]: row["group"] for row in bound["advice"]["proposals"]}
    assert set(groups.values()) == {"fund", "draw", "decline"}
    assert bound["line"]["fates"] == groups
    assert set(plain["line"]["fates"].values()) == {"fund", "decline"}


def test_exact_ties_at_the_line_are_drawn():
    rows = ((9, 9, 9), (7, 8, 7), (8, 7, 7), (3, 4, 3))
    fates = results_of(inputs(rows, budget=20))["line"]["fates"]
    assert fates == {"P0": "fund", "P1": "draw", "P2": "draw", "P3": "decline"}


def test_neither_order_nor_names_change_a_figure():
    given = inputs(lots="rank_interval")
    turned = deepcopy(given)
    turned["proposals"].reverse()
    for row in turned["proposals"]:
        random.Random(5).shuffle(row["reviews"])
    assert json.dumps(results_of(turned)["advice"], sort_keys=True) == json.dumps(
        results_of(given)["advice"], sort_keys=True
    )
    renamed = json.loads(json.dumps(given).replace('"P0"', '"Z0"'))
    names = {"Z0": "P0"}
    ranks = [{names.get(r["id"], r["id"]): r["rank_q25"] for r in results_of(g)["advice"]["proposals"]}
             for g in (given, renamed)]  # fmt: skip
    assert ranks[0] == ranks[1]


def test_flags_say_look_and_name_what_at():
    given = inputs(((6, 6, 6), (7, 7, 7)))
    given["weights"] = {"1": 40, "2": 30, "3": 30}
    given["proposals"][0]["reviews"] = [
        review("flat", "r0", {"1": 6, "2": 6, "3": 6}), review("terse", "r1", {"1": 5, "2": 7, "3": 9}, reason=14),
        review("fine", "r2", {"1": 4, "2": 7, "3": 9}),
    ]  # fmt: skip
    flags = results_of(given)["flags"]
    assert [(row["kind"], row["review"]) for row in flags] == [("flat", "flat"), ("terse", "terse")]
    assert flags[1]["criteria"] == ["1", "3"]


def test_far_score_is_flagged_only_where_it_moves_the_proposal_across_the_line():
    chance, rows = random.Random(2), []
    for p in range(12):
        rows.append([min(10, max(0, round(9 - p / 2 + chance.choice((-0.5, 0, 0.5))))) for _ in range(5)])
    rows[2][4] = 0
    given = inputs(rows, budget=30)
    (flag,) = [row for row in results_of(given)["flags"] if row["kind"] == "far"]
    assert (flag["proposal"], flag["reviewer"], flag["without"]) == ("P2", "r4", "fund")
    assert [row for row in results_of(inputs(rows, budget=120))["flags"] if row["kind"] == "far"] == []


def test_field_without_any_review_has_places_and_no_figures():
    given = inputs()
    for row in given["proposals"]:
        row["reviews"] = []
    found = results_of(given)
    assert (found["advice"], found["agreement"], set(found["line"]["fates"].values())) == (None, None, {"decline"})


def test_other_format_is_refused():
    with pytest.raises(BadInputs, match="'ranking-1' is not 'ranking-4'"):
        results_of(inputs() | {"format": "ranking-1"})


def test_runs_of_before_are_computed_as_they_were():
    given = {number: inputs() | {"format": f"ranking-{number}"} for number in (2, 3, 4)}
    asked = {number: recompute._scores(one).from_two_starts for number, one in given.items()}
    assert asked == {2: True, 3: True, 4: False}
    assert results_of(given[3]).keys() == results_of(given[4]).keys() == results_of(given[2]).keys() | {"stability"}


def test_what_hangs_on_one_review_stands_in_the_results_and_not_in_those_of_before():
    found = results_of(inputs())["stability"]
    assert [(row["proposal"], row["review"]) for row in found[:5]] == [
        ("P0", "v00"), ("P0", "v01"), ("P0", "v02"), ("P0", "v03"), ("P1", "v10"),
    ]  # fmt: skip
    assert {row["place"] for row in found if row["proposal"] == "P4"} == {1}
    assert all(0 < row["weight"] < 1 for row in found)
    before = results_of(inputs() | {"format": "ranking-2"})
    assert "stability" not in before
    assert results_of(inputs()) == before | {"stability": found}
