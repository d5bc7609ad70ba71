"""Bundles whose forger computes every figure and renews every hash: what cannot belong together is named."""

import json
from contextlib import suppress

import pytest

from evaluation.bundle import bundle_of
from evaluation.bundle_form import Differs
from evaluation.recompute import results_of
from evaluation.verify import checks_of, digest_of, sha256
from fund.models import Call
from lifecycle.trail import canonical

from .. import sparks
from ..commands import offline
from .test_bundle import decided, stored  # noqa: F401  (the fixtures)
from .test_practice import judged as judge_all
from .test_practice import practice  # noqa: F401  (the fixture)
from .test_small import idea, judged, limit, pair, spark  # noqa: F401  (the fixtures)


def forged(bundle, change):
    """Return a copy with the change, every figure computed anew and every hash renewed."""
    found = json.loads(json.dumps(bundle))
    change(found)
    for run in found["runs"]:
        with suppress(TypeError, ValueError):  # of what cannot be computed the figures stay
            run["results"] = json.loads(canonical(results_of(run["inputs"])))
        run |= {f"{name}_sha256": sha256(canonical(run[name])) for name in ("inputs", "results")}
    return found | {"sha256": digest_of(found)}


def inputs(bundle):
    return bundle["runs"][0]["inputs"]


def review(bundle):
    return inputs(bundle)["proposals"][0]["reviews"][0]


def first(mapping):
    return next(iter(mapping))


def refusal(bundle):
    return next(row for row in bundle["decisions"] if row["choice"] == "decline")


def relabelled(bundle):
    """Call the stage Spark, where one member decides, so that no votes are asked for."""
    bundle["stage"] = inputs(bundle)["stage"] = "spark"
    for row in bundle["decisions"]:
        row["votes"] = []


def without_rankings(bundle):
    bundle |= {"runs": [], "fates": {}, "lottery": None, "departures": []}


def doubled(bundle):
    rows = inputs(bundle)["proposals"]
    rows[0]["reviews"][1]["reviewer"] = rows[0]["reviews"][0]["reviewer"]


def richer(bundle):
    """Put the same sum on the line before and after, so that only the money of the ranking tells of it."""
    bundle["money"]["opening"] += 100
    for row in bundle["decisions"]:
        row["left"] = None if row["left"] is None else row["left"] + 100


FORGERIES = {
    "a score beyond the scale": (lambda b: review(b)["scores"].update({first(review(b)["scores"]): 11}), "inputs"),
    "a broken score": (lambda b: review(b)["scores"].update({first(review(b)["scores"]): 7.3}), "inputs"),
    "a panel's score beyond the scale": (
        lambda b: inputs(b)["proposals"][0]["consensus"].update({first(inputs(b)["weights"]): 12}), "inputs"),
    "weights of another sum": (lambda b: inputs(b).update(weights=dict.fromkeys(inputs(b)["weights"], 60)), "inputs"),
    "an unknown funding rule": (lambda b: inputs(b)["money"].update(rule="stopp"), "inputs"),
    "an unknown lots rule": (lambda b: inputs(b)["money"].update(lots="exact_tiesx"), "inputs"),
    "a chosen seed": (lambda b: inputs(b).update(seed=5), "inputs"),
    "a reviewer counted twice": (doubled, "inputs"),
    "orders that start late": (lambda b: review(b).update(order=9), "inputs"),
    "another code": (lambda b: b["runs"][0].update(code_version="ranking-3x"), "inputs"),
    "an unknown stage": (lambda b: b.update(stage="bold"), "format"),
    "an unknown vote": (lambda b: b["decisions"][0]["votes"][0].update(choice="approvex"), "format"),
    "a name for a member": (lambda b: b["decisions"][0]["votes"][0].update(member="member-x"), "format"),
    "an unknown kind of movement": (lambda b: b["money"]["movements"][0].update(kind="x"), "format"),
    "a broken round": (lambda b: b["decisions"][0].update(round=1.0), "format"),
    "a time without its offset": (lambda b: b["decisions"][0].update(at="2026-11-14T11:50:27"), "format"),
    "a field that there is not": (lambda b: b.update(extra=1), "format: extra"),
    "a stage without votes": (relabelled, "call of ranking 1: stage is 'spark'"),
    "no draw where lots decide": (lambda b: b.update(lottery=None), "closing: lots decide"),
    "no ranking before the board": (without_rankings, "decision on .* without a ranking"),
    "a refusal with a rest": (lambda b: refusal(b).update(left=0), "decision on .* left is 0"),
    "an approval without a rest": (lambda b: b["decisions"][0].update(left=None), "decision on .* left is missing"),
    "money at another time": (
        lambda b: b["money"]["movements"][0].update(at="2999-01-01T00:00:00+00:00"), "money: .* set aside at"),
    "money by another kind": (lambda b: b["money"]["movements"][0].update(kind="lapse"), "money"),
    "a richer line": (richer, "money: ranking 1 had"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_what_cannot_belong_together_is_named(decided, name):  # noqa: F811
    change, check = FORGERIES[name]
    with pytest.raises(Differs, match=f"^{check}"):
        list(checks_of(forged(decided, change)))


def test_what_is_forged_without_a_change_still_holds(decided):  # noqa: F811
    assert list(checks_of(forged(decided, lambda bundle: None))) == list(checks_of(decided))


def test_every_field_that_is_missing_or_of_another_kind_is_named_by_the_check_of_the_format(decided):  # noqa: F811
    for field in decided:
        for change, words in (
            (lambda b, f=field: b.pop(f), "is missing"),
            (lambda b, f=field: b.update({f: 1.5}), "is"),
        ):
            found = json.loads(json.dumps(decided))
            change(found)
            with pytest.raises(Differs, match=f"^format: {field} {words}"):
                list(checks_of(found))


def test_command_says_nothing_holds_before_a_missing_field(decided, tmp_path):  # noqa: F811
    decided.pop("runs")
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(decided), encoding="utf-8-sig")  # a byte order mark is no fault
    done = offline("verify_decision", file)
    assert (done.returncode, done.stdout) == (1, "")
    assert "DIFFERS  format: runs is missing" in done.stderr


def test_bundle_of_small_ideas_holds_and_its_forgeries_are_named(judged, panel, limit):  # noqa: F811
    sparks.approved(judged, panel["board"])
    bundle = bundle_of(Call.objects.get(pk=judged.call_id))
    assert "whole" in list(checks_of(bundle))
    forgeries = (
        (lambda b: b["decisions"][0].update(choice="reserve", amount=0), "decision on"),
        (
            lambda b: b["decisions"][0].update(votes=[{"member": "member-0123456789ab", "choice": "approve"}]),
            "decision on",
        ),
        (lambda b: b.update(call="other"), "decision on .* no reference of the call other"),
        (lambda b: b.update(stage="explore"), "decision on .* without a ranking"),
        (lambda b: b["decisions"][0].update(at="2999-01-01T00:00:00+00:00"), "money"),
        (lambda b: b.update(closed_at="2020-01-01T00:00:00+00:00"), "closing"),
    )
    for change, check in forgeries:
        with pytest.raises(Differs, match=f"^{check}"):
            list(checks_of(forged(bundle, change)))


def test_bundle_of_a_practice_holds(practice, cast, panel):  # noqa: F811
    judge_all(practice, cast, panel)
    assert "whole" in list(checks_of(bundle_of(Call.objects.get(pk=practice.pk))))
