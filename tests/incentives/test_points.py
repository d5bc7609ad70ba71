"""The worked examples of points, written out; edges; properties."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.rules.points import (
    Credit,
    Member,
    ShareProblem,
    ambition_class,
    band_of,
    base_points,
    base_steps,
    by_number,
    check_shares,
    equal_shares,
    pool,
    progress_to,
    split,
    team_size,
)
from incentives.rules.steps import Step, canonical, in_points, months_before

from .policies import FT

EARLY = date(2026, 1, 1)
CLAIM = date(2026, 10, 1)


def part_of(code, people, share, base=None):
    """Tenths of one person with `share` percent in a team of `people`."""
    team = pool(FT, code, base=base or base_points(FT, code, "explore"), people=people)
    return next(c.tenths for c in split(team, {"E1": share, "E2": 100 - share}, lead="E1") if c.number == "E1")


@pytest.mark.parametrize(
    ("stage", "likely", "open_", "bold"),
    [
        ("spark", (80, 48, 32), (80, 48, 32), (80, 48, 32)),  # a Spark counts as open
        ("explore", (120, 80, 50), (200, 120, 80), (250, 150, 80)),
        ("build", (180, 120, 75), (300, 180, 120), (375, 225, 120)),
        ("scale", (240, 160, 100), (400, 240, 160), (500, 300, 160)),
    ],
)
def test_base_per_stage_and_class(stage, likely, open_, bold):
    found = {
        c: tuple(base_points(FT, code, stage, c) for code in ("R1", "R2", "F1")) for c in ("likely", "open", "bold")
    }
    assert found == {"likely": likely, "open": open_, "bold": bold}


def test_base_without_stage_factor_ignores_stage():
    found = {code: base_points(FT, code, "scale", "bold") for code in ("P1", "B1", "F2", "M1", "V1", "S1")}
    assert found == {"P1": 60, "B1": 40, "F2": 20, "M1": 20, "V1": 10, "S1": 10}


@pytest.mark.parametrize(
    ("people", "tenths"), [(1, 200), (2, 300), (3, 400), (4, 500), (5, 600), (7, 800), (8, 800), (20, 800)]
)
def test_pool_by_people(people, tenths):
    assert pool(FT, "R1", base=200, people=people).tenths == tenths


def test_pool_is_cut_to_a_tenth():
    assert pool(FT, "F1", base=75, people=2).tenths == 112


def test_pool_of_one_persons_code_is_the_base():
    assert pool(FT, "V1", base=10, people=5).tenths == 10


@pytest.mark.parametrize(
    ("code", "people", "share", "tenths"),
    [("R1", 3, 40, 160), ("R1", 5, 20, 120), ("R1", 4, 30, 150), ("R2", 4, 30, 90), ("F1", 4, 30, 60)],
)
def test_part_of_worked_examples(code, people, share, tenths):
    assert part_of(code, people, share) == tenths


def test_split_gives_left_over_tenth_to_the_lead_on_a_tie():
    team = pool(FT, "V1", base=10, people=1)
    found = split(team, {"E1": 25, "E2": 25, "E3": 50}, lead="E2")
    assert {c.number: c.tenths for c in found} == {"E1": 2, "E2": 3, "E3": 5}


def test_split_gives_left_over_tenth_to_the_lowest_number_on_a_tie_without_lead():
    found = split(pool(FT, "V1", base=10, people=1), {"E10": 25, "E9": 25, "E3": 50}, lead="E3")
    assert {c.number: c.tenths for c in found} == {"E9": 3, "E10": 2, "E3": 5}


def test_split_gives_left_over_tenth_to_the_largest_remainder_before_the_lead():
    found = split(pool(FT, "V1", base=10, people=1), {"E1": 34, "E2": 17, "E3": 49}, lead="E1")
    assert {c.number: c.tenths for c in found} == {"E1": 3, "E2": 2, "E3": 5}


def test_steps_of_the_base_name_chance_and_stage():
    assert [step.label for step in base_steps(FT, "P1", "explore")] == []
    assert base_steps(FT, "R1", "build", "bold") == (
        Step("How likely the target was", "25.0", "Reviewers thought the target bold."),
        Step("Stage Build", "× 1.5", "25.0 × 1.5 = 37.5, cut to a tenth."),
    )
    assert base_steps(FT, "R1", "spark", "bold") == (
        Step("How likely the target was", "20.0", "Every Spark counts so."),
        Step("Stage Spark", "× 0.4", "20.0 × 0.4 = 8.0, cut to a tenth."),
    )


def test_split_forfeits_above_the_base_and_shows_the_steps():
    team = pool(FT, "R1", base=200, people=5)
    assert split(team, {"E1": 60, "E2": 40}, lead="E1")[0] == Credit(
        "E1", 200, 160,
        (
            Step("Checked: target reached", "20.0", "The points for one person."),
            Step("Team", "× 3.0", "5 with recorded work who joined early enough."),
            Step("Points of the team", "60.0", "20.0 × 3.0, cut to a tenth."),
            Step("Your share", "60 %", "As everybody agreed when the result was claimed."),
            Step("Your part", "36.0", "60 % of 60.0, cut to a tenth."),
            Step("Above the ceiling", "-16.0", "Nobody gets more than one person alone would: 20.0."),
            Step("Your points", "20.0", "This is what goes on your record."),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("shares", [{"E1": 99}, {"E1": 101}, {"E1": 110, "E2": -10}])
def test_split_refuses_shares_that_are_not_whole(shares):
    with pytest.raises(ValueError, match="add up to 100"):
        split(pool(FT, "R1", base=200, people=1), shares, lead="E1")


shares_of = (
    st.lists(st.integers(0, 100), min_size=1, max_size=20)
    .filter(sum)
    .map(
        lambda weights: {
            f"E{n}": 100 * w // sum(weights) + (100 - sum(100 * x // sum(weights) for x in weights)) * (n == 0)
            for n, w in enumerate(weights)
        }
    )
)


@given(shares=shares_of, base=st.integers(1, 500), people=st.integers(1, 20), lead=st.integers(0, 19))
def test_split_sums_to_the_pool_before_the_ceiling_and_gives_nobody_above_the_base(shares, base, people, lead):
    team = pool(FT, "R1", base=base, people=people)
    found = split(team, shares, lead=f"E{lead}")
    assert sum(c.tenths + c.forfeited for c in found) == team.tenths == base * min(8, people + 1) // 2
    assert max(c.tenths for c in found) <= base
    assert all(abs((c.tenths + c.forfeited) * 100 - team.tenths * shares[c.number]) < 100 for c in found)


@given(shares=shares_of, base=st.integers(1, 500), seed=st.randoms())
def test_split_does_not_depend_on_the_order_of_people(shares, base, seed):
    team, mixed = pool(FT, "R1", base=base, people=3), list(shares.items())
    seed.shuffle(mixed)
    assert split(team, dict(mixed), lead="E1") == split(team, shares, lead="E1")


def test_numbers_are_ordered_by_value():
    assert sorted(["E10", "E9", "A1", "12", "7", "007"], key=by_number) == ["007", "7", "12", "A1", "E9", "E10"]


def test_equal_shares_give_the_remainder_to_the_lead():
    assert equal_shares(["E1", "E2", "E3"], "E2") == {"E1": 33, "E2": 34, "E3": 33}


def test_equal_shares_without_work_of_the_lead_give_it_to_the_lowest_number():
    assert equal_shares(["E10", "E9", "E3"], "E1") == {"E3": 34, "E9": 33, "E10": 33}


def test_equal_shares_of_nobody():
    assert equal_shares([], "E1") == {}


@given(st.integers(1, 20))
def test_equal_shares_always_pass_the_check(size):
    numbers = [f"E{n}" for n in range(size)]
    shares = equal_shares(numbers, "E0")
    assert check_shares(FT, [Member(n, shares[n], True, EARLY) for n in numbers]) == []


def member(number, share, work=True, **fields):
    return Member(number, share, work, fields.pop("joined", EARLY), **fields)


@pytest.mark.parametrize(
    ("members", "problems"),
    [
        ([member("E1", 60), member("E2", 40)], []),
        ([member("E1", 100)], []),
        ([member("E1", 100), member("E2", 0, work=False)], []),
        ([member("E1", 60), member("E2", 40), member("E3", 0)], []),
        (
            [member("E1", 61), member("E2", 39)],
            [ShareProblem("E1", "Give 0 %, or from 5 % to 60 %.")],
        ),
        (
            [member("E1", 56), member("E2", 40), member("E3", 4)],
            [ShareProblem("E3", "Give 0 %, or from 5 % to 60 %.")],
        ),
        (
            [member("E1", 50), member("E2", 45), member("E3", 5, work=False)],
            [ShareProblem("E3", "There is no recorded work of this person. Add the record, or give 0 %.")],
        ),
        (
            [member("E1", 60), member("E2", 30)],
            [ShareProblem("", "The shares add up to 90 %. Change them so that they add up to 100 %.")],
        ),
        (
            [member("E1", 60), member("E2", 0, work=False)],
            [
                ShareProblem("E1", "Only one person has recorded work, so this share is 100 %."),
                ShareProblem("", "The shares add up to 60 %. Change them so that they add up to 100 %."),
            ],
        ),
        (
            [member("E1", 50), member("E2", 40), member("E3", 10, superior=True)],
            [
                ShareProblem(
                    "E3",
                    "A manager or approver needs a record of work that another member has confirmed; "
                    "until then give 0 %.",
                )
            ],
        ),
        ([member("E1", 50), member("E2", 40), member("E3", 10, superior=True, work_confirmed=True)], []),
    ],
)  # fmt: skip
def test_check_shares(members, problems):
    assert check_shares(FT, members) == problems


def test_check_shares_refuses_twenty_one_holders():
    members = [member(f"E{n}", 5) for n in range(21)]
    assert [p.text for p in check_shares(FT, members)] == [
        "The shares add up to 105 %. Change them so that they add up to 100 %.",
        "21 people hold a share. At most 20 can.",
    ]


@pytest.mark.parametrize(
    ("joined", "project_days", "people"),
    [
        (date(2026, 7, 3), 365, 2),  # 90 days before the claim
        (date(2026, 7, 4), 365, 1),  # 89 days
        (date(2026, 9, 3), 56, 2),  # 28 of 56 days: half of a Spark
        (date(2026, 9, 4), 56, 1),  # 27 of 56 days
    ],
)
def test_team_size_counts_who_joined_early_enough(joined, project_days, people):
    members = [member("E1", 60), member("E2", 40, joined=joined)]
    assert team_size(FT, members, claimed=CLAIM, project_days=project_days) == people


def test_team_size_leaves_out_small_shares_and_no_work_and_is_at_least_one():
    members = [member("E1", 50), member("E2", 46), member("E3", 4), member("E4", 0, work=False)]
    assert team_size(FT, members, claimed=CLAIM, project_days=200) == 2
    assert team_size(FT, [], claimed=CLAIM, project_days=200) == 1


@pytest.mark.parametrize(
    ("marks", "found"),
    [
        ("bold", "bold"),
        ("bold open likely", "open"),
        ("likely likely bold", "likely"),
        ("likely likely", "likely"),
        ("likely open", "open"),
        ("bold open", "open"),
        ("bold likely", "open"),
        ("bold bold likely likely", "open"),
        ("bold bold bold likely", "bold"),
    ],
)
def test_ambition_is_the_median_mark_and_open_when_the_middle_differs(marks, found):
    assert ambition_class(marks.split()) == found


def test_ambition_without_marks_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        ambition_class([])


@given(st.lists(st.sampled_from(["likely", "open", "bold"]), min_size=1, max_size=6), st.randoms())
def test_ambition_does_not_depend_on_the_order_of_reviewers(marks, seed):
    mixed = list(marks)
    seed.shuffle(mixed)
    assert ambition_class(mixed) == ambition_class(marks)


@pytest.mark.parametrize(
    ("baseline", "target", "endline", "found"),
    [
        ("10", "20", "20", "met"),
        ("10", "20", "25", "met"),
        ("10", "20", "19.999", "partial"),
        ("10", "20", "15", "partial"),
        ("10", "20", "14.999", "not_met"),
        ("10", "20", "5", "not_met"),
        ("20", "10", "10", "met"),
        ("20", "10", "9", "met"),
        ("20", "10", "15", "partial"),
        ("20", "10", "15.01", "not_met"),
        ("20", "10", "30", "not_met"),
        ("-5", "5", "0", "partial"),
        ("0", "0.3", "0.15", "partial"),
        ("0", "1E+40", "4.9999999999999999999999999999999999999999E+39", "not_met"),
    ],
)
def test_progress_for_rising_and_falling_targets(baseline, target, endline, found):
    assert progress_to(FT, baseline=Decimal(baseline), target=Decimal(target), endline=Decimal(endline)) == found


@pytest.mark.parametrize(("target", "endline"), [("1", "2"), ("NaN", "2"), ("2", "Infinity")])
def test_progress_refuses_what_promises_nothing_and_what_is_no_figure(target, endline):
    with pytest.raises(ValueError, match=r"promises nothing|needs figures"):
        progress_to(FT, baseline=Decimal(1), target=Decimal(target), endline=Decimal(endline))


@pytest.mark.parametrize(
    ("tenths", "key"),
    [
        (0, "started"), (99, "started"), (100, "contributor"), (199, "contributor"), (200, "innovator"),
        (299, "innovator"), (300, "threshold"), (1200, "threshold"),
    ],
)  # fmt: skip
def test_band(tenths, key):
    assert band_of(FT, tenths).key == key


@pytest.mark.parametrize(("tenths", "text"), [(0, "0.0"), (5, "0.5"), (165, "16.5"), (-25, "-2.5")])
def test_points_in_words(tenths, text):
    assert in_points(tenths) == text


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 24), 36, date(2023, 11, 24)),
        (date(2028, 2, 29), 36, date(2025, 2, 28)),
        (date(2027, 2, 28), 36, date(2024, 2, 28)),
        (date(2027, 3, 31), 1, date(2027, 2, 28)),
        (date(2027, 1, 31), 1, date(2026, 12, 31)),
        (date(2027, 12, 31), 72, date(2021, 12, 31)),
    ],
)
def test_calendar_months_before(day, months, before):
    assert months_before(day, months) == before


def test_canonical_text_is_the_same_for_the_same_facts_in_any_order():
    assert canonical({"b": EARLY, "a": "ཀ"}) == canonical({"a": "ཀ", "b": EARLY}) == '{"a":"ཀ","b":"2026-01-01"}'


def test_canonical_text_refuses_what_has_no_one_way_to_be_written():
    with pytest.raises(TypeError, match=r"Decimal\('1.50'\) has no canonical form"):
        canonical({"points": Decimal("1.50")})
