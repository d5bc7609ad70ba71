"""The first version loads; a faulty one is refused with the key named."""

import pytest

from incentives.rules.loading import PolicyFault, load
from incentives.rules.policy import CLASSES, CODES, DATES, RULES, STAGES

from .policies import FT, data

NUMBER = "must be a whole number, from 1 to 100000"
NAME = "must be at most 30 letters from A to Z, digits, dots and hyphens, such as FT-2027.1"
LINE = "must be one line of at most 500 characters"
LIMITED = "only a supporting code is limited in points, and per fiscal year"
SILENT = "must hold no number, because HR reads it"
NO_BOLD = {"likely": 120, "open": 200}


def changed(path, value):
    """The first policy with one key changed (or, with `...`, taken out)."""
    found = policy = data()
    *steps, last = path.split(".")
    for step in steps:
        found = found[int(step)] if step.isdigit() else found[step]
    if value is ...:
        del found[last]
    else:
        found[last] = value
    return policy


def faults_of(policy):
    with pytest.raises(PolicyFault) as stop:
        load(policy)
    return stop.value.faults


def test_first_policy_holds_the_figures_of_the_design():
    assert (FT.version, FT.window_months, FT.year_cap_tenths, FT.spark_cap_tenths) == ("FT-2026.1", 36, 300, 120)
    assert (FT.support_times, FT.support_over, FT.partial_from_percent) == (2, 3, 50)
    assert (tuple(FT.stages), tuple(FT.classes), tuple(FT.codes), tuple(FT.rules)) == (STAGES, CLASSES, CODES, RULES)
    limits = {key: (c.limit.per, c.limit.events, c.limit.tenths) for key, c in FT.codes.items() if c.limit}
    assert limits == {
        "F1": ("window", 2, None), "P1": ("window", 3, None), "B1": ("fiscal_year", 2, None),
        "F2": ("window", 3, None), "M1": ("fiscal_year", None, 60), "V1": ("fiscal_year", None, 80),
        "S1": ("fiscal_year", 2, None),
    }  # fmt: skip
    assert {key: code.dated_by for key, code in FT.codes.items()} == {
        "R1": "outcome_claimed", "R2": "outcome_claimed", "F1": "learning_submitted", "P1": "adoption_signed",
        "B1": "rule_amended", "F2": "confirmed", "M1": "confirmed", "V1": "confirmed", "S1": "confirmed",
    }  # fmt: skip
    assert [key for key, rule in FT.rules.items() if rule.excludes] == ["E1", "E2", "E8", "E10", "E12"]
    assert [key for key, rule in FT.rules.items() if not rule.blocks] == ["E10", "E12"]


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("window_months", "36", "window_months: must be a whole number, from 1 to 600"),
        ("window_months", True, "window_months: must be a whole number, from 1 to 600"),
        ("window_months", 0, "window_months: must be a whole number, from 1 to 600"),
        ("year_cap_tenths", 30.5, "year_cap_tenths: must be a whole number, from 1 to 100000"),
        ("partial_from_percent", 101, "partial_from_percent: must be a whole number, from 1 to 100"),
        ("version", ..., "version: must be a text"),
        ("version", " ", "version: must be a text"),
        ("version", "FT 2028 / draft", f"version: {NAME}"),
        ("version", "ཕྲན་ཚེགས", f"version: {NAME}"),
        ("version", "F" * 31, f"version: {NAME}"),
        ("version", "new", f"version: {NAME}"),
        ("title", "one\x00two", f"title: {LINE}"),
        ("title", "x" * 501, f"title: {LINE}"),
        ("codes.P1.base_tenths", 10**40, f"codes.P1.base_tenths: {NUMBER}"),
        ("stages.build.factor_tenths", 1001, "stages.build.factor_tenths: must be a whole number, from 1 to 1000"),
        ("cycles.0.opens", "W01-1", "cycles[0].opens: must be a day such as 07-01"),
        ("surprise", 1, "surprise: is not known"),
        ("codes.R1.surprise", 1, "codes.R1.surprise: is not known"),
        ("codes.R1.kind", "gift", "codes.R1.kind: must be one of result, supporting"),
        ("codes.R1.team", 1, "codes.R1.team: must be true or false"),
        ("codes.R1.base_tenths", NO_BOLD, f"codes.R1.base_tenths.bold: {NUMBER}"),
        ("codes.V1.staged", True, "codes.V1.staged: only results have a stage factor"),
        ("codes.F1.limit", {"tenths": 5, "per": "fiscal_year"}, f"codes.F1.limit.tenths: {LIMITED}"),
        ("codes.V1.limit.per", "window", f"codes.V1.limit.tenths: {LIMITED}"),
        ("codes.P1.dated_by", "some day", f"codes.P1.dated_by: must be one of {', '.join(DATES)}"),
        ("stages.build", 15, "stages.build: must be an object"),
        ("shares.least", 51, "shares.least: must be at most 50"),
        ("shares.most", 49, "shares.most: must be at least 50, so that two people can share everything"),
        ("shares.holders", 1, "shares.holders: must be a whole number, from 2 to 100"),
        ("bands", [], "bands: must be a list"),
        ("bands.1.from_tenths", 0, "bands: must begin at 0 and rise"),
        ("eligibility.E2.levels", [], "eligibility.E2.levels: must be a list of texts"),
        ("eligibility.E5.label", "At least 30 points", f"eligibility.E5.label: {SILENT}"),
        ("eligibility.E6.codes", ["R1", "X9"], f"eligibility.E6.codes: X9 must be one of {', '.join(CODES)}"),
        ("eligibility.E6.codes", ["R1", "F1"], "eligibility.E6.codes: F1 must not be among them"),
        ("eligibility.E6.codes", ["B1"], "eligibility.E6.codes: B1 must not be among them"),
        ("eligibility.E6.codes", ["V1"], "eligibility.E6.codes: V1 must not be among them"),
        ("eligibility.E6.on", False, "eligibility.E6.on: must be true"),
        ("eligibility.E6.least", 0, "eligibility.E6.least: must be a whole number, from 1 to 100000"),
        ("eligibility.E9.effective", ["13-01"], "eligibility.E9.effective: 13-01 must be a day such as 07-01"),
        ("eligibility.E9.effective", ["02-29"], "eligibility.E9.effective: 02-29 must be a day such as 07-01"),
        ("eligibility.E8.when_missing", "guess", "eligibility.E8.when_missing: must be one of block, pass"),
    ],
)  # fmt: skip
def test_faulty_policy_is_refused_and_the_key_named(path, value, fault):
    assert faults_of(changed(path, value)) == [fault]


def test_policy_that_is_no_object_is_refused():
    assert faults_of([]) == ["the policy: must be an object"]


def test_missing_part_is_named_once():
    assert faults_of(changed("team", ...)) == ["team: must be an object"]


@pytest.mark.parametrize(
    ("path", "value", "where", "figures"),
    [
        ("codes.R2.base_tenths.open", 200, "spark, likely", "R1 must be above R2, and R2 above F1, not 80, 80, 32"),
        ("codes.F1.base_tenths.likely", 80, "explore, likely", "R1 must be above R2, and R2 above F1, not 120, 80, 80"),
        ("codes.F1.base_tenths.likely", 60, "explore, likely", "F1 must be below half of R1, not 60 of 120"),
        ("codes.F1.base_tenths.bold", 125, "explore, bold", "F1 must be below half of R1, not 125 of 250"),
    ],
)
def test_policy_that_breaks_the_order_is_refused(path, value, where, figures):
    assert faults_of(changed(path, value))[0] == f"codes ({where}): {figures} tenths"


def test_failure_just_below_half_is_allowed():
    assert load(changed("codes.F1.base_tenths.likely", 59)).base("F1", "explore", "likely") == 59


def test_rule_other_than_the_sixth_may_be_off():
    assert load(changed("eligibility.E7.on", False)).rules["E7"].on is False


def test_labels_stand_for_every_code():
    assert [code.key for code in FT.codes.values() if not code.label or code.key in code.label] == []
