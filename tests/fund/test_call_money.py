"""The money of a call: which line pays, what it has, and who reads it before the approval."""

import pytest
from django.urls import reverse

from fund.models import Call
from fund.services import calls
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.fiscal import fiscal_year

from ..factories import make_call, make_line
from .test_call_set_up import begun, office, stored, task_url  # noqa: F401  (fixtures)


@pytest.fixture
def past_line(cast):
    return make_line(cast["head"], code="over", fiscal_year=fiscal_year(clock.today()) - 1)


def test_head_reads_line_year_and_what_is_available_before_the_approval(client, cast, line):
    call = calls.hand_over(make_call(cast["secretariat"], budget_line=line), by=cast["secretariat"])
    client.force_login(cast["head"])
    for page in (call.get_absolute_url(), reverse("call_people", args=[call.reference])):
        said = client.get(page).content.decode()
        assert (str(line) in said, line.year_label in said, "Available on it today" in said) == (True, True, True), page
        assert "Nu. 10,000,000" in said
    said = client.get(reverse("call_check", args=[call.reference])).content.decode()
    assert ("Everything that was set" in said, "Hand over to the head" in said) == (True, False)
    assert client.post(reverse("call_check", args=[call.reference])).status_code == 403


def test_line_of_a_year_that_ends_before_the_opening_is_refused(office, cast, begun, past_line):  # noqa: F811
    answer = office.post(task_url(begun, "money"), stored(office, begun, "money", budget_line=past_line.pk, done="yes"))
    assert (answer.status_code, Call.objects.get(pk=begun.pk).budget_line) == (400, None)
    call = make_call(cast["secretariat"], budget_line=past_line)
    with pytest.raises(NotPossible, match="Choose a line of a later year"):
        calls.hand_over(call, by=cast["secretariat"])


@pytest.mark.parametrize(
    ("ceiling", "words"),
    [
        (1_000_000_001, "One proposal may get more than is available on the line."),
        (300_000_000, "The line has less than 5 proposals of the largest size would cost."),
        (100_000_001, "this call gives more."),
        (100_000_000, ""),
    ],
)
def test_ceiling_beside_the_line_and_the_stage_is_warned_of(client, cast, line, ceiling, words):
    call = make_call(cast["secretariat"], budget_line=line, ceiling=ceiling)
    call = calls.hand_over(call, by=cast["secretariat"])
    client.force_login(cast["head"])
    page = client.get(reverse("call_people", args=[call.reference])).content.decode()
    found = [row for row in page.split('<p class="govuk-inset-text">')[1:] if "line" in row or "this call" in row]
    assert words in page
    assert bool(found) == bool(words)
