"""Good faith: each check is yes only on evidence, and nothing counts while one of them is not known."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from fund.models import Finding, Grant
from fund.services import delivery, findings, following, stopping
from incentives.enums import Kind
from incentives.models import LearningRecord, Outcome, PointEvent
from incentives.services import integrity, learning, outcomes, protection
from incentives.services.good_faith import checks_of
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.models import Notification

from .test_results import ANSWERS, accepted, agreed, points, read, sent, shares_of, stopped, verified

AIM, FIRST, CARE, INTERESTS, ENDED = range(5)


def marks():
    return [check.passed for check in checks_of(LearningRecord.objects.get())]


def found(grant, cast, kind="interest"):
    said = {"title": "The supplier", "text": "The lead owns it.", "office": "team", "kind": kind}
    return findings.raise_finding(by=cast["auditor"], grant=grant, **said)


def shown(grant, cast, classifiers, verifier):
    record = learning.confirm_facts(sent(grant, cast), by=verifier)
    return read(record, classifiers, Kind.INTELLIGENT, Kind.INTELLIGENT)


@pytest.mark.parametrize(("kind", "place"), [("interest", INTERESTS), ("breach", INTERESTS), ("purpose", AIM)])
def test_open_finding_about_good_faith_keeps_the_check_unknown(worked, cast, verifier, kind, place):
    record = sent(worked, cast)
    assert marks() == [True] * 5
    found(worked, cast, kind)
    assert [index for index, mark in enumerate(marks()) if mark is None] == [place]
    with pytest.raises(NotPossible, match="not known yet"):
        learning.confirm_facts(record, by=verifier)


def test_finding_that_only_asks_to_put_something_right_says_nothing_about_good_faith(worked, cast):
    sent(worked, cast)
    found(worked, cast, "other")
    assert marks() == [True] * 5


def test_failure_counts_only_after_the_finding_proved_wrong(worked, cast, classifiers, verifier):
    record = shown(worked, cast, classifiers, verifier)
    made = found(worked, cast)
    with pytest.raises(NotPossible, match="not known yet"):
        learning.accept(record, by=cast["lead"])
    findings.drop_finding(made, by=cast["auditor"], note="The supplier is another person of that name.")
    learning.accept(record, by=cast["lead"])
    assert points(worked) == {("lead", "F1", 48), ("colleague", "F1", 32)}


def test_finding_that_stands_earns_nothing(worked, cast, classifiers, verifier):
    record = shown(worked, cast, classifiers, verifier)
    findings.answer_finding(found(worked, cast), by=cast["lead"], note="It is so.")
    findings.accept_answer(Finding.objects.get(), by=cast["auditor"])
    learning.accept(record, by=cast["lead"])
    assert (shares_of(worked).state, points(worked), marks()[INTERESTS]) == ("void", set(), False)


@pytest.mark.parametrize(("kind", "told"), [("interest", True), ("other", False)])
def test_finding_after_the_points_asks_the_head_who_takes_them_back_after_a_case(
    worked, cast, classifiers, verifier, kind, told
):
    learning.accept(shown(worked, cast, classifiers, verifier), by=cast["lead"])
    findings.answer_finding(found(worked, cast, kind), by=cast["lead"], note="It is so.")
    heard = Notification.objects.filter(person=cast["head"], subject="A counted failure and a finding")
    assert not heard.exists()
    findings.accept_answer(Finding.objects.get(), by=cast["auditor"])
    assert heard.exists() == told
    assert points(worked) == {("lead", "F1", 48), ("colleague", "F1", 32)}  # nothing is taken back by itself
    if not told:
        return
    outcome = Outcome.objects.get()
    assert outcome.state == "closed_unclaimed"
    with pytest.raises(NotPossible, match="Hold the record first"):
        outcomes.revoke(outcome, by=cast["head"], note="The interest was not declared.")
    integrity.hold(outcome, by=cast["head"], reason="A finding stands.")
    outcomes.revoke(Outcome.objects.get(), by=cast["head"], note="The interest was not declared.")
    assert (Outcome.objects.get().state, shares_of(worked).state) == ("revoked", "reversed")
    assert sum(PointEvent.objects.values_list("tenths", flat=True)) == 0


def test_without_the_guard_the_failure_would_not_count_either(worked, cast, classifiers, verifier, monkeypatch):
    """Negative control: the guard keeps the record from being closed without points while the audit still looks."""
    record = shown(worked, cast, classifiers, verifier)
    found(worked, cast)
    monkeypatch.setattr("incentives.guards.checks_of", lambda record: [])
    learning.accept(record, by=cast["lead"])
    assert (shares_of(worked).state, points(worked)) == ("void", set())


def test_protection_letter_is_withheld_while_a_finding_is_open(worked, cast, classifiers, verifier):
    record = accepted(worked, cast, classifiers, verifier)
    assert protection.letter_of(record)
    found(worked, cast)
    assert protection.letter_of(record) is None


def test_page_says_not_known_yet_and_offers_no_confirmation(client, worked, cast, verifier):
    record = sent(worked, cast)
    client.force_login(verifier)
    assert "I confirm that these facts are true" in client.get(record.get_absolute_url()).content.decode()
    found(worked, cast)
    text = client.get(record.get_absolute_url()).content.decode()
    assert "Not known yet" in text
    assert "I confirm that these facts are true" not in text
    assert "The supplier" not in text  # what the audit wrote is not the classifiers' to read


def test_result_that_is_held_leaves_the_interests_unknown(worked, cast):
    sent(worked, cast)
    hold = integrity.hold(Outcome.objects.get(), by=cast["head"], reason="Two claims with one text")
    assert marks()[INTERESTS] is None
    integrity.lift(hold, by=cast["head"], note="It is another text.")
    assert marks()[INTERESTS] is True


def late_by(grant, days):
    """Return the moment so many days after the first milestone and its report were due."""
    return clock.frozen(clock.now() + (grant.milestones.get(position=1).due_on - clock.today()) + timedelta(days=days))


def test_reports_and_milestones_that_were_never_handed_in_are_late(worked, cast):
    with late_by(worked, 1):
        stopped(worked, cast)
        check = checks_of(LearningRecord.objects.get())[CARE]
    assert check.passed is False
    assert check.evidence.startswith("Milestones not reported in time: 1. Late reports: 1. Milestone 1: Step 1, due on")


def test_what_falls_due_after_the_stop_is_not_late(worked, cast):
    with late_by(worked, 0):
        stopped(worked, cast)
    with late_by(worked, 60):
        assert marks()[CARE] is True


def test_one_late_report_is_forgiven_where_the_milestone_came_in_time(worked, cast):
    with late_by(worked, -1):
        delivery.submit_milestone(worked.milestones.get(position=1), by=cast["lead"], evidence="The log")
    with late_by(worked, 1):
        stopped(worked, cast)
        check = checks_of(LearningRecord.objects.get())[CARE]
    assert (check.passed, "Late reports: 1." in check.evidence) == (True, True)


def test_report_that_came_in_time_and_was_returned_is_not_late(worked, cast):
    report = worked.reports.get(milestone__position=1)
    with late_by(worked, -1):
        delivery.submit_report(report, by=cast["lead"], done="Tried")
        delivery.return_report(type(report).objects.get(pk=report.pk), by=cast["secretariat"], note="Say more")
    with late_by(worked, 5):
        delivery.submit_report(type(report).objects.get(pk=report.pk), by=cast["lead"], done="Tried and counted")
        stopped(worked, cast)
        check = checks_of(LearningRecord.objects.get())[CARE]
    assert (check.passed, "Late reports: 0." in check.evidence) == (True, True)


def test_stop_with_its_reason_is_explained_however_late_the_record_is_sent(worked, cast, classifiers, verifier):
    stopped(worked, cast)
    with clock.frozen(clock.now() + timedelta(days=40)):
        agreed(worked, cast)
        record = LearningRecord.objects.get()
        learning.save(record, by=cast["lead"], version=0, answers=ANSWERS)
        record = learning.confirm_facts(learning.submit(record, by=cast["lead"]), by=verifier)
        learning.accept(read(record, classifiers, Kind.INTELLIGENT, Kind.INTELLIGENT), by=cast["lead"])
    assert points(worked) == {("lead", "F1", 48), ("colleague", "F1", 32)}


@pytest.mark.parametrize(("value", "met"), [("2.1", True), ("1.5", False)])
def test_evidence_says_whether_a_reading_met_a_stop_rule(worked, cast, value, met):
    agreement = json.loads(worked.agreement)
    agreement["terms"] |= {"stop_figure": "2.0", "stop_date": clock.today().isoformat()}
    Grant.objects.update(agreement=json.dumps(agreement))
    following.read_measure(
        Grant.objects.get(), by=cast["lead"], measured_on=clock.today(), value=Decimal(value), source="Log"
    )
    stopped(Grant.objects.get(), cast)
    check = checks_of(LearningRecord.objects.get())[ENDED]
    assert (check.passed, "met a stop rule." in check.evidence) == (True, met)
    assert check.quote == "Above 2.0 after three months."


@pytest.mark.parametrize(("days", "passed"), [(1, True), (40, False)])
def test_grant_that_the_board_ended_is_explained_by_a_record_in_time(worked, cast, verifier, days, passed):
    """A record of a result that was not reached; then the board ended the grant."""
    verified(worked, cast, verifier, "2.4")
    assert marks()[ENDED] is None  # it still runs
    stopping.terminate(Grant.objects.get(), by=cast["board"], note="Material breach")
    assert (marks()[INTERESTS], marks()[ENDED]) == (None, None)
    with clock.frozen(clock.now() + timedelta(days=days)):
        record = LearningRecord.objects.get()
        learning.save(record, by=cast["lead"], version=0, answers=ANSWERS)
        learning.submit(record, by=cast["lead"])
    assert marks()[ENDED] is passed


def test_promise_without_a_stop_rule_is_not_registered_first(worked, cast):
    stopped(worked, cast)
    Outcome.objects.update(stop_rule=" ")
    assert marks()[FIRST] is False


def test_database_holds_that_a_finding_about_good_faith_is_about_a_grant(worked, cast):
    made = found(worked, cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.filter(pk=made.pk).update(grant=None, line=worked.line)


def test_letter_of_a_stopped_grant_quotes_the_reason(client, worked, cast, classifiers, verifier):
    record = accepted(worked, cast, classifiers, verifier)
    client.force_login(cast["auditor"])
    text = client.get(reverse("learning_detail", args=[record.case])).content.decode()
    assert "Read this first" in text
    assert "Above 2.0 after three months." in text
