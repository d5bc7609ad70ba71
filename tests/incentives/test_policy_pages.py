"""Preparing a version in the browser, what differs, two approvals, and what a project can earn."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from incentives.models import PolicyVersion
from incentives.rules.differences import KEYS, Difference, _leaves, differences
from incentives.services import versions
from lifecycle import clock
from people.models import User

from .. import factories
from .policies import FT, data
from .test_hr import text_of_main


def test_differences_name_every_key_with_both_values():
    new = data()
    new["version"], new["codes"]["R1"]["base_tenths"]["open"] = "FT-2027.1", 210
    del new["codes"]["V1"]["limit"]
    new["cycles"][1]["opens"] = "04-02"
    new["eligibility"]["E6"]["codes"] = ["R1", "P1"]
    new["eligibility"]["E7"]["on"] = False
    reached, work = "Contribution › Checked: target reached", "Contribution › Reviewed, verified or classified on time"
    assert differences(data(), new) == [
        Difference(f"{reached} › Points for one person › Reviewers thought the result open", "20.0", "21.0"),
        Difference(f"{work} and well › Limit › In", "one fiscal year", ""),
        Difference(f"{work} and well › Limit › Points", "8.0", ""),
        Difference("Promotion cycle › 2 › Opens on", "04-01", "04-02"),
        Difference(
            "Rule › A checked result from Explore or above › Contributions",
            "Checked: target reached, Checked: target partly reached, Repeated by another agency with a result",
            "Checked: target reached, Repeated by another agency with a result",
        ),
        Difference("Rule › A result used outside the own agency › In use", "yes", "no"),
        Difference("Name", "FT-2026.1", "FT-2027.1"),
    ]  # fmt: skip
    assert differences(data(), data()) == []


def test_every_key_of_a_policy_has_words():
    keys = {key for path, _ in _leaves(data()) for key in path if not key.isdigit()}
    named = {*data()["codes"], *data()["eligibility"], *data()["stages"], *data()["classes"]}
    assert keys - named - KEYS.keys() == set()


def test_what_a_project_can_earn_in_the_window():
    """36 months reach into four fiscal years, of which each counts for 30 points at most."""
    found = [(one.stage, one.one, one.most) for one in versions.earnings(FT)]
    assert found == [
        ("Spark", "8.0", "12.0"),
        ("Explore", "12.0", "120.0"), ("Explore", "20.0", "120.0"), ("Explore", "25.0", "120.0"),
        ("Build", "18.0", "120.0"), ("Build", "30.0", "120.0"), ("Build", "37.5", "120.0"),
        ("Scale", "24.0", "120.0"), ("Scale", "40.0", "120.0"), ("Scale", "50.0", "120.0"),
    ]  # fmt: skip


@pytest.mark.parametrize(("months", "years"), [(1, 2), (12, 2), (13, 3), (36, 4), (37, 5)])
def test_window_reaches_into_one_fiscal_year_more(months, years):
    assert versions.years_touched(months) == years


def test_version_is_prepared_compared_and_approved_by_two_in_pages(client, points_policy, cast):
    second = User.objects.get(email="rcsc2@x.example")
    factories.second_factor(second)
    other = Client()
    client.force_login(cast["rcsc"])
    other.force_login(second)
    new = data() | {"version": "FT-2027.1", "year_cap_tenths": 310}
    day = clock.today() + timedelta(days=40)
    url = reverse("policy_new")
    assert "FT-2026.1" in client.get(url).content.decode()
    assert client.post(url, {"rules": json.dumps(new), "valid_from": str(day)}).status_code == 302
    row = PolicyVersion.objects.get(name="ft-2027-1")
    page = text_of_main(client.get(reverse("policy_against", args=["ft-2027-1", "ft-2026-1"])))
    assert "Most points of one fiscal year 30.0 31.0" in " ".join(page.split())
    assert client.get(row.get_absolute_url()).status_code == 200
    client.post(reverse("act", args=["incentives.policyversion", row.pk, "consult"]))
    client.post(reverse("act", args=["incentives.policyversion", row.pk, "approve"]))
    row.refresh_from_db()
    assert row.state == "consulted"
    other.post(reverse("act", args=["incentives.policyversion", row.pk, "approve"]))
    row.refresh_from_db()
    assert (row.state, row.second_approver) == ("approved", second)


@pytest.mark.parametrize(
    ("changes", "day", "words"),
    [
        ("not json", 1, "This is not JSON"),
        ("1" * 5000, 1, "This is not JSON"),
        ("[" * 25_000 + "]" * 25_000, 1, "nested too deeply"),
        ('{"\\ud800": 1}', 1, "cut in half"),
        ({"version": "FT 2028 / draft"}, 1, "version: must be at most 30 letters"),
        ({"codes": {}}, 1, "codes.R1: must be an object"),
        ({"version": "FT-2026.1"}, 1, "exists already"),
        ({"version": "FT-2027.1"}, -1, "never dated back"),
    ],
)
def test_faulty_draft_comes_back_with_its_faults(client, points_policy, cast, changes, day, words):
    client.force_login(cast["rcsc"])
    text = changes if isinstance(changes, str) else json.dumps(data() | changes)
    form = {"rules": text, "valid_from": str(clock.today() + timedelta(days=day))}
    answer = client.post(reverse("policy_new"), form)
    assert answer.status_code == 400
    assert words in text_of_main(answer)
    assert PolicyVersion.objects.count() == 1
