"""A second look at a result, the clock of a check, other verifiers, looks back, and what is taken back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from incentives.enums import ContestAbout, Kind
from incentives.models import Contest, FollowUp, LearningRecord, Outcome, PointEvent
from incentives.services import contests, follow_ups, integrity, learning, outcomes
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Part, Role
from people.models import Involvement, Notification
from people.services.accounts import system_user
from people.services.grants import grant_role
from people.services.involvement import involve

from .. import conftest, factories
from .test_hr import looks, text_of_main
from .test_results import accepted, claimed, points, read, sent, shares_of, verified


def lodged(outcome, cast, by="lead", about=ContestAbout.RESULT):
    return contests.lodge(outcome, by=cast[by], about=about, words="The log of the second counter was not read.")


def upheld(outcome, cast, officer):
    row = contests.admit(lodged(outcome, cast), by=officer, note="There is a second log.")
    row = contests.assign(row, by=officer)
    return contests.uphold(row, by=officer, note="It was not read.")


def checked_again(outcome, second, endline):
    return found(outcomes.take(Outcome.objects.get(pk=outcome.pk), by=second), second, endline)


def found(outcome, second, endline):
    return outcomes.record_verdict(outcome, by=second, endline=Decimal(endline), how="Both logs", confidence="high")


def home(person):
    client = Client()
    client.force_login(person)
    return text_of_main(client.get("/"))


# The clock of a check


def test_claim_asks_verifiers_and_one_that_nobody_takes_is_asked_for_again(worked, cast, verifier):
    claimed(worked, cast)
    asked = Notification.objects.filter(person=verifier, subject="A result waits to be checked")
    assert asked.count() == 1
    with clock.frozen(clock.now() + timedelta(days=15)):
        assert outcomes.chase() == 0
    with clock.frozen(clock.now() + timedelta(days=45)):
        assert (outcomes.chase(), outcomes.chase(), asked.count()) == (1, 0, 2)
        told = Notification.objects.filter(subject="Nobody has taken a check yet").values_list("person", flat=True)
        assert set(told) == {cast["lead"].pk, cast["secretariat"].pk}
        assert Outcome.objects.get().check_by > clock.today()


def test_claim_without_a_day_for_its_check_is_refused_by_the_database(worked, cast):
    claimed(worked, cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.update(check_by=None)


def test_check_that_is_late_goes_to_another_and_its_day_stays(worked, cast, verifier, second):
    outcome = outcomes.take(claimed(worked, cast), by=verifier)
    day = clock.today()
    with clock.frozen(clock.now() + timedelta(days=20)):
        assert outcomes.chase() == 0
    with clock.frozen(clock.now() + timedelta(days=40)):
        assert outcomes.chase() == 1
        assert Involvement.objects.get(case=worked.case, part=Part.VERIFIER).until is not None
        asked = Notification.objects.filter(subject="A result waits to be checked").values_list("person", flat=True)
        assert sorted(asked) == sorted([verifier.pk, second.pk, second.pk])  # who was late only at the claim
        with pytest.raises(NotPossible):
            outcomes.take(Outcome.objects.get(), by=verifier)
        assert "Check the result" not in home(verifier)
        checked_again(outcome, second, "1.2")
    assert set(PointEvent.objects.values_list("counts_on", flat=True)) == {day}


def test_check_in_time_is_not_given_free(worked, cast, verifier):
    outcome = outcomes.take(claimed(worked, cast), by=verifier)
    with pytest.raises(NotPossible, match="still has time"):
        outcomes.reassign(outcome, by=system_user())


def test_checked_result_is_published_after_thirty_days_but_not_under_a_second_look(worked, cast, verifier):
    outcome = verified(worked, cast, verifier)
    with clock.frozen(clock.now() + timedelta(days=31)):
        row = lodged(outcome, cast)
        outcomes.chase()
        assert Outcome.objects.get().state == "verified_met"
        Contest.objects.filter(pk=row.pk).update(state="dismissed", ended_at=clock.now())
        outcomes.chase()
    assert Outcome.objects.get().state == "published"


# Who may verify


def test_those_who_verified_each_other_within_24_months_do_not_do_so_again(worked, cast, verifier, line):
    """The lead verified a case of the verifier's team."""
    other = factories.make_grant(cast, line, lead=verifier)
    involve(case=other.case, person=verifier, part=Part.LEAD)
    grant_role(by=system_user(), person=cast["lead"], role=Role.VERIFIER, reason="test")
    involve(case=other.case, person=cast["lead"], part=Part.VERIFIER)
    outcome = claimed(worked, cast)
    with pytest.raises(NotPossible) as no:
        outcomes.take(outcome, by=verifier)
    assert no.value.forbidden
    Involvement.objects.filter(part=Part.VERIFIER).update(since=clock.now() - timedelta(days=740))
    assert outcomes.take(outcome, by=verifier).state == "verifying"


def test_build_asks_what_people_served_say(client, worked, cast, verifier):
    outcome = outcomes.take(claimed(worked, cast), by=verifier)
    Outcome.objects.update(stage="build")
    outcome.refresh_from_db()
    client.force_login(verifier)
    url, form = reverse("outcome_verify", args=[worked.case]), {"endline": "1.2", "how": "Log", "confidence": "high"}
    assert "with people served" in text_of_main(client.post(url, form))
    client.post(url, form | {"served": "Four people at the counter, 2 May."})
    outcome.refresh_from_db()
    assert (outcome.state, outcome.people_served) == ("verified_met", "Four people at the counter, 2 May.")


# A second look


@pytest.mark.parametrize(("again", "state"), [("1.8", "verified_partial"), ("3", "verified_not_met")])
def test_second_look_that_is_upheld_brings_another_verifier_and_moves_points(
    worked,
    cast,
    verifier,
    officer,
    second,
    again,
    state,
):
    outcome = verified(worked, cast, verifier)
    upheld(outcome, cast, officer)
    outcome.refresh_from_db()
    assert outcome.state == "contested"
    assert Notification.objects.filter(person=second, subject="A result waits to be checked").count() == 2
    with pytest.raises(NotPossible) as no:
        outcomes.take(outcome, by=verifier)
    assert no.value.forbidden
    outcome = outcomes.take(outcome, by=second)
    with pytest.raises(NotPossible) as no:  # the first verifier is no part of the second check
        outcomes.record_verdict(outcome, by=verifier, endline=Decimal(again), how="x", confidence="low")
    assert no.value.forbidden
    assert found(outcome, second, again).state == state
    expected = {("lead", "R2", 72), ("colleague", "R2", 48)} if again == "1.8" else set()
    standing = PointEvent.objects.filter(reverses=None, reversal=None)
    assert {(e.person.email.split("@")[0], e.code, e.tenths) for e in standing} == expected
    assert PointEvent.objects.filter(reverses__isnull=False).count() == 2
    assert shares_of(worked).state == ("verified" if expected else "reversed")
    assert LearningRecord.objects.count() == (0 if expected else 1)


def test_second_check_that_finds_the_same_changes_nothing(worked, cast, verifier, officer, second):
    outcome = verified(worked, cast, verifier)
    before = points(worked)
    upheld(outcome, cast, officer)
    assert checked_again(outcome, second, "1.2").state == "verified_met"
    assert (points(worked), PointEvent.objects.count()) == (before, 2)


def test_second_look_has_a_clock_and_tells_officer_and_protection(worked, cast, verifier, officer):
    row = lodged(verified(worked, cast, verifier), cast)
    assert 26 <= (row.due_on - clock.today()).days <= 32
    assert [row.is_late(row.due_on + timedelta(days=n)) for n in (0, 1)] == [False, True]
    told = Notification.objects.filter(path=row.get_absolute_url()).values_list("person", flat=True)
    assert set(told) == {officer.pk, cast["protection"].pk}


def test_second_look_that_is_not_upheld_leaves_the_record(worked, cast, verifier, officer):
    outcome = verified(worked, cast, verifier)
    row = contests.assign(contests.admit(lodged(outcome, cast), by=officer, note="x"), by=officer)
    contests.dismiss(row, by=officer, note="Both logs were read.")
    outcome.refresh_from_db()
    assert (outcome.state, PointEvent.objects.count()) == ("verified_met", 2)
    assert Notification.objects.filter(person=cast["lead"], subject="The second look is answered").count() == 1


def test_second_look_is_asked_once_at_a_time_and_only_at_what_was_checked(worked, cast, verifier):
    with pytest.raises(NotPossible, match="Only what was checked"):
        lodged(claimed(worked, cast), cast)
    outcome = outcomes.take(Outcome.objects.get(), by=verifier)
    outcome = outcomes.record_verdict(outcome, by=verifier, endline=Decimal("1"), how="Log", confidence="high")
    lodged(outcome, cast)
    with pytest.raises(NotPossible, match="already on its way"):
        lodged(outcome, cast, by="colleague")
    lodged(outcome, cast, about=ContestAbout.POINTS)
    assert Contest.objects.count() == 2


@pytest.mark.parametrize("who", ["secretariat", "conflicted", "hr", "sponsor", "exmember"])
def test_second_look_is_asked_by_people_on_the_record_or_another_agency(worked, cast, verifier, who):
    with pytest.raises(NotPossible, match="Only people of the team"):
        lodged(verified(worked, cast, verifier), cast, by=who)


def test_officer_with_an_earlier_act_or_of_the_teams_agency_is_refused(worked, cast, verifier, officer):
    """The verifier is an appeals officer too; the cast's appeals officer is of the lead's ministry."""
    row = lodged(verified(worked, cast, verifier), cast)
    grant_role(by=system_user(), person=verifier, role=Role.APPEALS, reason="test")
    for person in (verifier, cast["appeals"], cast["head"]):
        with pytest.raises(NotPossible) as no:
            contests.admit(row, by=person, note="x")
        assert no.value.forbidden
    assert contests.admit(row, by=officer, note="x").state == "admissible"


def test_second_look_in_pages_and_marked_wherever_the_record_appears(worked, cast, verifier, officer):
    outcome = verified(worked, cast, verifier)
    clients = {name: Client() for name in ("lead", "hr", "officer")}
    looks(clients["hr"], cast["hr"])
    for name, person in (("lead", cast["lead"]), ("officer", officer)):
        clients[name].force_login(person)
    ask = reverse("contest_ask", args=[worked.case])
    assert clients["lead"].post(ask, {"about": "result"}).status_code == 400
    clients["lead"].post(ask, {"about": "result", "words": "The second log."})
    row = Contest.objects.get()
    file = reverse("person_file", args=[cast["lead"].employee_number])
    assert "Under a second look" in text_of_main(clients["hr"].get(file))
    assert "A second look is on its way" in text_of_main(clients["lead"].get(outcome.get_absolute_url()))
    assert "A second look at" in text_of_main(clients["officer"].get("/"))
    for step in ("admit", "assign", "dismiss"):
        clients["officer"].post(reverse("act", args=["incentives.contest", row.pk, step]), {"note": "Both were read."})
    row.refresh_from_db()
    assert row.state == "dismissed"
    assert "Under a second look" not in text_of_main(clients["hr"].get(file))


# Revoked


def test_published_result_is_revoked_by_the_head_and_stays_to_be_seen(worked, cast, verifier):
    outcome = perform(verified(worked, cast, verifier), "publish", by=cast["lead"])
    with pytest.raises(NotPossible):
        outcomes.revoke(outcome, by=cast["secretariat"], note="The log was altered.")
    with pytest.raises(NotPossible, match="Hold the record first"):
        outcomes.revoke(outcome, by=cast["head"], note="The log was altered.")
    integrity.hold(outcome, by=cast["head"], reason="The log reads like another.")
    outcomes.revoke(outcome, by=cast["head"], note="The log was altered.")
    assert {e.tenths for e in PointEvent.objects.filter(reverses__isnull=False)} == {-120, -80}
    reader = Client()
    reader.force_login(cast["stranger"])
    assert "Revoked" in text_of_main(reader.get(outcome.get_absolute_url()))


# Looks back


def test_look_back_is_asked_after_half_a_year_and_a_year(worked, cast, verifier):
    verified(worked, cast, verifier)
    rows = list(FollowUp.objects.all())
    assert [row.months for row in rows] == [6, 12]
    with pytest.raises(NotPossible, match="not come yet"):
        follow_ups.sustain(rows[0], by=cast["lead"], note="The counter still uses it.")
    with clock.frozen(clock.now() + timedelta(days=190)):
        assert follow_ups.ask_due() == 1
        row = follow_ups.sustain(rows[0], by=cast["lead"], note="The counter still uses it.")
        assert row.answered_on == clock.today()
        assert follow_ups.ask_due() == 0
    assert (row.state, row.said) == ("sustained", "The counter still uses it.")


# Learning


def test_reading_is_contested_once_and_read_by_others(worked, cast, classifiers, verifier, agencies):
    record = learning.confirm_facts(sent(worked, cast), by=verifier)
    record = read(record, classifiers, Kind.PREVENTABLE, Kind.PREVENTABLE)
    with clock.frozen(clock.now() + timedelta(days=1)):
        record = learning.contest(record, by=cast["colleague"], note="The flood was not considered.")
        assert (record.state, record.settled_kind) == ("contested", "")
        with pytest.raises(NotPossible, match="already classified"):
            learning.classify(record, by=classifiers[0], kind=Kind.PREVENTABLE, note="x")
    told = Notification.objects.filter(subject="A learning record waits to be read anew")
    assert set(told.values_list("person", flat=True)) == {classifiers[2].pk}
    assert Notification.objects.filter(person=cast["protection"], body__contains="others read").count() == 1
    assert "Classify what was learned" in home(classifiers[2])
    assert "Classify what was learned" not in home(classifiers[0])
    with clock.frozen(clock.now() + timedelta(days=1)):
        others = conftest.officers(Role.CLASSIFIER, agencies["farms"], 2)
    with clock.frozen(clock.now() + timedelta(days=2)):
        record = read(record, others, Kind.COMPLEX, Kind.COMPLEX)
    assert (record.state, record.settled_kind) == ("shown", "complex")
    with pytest.raises(NotPossible, match="read anew once"):
        learning.contest(record, by=cast["lead"], note="Again.")


def test_record_is_sent_back_by_a_classifier_with_the_reason(worked, cast, classifiers):
    record = perform(sent(worked, cast), "send_back", by=classifiers[0], note="Say what was counted.")
    assert (record.state, record.submitted_at) == ("draft", None)


@pytest.mark.parametrize(
    ("reach", "stranger", "citizen", "nobody"),
    [("team", False, False, False), ("government", True, False, False), ("public", True, True, True)],
)
def test_record_goes_as_far_as_the_team_chooses_without_names(
    client,
    worked,
    cast,
    classifiers,
    verifier,
    reach,
    stranger,
    citizen,
    nobody,
):
    accepted(worked, cast, classifiers, verifier)
    client.force_login(cast["lead"])
    share = reverse("learning_share", args=[worked.case])
    assert client.post(share, {"reach": ""}).status_code == 400
    client.post(share, {"reach": reach})
    seen = {}
    for name in ("stranger", "citizen", None):
        reader = Client()
        if name:
            reader.force_login(cast[name])
        page = text_of_main(reader.get(reverse("learned")))
        seen[name] = worked.title in page
        assert "Name of" not in page
    assert seen == {"stranger": stranger, "citizen": citizen, None: nobody}
    reader = Client()
    reader.force_login(cast["stranger"])
    answer = reader.get(reverse("learning_detail", args=[worked.case]))
    assert answer.status_code == (200 if stranger else 404)
    if stranger:
        page = text_of_main(answer)
        assert "without its names" in page
        assert not any(word in page for word in ("Name of", "Good faith", "Well tested"))
