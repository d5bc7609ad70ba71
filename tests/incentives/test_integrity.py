"""Signals with their evidence, looked at by a human; holds that show wherever the record appears."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from incentives.enums import SignalAnswer, SignalKind
from incentives.models import IntegrityHold, Outcome, PointEvent, SignalReview
from incentives.services import integrity, outcomes
from incentives.signals import open_signals
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform, rule_of
from people.models import Involvement, Notification

from .. import conftest
from ..harness.recognition import running_grant
from .test_hr import looks, text_of_main
from .test_results import claimed, verified


def kinds(outcome=None):
    return sorted({signal.kind for signal in open_signals() if outcome is None or signal.outcome == outcome})


def test_claim_in_order_gives_no_signal(worked, cast, verifier):
    Involvement.objects.update(since=clock.now() - timedelta(days=90))
    verified(worked, cast, verifier, "1.0")
    assert open_signals() == []


def test_promise_not_yet_claimed_gives_no_signal(worked):
    Outcome.objects.update(target=Decimal("2.39"))
    assert open_signals() == []


def test_each_signal_says_what_shows_it(worked, cast, verifier, line):
    outcome = verified(worked, cast, verifier)
    Outcome.objects.filter(pk=outcome.pk).update(target=Decimal("2.3"), verified_endline=Decimal("2.299"))
    other = running_grant(cast, line)
    claimed(other, cast)
    found = {(signal.outcome.pk, signal.kind): signal.evidence for signal in open_signals()}
    mine = outcome.pk
    assert found[mine, SignalKind.NEAR_BASELINE] == "From 2.4 to 2.3 visits: within 5 %."
    assert found[mine, SignalKind.SAME_TEXT].startswith("The evidence reads word for word")
    assert "Name of colleague (40 %)" in found[mine, SignalKind.LATE_MEMBER]
    assert found[mine, SignalKind.JUST_ABOVE] == "101.0% of the way; 100% was needed."


def test_verifier_far_more_lenient_than_the_others_is_a_signal(worked, cast, verifier, agencies):
    outcome = verified(worked, cast, verifier)
    others = conftest.officers("verifier", agencies["farms"], 3)
    values = Outcome.objects.filter(pk=outcome.pk).values().get()

    def checks(person, *verdicts):
        for verdict in verdicts:
            grant = conftest.factories.make_grant(cast, worked.line, amount=100)
            row = values | {"id": None, "grant_id": grant.pk, "case": grant.case, "verified_by_id": person.pk}
            Outcome.objects.bulk_create([Outcome(**row | {"verdict": verdict, "evidence": str(grant.case)})])

    checks(verifier, *["met"] * 5)
    for person, reached in zip(others, (1, 2, 1), strict=True):
        checks(person, *["met"] * reached, *["not_met"] * (5 - reached))
    lenient = [signal.evidence for signal in open_signals() if signal.kind == SignalKind.LENIENT]
    assert set(lenient) == {f"{verifier.full_name} found 100% of 6 reached; others 27%."}


def test_signal_is_looked_at_once_and_leaves_the_queue(worked, cast, verifier):
    outcome = verified(worked, cast, verifier)
    assert SignalKind.LATE_MEMBER in kinds()
    said = {"by": cast["head"], "kind": SignalKind.LATE_MEMBER, "answer": SignalAnswer.NOTHING, "note": "New post."}
    with pytest.raises(NotPossible, match="Say what you found"):
        integrity.review(outcome, **said | {"note": " "})
    integrity.review(outcome, **said)
    with pytest.raises(NotPossible, match="looked at this already"):
        integrity.review(outcome, **said)
    assert SignalKind.LATE_MEMBER not in kinds()
    assert (SignalReview.objects.count(), IntegrityHold.objects.count()) == (1, 0)


@pytest.mark.parametrize("who", ["secretariat", "auditor", "verifier", "lead", "hr", "appeals"])
def test_nobody_but_the_head_holds_a_record(worked, cast, verifier, who):
    with pytest.raises(NotPossible, match="Only the head"):
        integrity.hold(verified(worked, cast, verifier), by=cast[who], reason="x")
    assert IntegrityHold.objects.count() == 0


def test_hold_stops_publication_tells_protection_and_shows_wherever_the_record_is(worked, cast, verifier):
    outcome = verified(worked, cast, verifier)
    row = integrity.hold(outcome, by=cast["head"], reason="The log reads like another.")
    with pytest.raises(NotPossible, match="held"):
        perform(outcome, "publish", by=cast["lead"])
    with clock.frozen(clock.now() + timedelta(days=40)):
        outcomes.chase()
    outcome.refresh_from_db()
    assert outcome.state == "verified_met"
    told = Notification.objects.filter(key__contains=f"hold:{row.pk}").values_list("person", flat=True)
    assert set(told) == {cast["lead"].pk, cast["protection"].pk}
    officer, lead = Client(), Client()
    looks(officer, cast["hr"])
    lead.force_login(cast["lead"])
    file = reverse("person_file", args=[cast["lead"].employee_number])
    assert "Under a second look" in text_of_main(officer.get(file))
    page = text_of_main(lead.get(outcome.get_absolute_url()))
    assert "Held while somebody looks at it" in page
    assert "The log reads like another." not in page
    integrity.lift(row, by=cast["head"], note="Two counters share one log.")
    assert "Under a second look" not in text_of_main(officer.get(file))
    assert perform(outcome, "publish", by=cast["lead"]).state == "published"


def test_record_is_held_once_and_let_go_once(worked, cast, verifier):
    outcome = verified(worked, cast, verifier)
    row = integrity.hold(outcome, by=cast["head"], reason="x")
    with pytest.raises(NotPossible, match="held already"):
        integrity.hold(outcome, by=cast["head"], reason="x")
    integrity.lift(row, by=cast["head"], note="y")
    with pytest.raises(NotPossible, match="not held any more"):
        integrity.lift(row, by=cast["head"], note="y")


def test_hold_lifted_by_nobody_is_refused_by_the_database(worked, cast, verifier):
    row = integrity.hold(verified(worked, cast, verifier), by=cast["head"], reason="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        IntegrityHold.objects.filter(pk=row.pk).update(until=clock.now())


def test_queue_in_pages_by_the_head_alone(client, worked, cast, verifier):
    outcome, url = verified(worked, cast, verifier), reverse("integrity")
    looks(client, cast["auditor"])
    form = {"outcome": outcome.pk, "kind": "late_member", "answer": "hold", "note": "Joined on the last day."}
    assert "Somebody joined just before the check" in text_of_main(client.get(url))
    assert client.post(url, form).status_code == 403
    client.force_login(cast["head"])
    client.post(url, form | {"note": ""})
    assert IntegrityHold.objects.count() == 0
    client.post(url, form)
    hold = IntegrityHold.objects.get()
    assert "Joined on the last day." in text_of_main(client.get(url))
    client.post(url, {"hold": hold.pk, "note": "It was a transfer."})
    hold.refresh_from_db()
    assert (hold.lifted_by, hold.lift_reason) == (cast["head"], "It was a transfer.")


# Without a signal, and without publication


def test_record_is_held_on_a_hint_by_its_reference(client, worked, cast, verifier):
    outcome, url = verified(worked, cast, verifier), reverse("integrity")
    client.force_login(cast["head"])
    page = client.get(outcome.get_absolute_url()).content.decode()
    assert f"{url}?reference={worked.reference}#hold" in page
    for changes, words in (({"reference": "nothing"}, "No grant with"), ({"reason": ""}, "Why do you hold its record")):
        answer = client.post(url, {"reference": worked.reference, "reason": "A letter says so."} | changes)
        assert (answer.status_code, words in text_of_main(answer)) == (400, True)
    client.post(url, {"reference": worked.reference.upper(), "reason": "A letter says so."})
    assert IntegrityHold.objects.get().reason == "A letter says so."
    answer = client.post(url, {"reference": worked.reference, "reason": "Again."})
    assert "held already" in text_of_main(answer)


def test_only_a_claimed_result_that_stands_is_held(worked, cast):
    with pytest.raises(NotPossible, match="and stands can be held"):
        integrity.hold(worked.outcome, by=cast["head"], reason="x")


def test_signal_that_does_not_exist_is_not_reviewed(client, worked, cast, verifier):
    outcome = verified(worked, cast, verifier)
    client.force_login(cast["head"])
    form = {"outcome": outcome.pk, "kind": "same_file", "answer": "hold", "note": "x"}
    page = client.post(reverse("integrity"), form, follow=True).content.decode()
    assert "There is no such signal" in page
    assert (SignalReview.objects.count(), IntegrityHold.objects.count()) == (0, 0)


def test_held_result_that_is_not_published_is_revoked_and_not_told_to_everybody(client, worked, cast, verifier):
    outcome = verified(worked, cast, verifier)
    with pytest.raises(NotPossible, match="Hold the record first"):
        outcomes.revoke(outcome, by=cast["head"], note="The log was altered.")
    integrity.hold(outcome, by=cast["head"], reason="The log reads like another.")
    client.force_login(cast["head"])
    assert "Revoke the result" in text_of_main(client.get(outcome.get_absolute_url()))
    outcomes.revoke(outcome, by=cast["head"], note="The log was altered.")
    hold = IntegrityHold.objects.get()
    assert (hold.lifted_by, hold.lift_reason) == (cast["head"], "Revoked: The log was altered.")
    assert PointEvent.objects.filter(reverses__isnull=False).count() == 2
    for who, status in (("lead", 200), ("stranger", 404)):
        client.force_login(cast[who])
        assert client.get(outcome.get_absolute_url()).status_code == status


def test_with_its_guard_away_the_database_refuses_to_revoke_without_a_hold(worked, cast, verifier, monkeypatch):
    outcome = verified(worked, cast, verifier)
    monkeypatch.setitem(rule_of(outcome, "revoke").__dict__, "guards", ())
    with pytest.raises(IntegrityError, match="outcome_revoked_after_a_case"), transaction.atomic():
        outcomes.revoke(outcome, by=cast["head"], note="x")
