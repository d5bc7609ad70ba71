"""Suspending a version, its transitional clauses, what a draft would change, and three signals of gaming."""

import copy
import json
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from incentives.disclosure import HOW
from incentives.enums import SignalKind
from incentives.models import Outcome, PointEvent, PolicyVersion, Simulation
from incentives.rules.eligibility import evaluate
from incentives.rules.facts import Fact, Facts
from incentives.rules.loading import PolicyFault, load
from incentives.rules.points import Basis, scored
from incentives.services import checking, eligibility, simulation, versions
from incentives.services.points_policy import policy_on
from lifecycle import clock, jobs, trail
from lifecycle.errors import NotPossible
from lifecycle.models import Job
from people.models import EmploymentSnapshot
from proposals.models import Version

from ..harness.recognition import running_grant
from .test_integrity import kinds
from .test_results import agreed, shares_of, verified

UNTIL = {"until": "2027-06-30", "words": "People hired before were told so."}


def changed(**rules):
    """The standard policy as FT-2026.2 with some keys of its eligibility rules changed."""
    data = copy.deepcopy(versions.standard_policy()) | {"version": "FT-2026.2"}
    for key, more in rules.items():
        data["eligibility"][key] |= more
    return data


def draft(cast, **rules):
    return versions.add_draft(by=cast["rcsc"], data=changed(**rules), valid_from=clock.today() + timedelta(days=1))


@pytest.fixture
def second_rcsc(points_policy):
    return points_policy.second_approver


def in_force(cast, second, data):
    """Let a version with this data hold from tomorrow."""
    row = versions.add_draft(by=cast["rcsc"], data=data, valid_from=clock.today() + timedelta(days=1))
    versions.approve(versions.consult(row, by=cast["rcsc"]), by=second)


def test_suspended_version_keeps_what_is_earned_and_checks_nobody(client, worked, cast, verifier, points_policy):
    with pytest.raises(NotPossible):
        versions.suspend_policy(points_policy, by=cast["hr"], note="x")
    with pytest.raises(NotPossible, match="reason"):
        versions.suspend_policy(points_policy, by=cast["rcsc"], note="")
    row = versions.suspend_policy(points_policy, by=cast["rcsc"], note="The caps are looked at again.")
    verified(worked, cast, verifier)
    assert set(PointEvent.objects.values_list("policy", flat=True)) == {points_policy.pk}
    with pytest.raises(NotPossible, match="suspended"):
        eligibility.run(by=cast["hr"], person=cast["lead"])
    with pytest.raises(NotPossible, match="suspended"):
        checking.ask_for_all(by=cast["hr"], why="x")
    client.force_login(cast["lead"])
    assert "The points policy is suspended." in client.get("/my-record/").content.decode()
    row = versions.resume_policy(row, by=cast["rcsc"], note="They stay.")
    assert (row.state, eligibility.run(by=cast["hr"], person=cast["lead"]).policy) == ("in_force", row)


def test_suspended_version_gives_way_to_the_next(cast, points_policy):
    versions.suspend_policy(points_policy, by=cast["rcsc"], note="x")
    row = versions.consult(draft(cast), by=cast["rcsc"])
    second = points_policy.second_approver
    versions.approve(row, by=second)
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert versions.take_effect_due() == 1
        assert policy_on(clock.today()).row.name == "ft-2026-2"
    assert PolicyVersion.objects.get(pk=points_policy.pk).state == "superseded"


def test_transitional_clause_holds_until_its_day_and_says_so():
    policy = load(changed(E3={"months": 36, "transition": {**UNTIL, "months": 24}}))
    facts = Facts(level_since=Fact(date(2025, 1, 1), "Register", date(2027, 6, 1)))

    def asked(day):
        return next(rule for rule in evaluate(policy, facts, day).rules if rule.key == "E3")

    assert asked(date(2027, 6, 30)).passed
    assert asked(date(2027, 6, 30)).required.endswith("(until 2027-06-30: People hired before were told so.)")
    later = asked(date(2027, 7, 1))
    assert (later.passed, later.required) == (False, "at least 36 months in the level")


@pytest.mark.parametrize(
    ("rule", "clause", "fault"),
    [
        ("E3", {"until": "soon", "words": "x", "months": 24}, "eligibility.E3.transition.until: must be a day"),
        ("E3", {**UNTIL, "months": 24, "days": 3}, "eligibility.E3.transition.days: is not known"),
        ("E3", UNTIL, "eligibility.E3.transition.months: must be a whole number"),
        ("E8", UNTIL, "eligibility.E8.transition.until: this rule has no figure"),
        ("E6", {**UNTIL, "least": 1, "codes": ["F1"], "stages": ["explore"]}, "eligibility.E6.codes: F1 must not"),
    ],
)
def test_transitional_clause_that_is_wrong_is_named(rule, clause, fault):
    with pytest.raises(PolicyFault) as no:
        load(changed(**{rule: {"transition": clause}}))
    assert any(one.startswith(fault) for one in no.value.faults), no.value.faults


def test_clause_that_ends_before_its_version_is_refused(cast, points_policy):
    with pytest.raises(NotPossible, match="ends before the version begins"):
        draft(cast, E3={"transition": {**UNTIL, "until": "2020-01-01", "months": 24}})


def test_simulation_counts_by_group_and_hides_the_few(client, recorded, cast, points_policy):
    row = draft(cast, E5={"tenths": 100}, E6={"least": 1}, E7={"on": False})
    for person in (cast["hr"], cast["auditor"]):
        with pytest.raises(NotPossible):
            simulation.ask(row, by=person)
    with pytest.raises(NotPossible, match="in force"):
        simulation.ask(points_policy, by=cast["rcsc"])
    client.force_login(cast["rcsc"])
    page = reverse("policy_simulation", args=[row.name])
    assert "It has not been counted yet." in client.get(page).content.decode()
    client.post(page)
    job = Job.objects.get(name="incentives.simulate")
    assert job.state == "done" or jobs.run(job.pk)
    found = Simulation.objects.get()
    assert (found.people, set(found.result)) == (
        2, {"Everybody", "Job family, as the position level names it", "Position level", "Dzongkhag",
            "Gender, where known", "rules"},
    )  # fmt: skip
    told = [cell for rows in found.result.values() for _, cells in rows for cell in cells]
    assert set(told) == {"fewer than 5"}
    assert Job.objects.get(name="incentives.simulate").message == "Writing the tables"
    assert Job.objects.get(name="incentives.simulate").total == 1
    text = client.get(page).content.decode()
    assert HOW in text
    assert cast["lead"].full_name not in text
    assert "All together at most, now" in text


def counted(cast, data, days=1):
    """What a draft with this data would change, the figures not hidden."""
    name = f"ft-{PolicyVersion.objects.count()}"
    row = versions.add_draft(
        by=cast["rcsc"], data=data | {"version": name}, valid_from=clock.today() + timedelta(days=days)
    )
    job = simulation.ask(row, by=cast["rcsc"])
    if job.state != "done":
        jobs.run(job.pk)
    found = Simulation.objects.get(draft=row).result
    return dict(zip(simulation.COLUMNS, found["Everybody"][0][1], strict=True)), dict(found["rules"])


def easy(tenths):
    """The standard policy with nothing asked but so many points."""
    data = changed()
    for rule in data["eligibility"].values():
        rule["on"] = False
    data["eligibility"]["E6"]["on"] = True
    data["eligibility"]["E5"] |= {"on": True, "tenths": tenths}
    return data


@pytest.fixture
def told(monkeypatch):
    """Figures are told as they are, so that they can be asserted."""
    monkeypatch.setattr("incentives.disclosure.LEAST", 0)
    monkeypatch.setattr("incentives.disclosure.STEP", 1)


def test_points_of_an_older_version_are_worked_out_anew_not_in_proportion(recorded, cast, second_rcsc, told):
    """Lead 12.0, colleague 8.0 under the first version; the second, in force now, halves what comes later."""
    half = easy(100)
    half["codes"]["R1"]["base_tenths"] = {"likely": 60, "open": 100, "bold": 125}
    half["codes"]["R2"]["base_tenths"] = {"likely": 40, "open": 60, "bold": 75}
    half["codes"]["F1"]["base_tenths"] = {"likely": 25, "open": 40, "bold": 40}
    in_force(cast, second_rcsc, half)
    with clock.frozen(clock.now() + timedelta(days=2)):
        versions.take_effect_due()
        row, _ = counted(cast, easy(100))
        assert row["Open now"] == "1"
        assert (row["Newly open had it always held"], row["No longer open had it always held"]) == ("0", "0")


def test_draft_that_changes_the_team_factor_alone_changes_the_points(worked, cast, verifier, second_rcsc, told):
    """Two people of 100 days: with the factor 2 in place of 1.5 lead and colleague get 20.0 and 16.0."""
    with clock.frozen(clock.now() + timedelta(days=100)):
        verified(worked, cast, verifier)
        in_force(cast, second_rcsc, easy(160))
    with clock.frozen(clock.now() + timedelta(days=102)):
        versions.take_effect_due()
        new = easy(160)
        new["team"]["step_tenths"] = 10
        row, _ = counted(cast, new)
        assert (row["Open now"], row["Newly open had it always held"]) == ("1", "1")


def test_days_are_not_mixed(recorded, cast, second_rcsc, told):
    """In four years the points are too old under either version: that is no change that the draft makes."""
    in_force(cast, second_rcsc, easy(100))
    with clock.frozen(clock.now() + timedelta(days=2)):
        versions.take_effect_due()
        row, rules = counted(cast, easy(100), days=4 * 365)
        assert (row["Open now"], row["No longer open on its first day"]) == ("1", "0")
        assert rules["Enough recognised contributions"] == ["1", "0", "0"]


def test_one_contribution_under_another_version():
    new = changed()
    new["codes"]["R1"]["base_tenths"]["bold"] = 300
    new["codes"]["F2"]["base_tenths"] = 30
    old, new = load(versions.standard_policy()), load(new)
    joined = ("2025-01-01", "2026-07-30")
    team = Basis("bold", ((60, True, joined[0]), (40, True, joined[1])), 365, 1, 0)
    day = date(2026, 8, 1)
    assert [scored(rules, "R1", "explore", team, day) for rules in (old, new)] == [100, 120]
    assert [scored(rules, "F2", "", Basis(), day) for rules in (old, new)] == [20, 30]


def test_same_file_behind_two_claims_is_a_signal(client, worked, cast, verifier, line):
    agreed(worked, cast)
    other = running_grant(cast, line)
    agreed(other, cast)
    client.force_login(cast["lead"])
    for grant in (worked, other):
        file = SimpleUploadedFile("log.txt", b"Counted on Monday: 12\n", content_type="text/plain")
        said = {"endline": "1.2", "evidence": f"Log of {grant.reference}", "file": file}
        assert client.post(reverse("outcome_claim", args=[grant.case]), said).status_code == 302
    outcome = Outcome.objects.get(grant=worked)
    assert SignalKind.SAME_FILE in kinds(outcome)
    answer = client.get(reverse("outcome_file", args=[worked.case]))
    assert b"Counted on Monday" in b"".join(answer)
    client.force_login(cast["hr"])
    assert client.get(reverse("outcome_file", args=[worked.case])).status_code == 404


def test_share_of_a_superior_that_rose_and_a_baseline_that_changed_are_signals(worked, cast, submitted):
    EmploymentSnapshot.objects.filter(person=cast["colleague"]).update(line_manager=cast["lead"])
    outcome = Outcome.objects.get(grant=worked)
    Outcome.objects.filter(pk=outcome.pk).update(
        state="claimed", claimed_at=clock.now(), check_by=clock.today(), case=submitted.case
    )
    for percents, expected in (((60, 40), []), ((55, 45), []), ((80, 20), [SignalKind.SUPERIOR_UP])):
        shares = dict(zip((cast["lead"].pk, cast["colleague"].pk), percents, strict=True))
        trail.record(shares_of(worked), action="shares_written", by=cast["lead"], changes={"shares": [None, shares]})
        assert [kind for kind in kinds(outcome) if kind == SignalKind.SUPERIOR_UP] == expected
    assert SignalKind.LATE_BASELINE not in kinds(outcome)
    first = submitted.versions.get()
    content = json.loads(first.content)
    content["sections"]["measure"]["baseline"] = "9.5"
    values = {"proposal": submitted, "frozen_by": cast["lead"], "frozen_at": clock.now(), "sha256": "0" * 64}
    Version.objects.create(number=2, content=json.dumps(content), **values)
    assert SignalKind.LATE_BASELINE in kinds(outcome)
