"""Numbers, days and texts as people write them."""

from datetime import timedelta

import pytest
from django import forms
from django.urls import reverse

from fund.call_forms import DatesForm, ExtendForm, NewCallForm
from fund.forms import AmountField, ReportForm
from lifecycle import clock
from people.fields import DayField, NumberField, WholeField
from people.forms import NoteForm
from proposals.forms import ProblemForm, StartForm


def said(field, text):
    """Return the cleaned value, or the sentence of the refusal."""
    try:
        return field.clean(text)
    except forms.ValidationError as no:
        return " ".join(no.messages)


@pytest.mark.parametrize(("text", "number"), [
    ("14,500", 14500), ("14 500", 14500), (" 1,000 ", 1000), ("1,00,000", 100000), ("1\u00a0234\u202f567", 1234567),
    ("༡༤༥༠༠", 14500), ("༡༤,༥༠༠", 14500), ("-1,200", -1200), ("7", 7),
])  # fmt: skip
@pytest.mark.parametrize("kind", [NumberField, WholeField])
def test_numbers_are_read_as_they_are_written(kind, text, number):
    assert said(kind(label="Cost"), text) == number


def test_amount_reads_the_same_and_counts_chhetrum():
    assert said(AmountField(label="Cost"), "14,500.50") == 1450050


@pytest.mark.parametrize(
    "text", ["14,5", "1,50", "1,0000", "many", "NaN", "1,,000", "12,34,56", "1 2", "1e3", "1E3", "2e-1"]
)
@pytest.mark.parametrize("kind", [NumberField, WholeField, AmountField])
def test_a_doubt_is_refused_with_the_name_of_the_field_and_an_example(kind, text):
    words = said(kind(label="Cost of one"), text)
    assert "“Cost of one”: enter a number, such as 1" in words


def test_limits_name_the_field():
    assert said(WholeField(label="Days", max_value=2000), "2,001") == "“Days”: enter 2,000 or less."
    assert said(NumberField(label="Days", min_value=0), "-1") == "“Days”: enter 0 or more."
    assert "2 digits after the point" in said(NumberField(label="Cost", max_digits=9, decimal_places=2), "1.005")
    assert "too long" in said(NumberField(label="Cost", max_digits=4, decimal_places=2), "1,234,567")


@pytest.mark.parametrize("text", ["9999-12-31", "3026-01-01", "1899-12-31", "0001-01-01"])
def test_a_mistyped_year_is_refused_and_named(text):
    assert f"“Last day”: the year {int(text[:4])} is too" in said(DayField(label="Last day"), text)


def test_a_day_five_years_ahead_passes_and_one_more_year_does_not():
    near = clock.today() + timedelta(days=5 * 365)
    assert said(DayField(label="Day"), near.isoformat()) == near
    assert "too far ahead" in said(DayField(label="Day"), (near + timedelta(days=366)).isoformat())
    assert said(DayField(label="Day", years=10), (near + timedelta(days=366)).isoformat()) > near


def test_no_form_of_a_call_breaks_on_the_last_day_of_the_calendar():
    for form in (
        ExtendForm({"last_day": "9999-12-31", "reason": "x"}),
        DatesForm({"kind": "dated", "opens_on": "9999-12-30", "last_day": "9999-12-31", "done": "no"}),
    ):
        assert "too far ahead" in str(form.errors["last_day"])


@pytest.mark.parametrize("text", ["\u200b\u200b", "\u2060", "\u00ad", "\u3164", "\u2800", "\ufeff \u200d", "\x01"])
def test_a_text_that_shows_nothing_is_no_answer(text):
    field = forms.CharField(error_messages={"required": "Answer “Title”."})
    assert said(field, text) in ("Answer “Title”.", "Null characters are not allowed.")


@pytest.mark.parametrize(("form", "name"), [
    (ProblemForm, "title"), (StartForm, "title"), (NoteForm, "note"), (NewCallForm, "title"), (ReportForm, "done"),
])  # fmt: skip
def test_every_form_refuses_a_text_that_shows_nothing(form, name):
    assert name in form({name: "\u200b\u200b"}).errors
    assert name not in form({name: "A stool"}).errors


def test_a_title_that_shows_nothing_leaves_the_title_of_the_draft(client, proposal, cast):
    client.force_login(cast["lead"])
    version = proposal.sections.get(key="problem").version
    form = {"version": version, "title": "\u200b\u200b", "problem": "People come twice."}
    client.post(reverse("section", args=[proposal.case, "problem"]), form)
    proposal.refresh_from_db()
    assert proposal.title == "One visit is enough"
    assert proposal.sections.get(key="problem").answers["problem"] == "People come twice."


@pytest.mark.parametrize("text", ["a", "༡", "ཀ\u200b", "👩\u200d🌾", "།", "-"])
def test_a_text_that_shows_something_passes(text):
    assert said(forms.CharField(), text) == text
