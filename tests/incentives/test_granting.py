"""What the RCSC grants, what it rests on, what follows when that is taken back, and whom HR can prepare."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from incentives.enums import Wish
from incentives.models import Nomination, PointEvent, Support
from incentives.models.nomination import NominationQuerySet
from incentives.services import eligibility, files, grounds, nominations, points
from incentives.waiting import waiting_for
from lifecycle import clock, jobs
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Role
from people.models import EmploymentSnapshot, Notification
from people.queries import role_names
from people.services.accounts import system_user
from people.services.grants import grant_role

from .. import factories
from .test_hr import looks, text_of_main
from .test_nominations import forwarded, granted, nominated, record


def refused(row, cast, words, **rest):
    with pytest.raises(NotPossible, match=words):
        record(row, cast, **rest)


def test_result_is_no_older_than_the_forwarding_on_both_sides(recorded, cast):
    row = forwarded(cast, wish=Wish.AWARD)
    refused(row, cast, "cannot be older", what=Wish.AWARD, decided_on=date(1990, 1, 1))
    row = record(row, cast, Wish.AWARD)
    with pytest.raises(IntegrityError), transaction.atomic():
        Nomination.objects.filter(pk=row.pk).update(decided_on=date(1990, 1, 1))


def test_contribution_supports_one_grant_of_a_kind_whatever_the_kind(recorded, cast):
    first = granted(cast, wish=Wish.AWARD, what=Wish.AWARD)
    second = forwarded(cast, wish=Wish.AWARD)
    refused(second, cast, "no contribution .* is free", what=Wish.AWARD, all_the_same=False)
    second = record(second, cast, Wish.AWARD)
    assert (first.supports.count(), second.supports.count()) == (1, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Support.objects.create(nomination=second, event=first.supports.get().event, kind="award")
    third = granted(cast, wish=Wish.LEAVE, what=Wish.LEAVE)
    assert third.supports.count() == 1


def test_fast_track_needs_checked_rules_that_do_not_close_it(recorded, cast):
    row = forwarded(cast, wish=Wish.TRAINING)
    refused(row, cast, "never checked")
    eligibility.run(by=cast["rcsc"], person=cast["lead"])
    refused(row, cast, "the wish is “A training”; the rules are not all met", all_the_same=False)
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(employment_type="contract", as_of=clock.today())
    refused(row, cast, "“Regular civil servant in active service” is not met")
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(employment_type="regular")
    record(row, cast)
    refused(forwarded(cast, wish=Wish.FAST_TRACK), cast, "“Not promoted on this ground before” is not met")


def test_second_nomination_for_the_same_waits_for_the_first(recorded, cast):
    row = forwarded(cast)
    with pytest.raises(NotPossible, match="already have a nomination"):
        nominated(cast)
    other = nominated(cast, wish=Wish.LEAVE)
    with pytest.raises(NotPossible, match="already have a nomination for this"):
        nominations.change_wish(other, by=cast["lead"], wish=Wish.FAST_TRACK)
    with pytest.raises(IntegrityError), transaction.atomic():
        Nomination.objects.filter(pk=other.pk).update(wish=row.wish)


def test_result_that_was_entered_wrongly_is_recorded_anew(recorded, cast):
    row = perform(granted(cast), "correct_result", by=cast["rcsc"], note="An award was meant.")
    assert (row.state, row.granted, row.decided_on) == ("forwarded", "", None)
    row = record(row, cast, Wish.AWARD)
    assert list(row.supports.filter(until=None).values_list("kind", flat=True)) == ["award"]
    nominated(cast)
    with pytest.raises(NotPossible, match="Another nomination for the same"):
        perform(row, "correct_result", by=cast["rcsc"], note="x")


# A ground that was taken back


def take_back(cast):
    points.reverse(PointEvent.objects.get(person=cast["lead"]), by=cast["head"], reason="The log was altered.")


def told(person):
    return Notification.objects.filter(person=person, subject="A ground of a nomination").count()


def test_offices_take_no_step_on_a_check_that_is_older_than_a_taking_back(client, recorded, cast):
    row = perform(nominated(cast), "bring_to_committee", by=cast["hr"])
    eligibility.run(by=cast["hr"], person=cast["lead"])
    take_back(cast)
    assert [told(cast[name]) for name in ("hr", "hrc", "rcsc")] == [1, 1, 0]
    with pytest.raises(NotPossible, match="checks them again first"):
        perform(row, "endorse", by=cast["hrc"], note="Well evidenced.")
    for name in ("hr", "hrc"):
        roles = role_names(cast[name])
        assert [w.about for w in waiting_for(cast[name], roles)] == [
            "With the HR committee. The record has changed: the rules are checked again first"
        ]
    looks(client, cast["hr"])
    pages = {
        row.get_absolute_url(): "taken back or changed after the rules were checked",
        reverse("nomination_list"): "Check the rules again",
        reverse("hr_people"): "The record has changed since: check again.",
        reverse("person_file", args=[cast["lead"].employee_number]): grounds.GONE,
    }
    for url, words in pages.items():
        assert words in text_of_main(client.get(url)), url
    eligibility.run(by=cast["hr"], person=cast["lead"])
    assert perform(row, "endorse", by=cast["hrc"], note="Well evidenced.").state == "endorsed"
    for url, words in pages.items():
        assert words not in text_of_main(client.get(url)), url


def test_step_without_the_guard_would_be_taken_on_an_old_check(recorded, cast, monkeypatch):
    row = perform(nominated(cast), "bring_to_committee", by=cast["hr"])
    eligibility.run(by=cast["hr"], person=cast["lead"])
    take_back(cast)
    monkeypatch.setattr(NominationQuerySet, "overtaken", lambda rows: rows.none())
    assert perform(row, "endorse", by=cast["hrc"], note="Well evidenced.").state == "endorsed"


def test_result_is_not_recorded_on_a_check_that_is_older_than_a_taking_back(recorded, cast):
    row = forwarded(cast, wish=Wish.AWARD)
    eligibility.run(by=cast["rcsc"], person=cast["lead"])
    take_back(cast)
    assert told(cast["rcsc"]) == 1
    refused(row, cast, "checks them again first", what=Wish.AWARD)
    assert record(row, cast, None).granted == ""


def test_grant_whose_ground_was_taken_back_is_before_the_rcsc_until_it_says_what_follows(client, recorded, cast):
    row = granted(cast)
    with pytest.raises(NotPossible, match="Nothing that it rests on"):
        perform(row, "let_stand", by=cast["rcsc"], note="x")
    take_back(cast)
    assert told(cast["rcsc"]) == 1
    rows = waiting_for(cast["rcsc"], role_names(cast["rcsc"]))
    assert [w.about for w in rows] == ["A ground of what was granted was taken back: does it stand?"]
    looks(client, cast["rcsc"])
    page = text_of_main(client.get(row.get_absolute_url()))
    assert "A ground of what was granted was taken back." in page
    assert "What happens next: the RCSC says whether it stands, or revokes it." in page
    assert "Nothing more happens here." not in page
    perform(row, "let_stand", by=cast["rcsc"], note="The other three bear it.")
    assert waiting_for(cast["rcsc"], role_names(cast["rcsc"])) == []


def test_learning_that_is_not_shown_is_not_named_when_it_is_taken_back(recorded, cast):
    event = PointEvent.objects.get(person=cast["lead"])
    row = PointEvent.objects.values().get(pk=event.pk) | {"id": None, "code": "F1", "source": "failure"}
    checked = eligibility.run(by=cast["hr"], person=cast["lead"])
    points.reverse(PointEvent.objects.create(**row), by=cast["head"], reason="x")
    assert grounds.since_check(cast["lead"], checked.at) == grounds.CHANGED


# Whom HR can prepare


def test_nominated_without_a_record_has_a_file_an_annex_and_a_check(client, cast, points_policy):
    row = nominated(cast, wish=Wish.TRAINING)
    file = reverse("person_file", args=[cast["lead"].employee_number])
    looks(client, cast["hr"])
    assert file in client.get(row.get_absolute_url()).content.decode()
    assert client.post(file, {"check": "yes"}).status_code == 302
    assert "Checked" in text_of_main(client.get(file))
    job = files.ask_for_annex(by=cast["hr"], person=cast["lead"], why="an audit")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result
    assert cast["lead"].full_name not in text_of_main(client.get(reverse("hr_people")))
    perform(row, "withdraw", by=cast["lead"])
    assert client.get(file).status_code == 404
    assert file not in client.get(row.get_absolute_url()).content.decode()


def test_nomination_follows_a_transfer_to_the_new_hr(client, cast, agencies, points_policy):
    row, new = nominated(cast), factories.civil_servant("hr2@x.example", agencies["digital"])
    grant_role(by=system_user(), person=new, role=Role.HR, agency=agencies["digital"], reason="test")
    factories.second_factor(new)
    factories.SnapshotFactory(person=cast["lead"], agency=agencies["digital"], as_of=clock.today())
    with pytest.raises(NotPossible, match="may not"):
        perform(row, "bring_to_committee", by=cast["hr"])
    assert nominations.follow() == 1
    assert nominations.follow() == 0
    row.refresh_from_db()
    assert (row.agency, Notification.objects.get(person=new).path) == (agencies["digital"], row.get_absolute_url())
    file = reverse("person_file", args=[cast["lead"].employee_number])
    for person, status in ((new, 200), (cast["hr"], 404)):
        looks(client, person)
        assert [client.get(url).status_code for url in (row.get_absolute_url(), file)] == [status, status]
    assert perform(row, "bring_to_committee", by=new).state == "hrc_review"


def test_deferred_nomination_goes_to_the_next_cycle_and_its_days_begin_anew(client, cast, points_policy):
    row = perform(nominated(cast), "bring_to_committee", by=cast["hr"])
    row = perform(row, "defer", by=cast["hrc"], note="At the next meeting.")
    assert (row.comment_by, nominations.follow()) == (None, 0)
    with clock.frozen(clock.now() + timedelta(days=400)):
        assert nominations.follow() == 1
        assert nominations.follow() == 0
        moved = Nomination.objects.get(pk=row.pk)
        client.force_login(cast["lead"])
        assert "late" not in text_of_main(client.get(row.get_absolute_url()))
        back = perform(moved, "bring_to_committee", by=cast["hr"])
        assert moved.effective_on > clock.today() < back.comment_by
