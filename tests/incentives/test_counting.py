"""The count: worked examples, limits, and equality with brute force."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from time import perf_counter

from hypothesis import given, settings
from hypothesis import strategies as st

from incentives.rules.counting import Counted, Event, count
from incentives.rules.policy import Limit
from incentives.rules.steps import Step

from .policies import DAY, FT, event, events

Y23, Y24, Y25, Y26 = date(2024, 3, 1), date(2024, 9, 1), date(2025, 9, 1), date(2026, 9, 1)


def figures(found):
    return found.counted, found.results, found.supporting


def test_count_of_one_solo_result():
    assert figures(count(FT, [event("a", "R1", 200)], DAY)) == (200, 200, 0)


def test_count_of_a_lead_of_three_in_two_results():
    results = events("R1", 160, [Y25, Y26])
    support = [*events("M1", 20, [Y25, Y26]), *events("V1", 10, [Y25] * 3 + [Y26] * 3)]
    assert figures(count(FT, [*results, *support], DAY)) == (420, 320, 100)


def test_count_of_a_lead_of_three_in_one_year_meets_the_year_cap():
    support = [*events("M1", 20, [Y26] * 2), *events("V1", 10, [Y26] * 6)]
    assert figures(count(FT, [*events("R1", 160, [Y26, Y26]), *support], DAY)) == (300, 300, 0)


def test_count_of_a_member_of_five_is_three_points_short():
    found = count(FT, [*events("R1", 120, [Y25, Y26]), *events("V1", 10, [Y26] * 3)], DAY)
    assert figures(found) == (270, 240, 30)


def test_count_of_a_lead_of_four():
    mine = [event("a", "R1", 150, Y25), event("b", "R2", 90, Y26), event("c", "F1", 60, Y26)]
    assert figures(count(FT, [*mine, *events("M1", 20, [Y25, Y26])], DAY)) == (340, 300, 40)


def test_count_of_reviews_alone_is_nothing():
    dates = [Y24] * 8 + [Y25] * 8 + [Y26] * 8
    assert figures(count(FT, events("V1", 10, dates), DAY)) == (0, 0, 240)


def test_count_of_two_solo_failures_with_support():
    support = [*events("M1", 20, [Y25, Y26]), *events("V1", 10, [Y26] * 6)]
    assert figures(count(FT, [*events("F1", 80, [Y25, Y26]), *support], DAY)) == (260, 160, 100)


def test_count_of_five_sparks_counts_the_second_in_part():
    found = count(FT, events("R1", 80, [Y23, Y24, Y24, Y25, Y26], stage="spark"), DAY)
    assert figures(found) == (120, 120, 0)
    why = "Sparks together count for at most 12.0 points."
    assert found.events == (
        Counted("R1-0", "R1", 80, 80, ""),
        Counted("R1-1", "R1", 40, 80, why),
        Counted("R1-2", "R1", 0, 80, why),
        Counted("R1-3", "R1", 0, 80, why),
        Counted("R1-4", "R1", 0, 80, why),
    )
    assert [c.extent for c in found.events] == ["full", "part", "none", "none", "none"]


def test_count_floors_two_thirds_to_a_tenth():
    support = [*events("M1", 20, [Y26] * 3), *events("V1", 10, [Y26] * 8)]
    assert figures(count(FT, [event("a", "R2", 100, Y25), *support], DAY)) == (166, 100, 140)


def test_count_steps_say_every_figure():
    found = count(FT, [event("a", "R1", 200, Y25), event("b", "R1", 180, Y25), event("m", "M1", 20, Y26)], DAY)
    assert found.steps == (
        Step("Year 2025-26", "30.0", "Of 38.0; at most 30.0 count in one year."),
        Step("Year 2026-27", "2.0", "Of 2.0; at most 30.0 count in one year."),
        Step("Results", "30.0", "What was checked to work, to teach or to be repeated."),
        Step("Supporting others", "2.0", "Mentoring, reviewing, sprints, learning that was used."),
        Step("Supporting at most", "20.0", "2/3 of 30.0, cut to a tenth."),
        Step("Counted", "32.0", "Results, and supporting others as far as it counts."),
    )


def test_count_of_nothing():
    found = count(FT, [], DAY)
    assert (figures(found), found.events) == ((0, 0, 0), ())


def test_count_prefers_the_choice_of_failures_that_leaves_room_for_support():
    """A greedy order takes the larger failure of 2025-26 and loses the support of that year."""
    full = event("full", "R1", 220, Y25)
    support = [*events("M1", 20, [Y25] * 3), *events("V1", 10, [Y25] * 8)]
    failures = [event("big", "F1", 80, Y25), event("one", "F1", 60, Y26), event("two", "F1", 60, Y24)]
    found = count(FT, [full, *support, *failures], DAY)
    assert figures(found) == (220 + 80 + 120, 340, 80)
    assert {c.key: c.tenths for c in found.events if c.code == "F1"} == {"two": 60, "one": 60, "big": 0}


def test_count_gives_places_to_the_earliest_among_equals():
    found = count(FT, events("F1", 80, [Y26, Y25, Y24]), DAY)
    assert {c.key: c.why for c in found.events} == {
        "F1-2": "", "F1-1": "", "F1-0": "At most 2 of this kind count in 36 months.",
    }  # fmt: skip


def test_count_limits_per_fiscal_year():
    found = count(FT, [event("r", "R1", 200, Y25), *events("B1", 40, [Y26] * 3), *events("V1", 10, [Y26] * 9)], DAY)
    assert figures(found) == (360, 280, 80)
    assert [c.why for c in found.events if c.tenths < c.of] == [
        "At most 2 of this kind count in 2026-27.",
        "This kind counts for at most 8.0 points in 2026-27.",
    ]


def test_count_says_why_the_year_is_full():
    found = count(FT, events("R1", 200, [Y25, Y25]), DAY)
    assert found.events[1] == Counted("R1-1", "R1", 100, 200, "At most 30.0 points count in 2025-26.")


def test_count_window_is_open_at_its_start_and_closed_at_its_end():
    day = date(2026, 11, 24)
    dates = [date(2023, 11, 24), date(2023, 11, 25), day, day + timedelta(days=1)]
    found = count(FT, events("R1", 10, dates), day)
    assert {c.key: (c.tenths, c.why) for c in found.events} == {
        "R1-0": (0, "It is older than 36 months."),
        "R1-1": (10, ""),
        "R1-2": (10, ""),
        "R1-3": (0, "It was not yet checked on this day."),
    }


def test_count_window_over_leap_days():
    on_leap_day = event("a", "R1", 10, date(2024, 2, 29))
    assert count(FT, [on_leap_day], date(2027, 2, 28)).counted == 10
    assert count(FT, [on_leap_day], date(2027, 3, 1)).counted == 0
    assert count(FT, [event("a", "R1", 10, date(2025, 2, 28))], date(2028, 2, 29)).counted == 0


def test_count_waits_for_verification_but_dates_by_the_claim():
    slow = event("a", "R1", 200, date(2026, 6, 30), verified_on=date(2026, 11, 1))
    assert count(FT, [slow], date(2026, 10, 31)).counted == 0
    assert count(FT, [slow], date(2026, 11, 1)).steps[0].label == "Year 2025-26"


def test_count_leaves_out_what_was_reversed_from_that_day_on():
    claim = event("a", "R1", 200, Y25)
    back = event("back", "R1", -200, DAY, reverses="a")
    found = count(FT, [claim, back], DAY)
    assert (found.counted, found.events) == (0, (Counted("a", "R1", 0, 200, "It was taken back."),))
    assert count(FT, [claim, back], DAY - timedelta(days=1)).counted == 200


CODES = st.sampled_from(list(FT.codes))
anything = st.builds(
    lambda key, code, tenths, ago, stage: event(str(key), code, tenths, DAY - timedelta(days=ago), stage=stage),
    st.integers(0, 10**6), CODES, st.integers(1, 250), st.integers(0, 1200), st.sampled_from(["spark", "explore"]),
)  # fmt: skip
many = st.lists(anything, max_size=14, unique_by=lambda e: e.key)


@given(many, anything)
def test_count_is_never_lowered_by_one_more(some, more):
    more = replace(more, key="more")
    assert count(FT, [*some, more], DAY).counted >= count(FT, some, DAY).counted


@given(many, st.randoms())
def test_count_does_not_depend_on_the_order_of_events(some, seed):
    mixed = list(some)
    seed.shuffle(mixed)
    assert count(FT, mixed, DAY) == count(FT, some, DAY)


@given(many)
def test_count_keeps_every_limit(some):
    found = count(FT, some, DAY)
    by_key = {e.key: e for e in some}
    assert sorted(c.key for c in found.events) == sorted(by_key)
    taken = [(by_key[c.key], c.tenths) for c in found.events if c.tenths]
    year = lambda e: e.counts_on.year - (e.counts_on.month < 7)  # noqa: E731
    for which in {year(e) for e, _ in taken}:
        assert sum(t for e, t in taken if year(e) == which) <= 300
        assert sum(t for e, t in taken if e.code == "M1" and year(e) == which) <= 60
        assert sum(t for e, t in taken if e.code == "V1" and year(e) == which) <= 80
        assert sum(e.code == "B1" and year(e) == which for e, _ in taken) <= 2
        assert sum(e.code == "S1" and year(e) == which for e, _ in taken) <= 2
    assert [sum(e.code == code for e, _ in taken) <= most for code, most in (("F1", 2), ("P1", 3), ("F2", 3))] == [
        True
    ] * 3
    assert sum(t for e, t in taken if e.stage == "spark" and e.code in ("R1", "R2", "F1")) <= 120
    results = sum(t for e, t in taken if e.code in ("R1", "R2", "F1", "P1", "B1"))
    assert found.counted == results + min(found.supporting, 2 * results // 3)
    assert all(c.why for c in found.events if c.tenths < c.of)


# A policy so small that every amount of every event can be tried.
SMALL = replace(
    FT,
    year_cap_tenths=6,
    spark_cap_tenths=4,
    codes={
        **FT.codes,
        "F1": replace(FT.codes["F1"], limit=Limit("window", events=1)),
        "P1": replace(FT.codes["P1"], limit=Limit("window", events=2)),
        "B1": replace(FT.codes["B1"], limit=Limit("fiscal_year", events=1)),
        "F2": replace(FT.codes["F2"], limit=Limit("window", events=1)),
        "M1": replace(FT.codes["M1"], limit=Limit("fiscal_year", tenths=3)),
    },
)
NUMBERS = {"F1": ("w", 1), "P1": ("w", 2), "B1": ("y", 1), "F2": ("w", 1)}


def brute(some):
    """Try all places and amounts: the most counted, then the earliest places, then the earliest points."""
    order = sorted(some, key=lambda e: (e.counts_on.year, e.code in ("F2", "M1"), e.counts_on, e.key))
    limited = [e for e in order if e.code in NUMBERS]
    top = None
    for amounts in product(*(range(e.tenths + 1) for e in order)):
        if not _fits(order, amounts):
            continue
        results = sum(t for e, t in zip(order, amounts, strict=True) if e.code not in ("F2", "M1"))
        counted = results + min(sum(amounts) - results, 2 * results // 3)
        if top is not None and counted < top[0]:
            continue
        used = [t for e, t in zip(order, amounts, strict=True) if e.code in NUMBERS]
        for places in product((0, 1), repeat=len(limited)):
            if all(p or not t for p, t in zip(places, used, strict=True)) and _placed(limited, places):
                top = max(top or (0,), (counted, places, amounts))
    return top[0], {e.key: t for e, t in zip(order, top[2], strict=True)}


def _placed(limited, places):
    held = {}
    for e, place in zip(limited, places, strict=True):
        slot = (e.code, e.counts_on.year if NUMBERS[e.code][0] == "y" else 0)
        held[slot] = held.get(slot, 0) + place
    return all(number <= NUMBERS[slot[0]][1] for slot, number in held.items())


def _fits(order, amounts):
    years, mentoring, spark = {}, {}, 0
    for e, tenths in zip(order, amounts, strict=True):
        years[e.counts_on.year] = years.get(e.counts_on.year, 0) + tenths
        if e.code == "M1":
            mentoring[e.counts_on.year] = mentoring.get(e.counts_on.year, 0) + tenths
        spark += tenths * (e.stage == "spark" and e.code in ("R1", "F1"))
    return spark <= 4 and all(t <= 6 for t in years.values()) and all(t <= 3 for t in mentoring.values())


small_event = st.builds(
    lambda key, code, tenths, year, stage: Event(key, code, tenths, date(year, 9, 1), date(year, 9, 1), stage),
    st.sampled_from("abcdefgh"), st.sampled_from(["R1", "F1", "F1", "P1", "B1", "F2", "M1"]), st.integers(1, 4),
    st.sampled_from([2025, 2026]), st.sampled_from(["spark", "explore"]),
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(small_event, min_size=1, max_size=5, unique_by=lambda e: e.key))
def test_count_equals_brute_force(some):
    found = count(SMALL, some, DAY)
    assert (found.counted, {c.key: c.tenths for c in found.events}) == brute(some)


def test_count_of_sixty_events_is_fast():
    codes = ["F1", "P1", "F2", "B1", "S1", "R1"]
    some = [
        event(f"{n:02}", codes[n % 6], 5 + n % 7, DAY - timedelta(days=n * 18), stage="spark" if n % 4 else "explore")
        for n in range(60)
    ]
    start = perf_counter()
    count(FT, some, DAY)
    assert perf_counter() - start < 2
