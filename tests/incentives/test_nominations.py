"""Nominations through the HR committee and the RCSC, the days of the cycle, and what is granted."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from incentives.enums import Wish
from incentives.models import Nomination
from incentives.models.nomination import FOUR_EYES
from incentives.rules.calendar import cycle_of, cycles_of
from incentives.rules.loading import PolicyFault, load
from incentives.services import eligibility, nominations, versions
from incentives.waiting import waiting_for
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Role
from people.models import EmploymentSnapshot, Notification
from people.services.accounts import system_user
from people.services.grants import grant_role

from .. import factories
from .test_hr import looks, text_of_main

POLICY = load(versions.standard_policy())


def nominated(cast, name="lead", wish=Wish.FAST_TRACK):
    return nominations.nominate_oneself(by=cast[name], wish=wish, statement="I led two pilots.")


def forwarded(cast, **rest):
    row = perform(nominated(cast, **rest), "bring_to_committee", by=cast["hr"])
    row = perform(row, "endorse", by=cast["hrc"], note="Well evidenced.")
    return perform(row, "forward", by=cast["hr"])


def record(row, cast, what=Wish.FAST_TRACK, all_the_same=True, **rest):
    """The RCSC's result, after a check of the rules, with eyes open."""
    said = {"decided_on": clock.today(), "note": "Well evidenced."} | rest
    return nominations.record_result(row, by=cast["rcsc"], granted=what, all_the_same=all_the_same, **said)


def granted(cast, what=Wish.FAST_TRACK, **rest):
    row = forwarded(cast, **rest)
    eligibility.run(by=cast["rcsc"], person=row.person)
    return record(row, cast, what)


# The calendar


@pytest.mark.parametrize(
    ("day", "opens", "to_hrc", "to_rcsc", "result", "effective"),
    [
        ("2026-10-05", "2026-10-01", "2026-10-30", "2026-11-30", "2026-12-25", "2027-01-01"),
        ("2026-10-30", "2026-10-01", "2026-10-30", "2026-11-30", "2026-12-25", "2027-01-01"),
        ("2026-10-31", "2027-04-01", "2027-04-30", "2027-05-31", "2027-06-10", "2027-07-01"),
        ("2027-01-01", "2027-04-01", "2027-04-30", "2027-05-31", "2027-06-10", "2027-07-01"),
        ("2027-05-01", "2027-10-01", "2027-10-30", "2027-11-30", "2027-12-25", "2028-01-01"),
    ],
)
def test_nomination_belongs_to_the_first_cycle_it_is_in_time_for(day, opens, to_hrc, to_rcsc, result, effective):
    found = cycle_of(POLICY, date.fromisoformat(day))
    days = (found.opens_on, found.to_hrc_by, found.to_rcsc_by, found.result_by, found.effective_on)
    assert tuple(map(str, days)) == (opens, to_hrc, to_rcsc, result, effective)


def test_next_cycles_come_soonest_first():
    days = [cycle.effective_on for cycle in cycles_of(POLICY, date(2027, 1, 1))]
    assert days == [date(2027, 1, 1), date(2027, 7, 1), date(2028, 1, 1), date(2028, 7, 1)]


def test_policy_without_a_calendar_has_no_cycle():
    data = versions.standard_policy()
    del data["cycles"]
    assert cycle_of(load(data), date(2026, 1, 1)) is None


def test_policy_with_a_day_that_is_none_is_refused():
    data = versions.standard_policy()
    data["cycles"][0]["opens"] = "02-30"
    with pytest.raises(PolicyFault, match=r"cycles\[0\].opens: must be a day"):
        load(data)


# The way


def test_self_nomination_goes_to_hr_once(cast, points_policy):
    row = nominated(cast)
    assert (row.state, row.agency.code, row.effective_on is None, row.comment_by is None) == (
        "submitted", "moh", False, False,
    )  # fmt: skip
    assert Notification.objects.get(person=cast["hr"]).path == row.get_absolute_url()
    with pytest.raises(NotPossible, match="You already have a nomination"):
        nominated(cast)


def test_nomination_for_an_award_needs_no_points_policy(cast):
    row = nominated(cast, wish=Wish.AWARD)
    assert (row.state, row.effective_on, row.comment_by) == ("submitted", None, None)


def test_person_is_told_of_every_step_of_an_office(cast, points_policy):
    granted(cast)
    told = Notification.objects.filter(person=cast["lead"], subject="Your nomination").order_by("pk")
    assert [row.body for row in told] == [
        "With the HR committee.", "Endorsed by the HR committee.", "With the RCSC.", "The RCSC's result is recorded.",
    ]  # fmt: skip


@pytest.mark.parametrize(("who", "step"), [("hr", "bring_to_committee"), ("hrc", "endorse"), ("rcsc", "record_result")])
def test_nobody_handles_the_own_nomination(cast, who, step):
    row = nominations.nominate_oneself(by=cast[who], wish=Wish.AWARD, statement="x")
    Nomination.objects.filter(pk=row.pk).update(state={"endorse": "hrc_review"}.get(step, "submitted"))
    with pytest.raises(NotPossible):
        perform(Nomination.objects.get(pk=row.pk), step, by=cast[who], note="Because.")


def test_line_manager_nominates_a_report_who_is_told_and_can_state_another_wish(client, cast, points_policy):
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(line_manager=cast["sponsor"])
    client.force_login(cast["sponsor"])
    form = {"person": cast["lead"].pk, "wish": "fast_track", "statement": "Two pilots."}
    assert client.post(reverse("nominate_report"), form).status_code == 302
    row = Nomination.objects.get()
    assert (row.person, row.nominated_by, row.state) == (cast["lead"], cast["sponsor"], "submitted")
    assert Notification.objects.filter(person=cast["lead"], subject="You were nominated").count() == 1
    client.force_login(cast["lead"])
    client.post(row.get_absolute_url(), {"wish": "leave"})
    row.refresh_from_db()
    assert row.wish == "leave"
    perform(row, "bring_to_committee", by=cast["hr"])
    with pytest.raises(NotPossible, match="taken it up"):
        nominations.change_wish(row, by=cast["lead"], wish=Wish.AWARD)


@pytest.mark.parametrize("who", ["colleague", "hr", "rcsc"])
def test_nobody_else_nominates_somebody(client, cast, who):
    with pytest.raises(NotPossible, match="Only the line manager"):
        nominations.nominate_report(by=cast[who], person=cast["lead"], wish=Wish.AWARD, statement="x")
    client.force_login(cast[who])
    assert client.get(reverse("nominate_report")).status_code == 404


def test_wish_of_somebody_else_is_not_changed(client, cast):
    row = nominated(cast)
    client.force_login(cast["hr"])
    assert client.post(row.get_absolute_url(), {"wish": "leave"}).status_code == 403
    with pytest.raises(NotPossible, match="Only the person"):
        nominations.change_wish(row, by=cast["hr"], wish=Wish.LEAVE)


# Four eyes


BRING, ENDORSE, FORWARD = "bring_to_committee", "endorse", "forward"


def step(row, name, by):
    return perform(Nomination.objects.get(pk=row.pk), name, by=by, note="Because.")


@pytest.fixture
def many(cast, agencies):
    """HR officer, on the HR committee and of the RCSC at once."""
    for role, agency in ((Role.HRC, agencies["health"]), (Role.RCSC, None)):
        grant_role(by=system_user(), person=cast["hr"], role=role, agency=agency, reason="test")
    return cast["hr"]


@pytest.fixture
def second(agencies):
    """Another HR officer of the same agency."""
    person = factories.civil_servant("hr2@x.example", agencies["health"])
    grant_role(by=system_user(), person=person, role=Role.HR, agency=agencies["health"], reason="test")
    return person


def test_nobody_takes_two_following_steps_also_not_through_a_second_role(cast, many, second, points_policy):
    row = step(nominated(cast), BRING, many)
    with pytest.raises(NotPossible, match="may not"):
        step(row, ENDORSE, many)
    step(row, "defer", cast["hrc"])
    row = step(step(row, BRING, second), ENDORSE, many)
    with pytest.raises(NotPossible, match="may not"):
        step(row, FORWARD, many)
    row = step(row, FORWARD, second)
    grant_role(by=system_user(), person=second, role=Role.RCSC, reason="test")
    said = {"granted": Wish.AWARD, "decided_on": clock.today(), "note": "x", "all_the_same": True}
    with pytest.raises(NotPossible, match="may not"):
        nominations.record_result(row, by=second, **said)
    row = nominations.record_result(row, by=many, **said)
    taken = (row.brought_by, row.answered_by, row.forwarded_by, row.recorded_by)
    assert taken == (second, many, second, many)


def test_who_deferred_it_does_not_bring_it_and_who_nominates_handles_it_never(cast, many, second, points_policy):
    row = step(step(nominated(cast), BRING, second), "defer", many)
    with pytest.raises(NotPossible, match="may not"):
        step(row, BRING, many)
    Nomination.objects.filter(pk=row.pk).update(answered_by=None, nominated_by=many)
    with pytest.raises(NotPossible, match="may not"):
        step(row, BRING, many)


@pytest.mark.parametrize(("first", "then"), FOUR_EYES)
def test_two_following_steps_of_one_person_are_refused_by_the_database(cast, first, then):
    row = nominated(cast, wish=Wish.AWARD)
    with pytest.raises(IntegrityError, match=f"nomination_{then}_another"), transaction.atomic():
        Nomination.objects.filter(pk=row.pk).update(**{first: cast["hr"], then: cast["hr"]})


def test_my_work_asks_nobody_for_the_step_after_their_own(cast, many):
    row = nominated(cast, wish=Wish.AWARD)

    def asked():
        found = waiting_for(many, {Role.HR, Role.HRC, Role.RCSC})
        return [one for one in found if one.path == row.get_absolute_url()]

    assert len(asked()) == 1
    step(row, BRING, many)
    assert asked() == []
    step(row, ENDORSE, cast["hrc"])
    assert len(asked()) == 1
    step(row, FORWARD, many)
    assert asked() == []


# The result


def test_result_keeps_what_was_granted_and_what_supports_it(recorded, cast):
    row = granted(cast)
    assert (row.state, row.granted, row.decided_on) == ("result_recorded", "fast_track", clock.today())
    assert list(row.supports.values_list("event__source", "kind")) == [(f"{recorded.case}:outcome:1", "fast_track")]


def test_granted_promotion_closes_the_ground_until_it_is_revoked(recorded, cast):
    """E10: not promoted on this ground before; E12: no contribution supports two benefits of the kind."""

    def passed():
        found = eligibility.look(cast["lead"], clock.today()).rules
        return {rule.key: rule.passed for rule in found if rule.key in ("E10", "E12")}

    seen = [passed()]
    row = granted(cast)
    seen.append(passed())
    perform(row, "revoke", by=cast["rcsc"], note="The log was altered.")
    assert [*seen, passed()] == [
        {"E10": True, "E12": True}, {"E10": False, "E12": False}, {"E10": True, "E12": True},
    ]  # fmt: skip


def test_award_closes_nothing(recorded, cast):
    granted(cast, what=Wish.AWARD)
    found = eligibility.look(cast["lead"], clock.today()).rules
    assert [rule.passed for rule in found if rule.key in ("E10", "E12")] == [True, True]


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"note": " "}, "its own page"), ({"decided_on": None}, "its own page"), ({"days": 1}, "lie ahead")],
)
def test_result_without_day_or_reason_is_refused(cast, points_policy, changes, words):
    row, days = forwarded(cast), changes.pop("days", 0)
    said = {"decided_on": clock.today() + timedelta(days=days), "note": "x", "granted": Wish.AWARD} | changes
    with pytest.raises(NotPossible, match=words):
        nominations.record_result(row, by=cast["rcsc"], **said)


def test_nothing_granted_is_recorded_and_cannot_be_revoked(cast, points_policy):
    row = granted(cast, what=None)
    assert (row.granted, row.supports.count()) == ("", 0)
    with pytest.raises(NotPossible, match="Nothing was granted"):
        perform(row, "revoke", by=cast["rcsc"], note="x")


def test_granted_without_a_day_is_refused_by_the_database(cast):
    row = nominated(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Nomination.objects.filter(pk=row.pk).update(granted="award")


def test_whole_way_in_pages_by_hr_committee_rcsc_and_person(recorded, cast):
    clients = {name: Client() for name in ("lead", "hr", "hrc", "rcsc")}
    for name, client in clients.items():
        if name == "lead":
            client.force_login(cast[name])
        else:
            looks(client, cast[name])
    clients["lead"].post(reverse("nominate"), {"wish": "training", "statement": "Two pilots."})
    row = Nomination.objects.get()

    def act(name, step, note=""):
        path = reverse("act", args=["incentives.nomination", row.pk, step])
        assert clients[name].post(path, {"note": note}).status_code == 302
        row.refresh_from_db()

    act("hr", "bring_to_committee")
    act("hrc", "defer", "At the next meeting.")
    act("hr", "bring_to_committee")
    act("hrc", "endorse", "Well evidenced.")
    act("hr", "forward")
    result = reverse("nomination_result", args=[row.pk])
    assert clients["hr"].get(result).status_code == 403
    form = {"granted": "training", "decided_on": str(clock.today()), "reason": "A course on service design."}
    assert "is not met" not in text_of_main(clients["rcsc"].post(result, form | {"granted": "fast_track"}))
    assert clients["rcsc"].post(result, form | {"granted": "a medal"}).status_code == 400
    assert clients["rcsc"].post(result, form).status_code == 302
    page = text_of_main(clients["lead"].get(row.get_absolute_url()))
    assert "A course on service design." in page
    act("rcsc", "revoke", "The log was altered.")
    assert "revoked" in text_of_main(clients["lead"].get(row.get_absolute_url()))


def test_list_of_an_office_shows_states_and_days(client, cast, points_policy):
    row = nominated(cast)
    looks(client, cast["hr"])
    page = text_of_main(client.get(reverse("nomination_list")))
    assert cast["lead"].full_name in page
    assert "At the HR committee by" in page
    with clock.frozen(clock.now() + timedelta(days=60)):
        client = Client()
        looks(client, cast["hr"])
        assert "late" in text_of_main(client.get(reverse("nomination_list") + "?state=submitted"))
        assert "None is in this state" in text_of_main(client.get(reverse("nomination_list") + "?state=endorsed"))
    client = Client()
    looks(client, cast["rcsc"])
    page = text_of_main(client.get(reverse("nomination_list") + "?state=submitted"))
    assert row.person.full_name not in page
    assert "None has been forwarded to the RCSC yet." in page
    offered = client.get(reverse("nomination_list")).context["states"]
    assert [state for state, _ in offered] == ["forwarded", "result_recorded", "revoked"]
    client.force_login(cast["lead"])
    assert client.get(reverse("nomination_list")).status_code == 404
