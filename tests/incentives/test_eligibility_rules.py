"""Eligibility: every rule at its edge, the order of answers, the same bytes, no number for HR."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.rules import facts as known
from incentives.rules.eligibility import RuleResult, effective_date, evaluate, to_json, without_numbers
from incentives.rules.facts import Fact, Facts, Rating, Sanction
from incentives.rules.loading import load

from .policies import DAY, FT, data, event, events
from .test_policy import changed

AS_OF = date(2026, 10, 1)


def fact(value, as_of=AS_OF, source="HR register"):
    return Fact(value, source, as_of)


READY = Facts(
    employment_type=fact("regular"),
    in_service=fact(True),
    level=fact("P3"),
    level_since=fact(date(2023, 7, 1)),
    ratings=fact(tuple(Rating(date(year, 6, 30), lowest=False, very_good=True) for year in (2024, 2025, 2026))),
    open_case=fact(False),
    sanctions=fact((Sanction(date(2026, 10, 1), holds=False),)),
    security_cleared=fact(True),
    audit_cleared=fact(True),
    granted=fact(()),
    used_events=fact(()),
    adopted_elsewhere=fact(1),
    nominated=fact(True),
    events=(event("a", "R1", 200, date(2025, 9, 1)), event("b", "R2", 100, date(2026, 9, 1))),
)


def result_of(key, policy=FT, **changes):
    found = evaluate(policy, replace(READY, **changes), DAY)
    (rule,) = (rule for rule in found.rules if rule.key == key)
    return rule.passed, found.result


def test_everything_met_is_eligible_for_consideration():
    found = evaluate(FT, READY, DAY)
    assert (found.result, found.what_would_change) == ("eligible_for_consideration", ())
    assert (found.policy_version, found.notice) == ("FT-2026.1", "This is not a promotion decision.")
    assert [(rule.key, rule.passed) for rule in found.rules] == [(f"E{n}", True) for n in range(1, 13)]


def test_every_rule_says_value_requirement_source_and_day():
    found = {rule.key: rule for rule in evaluate(FT, READY, DAY).rules}
    assert found["E5"] == RuleResult(
        "E5", "Enough recognised contributions", True, "30.0 points", "at least 30.0 points", "Your record here", DAY
    )
    assert found["E3"] == RuleResult(
        "E3", "Time in the present level", True, "since 2023-07-01", "at least 24 months in the level", "HR register",
        AS_OF,
    )  # fmt: skip
    assert found["E1"] == RuleResult(
        "E1", "Regular civil servant in active service", True, "regular; in active service: yes",
        "regular; in active service: yes", "HR register", AS_OF,
    )  # fmt: skip
    assert {key: (rule.value, rule.required) for key, rule in found.items() if key not in ("E1", "E3", "E5")} == {
        "E2": ("P3", "a level from O4 to P2"),
        "E4": ("0 in the lowest band in 36 months", "none in the lowest band"),
        "E6": ("2", "at least 1"),
        "E7": ("1", "at least 1"),
        "E8": ("open case: no; sanction in 36 months: no", "open case: no; sanction in 36 months: no"),
        "E9": (
            "security clearance on 2027-01-01: yes; audit clearance on 2027-01-01: yes",
            "security clearance on 2027-01-01: yes; audit clearance on 2027-01-01: yes",
        ),
        "E10": ("none", "none in 72 months"),
        "E11": ("nominated: yes", "nominated: yes"),
        "E12": ("0", "none"),
    }


def sanctions(*days):
    """Notes of a sanction: `2026-03-01` that it holds, `-2026-10-01` that it does not."""
    return fact(tuple(Sanction(date.fromisoformat(day.lstrip("-")), not day.startswith("-")) for day in days))


YEARS = READY.ratings.value
UNRATED = replace(YEARS[1], very_good=False, rated=False)
LOWEST = Rating(date(2023, 11, 25), lowest=True, very_good=False)
EXPLORE_P1 = (event("p", "P1", 60, DAY), *events("B1", 40, [date(2025, 9, 1)] * 2))


@pytest.mark.parametrize(
    ("key", "changes", "passed", "result"),
    [
        ("E1", {"employment_type": fact("contract")}, False, "excluded"),
        ("E1", {"in_service": fact(False)}, False, "excluded"),
        ("E1", {"in_service": Fact()}, None, "blocked_data"),
        ("E1", {"employment_type": fact("contract"), "in_service": Fact()}, False, "excluded"),
        ("E2", {"level": fact("P1")}, False, "excluded"),
        ("E2", {"level": fact("SS1")}, True, "eligible_for_consideration"),
        ("E2", {"level": fact("O4")}, True, "eligible_for_consideration"),
        ("E2", {"level": fact("ES3")}, False, "excluded"),
        ("E3", {"level_since": fact(date(2024, 11, 24))}, True, "eligible_for_consideration"),
        ("E3", {"level_since": fact(date(2024, 11, 25))}, False, "not_yet"),
        ("E3", {"level_since": Fact()}, None, "blocked_data"),
        ("E4", {"ratings": fact((LOWEST, *YEARS))}, False, "not_yet"),
        ("E4", {"ratings": fact((LOWEST,))}, False, "not_yet"),
        ("E4", {"ratings": fact((replace(LOWEST, on=date(2023, 11, 24)), *YEARS))}, True, "eligible_for_consideration"),
        ("E4", {"ratings": fact(YEARS[2:])}, None, "blocked_data"),
        ("E4", {"ratings": fact((YEARS[0], YEARS[2]))}, None, "blocked_data"),
        ("E4", {"ratings": fact((YEARS[0], UNRATED, YEARS[2]))}, True, "eligible_for_consideration"),
        ("E4", {"ratings": fact(YEARS[:2])}, True, "eligible_for_consideration"),  # the last year is not rated yet
        ("E4", {"ratings": fact(())}, None, "blocked_data"),
        ("E4", {"ratings": Fact()}, None, "blocked_data"),
        ("E5", {"events": READY.events[:1]}, False, "not_yet"),
        ("E5", {"events": (replace(READY.events[0], tenths=199), READY.events[1])}, False, "not_yet"),
        ("E6", {"events": EXPLORE_P1}, True, "not_yet"),
        ("E6", {"events": tuple(replace(e, stage="spark") for e in READY.events)}, False, "not_yet"),
        ("E6", {"events": tuple(replace(e, code="F1") for e in READY.events)}, False, "not_yet"),
        ("E7", {"adopted_elsewhere": fact(0)}, False, "not_yet"),
        ("E7", {"adopted_elsewhere": Fact()}, None, "blocked_data"),
        ("E8", {"open_case": fact(True)}, False, "excluded"),
        ("E8", {"sanctions": sanctions("2026-10-01")}, False, "excluded"),
        ("E8", {"sanctions": sanctions("2026-03-01", "-2026-10-01")}, False, "excluded"),
        ("E8", {"sanctions": sanctions("-2026-10-01", "2023-11-25")}, False, "excluded"),
        ("E8", {"sanctions": sanctions("2023-01-01", "-2024-01-01")}, False, "excluded"),
        (
            "E8",
            {"sanctions": sanctions("2023-01-01", "-2023-11-24", "-2026-10-01")},
            True,
            "eligible_for_consideration",
        ),
        ("E8", {"sanctions": sanctions("-2026-10-01", "2026-11-25")}, True, "eligible_for_consideration"),
        ("E8", {"sanctions": Fact()}, None, "blocked_data"),
        ("E9", {"security_cleared": fact(False)}, False, "not_yet"),
        ("E9", {"audit_cleared": Fact()}, None, "blocked_data"),
        ("E10", {"granted": fact((date(2020, 11, 25),))}, False, "excluded"),
        ("E10", {"granted": fact((date(2020, 11, 24),))}, True, "eligible_for_consideration"),
        ("E10", {"granted": Fact()}, True, "eligible_for_consideration"),
        ("E11", {"nominated": fact(False)}, False, "not_yet"),
        ("E12", {"used_events": fact(("a",))}, False, "excluded"),
        ("E12", {"used_events": fact(("another",))}, True, "eligible_for_consideration"),
        ("E12", {"used_events": Fact()}, True, "eligible_for_consideration"),
    ],
)
def test_rule_at_its_edge(key, changes, passed, result):
    assert result_of(key, **changes) == (passed, result)


@pytest.mark.parametrize(("as_of", "passed"), [(DAY - timedelta(days=92), True), (DAY - timedelta(days=93), None)])
def test_stale_register_blocks(as_of, passed):
    assert result_of("E2", level=fact("P3", as_of))[0] is passed


def test_stale_fact_never_excludes():
    assert result_of("E1", employment_type=fact("contract", date(2026, 1, 1))) == (None, "blocked_data")


def test_fact_of_a_later_day_or_without_a_day_is_not_known():
    assert result_of("E2", level=fact("P3", DAY + timedelta(days=1))) == (None, "blocked_data")
    assert result_of("E2", level=fact("P3", None)) == (None, "blocked_data")


def test_answers_come_in_their_order():
    wrong = {"employment_type": fact("contract"), "ratings": Fact(), "nominated": fact(False)}
    found = []
    for key in ("employment_type", "ratings", "nominated", None):
        found.append(evaluate(FT, replace(READY, **wrong), DAY).result)
        wrong.pop(key, None)
    assert found == ["excluded", "blocked_data", "not_yet", "eligible_for_consideration"]


def test_what_would_change_is_said_for_each_rule_that_is_not_met():
    found = evaluate(
        FT, replace(READY, level=fact("P1"), ratings=Fact(None, "HR"), nominated=fact(False), events=()), DAY
    )
    assert found.what_would_change == (
        "Position level in scope: not open to you now, because it is P1; needed is a level from O4 to P2.",
        "No rating in the lowest band: we need this fact from HR (not known).",
        "Enough recognised contributions: it is 0.0 points; needed is at least 30.0 points.",
        "A checked result from Explore or above: it is 0; needed is at least 1.",
        "Nominated, by the division chief or by oneself: it is nominated: no; needed is nominated: yes.",
    )


def test_two_solo_failures_with_support_are_not_eligible():
    two = [date(2025, 9, 1), DAY]
    mine = (*events("F1", 80, two), *events("M1", 20, two), *events("V1", 10, [DAY] * 6))
    found = evaluate(FT, replace(READY, events=mine), DAY)
    values = {rule.key: rule.value for rule in found.rules}
    assert (found.result, values["E5"], values["E6"]) == ("not_yet", "26.0 points", "0")


def test_two_of_the_last_three_is_asked_where_the_policy_says_so():
    strict = load(changed("eligibility.E4.two_of_last_three", True))
    years = ((2023, True), (2024, True), (2025, False), (2026, False))
    ratings = tuple(Rating(date(year, 6, 30), False, good) for year, good in years)
    assert result_of("E4", ratings=fact(ratings)) == (True, "eligible_for_consideration")
    assert result_of("E4", strict, ratings=fact(ratings)) == (False, "not_yet")
    unrated = (*ratings[:3], replace(ratings[3], rated=False))  # the last three that were rated
    assert result_of("E4", strict, ratings=fact(unrated)) == (True, "eligible_for_consideration")
    later = Rating(date(2027, 6, 30), False, True)
    assert result_of("E4", strict, ratings=fact((*ratings, later))) == (False, "not_yet")
    assert result_of("E4", strict, ratings=fact(ratings[:3])) == (True, "eligible_for_consideration")


def test_rule_that_is_off_is_not_asked():
    found = evaluate(load(changed("eligibility.E7.on", False)), replace(READY, adopted_elsewhere=Fact()), DAY)
    assert (found.result, "E7" in [rule.key for rule in found.rules]) == ("eligible_for_consideration", False)


def test_later_policy_changes_no_earlier_answer():
    facts = replace(READY, events=READY.events[:1])
    before = to_json(evaluate(FT, facts, DAY))
    softer = data()
    softer["eligibility"]["E5"]["tenths"], softer["version"] = 200, "FT-2027.1"
    assert evaluate(load(softer), facts, DAY).result == "eligible_for_consideration"
    assert to_json(evaluate(load(data()), facts, DAY)) == before


@pytest.mark.parametrize(
    ("day", "effective"),
    [
        (date(2026, 11, 24), date(2027, 1, 1)),
        (date(2027, 1, 1), date(2027, 1, 1)),
        (date(2027, 1, 2), date(2027, 7, 1)),
        (date(2027, 12, 31), date(2028, 1, 1)),
    ],
)
def test_effective_date_is_the_next_first_of_january_or_july(day, effective):
    assert effective_date(FT.rules["E9"], day) == effective


def test_facts_survive_their_text():
    assert known.from_text(json.loads(known.to_json(READY))) == READY
    assert known.from_text(json.loads(known.to_json(Facts()))) == Facts()


def test_same_inputs_give_the_same_bytes_whatever_their_order():
    mixed = replace(READY, events=READY.events[::-1])
    assert known.to_json(mixed) == known.to_json(READY)
    again = known.from_text(json.loads(known.to_json(READY)))
    assert to_json(evaluate(FT, again, DAY)) == to_json(evaluate(FT, mixed, DAY))


def test_evaluation_gives_the_bytes_that_it_gave_when_it_was_written():
    """Stored evaluations are run again with this function: a change of it keeps the old one for what is stored."""
    wrong = replace(READY, ratings=fact(YEARS[2:]), sanctions=sanctions("2026-03-01", "-2026-10-01"), granted=Fact())
    texts = [text for facts in (READY, wrong) for text in (known.to_json(facts), to_json(evaluate(FT, facts, DAY)))]
    assert [sha256(text.encode()).hexdigest()[:16] for text in texts] == [
        "a46c97f813bc3c1d", "5af784e433ad1c1c", "34383c12a80e6d98", "67e2ba8ab468c76a",
    ]  # fmt: skip


some_facts = st.builds(
    lambda since, level, tenths, adopted, as_of: replace(
        READY, level_since=fact(since, as_of), level=fact(level), adopted_elsewhere=fact(adopted),
        events=tuple(event(str(n), "R1", t, DAY - timedelta(days=90 * n)) for n, t in enumerate(tenths)),
    ),
    st.dates(date(2020, 1, 1), DAY), st.sampled_from(["P1", "P3"]), st.lists(st.integers(1, 250), max_size=6),
    st.integers(0, 3), st.dates(date(2026, 1, 1), DAY),
)  # fmt: skip


@given(some_facts)
def test_hr_sees_no_number(facts):
    found = evaluate(FT, facts, DAY)
    seen = without_numbers(found)
    assert set(seen.__dict__) == {"result", "day", "policy_version", "notice", "rules"}
    assert {mark.mark for mark in seen.rules} <= {"met", "not_met", "not_known"}
    assert not re.search(r"\d", " ".join([seen.notice, seen.result, *(f"{m.label} {m.mark}" for m in seen.rules)]))


@given(some_facts, some_facts)
def test_hr_cannot_tell_apart_what_differs_only_in_numbers(one, two):
    first, second = evaluate(FT, one, DAY), evaluate(FT, two, DAY)
    if [rule.passed for rule in first.rules] == [rule.passed for rule in second.rules]:
        assert without_numbers(first) == without_numbers(second)
