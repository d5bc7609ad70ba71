"""More time: by second, by zone of the machine, for all and for one, and while somebody submits."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from fund.models import Call, Extension
from fund.models.call import GRACE
from fund.services import extensions, subscriptions
from lifecycle import clock, jobs
from lifecycle.errors import NotPossible
from lifecycle.models import Job, TrailEntry
from lifecycle.performing import perform
from people.models import Notification
from proposals.services import submitting

from .. import conftest, stages
from ..factories import open_call
from ..races import race
from ..remembering import remembered

DAY = timedelta(days=1)


@remembered
def agreed(awaiting, cast):
    return stages.agree_all(awaiting, cast)


def later(call, days=3):
    return call.closes_at + days * DAY


def give(call, cast, **fields):
    values = {"until": later(call), "reason": "The line was down."} | fields
    return extensions.extend(call, by=cast["secretariat"], **values)


AROUND = [(-1, True), (0, True), (299, True), (300, False)]  # seconds from the end; grace is 300


@pytest.mark.parametrize(("seconds", "accepted"), AROUND)
def test_submission_is_judged_by_the_end_after_an_extension_for_all(agreed, cast, call, seconds, accepted):
    give(call, cast)
    with clock.arrived(later(call) + timedelta(seconds=seconds)):
        if accepted:
            assert submitting.submit(agreed, by=cast["lead"]).state == "submitted"
        else:
            with pytest.raises(NotPossible, match="The call has closed"):
                submitting.submit(agreed, by=cast["lead"])


@pytest.mark.parametrize(("seconds", "accepted"), AROUND)
def test_submission_is_judged_by_the_end_that_its_lead_was_given(agreed, cast, call, seconds, accepted):
    give(call, cast, person=cast["lead"])
    with clock.arrived(later(call) + timedelta(seconds=seconds)):
        if accepted:
            assert submitting.submit(agreed, by=cast["lead"]).state == "submitted"
        else:
            with pytest.raises(NotPossible, match="The call has closed"):
                submitting.submit(agreed, by=cast["lead"])


def test_time_given_to_one_lead_is_not_given_to_another(agreed, cast, call):
    give(call, cast, person=cast["stranger"])
    with clock.arrived(call.closes_at + GRACE), pytest.raises(NotPossible, match="The call has closed"):
        submitting.submit(agreed, by=cast["lead"])


@pytest.mark.parametrize("person", [None, "lead"])
def test_lapse_waits_for_the_extension_and_grace(proposal, cast, call, person):
    give(call, cast, person=cast[person] if person else None)
    for seconds, ended in ((-1, 0), (299, 0), (300, 1)):
        with clock.frozen(later(call) + timedelta(seconds=seconds)):
            assert submitting.lapse_late() == ended


def test_lapse_ends_others_while_one_lead_has_more_time(proposal, cast, call):
    give(call, cast, person=cast["stranger"])
    with clock.frozen(call.closes_at + GRACE):
        assert submitting.lapse_late() == 1


def test_extension_is_open_for_new_drafts_too_and_shown_with_its_reason(client, cast, call):
    give(call, cast)
    with clock.frozen(call.closes_at + timedelta(hours=1)):
        assert Call.objects.get().is_open
        page = client.get(call.get_absolute_url()).content.decode()
    assert "The line was down." in page
    assert "More time was given" in page


def test_extension_for_one_tells_that_person_alone_and_is_not_public(client, cast, call):
    give(call, cast, person=cast["lead"], reason="Ill for a week.")
    told = Notification.objects.get(subject__startswith="More time for you")
    assert (told.person, "Ill for a week." in told.body) == (cast["lead"], True)
    assert "Ill for a week." not in client.get(call.get_absolute_url()).content.decode()


def test_extension_stands_in_the_trail(cast, call):
    give(call, cast)
    entry = TrailEntry.objects.get(stream__key=f"fund.Call:{call.pk}", action="extended")
    assert (entry.actor_id, "The line was down." in entry.payload.text) == (cast["secretariat"].pk, True)


@pytest.mark.parametrize("name", ["head", "lead", "board", "auditor"])
def test_extension_by_others_is_refused(cast, call, name):
    with pytest.raises(NotPossible) as no:
        extensions.extend(call, by=cast[name], until=later(call), reason="x")
    assert (no.value.forbidden, Extension.objects.count()) == (True, 0)


def test_a_call_is_never_shortened(cast, call):
    give(call, cast)
    for until in (later(call), later(call) - DAY, call.closes_at):
        with pytest.raises(NotPossible, match="never shortened"):
            give(call, cast, until=until)
    for value in (None, later(call) - DAY, call.closes_at):
        with pytest.raises(IntegrityError), transaction.atomic():
            Call.objects.filter(pk=call.pk).update(extended_to=value)


def test_a_call_that_is_over_is_not_extended(cast, call):
    with clock.frozen(call.closes_at + GRACE), pytest.raises(NotPossible, match="The call is over"):
        give(call, cast)
    with clock.frozen(call.closes_at + GRACE - timedelta(seconds=1)):
        assert give(call, cast).until == later(call)


def test_extension_without_a_reason_is_refused(cast, call):
    with pytest.raises(NotPossible, match="Give a reason"):
        give(call, cast, reason=" ")


def test_judging_begins_only_after_the_last_extension(cast, call):
    give(call, cast, person=cast["lead"])
    with clock.frozen(call.closes_at + GRACE), pytest.raises(NotPossible, match="Somebody can still submit"):
        perform(call, "judge", by=cast["secretariat"])
    with clock.frozen(later(call) + GRACE):
        assert perform(call, "judge", by=cast["secretariat"]).state == "judging"


def test_extension_in_the_browser_names_a_person_by_number_and_never_by_name(client, cast, call):
    client.force_login(cast["secretariat"])
    url = reverse("call_extend", args=[call.reference])
    form = {"last_day": (clock.today() + 60 * DAY).isoformat(), "reason": "Ill."}
    answer = client.post(url, form | {"who": cast["lead"].full_name})
    assert (answer.status_code, Extension.objects.count()) == (400, 0)
    assert client.post(url, form | {"who": cast["lead"].employee_number}).status_code == 302
    assert Extension.objects.get().person == cast["lead"]


def test_an_extension_is_bounded_because_it_is_never_taken_back(client, cast, call):
    with pytest.raises(NotPossible, match=r"Give at most 180 days more, until .* Check the year"):
        give(call, cast, until=later(call, 181))
    assert give(call, cast, until=later(call, 180)).until == later(call, 180)


@pytest.mark.parametrize("day", ["3026-12-31", "9999-12-31"])
def test_a_mistyped_year_is_refused_in_the_browser(client, cast, call, day):
    client.force_login(cast["secretariat"])
    answer = client.post(reverse("call_extend", args=[call.reference]), {"last_day": day, "reason": "Ill."})
    assert (answer.status_code, "Check the year." in answer.content.decode()) == (400, True)
    assert not Extension.objects.exists()


def test_an_extension_for_all_tells_the_teams_that_write_and_nobody_else(proposal, cast, call):
    row = give(call, cast)
    assert jobs.run(Job.objects.get(name="proposals.tell_of_more_time", key=str(row.pk)).pk)
    told = Notification.objects.filter(subject__startswith="More time: ")
    assert {note.person for note in told} == {cast["lead"], cast["colleague"]}
    assert "The line was down." in told[0].body
    assert told[0].path == call.get_absolute_url()


def test_an_extension_for_one_does_not_tell_the_teams(proposal, cast, call):
    give(call, cast, person=cast["lead"])
    assert not Job.objects.filter(name="proposals.tell_of_more_time").exists()


# The same under every zone of the machine, on the database that the tests run on

ZONES = """
import django; django.setup()
from datetime import datetime, timedelta, UTC
from django.db import connection
from fund.models import Call
from lifecycle import clock
connection.settings_dict["NAME"] = "NAME_OF_DATABASE"
call = Call.objects.get(reference="zones")
ends = call.extended_to or call.closes_at
for base in (call.closes_at, ends):
    for seconds in (-1, 0, 299, 300):
        with clock.arrived(base + timedelta(seconds=seconds)):
            print(call.in_time(), end=" ")
print(call.closes_at.isoformat())
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("extended", [False, True])
def test_deadline_is_the_same_under_every_zone_of_the_machine(cast, line, tmp_path, extended):
    call = open_call(cast["secretariat"], cast["head"], reference="zones")
    if extended:
        give(call, cast)
    answers = set()
    for zone in ("UTC", "Asia/Thimphu", "America/New_York"):
        environment = os.environ | {
            "TZ": zone, "DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(tmp_path), "FUND_ENV": "test",
        }  # fmt: skip
        script = ZONES.replace("NAME_OF_DATABASE", str(connection.settings_dict["NAME"]))
        answer = subprocess.run(
            [sys.executable, "-c", script], cwd=Path(__file__).resolve().parents[2], env=environment, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        answers.add(answer.stdout)
    own = ["True"] * 4 if extended else ["True", "True", "True", "False"]
    said = answers.pop().split()
    assert (said[:4], said[4:8], answers) == (own, ["True", "True", "True", "False"], set())


# While somebody submits


@pytest.mark.django_db(transaction=True)
def test_extension_and_submission_at_once_never_cross(cast, line):
    """Whoever takes the call's row first: a submission after the old end is in only when the extension came before."""
    if connection.vendor != "postgresql":
        pytest.skip("threads meet in one row only on PostgreSQL")
    call = open_call(cast["secretariat"], cast["head"], budget_line=line)
    for round_ in range(10):
        proposal = conftest.new_proposal(call, cast, f"Round {round_}")
        agreed = stages.agree_all(stages.await_agreement(proposal, cast), cast)
        ends = Call.objects.get(pk=call.pk).ends_at
        order = []

        def submit(agreed=agreed, ends=ends, order=order):
            with clock.arrived(ends + GRACE):
                done = submitting.submit(agreed, by=cast["lead"]).state
            order.append("submitted")
            return done

        def more_time(ends=ends, order=order):
            extensions.extend(call, by=cast["secretariat"], until=ends + DAY, reason="More.")
            order.append("extended")
            return "extended"

        results = race(2, lambda n, s=submit, m=more_time: (s, m)[n](), expected=NotPossible)
        state = stages.fresh(agreed).state
        assert "extended" in results
        assert state == ("submitted" if "submitted" in results else "awaiting_endorsement")
        if "submitted" in results:
            entered = TrailEntry.objects.get(stream__key=f"proposals.Proposal:{agreed.pk}", action="submit")
            given = TrailEntry.objects.filter(stream__key=f"fund.Call:{call.pk}", action="extended").last()
            assert given.pk < entered.pk


@pytest.mark.django_db(transaction=True)
def test_submission_waits_for_an_extension_that_has_begun(cast, line):
    """The extension holds the call's row; the submission of after the old end waits for it and is in."""
    if connection.vendor != "postgresql":
        pytest.skip("threads meet in one row only on PostgreSQL")
    call = open_call(cast["secretariat"], cast["head"], budget_line=line)
    agreed = stages.agree_all(stages.await_agreement(conftest.new_proposal(call, cast), cast), cast)

    def act(number):
        if number == 0:
            with transaction.atomic():
                extensions.extend(call, by=cast["secretariat"], until=later(call), reason="More.")
                time.sleep(1)
            return "extended"
        time.sleep(0.3)
        with clock.arrived(call.closes_at + GRACE):
            return submitting.submit(agreed, by=cast["lead"]).state

    assert sorted(race(2, act)) == ["extended", "submitted"]


# Cancelled


def test_a_cancelled_call_lapses_everything_undecided_with_a_message(submitted, cast, call):
    draft = conftest.new_proposal(call, cast, "Still written")
    perform(call, "cancel", by=cast["head"], note="The money is gone.")
    assert submitting.lapse_late() == 2
    assert {stages.fresh(submitted).state, stages.fresh(draft).state} == {"lapsed"}
    told = Notification.objects.filter(subject="The call was cancelled", person=cast["lead"])
    assert told.count() == 2
    assert submitting.lapse_late() == 0


def test_a_cancelled_call_leaves_what_was_decided(pending, cast, panel, call):
    from evaluation.services import decide

    voted = stages.votes(pending, panel["board"][:3], "approve", "approve", "approve")
    decided = decide.approve(voted, by=panel["board"][0])
    perform(call, "cancel", by=cast["head"], note="No more.")
    assert submitting.lapse_late() == 0
    assert stages.fresh(decided).state == "approved"


def test_cancelling_needs_a_reason(cast, call):
    with pytest.raises(NotPossible, match="Give a reason"):
        perform(call, "cancel", by=cast["head"], note="")


# Being told


def test_subscribers_of_the_stage_are_told_once_when_a_call_opens(client, cast, line):
    client.force_login(cast["stranger"])
    client.post(reverse("call_subscriptions"), {"explore": "on"})
    call = open_call(cast["secretariat"], cast["head"], opens_at=clock.shift(days=1), closes_at=clock.shift(days=9))
    assert subscriptions.tell_of_opened() == 0
    with clock.frozen(call.opens_at):
        assert (subscriptions.tell_of_opened(), subscriptions.tell_of_opened()) == (1, 0)
    assert Notification.objects.get(person=cast["stranger"]).subject == f"Open now: {call.title}"


def test_whoever_unsubscribed_or_chose_another_stage_is_not_told(client, cast, line):
    client.force_login(cast["stranger"])
    client.post(reverse("call_subscriptions"), {"explore": "on"})
    client.post(reverse("call_subscriptions"), {"spark": "on"})
    open_call(cast["secretariat"], cast["head"])
    assert subscriptions.tell_of_opened() == 0


def test_time_for_one_person_stands_on_their_call_page_and_on_no_other(client, cast, call):
    client.force_login(cast["secretariat"])
    said = {"last_day": (clock.today() + timedelta(days=60)).isoformat(), "who": "lead@x.example", "reason": "Flood."}
    page = client.post(reverse("call_extend", args=[call.reference]), said, follow=True).content.decode()
    assert "reads both on the call&#x27;s page" in page
    for name, shown in (("lead", True), ("stranger", False)):
        client.force_login(cast[name])
        page = client.get(call.get_absolute_url()).content.decode()
        assert ("For what you lead:" in page, "Flood." in page) == (shown, shown)


def test_form_that_arrives_twice_gives_one_person_time_once(cast, call):
    first = give(call, cast, person=cast["lead"])
    assert give(call, cast, person=cast["lead"]) == first
    assert Extension.objects.count() == 1
    assert Notification.objects.filter(person=cast["lead"]).count() == 1
    with pytest.raises(NotPossible, match="Enter a later day"):
        give(call, cast, person=cast["lead"], until=later(call, 2))
    assert give(call, cast, person=cast["lead"], until=later(call, 4)).until == later(call, 4)
