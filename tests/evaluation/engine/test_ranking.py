"""The ranking against published numbers, its properties, and what it says of poor input."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as checked
from hypothesis import strategies as st

from evaluation.engine.fit import System, design_of, fit
from evaluation.engine.ranks import BadPlaces, rank
from evaluation.engine.reading import read_scores
from evaluation.engine.scores import BadScores, scores_of

from ...commands import offline

# Shrout and Fleiss, Psychol. Bull. 86 (1979): 6 targets, 4 judges
TARGETS = ((9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7))


def rows_of(table):
    return [(f"p{i}", f"r{j}", float(y)) for i, row in enumerate(table) for j, y in enumerate(row) if y is not None]


def ranked(table, places=1):
    return rank(scores_of(rows_of(table)), places)


def by_id(ranking):
    return {row["id"]: row for row in ranking.as_json()["proposals"]}


def test_shrout_and_fleiss():
    found = ranked(TARGETS, 3)
    said = found.as_json()
    assert said["variance"] == {"proposal": 2.555556, "reviewer": 5.244444, "residual": 1.019444}
    assert (round(said["icc"]["single"], 4), round(said["icc"]["panel"], 4)) == (0.2898, 0.6201)
    merits = [0.644099, -2.083848, 1.098756, -1.174533, 2.008072, -0.492546]
    assert found.posterior.mean - found.mu == pytest.approx(merits, abs=2e-6)
    assert found.severity == pytest.approx([2.30047, -2.70406, -0.92826, 1.33185], abs=1e-5)
    assert found.expected == pytest.approx([2.7766, 5.8994, 2.1714, 4.9284, 1.1135, 4.1106], abs=5e-5)


def test_penicillin_agrees_with_lme4():
    said = rank(read_scores(Path(__file__).with_name("penicillin.csv")), 5).as_json()
    assert said["mu"] == pytest.approx(22.97222222, abs=1e-6)
    assert said["variance"]["proposal"] == pytest.approx(0.71690821, abs=1e-5)
    assert said["variance"]["reviewer"] == pytest.approx(3.73091787, abs=1e-5)
    assert said["variance"]["residual"] == pytest.approx(0.30241546, abs=1e-5)
    assert said["reml_criterion"] == pytest.approx(330.86058899, abs=1e-6)


def anova(table):
    """Return the variances of a complete panel by the analysis of variance, which REML equals where all are > 0."""
    y = np.array(table, float)
    n, r = y.shape
    rows, columns, middle = y.mean(axis=1), y.mean(axis=0), y.mean()
    rest = ((y - rows[:, None] - columns + middle) ** 2).sum() / ((n - 1) * (r - 1))
    between = (r * ((rows - middle) ** 2).sum() / (n - 1), n * ((columns - middle) ** 2).sum() / (r - 1))
    return (between[0] - rest) / r, (between[1] - rest) / n, rest


HARSH = ((6, 6, 4), (7, 6, 4), (7, 6, 5), (7, 7, 4), (7, 7, 5))
PANEL = (
    (3, 5, 11), (2, 4, 10), (4, 6, 12), (2, 4, 9), (3, 5, 10), (2, 3, 9),
    (2, 3, 8), (2, 5, 10), (4, 6, 12), (4, 5, 10), (2, 5, 11), (1, 4, 9),
)  # fmt: skip


@pytest.mark.parametrize("table", [HARSH, PANEL, TARGETS])
def test_search_that_touches_nothing_comes_back_from_it(table):
    """From the usual starts the search runs to v_proposal = 0, where the criterion is level by the ratio."""
    fitted = fit(scores_of(rows_of(table)))
    assert (fitted.v_proposal, fitted.v_reviewer, fitted.v_residual) == pytest.approx(anova(table), rel=1e-6)
    assert fitted.warnings == ()


def test_without_the_way_inward_the_search_stays_at_nothing(monkeypatch):
    """Negative control; the grid of ratios would lead away from there as well."""
    monkeypatch.setattr("evaluation.engine.fit._inward", lambda *args: None)
    monkeypatch.setattr("evaluation.engine.fit._valleys", lambda *args: [])
    assert fit(scores_of(rows_of(HARSH))).v_proposal == 0


def test_severity_of_any_size_leaves_the_order_of_a_complete_panel():
    orders = {
        tuple(row["id"] for row in ranked(np.array(PANEL) + by, 5).as_json()["proposals"])
        for by in ((0, 0, 0), (2, 0, -5), (2, 0, -2), (0, 30, -30))
    }
    assert len(orders) == 1


@pytest.mark.parametrize("seed", range(6))
def test_fit_is_the_lowest_of_all_ratios(seed):
    draw = np.random.default_rng(seed)
    n, r = ((12, 3), (8, 4), (5, 3), (15, 5), (4, 2), (2, 3))[seed]
    for _ in range(4):
        y = np.rint(5 + draw.normal(0, 1, (n, 1)) + draw.normal(0, 3, (1, r)) + draw.normal(0, 1, (n, r)))
        scores = scores_of(rows_of(y))
        fitted = fit(scores)
        if min(anova(y)) > 1e-9:
            assert (fitted.v_proposal, fitted.v_reviewer, fitted.v_residual) == pytest.approx(anova(y), rel=1e-5)
        else:
            design, ratios = design_of(scores), (0, *np.geomspace(0.03, 30, 10))
            lowest = min(System(design, g1, g2).criterion() for g1 in ratios for g2 in ratios)
            assert fitted.criterion <= lowest + 1e-6


def test_agreement_without_any_chance_keeps_the_merits_own_variance():
    merits = (1, 2, 3, 4, 5)
    fitted = fit(scores_of(rows_of([[merit] * 4 for merit in merits])))
    assert fitted.v_proposal == pytest.approx(2.5, rel=1e-6)
    strict = fit(scores_of(rows_of([[merit, merit - 2, merit + 3] for merit in merits])))
    assert (strict.v_proposal, strict.v_reviewer) == pytest.approx((2.5, 19 / 3), rel=1e-4)
    assert any("without any chance" in words for words in strict.warnings)


@pytest.mark.parametrize("change", [lambda y: y * 1e-9, lambda y: y * 1e-3 + 1e7, lambda y: y * 1e7])
def test_scores_of_any_size_are_told_apart(change):
    found, plain = by_id(ranked(change(np.array(PANEL, float)), 5)), by_id(ranked(PANEL, 5))
    assert list(found) == list(plain)
    for name, row in plain.items():
        assert found[name]["expected_rank"] == pytest.approx(row["expected_rank"], abs=1e-3)


def test_where_nothing_tells_proposals_apart_every_place_is_open():
    table = [[5, 6, 7], [6, 7, 5], [7, 5, 6], [5, 7, 6], [7, 6, 5], [6, 5, 7], [6, 6, 6], [5, 5, 8]]
    found = ranked(table, 3)
    assert found.fitted.v_proposal == 0
    for row in found.as_json()["proposals"]:
        assert (row["expected_rank"], row["group"]) == (4.5, "draw")
        assert row["p_top"] == pytest.approx(3 / 8, abs=0.01)
        assert (row["rank_q05"], row["rank_q95"]) == (1, 8)


slow = checked(max_examples=15)
tables = st.integers(3, 7).flatmap(
    lambda n: st.integers(2, 5).flatmap(
        lambda r: st.lists(st.lists(st.integers(0, 10), min_size=r, max_size=r), min_size=n, max_size=n)
    )
)


@slow
@given(tables)
def test_expected_ranks_sum_to_n_times_n_plus_one_over_two(table):
    n = len(table)
    assert ranked(table).expected.sum() == pytest.approx(n * (n + 1) / 2, abs=1e-9)


@slow
@given(tables, st.randoms())
def test_order_of_rows_and_names_change_nothing(table, random):
    rows = rows_of(table)
    names = {name: f"x{k}" for k, name in enumerate(random.sample([r[0] for r in rows], len(rows)))}
    judges = {name: f"y{k}" for k, name in enumerate(random.sample([r[1] for r in rows], len(rows)))}
    shuffled = random.sample([(names[p], judges[r], y) for p, r, y in rows], len(rows))
    one = by_id(rank(scores_of(rows), 2))
    other = by_id(rank(scores_of(shuffled), 2))
    for name, row in one.items():
        twin = other[names[name]]
        for key in ("n", "raw_mean", "group"):
            assert twin[key] == row[key]
        for key in ("merit", "standard_error", "expected_rank"):
            assert twin[key] == pytest.approx(row[key], abs=1e-4)


@slow
@given(tables, st.integers(-5, 5))
def test_harsher_reviewer_of_a_whole_panel_changes_no_order(table, shift):
    moved = [[row[0] + shift, *row[1:]] for row in table]
    one, other = ranked(table).expected, ranked(moved).expected
    apart = np.abs(one[:, None] - one) > 1e-3
    assert ((one[:, None] - one) * (other[:, None] - other))[apart].min(initial=0) >= -1e-6  # none is turned round


@pytest.mark.parametrize(("table", "warning"), [
    (((5,),), "one review only"),
    (((5, 5), (5, 5), (5, 5)), "All scores are equal"),
    (((1,), (2,), (3,)), "No proposal has two reviews"),
    (((1, 3), (2, 2), (3, 1)), "tell nothing about which proposals are better"),
    (((1, 2, None, None), (2, 3, None, None), (None, None, 5, 6), (None, None, 3, 6)), "no proposal in common"),
    (((1, 2, None), (2, 3, None), (4, 6, 5)), "Some reviewers have one proposal only"),
    (((1, 2), (2, 3), (7, None)), "Some proposals have one review only"),
    (((1, 1), (2, 2), (3, 3)), "No difference in severity"),
])  # fmt: skip
def test_poor_data_give_an_answer_and_a_plain_warning(table, warning):
    said = ranked(table).as_json()
    assert any(warning in words for words in said["warnings"]), said["warnings"]
    n = len(table)
    assert sum(row["expected_rank"] for row in said["proposals"]) == pytest.approx(n * (n + 1) / 2, abs=1e-4)


@pytest.mark.parametrize("table", [((5, 5), (5, 5), (5, 5)), ((1, 3), (2, 2), (3, 1)), ((1,), (2,), (3,))])
def test_what_nothing_tells_apart_is_all_in_the_draw(table):
    said = ranked(table, 2).as_json()
    assert [row["expected_rank"] for row in said["proposals"]] == [2.0] * 3
    assert [row["group"] for row in said["proposals"]] == ["draw"] * 3
    assert said["draw_places"] == 2


def test_equal_grade_vectors_share_rank_and_group():
    said = by_id(ranked(((9, 8), (5, 6), (5, 6), (1, 2)), 2))
    assert {k: v for k, v in said["p1"].items() if k != "id"} == {k: v for k, v in said["p2"].items() if k != "id"}


@pytest.mark.parametrize("places", [0, -1, 7])
def test_places_that_there_are_not_are_refused(places):
    with pytest.raises(BadPlaces, match="between 1 and 6"):
        ranked(TARGETS, places)


HEAD = "proposal,reviewer,score\n"


@pytest.mark.parametrize(("content", "words"), [
    ("", "row 1, column proposal: missing"), (HEAD, "row 2, column score: there is no score"),
    ("proposal,score\na,1\n", "row 1, column reviewer: missing"),
    ("proposal,reviewer,score,score\n", "row 1, column score: there twice"),
    (HEAD + "a,b,x\n", "row 2, column score: 'x'"), (HEAD + "a,b,nan\n", "row 2, column score: 'nan'"),
    (HEAD + "a,b,inf\n", "row 2, column score"), (HEAD + "a,b,1e300\n", "row 2, column score"),
    (HEAD + "a,b,1_0\n", "row 2, column score"), (HEAD + "a,b,\n", "row 2, column score: empty"),
    (HEAD + "a,b,1\n\na,b,2\n", "row 4, column reviewer: b scored a in row 2 already"),
    (HEAD + 'a,b,1\n"a,b,2\nc,d,3\n', "row 3: a quote is opened and not closed"),
    (HEAD + '"a\nz",b,1\n"a,b,2\n', "row 3 (line 4): a quote is opened and not closed"),
    (HEAD + "a,b,1\n" + "x" * 140_000 + ",b,2\n", "row 3: a cell has more than 131,072 letters"),
    (HEAD + 'a,"b"c,1\n', "row 2: "),
    ("proposal;reviewer;score\na;b;1\n", "row 1, column proposal: missing; the cells are set apart by “;”"),
    ("proposal\treviewer\tscore\n", "row 1, column proposal: missing; the cells are set apart by tabs"),
    (HEAD + "a,b\n", "row 2, column reviewer: the row has 2 cells"), (HEAD + ",b,1\n", "row 2, column proposal: empty"),
])  # fmt: skip
def test_bad_files_are_refused_with_row_and_column(tmp_path, content, words):
    file = tmp_path / "s.csv"
    file.write_text(content)
    with pytest.raises(BadScores) as no:
        read_scores(file)
    assert str(no.value).startswith(words)
    assert "\n" not in str(no.value)


def test_files_with_a_mark_panels_and_other_order_are_read(tmp_path):
    file = tmp_path / "s.csv"
    file.write_text("\ufeffScore,panel,reviewer,proposal,note\n1,A,x,p,hm\n2,B,x,p,\n", encoding="utf-8")
    assert read_scores(file).reviewers == ("A/x", "B/x")
    for content, words in ((b"\xff\xfe\x00", "not in UTF-8"), (b'a,"b', "row 1: a quote is opened and not closed")):
        file.write_bytes(content)
        with pytest.raises(BadScores, match=words):
            read_scores(file)
    with pytest.raises(BadScores, match="No such file"):
        read_scores(tmp_path / "none.csv")


def test_command_needs_no_database_and_refuses_with_status_2(tmp_path):
    done = offline("rank_scores", Path(__file__).with_name("penicillin.csv"), "--places", 5)
    assert done.returncode == 0, done.stderr
    assert [row["n"] for row in json.loads(done.stdout)["proposals"]] == [6] * 24
    file = tmp_path / "s.csv"
    file.write_text(HEAD + "a,b,x\n")
    for words in ((file, "--places", 1), (Path(__file__).with_name("penicillin.csv"), "--places", 25)):
        refused = offline("rank_scores", *words)
        assert (refused.returncode, refused.stdout, len(refused.stderr.strip().splitlines())) == (2, "", 1)


def test_panels_and_reviewers_with_a_slash_are_kept_apart(tmp_path):
    file = tmp_path / "scores.csv"
    file.write_text("panel,reviewer,proposal,score\nA/B,C,p,3\nA,B/C,p,4\n", encoding="utf-8")
    assert len(read_scores(file).reviewers) == 2
    file.write_text("panel,panel,reviewer,proposal,score\nA,B,C,p,3\n", encoding="utf-8")
    with pytest.raises(BadScores, match="row 1, column panel: there twice"):
        read_scores(file)


def test_swiss_mock_panel_under_its_own_prior():
    said = rank(read_scores(Path(__file__).with_name("mock_panel_1.csv")), 5, prior="snsf").as_json()
    expected = [2.4538, 4.0950, 4.0950, 4.0950, 5.0979, 6.1750, 7.2848, 7.2848, 8.3894, 9.4584, 10.4699, 11.4082,
                13.0156, 13.0156, 13.6618]  # fmt: skip
    assert [row["expected_rank"] for row in said["proposals"]] == pytest.approx(expected, abs=1e-3)
    assert [row["group"] for row in said["proposals"]] == ["fund"] + 7 * ["draw"] + 7 * ["decline"]
    assert said["draw_places"] == 4


@checked(max_examples=6, deadline=None)  # each integrates over its grid twice
@given(tables, st.sampled_from((-1e8, 1e4, 1e6, 1e8)))
def test_a_constant_added_to_all_scores_moves_merits_by_it_and_no_uncertainty(table, shift):
    plain, moved = (rank(scores_of(rows_of(np.array(table) + by)), 1, prior="snsf") for by in (0, shift))
    assert moved.posterior.mean - shift == pytest.approx(plain.posterior.mean, abs=1e-6)
    assert moved.posterior.variance == pytest.approx(plain.posterior.variance, rel=2e-6, abs=1e-12)
    assert moved.expected == pytest.approx(plain.expected, abs=1e-6)


def test_errors_of_scores_a_hundred_million_from_nothing():
    """Scores with eight decimals near 0, and the same beside 1e8, where a number holds seven of these."""
    draw = np.random.default_rng(4)
    table = np.round(draw.random((10, 4)), 8)
    errors = [
        np.sqrt(rank(scores_of(rows_of(table + by)), 5, prior="snsf").posterior.variance) for by in (0, 1e6, 1e8, -1e8)
    ]
    for moved in errors[1:]:
        assert moved == pytest.approx(errors[0], rel=1e-6)


@slow
@given(tables, st.floats(0.05, 3), st.floats(0.05, 3))
def test_slope_is_that_of_the_criterion(table, g1, g2):
    design = design_of(scores_of(rows_of(table)))
    if design.y @ design.y < 1e-9 or System(design, g1, g2).residual(System(design, g1, g2).mean) < 1e-6:
        return
    step = 1e-5
    for place, (one, two) in enumerate(((step, 0), (0, step))):
        higher, lower = (System(design, g1 + way * one, g2 + way * two).criterion() for way in (1, -1))
        assert System(design, g1, g2).slope()[place] == pytest.approx((higher - lower) / 2 / step, rel=1e-4, abs=1e-4)


def test_slope_of_the_sparse_factor_is_that_of_the_dense_one(monkeypatch):
    design = design_of(scores_of(rows_of(TARGETS)))
    dense = System(design, 0.7, 1.3).slope()
    monkeypatch.setattr("evaluation.engine.fit.DENSE", 3)
    assert System(design, 0.7, 1.3).slope() == pytest.approx(dense, rel=1e-10)
