"""The audit's findings: who records, who answers, who sees, and how they end."""

from datetime import datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from fund.models import Finding
from fund.queries import waiting_for
from fund.services import findings
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.models import Notification
from people.services.calendar import add_business_days

from .paths import tranche

FOUND = {"title": "No receipt for the second trip", "text": "Show it, or pay it back."}


@pytest.fixture
def finding(cast, grant):
    return findings.raise_finding(by=cast["auditor"], grant=grant, tranche=tranche(grant, 1), office="team", **FOUND)


def fresh():
    return Finding.objects.get()


def told(person):
    found = Notification.objects.filter(person=person, key__startswith="finding:").order_by("pk")
    return list(found.values_list("subject", flat=True))


def test_finding_is_answered_asked_again_taken_higher_and_closed(cast, finding):
    assert finding.due_on == add_business_days(clock.today(), 20)
    with pytest.raises(NotPossible, match="Write the answer"):
        findings.answer_finding(finding, by=cast["lead"])
    findings.answer_finding(finding, by=cast["lead"], note="It is in room 3.")
    with pytest.raises(NotPossible, match="Give a reason"):
        findings.ask_again(fresh(), by=cast["auditor"])
    findings.ask_again(fresh(), by=cast["auditor"], note="Room 3 is empty.")
    findings.escalate_finding(fresh(), by=cast["auditor"], note="Nobody looks for it.")
    with pytest.raises(NotPossible):
        findings.answer_finding(fresh(), by=cast["lead"], note="It was lost.")
    findings.answer_finding(fresh(), by=cast["head"], note="It was paid back.")
    assert findings.accept_answer(fresh(), by=cast["auditor"], note="Seen").state == "closed"
    assert (fresh().answer, fresh().answered_by) == ("It was paid back.", cast["head"])
    assert told(cast["lead"]) == ["A finding waits for your answer", "The auditor asks again"]
    assert told(cast["head"]) == ["A finding was taken to you", "Your answer to a finding is accepted"]
    assert told(cast["auditor"]) == ["A finding was answered"] * 2


def test_office_is_reminded_of_its_answer_and_head_and_auditor_are_told_when_it_stays_late(cast, finding):
    """Each message once, however often the task runs; who has answered is left in peace."""
    said = Notification.objects.filter(path=finding.get_absolute_url(), subject__regex="late|waits").order_by("pk")
    begun = said.count()

    def after(days):
        day = datetime.combine(finding.due_on + timedelta(days=days), time(9))
        before = said.count()
        with clock.frozen(timezone.make_aware(day)):
            findings.remind()
            findings.remind()
        return [(row.person, row.subject) for row in said[before:]]

    office = [(person, "A finding waits for your answer") for person in findings._office(finding)]
    assert office
    assert (after(-8), after(-7), after(-6), after(-2)) == ([], office, [], office)
    assert after(1) == [(person, "Your answer to a finding is late") for person, _ in office]
    late = after(6)
    assert {person for person, subject in late if subject == "The answer to a finding is late"} == {
        cast["auditor"], cast["head"],
    }  # fmt: skip
    assert len(late) == 2
    findings.answer_finding(finding, by=office[0][0], note="Because the shop was closed.")
    assert after(30) == []
    assert said.count() == begun + 3 * len(office) + 2


def test_finding_taken_higher_is_closed_with_a_reason(cast, finding):
    findings.escalate_finding(finding, by=cast["auditor"], note="x")
    with pytest.raises(NotPossible, match="Give a reason"):
        findings.close_finding(fresh(), by=cast["auditor"])
    assert findings.close_finding(fresh(), by=cast["auditor"], note="The head has left").state == "closed"


@pytest.mark.parametrize(("office", "who"), [("team", "lead"), ("finance", "checker"), ("secretariat", "secretariat")])
def test_only_the_office_that_is_named_answers_and_finds_it_in_its_work(cast, grant, office, who):
    made = findings.raise_finding(by=cast["auditor"], grant=grant, office=office, **FOUND)
    asked = {"team": {"lead"}, "finance": {"maker", "checker"}, "secretariat": {"secretariat", "head"}}[office]
    for name in ("lead", "colleague", "maker", "checker", "secretariat", "head", "board", "auditor", "administrator"):
        waits = "Answer a finding of the audit" in [row.what for row in waiting_for(cast[name])]
        assert waits == (name in asked - {"head"}), name
        if name not in asked:
            with pytest.raises(NotPossible):
                findings.answer_finding(made, by=cast[name], note="x")
    findings.answer_finding(made, by=cast[who], note="x")
    assert "Look at the answer to a finding" in [row.what for row in waiting_for(cast["auditor"])]


@pytest.mark.parametrize("who", ["lead", "secretariat", "head", "checker", "board", "administrator"])
def test_only_auditors_record_and_close(cast, grant, finding, who):
    with pytest.raises(NotPossible):
        findings.raise_finding(by=cast[who], grant=grant, office="finance", **FOUND)
    findings.answer_finding(finding, by=cast["lead"], note="x")
    with pytest.raises(NotPossible):
        findings.accept_answer(fresh(), by=cast[who])


def test_finding_is_seen_by_those_concerned(cast, grant, line, finding):
    on_line = findings.raise_finding(by=cast["auditor"], line=line, office="finance", **FOUND)
    seen = {
        name: set(Finding.objects.visible_to(cast[name]).values_list("pk", flat=True))
        for name in ("lead", "colleague", "maker", "secretariat", "auditor", "head", "board", "stranger", "conflicted")
    }
    both, none = {finding.pk, on_line.pk}, set()
    assert seen == {
        "lead": {finding.pk}, "colleague": {finding.pk}, "maker": {on_line.pk}, "secretariat": none, "auditor": both,
        "head": both, "board": both, "stranger": none, "conflicted": none,
    }  # fmt: skip
    with pytest.raises(NotPossible, match="no team"):
        findings.raise_finding(by=cast["auditor"], line=line, office="team", **FOUND)


def test_finding_that_proved_wrong_is_closed_with_a_reason_and_its_office_is_told(cast, finding):
    with pytest.raises(NotPossible, match="Give a reason"):
        findings.drop_finding(finding, by=cast["auditor"])
    done = findings.drop_finding(finding, by=cast["auditor"], note="The receipt is in the file.")
    assert (done.state, done.refuted) == ("closed", True)
    assert told(cast["lead"])[-1] == "A finding proved wrong and is closed"


def test_finding_about_good_faith_names_a_grant(cast, line):
    with pytest.raises(NotPossible, match="on the grant's page"):
        findings.raise_finding(by=cast["auditor"], line=line, office="finance", kind="interest", **FOUND)


def test_database_holds_that_nobody_answers_their_own_finding(cast, finding):
    for values in (
        {"answered_by": cast["auditor"]}, {"grant": None}, {"state": "answered"}, {"refuted": True}, {"kind": "x"},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Finding.objects.update(**values)


def test_pages_record_filter_and_answer(client, cast, grant):
    client.force_login(cast["auditor"])
    assert reverse("grant_finding_new", args=[grant.case]) in client.get(grant.get_absolute_url()).content.decode()
    path = reverse("grant_finding_new", args=[grant.case])
    assert client.post(path, {"title": "x"}).status_code == 400
    said = FOUND | {"office": "team", "payment": tranche(grant, 1).pk}
    assert "Choose what kind of finding it is." in client.post(path, said).content.decode()
    client.post(path, said | {"kind": "breach"})
    found = fresh()
    assert (found.tranche, found.grant, found.kind) == (tranche(grant, 1), grant, "breach")
    assert "A material breach of the agreement: a failure" in client.get(found.get_absolute_url()).content.decode()
    listed = reverse("finding_list")
    for query, shown in (("", True), ("?q=receipt&state=raised&office=team", True), ("?late=1", False),
                         ("?state=closed", False), ("?office=finance", False), ("?q=nothing", False)):  # fmt: skip
        assert (FOUND["title"] in client.get(listed + query).content.decode()) is shown, query
    client.force_login(cast["lead"])
    text = client.get(found.get_absolute_url()).content.decode()
    assert "Show it, or pay it back." in text
    assert reverse("finding_answer", args=[found.pk]) in text
    client.post(reverse("finding_answer", args=[found.pk]), {"note": "In room 3"})
    answer = client.get(reverse("finding_answer", args=[found.pk]), follow=True)
    assert "it is now “Answered" in answer.content.decode()
    assert "In room 3" in client.get(found.get_absolute_url()).content.decode()
