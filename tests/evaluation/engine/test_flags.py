import numpy as np
import pytest

from evaluation.engine.fit import fit
from evaluation.engine.flags import drifts, far_scores, holm, residuals
from evaluation.engine.scores import scores_of


def panel(change=None, proposals=12, reviewers=6, seed=3):
    """A sparse panel, three reviews each, with merit, severity and chance."""
    chance = np.random.default_rng(seed)
    merit, severity = chance.normal(0, 8, proposals), chance.normal(0, 5, reviewers)
    rows = {}
    for p in range(proposals):
        for k in range(3):
            r = (p + k * (1 + p % 2)) % reviewers
            rows[f"p{p}", f"r{r}"] = 70 + merit[p] + severity[r] + chance.normal(0, 2)
    for key, by in (change or {}).items():
        rows[key] += by
    return [(*key, score) for key, score in rows.items()]


def test_holm_by_hand():
    """0.01 x 4, 0.02 x 3, 0.03 x 2, 0.2 x 1, each at least the one before."""
    assert holm([0.03, 0.01, 0.2, 0.02]) == pytest.approx([0.06, 0.04, 0.2, 0.06])
    assert holm([]) == []


def test_studentised_residuals_equal_those_of_the_whole_covariance():
    """P = V^-1 - V^-1 1 (1' V^-1 1)^-1 1' V^-1, written out in full."""
    scores = scores_of(panel())
    found = fit(scores)
    same_p = scores.proposal[:, None] == scores.proposal[None, :]
    same_r = scores.reviewer[:, None] == scores.reviewer[None, :]
    v = found.v_residual * np.eye(len(scores.score)) + found.v_proposal * same_p + found.v_reviewer * same_r
    inverse = np.linalg.inv(v)
    one = inverse.sum(axis=1, keepdims=True)
    p = inverse - one @ one.T / one.sum()
    rest, t = residuals(scores)
    assert rest == pytest.approx(found.v_residual * p @ scores.score, abs=1e-7)
    assert t == pytest.approx(p @ scores.score / np.sqrt(np.diag(p)), abs=1e-6)


def test_one_far_score_is_found_and_a_quiet_panel_has_none():
    assert far_scores(scores_of(panel())) == []
    rows = panel({("p4", "r5"): -30.0})
    (far,) = far_scores(scores_of(rows))
    assert rows[far.row][:2] == ("p4", "r5")
    assert far.t < -3
    assert far.p < 0.05


def test_reviewer_who_tires_is_found():
    rows = panel(proposals=24)
    order, count, tired = [], {}, []
    for proposal, reviewer, score in rows:
        count[reviewer] = count.get(reviewer, 0) + 1
        order.append(count[reviewer])
        tired.append((proposal, reviewer, score - (3 * count[reviewer] if reviewer == "r2" else 0)))
    assert drifts(scores_of(rows), order) == []
    (drift,) = drifts(scores_of(tired), order)
    assert (drift.reviewer, drift.correlation < -0.8, drift.p < 0.05) == ("r2", True, True)


def test_scores_without_any_chance_have_no_flags():
    rows = [(f"p{p}", f"r{r}", 70.0) for p in range(4) for r in range(6)]
    assert far_scores(scores_of(rows)) == []
    assert drifts(scores_of(rows), [1] * len(rows)) == []
