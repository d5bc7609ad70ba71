"""Reliability: published alphas, Spearman-Brown, and the share of the funded who truly belong there."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.engine.fit import fit
from evaluation.engine.reading import read_scores
from evaluation.engine.reliability import BadAgreement, agreement, alpha, stepped_up, truly_best
from evaluation.engine.scores import scores_of

from ...commands import offline

CODERS = {
    "A": "1 2 3 3 2 1 4 1 2 . . .", "B": "1 2 3 3 2 2 4 1 2 5 . 3", "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}  # fmt: skip
CODED = scores_of(
    (f"u{unit}", coder, float(value))
    for coder, values in CODERS.items()
    for unit, value in enumerate(values.split())
    if value != "."
)
PENICILLIN = Path(__file__).with_name("penicillin.csv")


@pytest.mark.parametrize(
    ("level", "expected"), [("nominal", 0.7434), ("ordinal", 0.8154), ("interval", 0.8491), ("ratio", 0.7974)]
)
def test_alpha_of_the_published_example(level, expected):
    assert alpha(CODED, level) == pytest.approx(expected, abs=5e-5)


def test_share_of_the_funded_who_truly_belong_there():
    many = stepped_up(0.34, 2.79)
    assert many == pytest.approx(0.5897053, abs=5e-8)
    assert truly_best(many, 0.18) == pytest.approx(0.6027441, abs=5e-8)


@pytest.mark.parametrize("share", [0.001, 0.18, 0.5, 0.9])
def test_scores_that_tell_nothing_fund_by_chance_and_perfect_ones_fund_the_best(share):
    assert truly_best(0.0, share) == pytest.approx(share, abs=1e-9)
    assert truly_best(1.0, share) == 1
    assert truly_best(1 - 1e-12, share) == pytest.approx(1, abs=1e-3)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.95), st.floats(1, 20))
def test_more_reviews_never_make_the_funded_worse(one, share, reviews):
    assert truly_best(stepped_up(one, reviews), share) >= truly_best(one, share) - 1e-9


def test_share_agrees_with_drawn_pairs():
    generator = np.random.default_rng(1)
    merit, noise = generator.standard_normal((2, 400_000))
    seen = np.sqrt(0.6) * merit + np.sqrt(0.4) * noise
    k = 80_000
    both = len(np.intersect1d(np.argpartition(-merit, k)[:k], np.argpartition(-seen, k)[:k])) / k
    assert truly_best(0.6, 0.2) == pytest.approx(both, abs=0.005)


def test_agreement_uses_the_variances_of_all_scores():
    scores = read_scores(PENICILLIN)
    found, fitted = agreement(scores, 6).as_json(), fit(scores)
    rest = fitted.v_reviewer + fitted.v_residual
    assert found["icc_one"] == pytest.approx(fitted.v_proposal / (fitted.v_proposal + rest))
    assert found["icc_mean"] == pytest.approx(fitted.v_proposal / (fitted.v_proposal + rest / 6))
    assert found["sentence"].startswith(f"Of those we fund, {found['truly_best']:.0%} truly belong to the best 25%")
    assert found["warnings"] == []


def test_chosen_proposals_get_a_warning_and_no_sentence():
    found = agreement(read_scores(PENICILLIN), 6, preselected=True).as_json()
    assert (found["truly_best"], found["sentence"]) == (None, None)
    assert "chosen before" in found["warnings"][0]
    assert agreement(read_scores(PENICILLIN), 24).as_json()["sentence"] is None


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("a", "x", 3.0), ("b", "x", 4.0)], "No proposal has two reviews"),
        ([("a", "x", 3.0), ("a", "y", 3.0), ("b", "x", 3.0), ("b", "y", 3.0)], "All scores are the same"),
    ],
)
def test_what_cannot_be_told_is_said(rows, words):
    found = agreement(scores_of(rows), 1).as_json()
    assert [found[key] for key in ("alpha", "icc_one", "icc_mean", "truly_best", "sentence")] == [None] * 5
    assert words in found["warnings"][0]


def test_settings_that_make_no_sense_are_refused():
    negative = scores_of([("a", "x", -1.0), ("a", "y", 2.0)])
    for wrong in (lambda: agreement(CODED, 0), lambda: agreement(CODED, 13), lambda: alpha(CODED, "odd"),
                  lambda: alpha(negative, "ratio")):  # fmt: skip
        with pytest.raises(BadAgreement, match=r"^(places|level): "):
            wrong()


def test_command_measures_and_refuses_with_status_2(tmp_path):
    done = offline("measure_agreement", PENICILLIN, "--places", 6)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == agreement(read_scores(PENICILLIN), 6).as_json()
    for words in ((PENICILLIN, "--places", 0), (tmp_path / "none.csv", "--places", 1)):
        refused = offline("measure_agreement", *words)
        assert (refused.returncode, refused.stdout, len(refused.stderr.strip().splitlines())) == (2, "", 1)
