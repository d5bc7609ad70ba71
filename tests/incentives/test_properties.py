"""What must hold for every record, every policy that the validator accepts, and every reader at HR."""

import json
import re
from dataclasses import asdict, replace
from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from incentives.rules import facts as known
from incentives.rules.counting import count
from incentives.rules.eligibility import ELIGIBLE, evaluate, to_json, without_numbers
from incentives.rules.loading import PolicyFault, load
from incentives.rules.points import Pool, band_of, split
from incentives.rules.policy import CLASSES, STAGES
from incentives.rules.steps import canonical

from .policies import DAY, FT, data, event
from .test_counting import anything, many
from .test_eligibility_rules import READY
from .test_points import shares_of

SUPPORT_AND_FAILURES = ("F1", "B1", "F2", "M1", "V1", "S1")
percent = st.integers(0, 100)


def policy_of(numbers):
    """FT-2026.1 with other figures; None where the validator refuses it."""
    found = data()
    for code in ("R1", "R2", "F1"):
        found["codes"][code]["base_tenths"] = dict(zip(CLASSES, numbers[code], strict=True))
    for code in ("P1", "B1", "F2", "M1", "V1", "S1"):
        found["codes"][code]["base_tenths"] = numbers[code]
    for stage, factor in zip(STAGES, numbers["factors"], strict=True):
        found["stages"][stage]["factor_tenths"] = factor
    found["support_ratio"] = {"times": numbers["times"], "over": numbers["over"]}
    found["eligibility"]["E5"]["tenths"] = numbers["needed"]
    found["eligibility"]["E6"] |= {"on": numbers["on"], "codes": numbers["anchors"]}
    for rule in ("E3", "E4", "E7", "E8", "E9", "E11"):
        found["eligibility"][rule]["on"] = numbers["others"]
    try:
        return load(found)
    except PolicyFault:
        return None


def ordered(failed, to_part, to_met):
    """Figures near the edge of what is accepted: a step of nothing breaks the order."""
    return failed, failed + to_part, 2 * failed + to_part + to_met


bases = st.tuples(*[st.builds(ordered, st.integers(1, 90), st.integers(2, 60), st.integers(0, 90))] * 3)
figures = st.fixed_dictionaries(
    {
        **{code: st.integers(1, 300) for code in ("P1", "B1", "F2", "M1", "V1", "S1")},
        "factors": st.tuples(*[st.integers(5, 30)] * 4), "times": st.integers(1, 9), "over": st.integers(1, 9),
        "needed": st.integers(1, 200), "on": st.sampled_from([True, True, True, False]), "others": st.booleans(),
        "anchors": st.sampled_from([["R1"], ["R1", "R2"], ["R1", "R2", "P1"], ["P1"], ["R2"], ["R1", "F1"], ["V1"]]),
    }
)  # fmt: skip
policies = st.builds(
    lambda numbers, rows: policy_of(numbers | dict(zip(("F1", "R2", "R1"), zip(*rows, strict=True), strict=True))),
    figures, bases,
)  # fmt: skip
accepted = policies.filter(lambda policy: policy is not None)


@given(accepted)
def test_property_order_holds_per_class_and_stage_in_every_accepted_policy(policy):
    for stage in STAGES:
        for ambition in CLASSES:
            met, part, failed = (policy.base(code, stage, ambition) for code in ("R1", "R2", "F1"))
            assert met > part > failed
            assert 2 * failed < met


@given(
    accepted,
    st.lists(
        st.builds(
            lambda key, code, tenths, ago, stage: event(key, code, tenths, DAY - timedelta(days=ago), stage=stage),
            st.uuids().map(str), st.sampled_from(SUPPORT_AND_FAILURES), st.integers(1, 3000), st.integers(0, 1090),
            st.sampled_from(STAGES),
        ),
        max_size=12,
    ),
)  # fmt: skip
def test_property_failures_and_support_alone_never_suffice(policy, events):
    """However many, however dear: without one result of another kind nobody becomes eligible."""
    assert evaluate(policy, replace(READY, events=tuple(events)), DAY).result != ELIGIBLE


def test_failures_would_suffice_without_the_sixth_rule():
    """The guard taken away: what the validator refuses would let failures alone suffice."""
    rules = dict(FT.rules)
    rules["E6"] = replace(rules["E6"], on=False)
    rules["E5"] = replace(rules["E5"], params={"tenths": 100})
    rules["E7"] = replace(rules["E7"], on=False)
    failures = tuple(event(str(n), "F1", 80, DAY - timedelta(days=90 * n)) for n in range(2))
    assert evaluate(replace(FT, rules=rules), replace(READY, events=failures), DAY).result == ELIGIBLE


@given(shares_of, st.integers(0, 5000), st.integers(1, 500), st.integers(0, 19))
def test_property_3_shares_sum_and_the_pool_is_given_out_exactly(shares, tenths, base, lead):
    assert sum(shares.values()) == 100
    found = split(Pool(tenths, base, len(shares), ()), shares, lead=f"E{lead}")
    assert sum(credit.tenths + credit.forfeited for credit in found) == tenths
    assert all(0 <= credit.tenths <= base and credit.forfeited >= 0 for credit in found)


@given(many, accepted)
def test_property_4_old_evaluation_run_again_gives_the_same_bytes_whatever_policy_came_after(some, later):
    """The stored text of the inputs is all that a later run has."""
    facts = replace(READY, events=tuple(some))
    first, stored = to_json(evaluate(FT, facts, DAY)), known.to_json(facts)
    evaluate(later, facts, DAY)
    again = known.from_text(json.loads(stored))
    assert to_json(evaluate(load(data()), again, DAY)) == first
    assert known.to_json(again) == stored


@given(many, anything, accepted)
def test_property_14_one_more_contribution_never_lowers_a_count(some, more, policy):
    more = replace(more, key="more")
    for rules in (FT, policy):
        assert count(rules, [*some, more], DAY).counted >= count(rules, some, DAY).counted


@given(many, st.integers(1, 3), st.booleans())
def test_property_15_no_number_and_no_band_reaches_hr(some, adopted, cleared):
    facts = replace(
        READY, events=tuple(some), adopted_elsewhere=replace(READY.adopted_elsewhere, value=adopted),
        audit_cleared=replace(READY.audit_cleared, value=cleared),
    )  # fmt: skip
    evaluation = evaluate(FT, facts, DAY)
    seen = asdict(without_numbers(evaluation))
    day, version = seen.pop("day"), seen.pop("policy_version")
    keys = [rule.pop("key") for rule in seen["rules"]]
    assert (day, version, len(keys)) == (DAY, FT.version, len(evaluation.rules))
    text = canonical(seen)
    assert not re.search(r"\d", text)
    counted = count(FT, facts.events, DAY).counted
    assert band_of(FT, counted).label.lower() not in text.lower()


@given(many, many)
def test_property_15_who_differs_only_in_points_looks_the_same_to_hr(one, two):
    first, second = (evaluate(FT, replace(READY, events=tuple(some)), DAY) for some in (one, two))
    assume([rule.passed for rule in first.rules] == [rule.passed for rule in second.rules])
    assert without_numbers(first) == without_numbers(second)
