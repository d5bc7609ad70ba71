"""Shares: agreed as they were read, fixed by the claim, and held on every kind of recorded work."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from fund.models import Grant
from fund.services import delivery
from incentives.models import Contribution, LearningRecord, Outcome, WorkConfirmation
from incentives.services import contributions, learning, outcomes
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.models import EmploymentSnapshot, Involvement

from ..fund.paths import without
from .test_results import ANSWERS, agreed, claimed, sent, shares_of, stopped, verified


def percents(cast, lead=60, colleague=40):
    return {cast["lead"].pk: lead, cast["colleague"].pk: colleague}


def written(grant, cast, lead=50, colleague=50):
    return contributions.open_shares(shares_of(grant), by=cast["lead"], percents=percents(cast, lead, colleague))


def test_day_on_which_somebody_joined_is_that_of_the_country(worked, cast):
    """Half past midnight in Thimphu is still the evening before by UTC: a day more, and 90 days would be 91."""
    joined = datetime(2026, 7, 2, 0, 30, tzinfo=ZoneInfo("Asia/Thimphu"))
    Involvement.objects.filter(case=worked.case, person=cast["colleague"]).update(since=joined)
    workers = {worker.person: worker for worker in contributions.workers_of(shares_of(worked))}
    assert workers[cast["colleague"]].joined == date(2026, 7, 2)


def test_agreement_binds_only_to_the_figures_that_were_read(worked, cast):
    first = written(worked, cast)
    second = written(worked, cast, 60, 40)
    with pytest.raises(NotPossible, match="written anew"):
        contributions.agree(first, by=cast["colleague"], version=first.version)
    assert shares_of(worked).state == "shares_open"
    assert contributions.agree(second, by=cast["colleague"], version=second.version).state == "shares_agreed"


def test_agreement_that_names_no_figures_is_refused(worked, cast):
    with pytest.raises(NotPossible, match="Agree on the page"):
        contributions.agree(written(worked, cast), by=cast["colleague"])


def test_stale_page_agrees_disagrees_and_writes_nothing(client, worked, cast):
    old = written(worked, cast).version
    written(worked, cast, 60, 40)
    path = reverse("shares", args=[worked.case])
    client.force_login(cast["colleague"])
    for step in ("agree", "dispute"):
        answer = client.post(path, {"step": step, "version": old, "note": "I did half."}, follow=True)
        assert "written anew since you opened the page" in answer.content.decode()
    client.force_login(cast["lead"])
    fields = {f"person_{pk}": percent for pk, percent in percents(cast, 45, 55).items()}
    answer = client.post(path, fields | {"step": "write", "version": old})
    assert (answer.status_code, 'value="45"' in answer.content.decode()) == (400, True)
    assert dict(shares_of(worked).shares.values_list("person", "percent")) == percents(cast)
    assert shares_of(worked).state == "shares_open"
    client.force_login(cast["colleague"])
    client.post(path, {"step": "agree", "version": shares_of(worked).version})
    assert shares_of(worked).state == "shares_agreed"


def test_claim_fixes_the_shares_until_the_check_is_recorded(worked, cast, verifier):
    claimed(worked, cast)
    with pytest.raises(NotPossible, match="stands as everybody agreed"):
        written(worked, cast)
    outcome = outcomes.take(Outcome.objects.get(), by=verifier)
    with pytest.raises(NotPossible, match="stands as everybody agreed"):
        written(worked, cast)
    outcomes.record_verdict(outcome, by=verifier, endline=Decimal("1.2"), how="Read the log", confidence="high")
    assert shares_of(worked).state == "verified"


def test_guard_taken_away_opens_the_shares_under_the_verifier(worked, cast, verifier, monkeypatch):
    """Negative control."""
    outcome = outcomes.take(claimed(worked, cast), by=verifier)
    without(monkeypatch, Contribution, "claim_is_open")
    written(worked, cast)
    with pytest.raises(NotPossible):
        outcomes.record_verdict(outcome, by=verifier, endline=Decimal("1.2"), how="Read the log", confidence="high")


def test_learning_record_is_a_claim_of_its_own(worked, cast, verifier):
    """After a result that was not reached the team may agree anew, until it sends the record."""
    verified(worked, cast, verifier, "2.4")
    again = written(worked, cast)
    contributions.agree(again, by=cast["colleague"], version=again.version)
    record = LearningRecord.objects.get()
    learning.save(record, by=cast["lead"], version=0, answers=ANSWERS)
    learning.submit(record, by=cast["lead"])
    with pytest.raises(NotPossible, match="stands as everybody agreed"):
        written(worked, cast)


def test_sent_record_of_a_stopped_grant_fixes_the_shares(worked, cast):
    sent(worked, cast)
    with pytest.raises(NotPossible, match="stands as everybody agreed"):
        written(worked, cast)


def test_milestone_and_report_that_a_person_handed_in_are_recorded_work(grant, cast, points_policy):
    delivery.submit_milestone(grant.milestones.get(position=1), by=cast["lead"], evidence="The log")
    delivery.submit_report(grant.reports.get(milestone__position=1), by=cast["colleague"], done="Tried")
    report = grant.reports.get(milestone__position=1)
    delivery.return_report(report, by=cast["secretariat"], note="Say more")
    delivery.submit_report(type(report).objects.get(pk=report.pk), by=cast["colleague"], done="Tried and counted")
    assert [(w.notes, w.handed_in) for w in contributions.workers_of(shares_of(grant))] == [(0, 1), (0, 1)]
    assert agreed(grant, cast).state == "shares_agreed"


def test_work_is_noted_after_the_end_for_days_before_it(grant, cast, points_policy):
    day = clock.today()
    stopped(grant, cast)
    with clock.frozen(clock.now() + timedelta(days=3)):
        with pytest.raises(NotPossible, match="The grant ended on"):
            delivery.add_note(grant, by=cast["lead"], happened_on=clock.today(), text="Too late")
        for name in ("lead", "colleague"):
            note = delivery.add_note(grant, by=cast[name], happened_on=day, text="Worked at the counter")
        assert note.written_on == clock.today()
        assert agreed(grant, cast).state == "shares_agreed"


def test_no_note_on_a_grant_that_never_began(offered, cast):
    with pytest.raises(NotPossible, match="not running"):
        delivery.add_note(offered, by=cast["lead"], happened_on=clock.today(), text="x")


@pytest.fixture
def managed(worked, cast):
    """The lead is the line manager of the colleague."""
    EmploymentSnapshot.objects.filter(person=cast["colleague"]).update(line_manager=cast["lead"])
    return worked


def test_manager_holds_a_share_once_another_member_confirmed_the_work(client, managed, cast):
    with pytest.raises(NotPossible, match="another member has confirmed"):
        written(managed, cast, 60, 40)
    path = reverse("shares", args=[managed.case])
    said = {"step": "confirm", "person": cast["lead"].pk}
    client.force_login(cast["lead"])
    assert client.post(path, said).status_code == 403
    assert 'value="confirm"' not in client.get(path).content.decode()
    client.force_login(cast["colleague"])
    assert 'value="confirm"' in client.get(path).content.decode()
    client.post(path, said)
    client.post(path, said)
    assert WorkConfirmation.objects.get().by == cast["colleague"]
    assert f"{cast['colleague'].full_name} confirmed this work." in client.get(path).content.decode()
    assert agreed(managed, cast).state == "shares_agreed"


@pytest.mark.parametrize("who", ["secretariat", "head", "stranger", "sponsor"])
def test_work_is_confirmed_by_the_team_alone(managed, cast, who):
    with pytest.raises(NotPossible) as no:
        contributions.confirm_work(shares_of(managed), by=cast[who], person=cast["lead"].pk)
    assert no.value.forbidden


def test_nothing_is_confirmed_where_nothing_is_recorded_or_nobody_asks(grant, cast, points_policy):
    with pytest.raises(NotPossible, match="Nothing waits"):
        contributions.confirm_work(shares_of(grant), by=cast["colleague"], person=cast["lead"].pk)
    EmploymentSnapshot.objects.filter(person=cast["colleague"]).update(line_manager=cast["lead"])
    with pytest.raises(NotPossible, match="no recorded work"):
        contributions.confirm_work(shares_of(grant), by=cast["colleague"], person=cast["lead"].pk)


def test_database_holds_that_nobody_confirms_their_own_work(worked, cast):
    said = {"contribution": shares_of(worked), "person": cast["lead"], "by": cast["lead"], "at": clock.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkConfirmation.objects.create(**said)


def test_completed_spark_with_a_handed_in_milestone_is_claimed(grant, cast, points_policy):
    """Nobody wrote a field note; milestone and report are the record of the work."""
    delivery.submit_milestone(grant.milestones.get(position=1), by=cast["lead"], evidence="The log")
    delivery.submit_report(grant.reports.get(milestone__position=1), by=cast["colleague"], done="Tried")
    Grant.objects.update(state="completed")
    assert claimed(grant, cast).state == "claimed"
