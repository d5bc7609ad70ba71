"""A dated call is ranked, drawn and released only when nobody can send a proposal any more."""

from datetime import timedelta

import pytest

from evaluation.bundle import bundle_of
from evaluation.services import lots, ranking, release
from evaluation.verify import checks_of
from fund.models import Call
from fund.models.call import GRACE
from lifecycle import clock
from lifecycle.errors import NotPossible

from .. import stages
from ..conftest import RECEIVES_UNTIL
from ..remembering import remembered


@remembered
def judged(eligible, cast, panel):
    return stages.judge(eligible, cast, panel["reviewers"])


@pytest.fixture(autouse=True)
def as_it_is(judged, monkeypatch):
    """Take the rule of the tests back."""
    monkeypatch.setattr(Call, "receives_until", RECEIVES_UNTIL)


def test_nothing_is_ranked_drawn_or_released_while_a_dated_call_is_open(judged, cast, funded_call):
    by, soon = cast["secretariat"], clock.now() + timedelta(hours=1)
    type(judged).objects.filter(pk=judged.pk).update(state="declined")
    for step in (
        lambda: ranking.run(judged, by=by), lambda: lots.freeze(funded_call, by=by, source="x", source_at=soon),
        lambda: lots.enter(funded_call, by=by, value="aa"), lambda: lots.renew(funded_call, by=by, reason="x"),
        lambda: release.release(judged, by=by),
    ):  # fmt: skip
        with pytest.raises(NotPossible, match="The call is still open"):
            step()


def test_it_is_ranked_once_the_last_extension_and_the_grace_are_over(judged, cast, funded_call):
    with clock.frozen(funded_call.ends_at + GRACE - timedelta(seconds=1)), pytest.raises(NotPossible):
        ranking.run(judged, by=cast["secretariat"])
    with clock.frozen(funded_call.ends_at + GRACE):
        assert ranking.run(judged, by=cast["secretariat"]).state == "ranked"
    bundle = bundle_of(funded_call)
    assert bundle["closed_at"] == bundle["runs"][0]["at"]
    assert "closing" in list(checks_of(bundle))


@pytest.mark.parametrize(("kind", "receives"), [("dated", True), ("rolling", False), ("urgent", False)])
def test_rolling_and_urgent_calls_decide_while_they_are_open(funded_call, kind, receives):
    funded_call.kind = kind
    assert funded_call.still_receives() is receives
