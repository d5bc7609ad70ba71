"""What counts beside one's own result: who states it, who confirms it, the points, and taking them back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from fund.models import Milestone
from incentives.enums import Reach
from incentives.models import Credit, PointEvent
from incentives.rules.naming import normalised
from incentives.services import credits, judging_work, learning, mentoring
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.enums import Part, Role
from people.models import Notification
from people.services.involvement import involve

from .. import conftest, factories
from .test_hr import looks, text_of_main
from .test_results import accepted, verified


def stated_rule(by, owner, **changes):
    said = {"rule": "Three signatures", "reference": "Circular 12", "amended_on": clock.today(), "words": "I asked."}
    return credits.state_rule(by=by, owner=owner, **said | changes)


@pytest.fixture
def neighbour(agencies):
    """Somebody of the lead's ministry, who states the same rule."""
    return factories.civil_servant("neighbour@x.example", agencies["health"], full_name="Neighbour")


def copied(row):
    """The values of a statement for a second row of its own case."""
    return Credit.objects.filter(pk=row.pk).values().get() | {"id": None, "case": uuid4()}


def given(code):
    rows = PointEvent.objects.filter(code=code).order_by("pk")
    return [(row.person.email.split("@")[0], row.tenths) for row in rows]


def test_removed_rule_counts_once_a_verifier_of_neither_agency_has_read_it(client, worked, cast, verifier, agencies):
    with pytest.raises(NotPossible, match="one's own agency"):
        stated_rule(cast["lead"], agencies["health"])
    with pytest.raises(NotPossible, match="today or earlier"):
        stated_rule(cast["lead"], agencies["digital"], amended_on=clock.today() + timedelta(days=1))
    client.force_login(cast["lead"])
    form = {
        "rule": "Three signatures", "owner": agencies["digital"].pk, "reference": "Circular 12",
        "amended_on": clock.today().isoformat(), "words": "I asked for it with figures.",
    }  # fmt: skip
    assert client.post(reverse("state_rule"), form | {"words": ""}).status_code == 400
    page = client.post(reverse("state_rule"), form, follow=True)
    assert "a verifier, of neither this agency nor the rule's" in page.content.decode()
    row = Credit.objects.get()
    assert b"stated already" in client.post(reverse("state_rule"), form).content
    inside = conftest.officers(Role.VERIFIER, agencies["digital"], 1)[0]
    for person in (cast["lead"], inside, cast["secretariat"], cast["head"]):
        with pytest.raises(NotPossible):
            credits.recognise(Credit.objects.get(), by=person)
    assert given("B1") == []
    client.force_login(verifier)
    assert "Check and recognise" in client.get("/").content.decode()
    client.post(reverse("act", args=["incentives.credit", row.pk, "recognise"]))
    assert given("B1") == [("lead", 40)]
    looks(officer := Client(), cast["hr"])
    text = text_of_main(officer.get(reverse("person_file", args=[cast["lead"].employee_number])))
    assert "Three signatures; changed by Circular 12" in text
    with pytest.raises(NotPossible):
        credits.take_back_credit(Credit.objects.get(), by=cast["secretariat"], note="x")
    credits.take_back_credit(Credit.objects.get(), by=cast["head"], note="The circular was withdrawn.")
    assert given("B1") == [("lead", 40), ("lead", -40)]


def test_turned_down_gives_nothing_and_can_be_stated_again(worked, cast, verifier, agencies):
    row = stated_rule(cast["lead"], agencies["digital"])
    assert credits.refuse(row, by=verifier, note="Circular 12 is about cars.").state == "turned_down"
    assert stated_rule(cast["lead"], agencies["digital"]).state == "stated"
    assert given("B1") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "  three   SIGNATURES. "}, {"rule": "Three-signatures", "reference": "circular-12"},
        {"rule": "\uff34hree signatures", "reference": "“Circular” 12!"},
    ],
)  # fmt: skip
def test_same_rule_in_another_spelling_is_refused_to_the_same_person(worked, cast, agencies, changes):
    row = stated_rule(cast["lead"], agencies["digital"])
    with pytest.raises(NotPossible, match="stated already"):
        stated_rule(cast["lead"], agencies["digital"], **changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        Credit.objects.create(**copied(row) | {"reference": "three signatures"})


def test_marks_above_and_below_letters_are_part_of_a_name():
    assert normalised("ཀི") != normalised("ཀུ")
    assert normalised("Straße 1.") == normalised("STRASSE-1")


def test_rule_named_without_a_letter_is_refused(worked, cast, agencies):
    for changes in ({"rule": "…"}, {"reference": "–"}):
        with pytest.raises(NotPossible, match="letters or digits"):
            stated_rule(cast["lead"], agencies["digital"], **changes)


@pytest.mark.parametrize("changes", [{"rule": "The rule of three signatures"}, {"reference": "Gazette 4"}, {}])
def test_rule_that_two_people_state_counts_once(client, worked, cast, verifier, agencies, neighbour, changes):
    first = stated_rule(cast["lead"], agencies["digital"])
    second = stated_rule(neighbour, agencies["digital"], **changes)
    client.force_login(verifier)
    page = client.get(second.get_absolute_url()).content.decode()
    assert "Other statements of this rule" in page
    assert first.get_absolute_url() in page
    assert cast["lead"].full_name in page
    client.force_login(neighbour)
    assert "Other statements of this rule" not in client.get(second.get_absolute_url()).content.decode()
    credits.recognise(first, by=verifier)
    with pytest.raises(NotPossible, match="A removed rule counts once"):
        credits.recognise(second, by=verifier)
    with pytest.raises(IntegrityError), transaction.atomic():
        Credit.objects.filter(pk=second.pk).update(state="recognised", checked_by=verifier, checked_at=clock.now())
    assert given("B1") == [("lead", 40)]
    credits.take_back_credit(Credit.objects.get(pk=first.pk), by=cast["head"], note="It was the other one.")
    credits.recognise(second, by=verifier)
    assert given("B1")[-1] == ("neighbour", 40)


def test_rule_of_another_ministry_counts_beside_one_of_the_same_name(worked, cast, verifier, agencies, neighbour):
    credits.recognise(stated_rule(cast["lead"], agencies["digital"]), by=verifier)
    other = factories.AgencyFactory(code="moic-x", name="Ministry of Roads", kind="ministry")
    row = stated_rule(neighbour, other, reference="Order 3")
    assert credits.recognise(row, by=verifier).state == "recognised"
    third = factories.civil_servant("third@x.example", agencies["health"])
    everywhere = stated_rule(third, other)
    with pytest.raises(NotPossible, match="A removed rule counts once"):
        credits.recognise(everywhere, by=verifier)


def test_two_recognised_at_one_moment_meet_in_the_database(worked, cast, verifier, agencies, neighbour, monkeypatch):
    first, second = (stated_rule(person, agencies["digital"]) for person in (cast["lead"], neighbour))
    credits.recognise(first, by=verifier)
    monkeypatch.setattr("incentives.guards._is_same_rule", lambda one, other: False)
    with pytest.raises(NotPossible, match="A removed rule counts once"):
        credits.recognise(second, by=verifier)
    assert given("B1") == [("lead", 40)]


def test_rule_changed_before_any_points_policy_is_refused_at_once(client, worked, cast, agencies):
    day = clock.today() - timedelta(days=1)
    with pytest.raises(NotPossible, match="No points policy was in force on"):
        stated_rule(cast["lead"], agencies["digital"], amended_on=day)
    client.force_login(cast["lead"])
    page = client.post(reverse("state_rule"), {
        "rule": "Three signatures", "owner": agencies["digital"].pk, "reference": "Circular 12",
        "amended_on": day.isoformat(), "words": "I asked for it with figures.",
    })  # fmt: skip
    assert page.status_code == 400
    assert "No points policy was in force on" in page.content.decode()
    assert "I asked for it with figures." in page.content.decode()
    assert not Credit.objects.exists()


@pytest.mark.parametrize("changes", [{"owner": None}, {"happened_on": None}, {"state": "recognised"}, {"code": "F2"}])
def test_half_statement_is_refused_by_the_database(worked, cast, verifier, agencies, changes):
    stated_rule(cast["lead"], agencies["digital"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Credit.objects.update(**changes)


def test_recognising_oneself_is_refused_by_the_database(worked, cast, agencies):
    stated_rule(cast["lead"], agencies["digital"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Credit.objects.update(state="recognised", checked_by=cast["lead"], checked_at=clock.now())


def test_mentor_is_asked_helps_to_a_milestone_and_is_credited(client, worked, cast):
    mentor = cast["stranger"]
    for wrong, words in ((cast["colleague"], "in the team"), (cast["conflicted"], "conflict of interest")):
        with pytest.raises(NotPossible, match=words):
            mentoring.ask_mentor(worked, by=cast["lead"], mentor=wrong, words="Counting")
    client.force_login(cast["lead"])
    page = reverse("ask_mentor", args=[worked.case])
    assert client.post(page, {"mentor": "nobody", "words": "Counting"}).status_code == 400
    client.post(page, {"mentor": mentor.employee_number, "words": "Counting"})
    row = mentor.mentorings.get()
    client.force_login(mentor)
    assert "Will you mentor the team" in client.get("/").content.decode()
    client.post(reverse("act", args=["incentives.mentoring", row.pk, "agree_to_mentor"]))
    row.refresh_from_db()
    before = Milestone.objects.filter(grant=worked).first()
    Milestone.objects.filter(pk=before.pk).update(state="accepted", submitted_at=clock.now() - timedelta(days=1))
    with pytest.raises(NotPossible, match="since the mentor said yes"):
        mentoring.confirm_help(row, by=cast["lead"])
    Milestone.objects.filter(pk=before.pk).update(submitted_at=clock.now() + timedelta(seconds=1))
    row = mentoring.confirm_help(row, by=cast["lead"])
    assert (row.state, row.milestone) == ("confirmed", before)
    credit = Credit.objects.get(code="M1")
    assert (credit.state, credit.seconded_by) == ("seconded", cast["lead"])
    credits.recognise(credit, by=cast["secretariat"])
    assert given("M1") == [("stranger", 20)]
    again = mentoring.ask_mentor(worked, by=cast["lead"], mentor=mentor, words="More")
    again = mentoring.agree_to_mentor(again, by=mentor)
    with pytest.raises(NotPossible, match="since the mentor said yes"):
        mentoring.confirm_help(again, by=cast["lead"])


def test_sprint_counts_when_the_lead_of_the_spark_has_confirmed_it(worked, cast):
    said = {"sprint": "Clinic days", "held_on": clock.today(), "words": "I drew it."}
    with pytest.raises(NotPossible, match="Choose a Spark"):
        credits.state_sprint(by=cast["stranger"], spark=worked, **said)
    spark = type(worked).objects.get(pk=worked.pk)
    type(worked).objects.filter(pk=worked.pk).update(agreement=spark.agreement.replace('"explore"', '"spark"'))
    spark = type(worked).objects.get(pk=worked.pk)
    row = credits.state_sprint(by=cast["stranger"], spark=spark, **said)
    with pytest.raises(NotPossible, match="other side has not confirmed"):
        credits.recognise(row, by=cast["secretariat"])
    row = credits.bear_out(row, by=cast["lead"])
    row = credits.recognise(row, by=cast["secretariat"])
    with pytest.raises(NotPossible, match="not counted twice"):
        credits.state_sprint(by=cast["stranger"], spark=spark, **said | {"sprint": "The same under another name"})
    with pytest.raises(IntegrityError, match=r"credit_sprint_once|person_id, .*grant_id"), transaction.atomic():
        Credit.objects.create(**copied(row) | {"reference": "The same under another name"})
    assert given("S1") == [("stranger", 10)]


def test_learning_that_another_team_used_credits_the_team_that_wrote_it(client, worked, cast, line, agencies, verifier,
                                                                        classifiers):  # fmt: skip
    record = accepted(worked, cast, classifiers, verifier)
    learning.publish(record, by=cast["lead"], reach=Reach.GOVERNMENT)
    other = factories.make_grant(cast, line, lead=cast["stranger"], title="Queues at the gate")
    now = clock.now()
    signed = {"signed_by_lead_at": now, "signed_by_sponsor_at": now, "starts_on": clock.today()}
    type(other).objects.filter(pk=other.pk).update(state="active", **signed)
    reader = conftest.officers(Role.REVIEWER, agencies["health"], 1)[0]
    involve(case=other.case, person=reader, part=Part.REVIEWER)
    client.force_login(cast["stranger"])
    page = client.get(record.get_absolute_url()).content.decode()
    assert "Our design changed because of this record" in page
    client.post(reverse("learning_cite", args=[record.case]), {"grant": other.pk, "words": "We ask ten people first."})
    row = Credit.objects.get(code="F2")
    assert Notification.objects.filter(key=f"credit:{row.pk}:{reader.pk}").exists()
    assert "changed their design" not in client.get(record.get_absolute_url()).content.decode()
    for person in (cast["stranger"], cast["lead"], cast["secretariat"]):
        with pytest.raises(NotPossible):
            credits.bear_out(row, by=person)
    row = credits.bear_out(row, by=reader)
    assert reader.full_name not in client.get(row.get_absolute_url()).content.decode()
    credits.recognise(row, by=cast["secretariat"])
    assert given("F2") == [("lead", 12), ("colleague", 8)]
    assert "One other team changed their design" in client.get(record.get_absolute_url()).content.decode()
    looks(officer := Client(), cast["hr"])
    file = text_of_main(officer.get(reverse("person_file", args=[cast["lead"].employee_number])))
    assert "Another team used" not in file
    assert worked.title not in file


def test_work_in_time_counts_once_after_the_answer_is_told(client, pending, cast, panel, verifier, points_policy):
    assert [w.what for w in judging_work.waiting_work(cast["secretariat"])] == []
    type(pending).objects.filter(pk=pending.pk).update(released_at=clock.now())
    waiting = judging_work.waiting_work(cast["secretariat"])
    assert {work.person for work in waiting} == set(panel["reviewers"])
    with pytest.raises(NotPossible, match="Only the secretariat"):
        judging_work.recognise_work([waiting[0].key], by=cast["lead"])
    client.force_login(cast["secretariat"])
    page = reverse("judging_work")
    assert client.post(page, {}).status_code == 400
    client.post(page, {"work": [waiting[0].key]})
    client.post(page, {"work": [waiting[0].key]})
    assert [tenths for _, tenths in given("V1")] == [10]
    reviewer = waiting[0].person
    client.force_login(reviewer)
    assert "A review" not in client.get("/my-record/").content.decode()
    assert "Review, handed in on" in client.get("/my-record/").content.decode()
    looks(officer := Client(), cast["rcsc"])
    file = text_of_main(officer.get(reverse("person_file", args=[reviewer.employee_number])))
    assert "Reviewed, verified or classified" in file
    assert pending.title not in file
    assert "handed in on" not in file


def test_work_that_counts_already_leaves_room_for_later_work(worked, cast, classifiers, verifier, monkeypatch):
    """As with a hundred that count, or were late: the next ones still come up."""
    monkeypatch.setattr(judging_work, "SHOWN", 1)
    accepted(worked, cast, classifiers, verifier)
    counted = []
    while waiting := judging_work.waiting_work(cast["secretariat"]):
        counted += [work.person for work in waiting]
        assert judging_work.recognise_work([work.key for work in waiting], by=cast["secretariat"]) == 1
    assert counted == classifiers[:2]


def test_late_work_does_not_count(worked, cast, verifier):
    outcome = verified(worked, cast, verifier)
    assert [work.key for work in judging_work.waiting_work(cast["secretariat"])] == [f"check:{outcome.pk}:1"]
    type(outcome).objects.filter(pk=outcome.pk).update(check_by=clock.today() - timedelta(days=1))
    assert judging_work.waiting_work(cast["secretariat"]) == []
