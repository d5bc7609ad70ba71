"""A request for information: only the opened fields, a further version, the clock."""

import re
from datetime import datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from people.models import Holiday, Notification
from people.queries import role_names
from people.services.calendar import add_business_days, business_days_between
from proposals.models import Endorsement, InfoRequest, Proposal, Section
from proposals.queries import waiting_for
from proposals.services import endorsing, information
from proposals.services import screening as checking

from .. import stages
from ..remembering import remembered

OPENED = ("people.served", "measure.method")
SAID = {"people.served": "1,200 families a year", "measure.method": stages.ANSWERS["measure"]["method"]}


@remembered
def asked(screening, cast):
    return information.ask(screening, by=cast["secretariat"], fields=OPENED, question="How many families?", days=5)


def evening(day, hour=12):
    return datetime.combine(day, time(hour), timezone.get_default_timezone())


def test_ask_opens_fields_until_a_business_day_and_tells_the_lead(asked, cast):
    row = InfoRequest.objects.get()
    assert (asked.state, row.fields, row.due_on) == (
        "info_requested", sorted(OPENED), add_business_days(clock.today(), 5),
    )  # fmt: skip
    assert "How many families?" in Notification.objects.get(subject__startswith="The secretariat asks").body


def test_due_day_skips_holidays(screening, cast):
    for ahead in range(1, 8):
        Holiday.objects.create(day=clock.today() + timedelta(days=ahead), name="x")
    information.ask(screening, by=cast["secretariat"], fields=OPENED, question="x", days=1)
    assert InfoRequest.objects.get().due_on > clock.today() + timedelta(days=7)


@pytest.mark.parametrize(("fields", "days"), [((), 5), (("people.nothing",), 5), (OPENED, 0), (OPENED, 31)])
def test_ask_without_known_fields_or_days_is_refused(screening, cast, fields, days):
    with pytest.raises(NotPossible):
        information.ask(screening, by=cast["secretariat"], fields=fields, question="x", days=days)


def test_ask_offers_each_answer_as_a_box_with_its_own_label(client, screening, cast):
    client.force_login(cast["secretariat"])
    page = client.get(f"{screening.get_absolute_url()}ask/").content.decode()
    boxes = re.findall(
        r'<input class="govuk-checkboxes__input" type="checkbox" name="opened" value="[^"]+" id="(\w+)"', page
    )
    labels = re.findall(r'<label class="govuk-label govuk-checkboxes__label" for="(\w+)">[^<]{5,}</label>', page)
    assert boxes == labels
    assert len(boxes) > 10


@pytest.mark.parametrize("who", ["lead", "head", "auditor", "sponsor"])
def test_ask_by_others_than_the_screener_is_refused(screening, cast, who):
    with pytest.raises(NotPossible) as no:
        information.ask(screening, by=cast[who], fields=OPENED, question="x", days=5)
    assert no.value.forbidden


def test_answer_is_the_next_version_signed_by_the_lead_and_agreements_stay(asked, cast):
    done = information.answer(asked, by=cast["lead"], answers=SAID, explanation="Counted again.")
    newest = done.versions.last()
    row = InfoRequest.objects.get()
    assert (done.state, newest.number, newest.frozen_by, row.after, row.before.number) == (
        "screening", 2, cast["lead"], newest, 1,
    )  # fmt: skip
    assert newest.facts["sections"]["people"]["served"] == "1,200 families a year"
    assert sorted(Endorsement.objects.values_list("version__number", "answer")) == [(1, "agreed"), (1, "agreed")]
    checking.record_results(done, by=cast["secretariat"], results=stages.MET)
    assert perform(done, "find_eligible", by=cast["secretariat"]).state == "eligible"


def test_answer_to_another_field_is_refused_and_writes_nothing(asked, cast):
    with pytest.raises(NotPossible, match="Only the answers that the secretariat opened"):
        information.answer(asked, by=cast["lead"], answers=SAID | {"budget.cost_1": "1"})
    assert (stages.fresh(asked).state, asked.versions.count()) == ("info_requested", 1)


def test_answer_by_post_with_another_field_is_refused(client, asked, cast):
    client.force_login(cast["lead"])
    url = reverse("info_answer", args=[asked.case])
    answer = client.post(url, SAID | {"explanation": "x", "people.consulted_1": "Nobody"})
    assert (answer.status_code, "Only the answers" in answer.content.decode()) == (400, True)
    assert "people.consulted_1" not in answer.content.decode()
    section = reverse("section", args=[asked.case, "people"])
    client.post(section, {"version": "1", "served": "x", "consulted_1": "y"})
    assert Section.objects.get(proposal=asked, key="people").answers == stages.ANSWERS["people"]
    assert client.post(url, SAID | {"explanation": ""}).status_code == 302
    assert stages.fresh(asked).state == "screening"


def test_answer_without_anything_said_is_refused(asked, cast):
    same = {"people.served": stages.ANSWERS["people"]["served"]}
    with pytest.raises(NotPossible, match="Change one of the opened answers"):
        information.answer(asked, by=cast["lead"], answers=same)
    assert information.answer(asked, by=cast["lead"], answers=same, explanation="It is so.").versions.count() == 1


def test_answer_that_empties_a_question_is_refused(asked, cast):
    with pytest.raises(NotPossible, match="still need an answer"):
        information.answer(asked, by=cast["lead"], answers={"people.served": ""})
    assert Section.objects.get(proposal=asked, key="people").answers == stages.ANSWERS["people"]


@pytest.mark.parametrize("who", ["colleague", "sponsor", "secretariat"])
def test_answer_by_others_than_the_lead_is_refused(asked, cast, who):
    with pytest.raises(NotPossible) as no:
        information.answer(asked, by=cast[who], answers=SAID)
    assert no.value.forbidden
    assert asked.versions.count() == 1


def test_change_of_the_measure_asks_the_agencies_again_before_it_goes_on(asked, cast):
    done = information.answer(asked, by=cast["lead"], answers=SAID | {"measure.method": "Count for two months."})
    assert sorted(Endorsement.objects.values_list("version__number", "answer")) == [
        (1, "agreed"), (1, "agreed"), (2, "asked"), (2, "asked"),
    ]  # fmt: skip
    checking.record_results(done, by=cast["secretariat"], results=stages.MET)
    with pytest.raises(NotPossible, match="asked again"):
        perform(done, "find_eligible", by=cast["secretariat"])
    for name in ("sponsor", "sponsor2"):
        endorsing.agree(done, by=cast[name], version=2)
    assert perform(done, "find_eligible", by=cast["secretariat"]).state == "eligible"


def test_agency_that_does_not_agree_to_the_change_stops_it_and_says_why(asked, cast):
    done = information.answer(asked, by=cast["lead"], answers=SAID | {"measure.method": "Count for two months."})
    said = {"note": "Two months are too long.", "version": 2}
    assert endorsing.give_back(done, by=cast["sponsor"], **said).state == "screening"
    checking.record_results(done, by=cast["secretariat"], results=stages.MET)
    assert "asked again" in explain(done, "find_eligible")[0]
    told = Notification.objects.filter(body__contains="Two months are too long.")
    assert sorted(told.values_list("person__email", flat=True)) == ["lead@x.example", "secretariat@x.example"]


def test_answer_on_the_last_day_is_in_time_and_on_the_next_refused(asked, cast):
    due = InfoRequest.objects.get().due_on
    with clock.arrived(evening(due + timedelta(days=1), 0)), pytest.raises(NotPossible, match="answer is over"):
        information.answer(asked, by=cast["lead"], answers=SAID)
    with clock.arrived(evening(due + timedelta(days=1), 0) - timedelta(seconds=1)):
        assert information.answer(asked, by=cast["lead"], answers=SAID).state == "screening"


def test_clock_reminds_once_then_lapses(asked, cast):
    due = InfoRequest.objects.get().due_on
    assert information.chase() == (0, 0)
    with clock.frozen(evening(due)):
        assert [information.chase(), information.chase()] == [(1, 0), (0, 0)]
    with clock.frozen(evening(due + timedelta(days=1), 0) + timedelta(seconds=299)):
        assert information.chase() == (0, 0)
    with clock.frozen(evening(due + timedelta(days=1))):
        assert [information.chase(), information.chase()] == [(0, 1), (0, 0)]
    assert Proposal.objects.get(pk=asked.pk).state == "lapsed"
    assert Notification.objects.filter(subject__startswith="Your answer is due").count() == 1
    assert Notification.objects.filter(subject__startswith="Lapsed without an answer").count() == 2


def test_promised_day_moves_by_the_days_that_the_team_took(asked, cast):
    before = asked.answer_by
    with clock.frozen(evening(add_business_days(clock.today(), 3))):
        done = information.answer(asked, by=cast["lead"], answers=SAID)
    assert done.answer_by == add_business_days(before, 3)


def test_business_days_between_counts_what_add_adds(db):
    day = clock.today()
    Holiday.objects.create(day=add_business_days(day, 2), name="x")
    assert [business_days_between(day, add_business_days(day, n)) for n in range(1, 12)] == list(range(1, 12))
    assert business_days_between(day, day) == 0


def test_officer_sees_what_changed(client, asked, cast):
    information.answer(asked, by=cast["lead"], answers=SAID, explanation="Counted again.")
    client.force_login(cast["secretariat"])
    text = client.get(reverse("proposal_first_check", args=[asked.case])).content.decode()
    assert [
        word for word in ("900 families a year", "1,200 families a year", "Counted again.") if word not in text
    ] == []


def test_agency_is_not_asked_while_the_team_answers_the_secretariat(asked, cast):
    """The page of its answer says so, and so does the work of its approver."""
    Endorsement.objects.filter(version__proposal=asked).update(answer="asked", answered_by=None, answered_at=None)
    page = reverse("proposal_endorse", args=[asked.case])
    words = f"Agree to “{asked.title}”?"
    for state, waits in (("screening", True), ("info_requested", False)):
        Proposal.objects.filter(pk=asked.pk).update(state=state)
        rows = [row.what for row in waiting_for(cast["sponsor"], role_names(cast["sponsor"]))]
        assert (words in rows) == waits
        client = Client()
        client.force_login(cast["sponsor"])
        assert (client.get(page).status_code == 200) == waits
