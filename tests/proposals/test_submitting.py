import io
import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from pypdf import PdfReader

from documents.models import StoredFile
from documents.services import read_file
from lifecycle import clock, jobs, locking, trail
from lifecycle.errors import NotPossible
from lifecycle.models import Job
from lifecycle.performing import perform
from people.enums import Role
from people.models import Notification
from people.services.accounts import system_user
from people.services.grants import end_role, grant_role
from people.templatetags.fund import moment
from proposals.enums import EligibilityRule
from proposals.models import Proposal
from proposals.services import drafting, endorsing, submitting
from proposals.services import screening as checking

from .. import stages
from ..races import race
from ..remembering import remembered
from ..sizes import rounds


@remembered
def agreed(awaiting, cast):
    return stages.agree_all(awaiting, cast)


def test_submit_gives_a_reference_and_tells_the_team_once(agreed, cast):
    done = submitting.submit(agreed, by=cast["lead"])
    assert (done.state, done.reference, done.number) == ("submitted", "EXPLORE-1-0001", 1)
    told = Notification.objects.filter(subject="Submitted: EXPLORE-1-0001")
    assert sorted(told.values_list("person__email", flat=True)) == ["colleague@x.example", "lead@x.example"]
    body = told[0].body
    assert f"It arrived {moment(done.submitted_at)}, UTC+6." in body
    assert f"You have an answer by {done.answer_by.day} {done.answer_by:%B %Y}." in body
    assert f"Fingerprint (SHA-256) of version 1: {done.versions.get().sha256}" in body
    again = submitting.submit(agreed, by=cast["lead"])
    assert (again.reference, Notification.objects.filter(subject__startswith="Submitted").count()) == (
        "EXPLORE-1-0001", 2,
    )  # fmt: skip
    assert Job.objects.filter(name="proposals.make_receipt").count() == 1


@pytest.mark.parametrize("who", ["colleague", "sponsor", "stranger", "secretariat"])
def test_submit_by_others_is_refused_also_the_second_time(agreed, cast, who):
    for _ in range(2):
        with pytest.raises(NotPossible):
            submitting.submit(agreed, by=cast[who])
        if stages.fresh(agreed).state == "awaiting_endorsement":
            submitting.submit(agreed, by=cast["lead"])


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(-1, True), (0, True), (1, True), (299, True), (300, False), (301, False)]
)
def test_submit_around_the_deadline_is_judged_by_arrival(agreed, cast, call, seconds, accepted):
    """The call closes at T; grace is 300 s and hidden."""
    with clock.arrived(call.closes_at + timedelta(seconds=seconds)):
        if accepted:
            assert submitting.submit(agreed, by=cast["lead"]).state == "submitted"
        else:
            with pytest.raises(NotPossible, match="The call has closed"):
                submitting.submit(agreed, by=cast["lead"])


DEADLINE = """
import django; django.setup()
from datetime import datetime, UTC
from fund.models import Call
from lifecycle import clock
call = Call(state="approved", opens_at=datetime(2026, 1, 1, tzinfo=UTC),
            closes_at=datetime(2026, 3, 31, 18, tzinfo=UTC))
for minute, second in ((4, 59), (5, 0)):
    with clock.arrived(datetime(2026, 3, 31, 18, minute, second, tzinfo=UTC)):
        print(call.in_time(), end=" ")
"""


@pytest.mark.parametrize("zone", ["UTC", "Asia/Thimphu", "America/Los_Angeles"])
def test_deadline_is_the_same_under_every_zone_of_the_machine(zone, tmp_path):
    environment = os.environ | {"TZ": zone, "DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(tmp_path)}
    answer = subprocess.run(
        [sys.executable, "-c", DEADLINE], cwd=Path(__file__).resolve().parents[2], env=environment, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    assert answer.stdout.split() == ["True", "False"]


def test_receipt_is_made_by_the_job_once(agreed, cast):
    done = submitting.submit(agreed, by=cast["lead"])
    job = Job.objects.get(name="proposals.make_receipt")
    assert jobs.run(job.pk) is True
    assert jobs.run(job.pk) is False
    stored = StoredFile.objects.get(case=done.case, kind="receipt")
    assert read_file(stored).startswith(b"%PDF-")
    assert (stored.original_name, Job.objects.get(pk=job.pk).state) == ("EXPLORE-1-0001.pdf", "done")


def test_hostile_title_in_the_receipt_is_text_and_fetches_nothing(proposal, cast):
    title = '<img src="http://127.0.0.1:9/x.png"><h1>Hi</h1>'
    answers = {"title": title, "problem": "", "idea": ""}
    drafting.save_section(proposal, by=cast["lead"], key="problem", version=1, answers=answers)
    submitted = stages.submit(stages.fresh(proposal), cast)
    jobs.run(Job.objects.get(name="proposals.make_receipt").pk)
    stored = StoredFile.objects.get(case=submitted.case)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(read_file(stored))).pages)
    assert 'img src="http://127.0.0.1:9/x.png"' in text.replace("\n", "")


def test_lapse_after_grace_ends_drafts_and_tells_the_team(proposal, call, cast):
    with clock.frozen(call.closes_at + timedelta(seconds=299)):
        assert submitting.lapse_late() == 0
    with clock.frozen(call.closes_at + timedelta(seconds=300)):
        assert submitting.lapse_late() == 1
        assert submitting.lapse_late() == 0
    assert stages.fresh(proposal).state == "lapsed"
    assert Notification.objects.filter(subject__contains="not submitted in time").count() == 2


def test_lapse_follows_a_cancelled_call(proposal, call, cast):
    perform(call, "cancel", by=cast["head"], note="No money.")
    assert submitting.lapse_late() == 1


def test_lapse_leaves_what_was_submitted(submitted, call):
    with clock.frozen(call.closes_at + timedelta(days=1)):
        assert submitting.lapse_late() == 0


@rounds
@pytest.mark.django_db(transaction=True)
def test_forty_presses_submit_once(agreed, cast, again):
    if connection.vendor != "postgresql":
        pytest.skip("threads meet in one row only on PostgreSQL")
    results = race(40, lambda n: submitting.submit(agreed, by=cast["lead"]).reference)
    assert set(results) == {"EXPLORE-1-0001"}
    assert Proposal.objects.filter(number__isnull=False).count() == 1
    assert trail.entries_of(agreed).filter(action="submit").count() == 1
    assert Notification.objects.filter(subject__startswith="Submitted").count() == 2


@rounds
@pytest.mark.django_db(transaction=True)
def test_presses_without_the_lock_meet_in_the_middle(agreed, cast, again, monkeypatch):
    """The control: nobody waits for another, so that the proposal is submitted more than once."""
    if connection.vendor != "postgresql":
        pytest.skip("threads meet in one row only on PostgreSQL")
    all_have_read = threading.Barrier(40, timeout=30)

    def read(model, pk):
        found = model._base_manager.get(pk=pk)
        if model is Proposal:
            all_have_read.wait()
        return found

    monkeypatch.setattr(locking, "lock_row", read)
    race(40, lambda n: submitting.submit(agreed, by=cast["lead"]).reference, (DatabaseError, NotPossible))
    assert trail.entries_of(agreed).filter(action="submit").count() > 1


def test_claim_is_taken_by_one_officer(submitted, cast):
    held = checking.claim(submitted, by=cast["secretariat"])
    assert held.state == "screening"
    with pytest.raises(NotPossible, match="it is now “In the first check”"):
        checking.claim(submitted, by=cast["secretariat"])


def test_first_check_by_another_officer_is_refused(screening, cast):
    grant_role(by=system_user(), person=cast["stranger"], role=Role.SECRETARIAT, reason="t")
    with pytest.raises(NotPossible) as no:
        checking.record_results(screening, by=cast["stranger"], results=stages.MET)
    assert no.value.forbidden


def test_first_check_passes_when_every_rule_is_met(screening, cast):
    with pytest.raises(NotPossible, match="needs a result"):
        perform(screening, "find_eligible", by=cast["secretariat"])
    checking.record_results(screening, by=cast["secretariat"], results=stages.MET)
    assert perform(screening, "find_eligible", by=cast["secretariat"]).state == "eligible"


def test_refusal_needs_a_failed_rule_a_second_person_and_a_reason(screening, cast):

    checking.record_results(screening, by=cast["secretariat"], results=stages.MET)
    with pytest.raises(NotPossible, match="Every rule is met"):
        checking.confirm_ineligible(screening, by=cast["head"], note="No.")
    failed = stages.MET | {EligibilityRule.NOT_FUNDED: (False, "The ministry pays it already.")}
    checking.record_results(screening, by=cast["secretariat"], results=failed)
    with pytest.raises(NotPossible, match="The head of secretariat decides"):
        perform(screening, "find_eligible", by=cast["secretariat"])
    with pytest.raises(NotPossible, match="Give a reason"):
        checking.confirm_ineligible(screening, by=cast["head"], note="")
    grant_role(by=system_user(), person=cast["secretariat"], role=Role.HEAD, reason="t")
    with pytest.raises(NotPossible) as no:
        checking.confirm_ineligible(screening, by=cast["secretariat"], note="I decide alone.")
    assert no.value.forbidden
    assert checking.confirm_ineligible(screening, by=cast["head"], note="Paid twice.").state == "ineligible"
    told = Notification.objects.get(person=cast["lead"], subject__contains="did not pass")
    assert "It is not already paid from another budget: The ministry pays it already." in told.body


def test_screener_whose_role_ended_can_no_longer_act(screening, cast):
    end_role(cast["secretariat"].role_grants.get(), by=system_user(), reason="moved")
    with pytest.raises(NotPossible):
        checking.record_results(screening, by=cast["secretariat"], results=stages.MET)


def test_ask_after_the_call_closed_is_refused(complete, cast, call):
    with clock.arrived(call.closes_at + timedelta(minutes=5)), pytest.raises(NotPossible, match="call has closed"):
        endorsing.ask(complete, by=cast["lead"])
