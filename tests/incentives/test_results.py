from datetime import timedelta
from decimal import Decimal

import pytest

from fund.services import stopping
from incentives import queries
from incentives.enums import Kind
from incentives.models import Contribution, LearningRecord, Outcome, PointEvent
from incentives.services import contributions, learning, outcomes
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.enums import Part, Role
from people.models import Involvement, Notification
from people.services.accounts import system_user
from people.services.grants import grant_role
from people.services.involvement import involve

from .. import factories


def shares_of(grant):
    return Contribution.objects.get(grant=grant)


def agreed(grant, cast, lead=60, colleague=40):
    percents = {cast["lead"].pk: lead, cast["colleague"].pk: colleague}
    written = contributions.open_shares(shares_of(grant), by=cast["lead"], percents=percents)
    return contributions.agree(written, by=cast["colleague"], version=written.version)


def claimed(grant, cast, endline="1.2"):
    agreed(grant, cast)
    outcome = Outcome.objects.get(grant=grant)
    return outcomes.claim(outcome, by=cast["lead"], endline=Decimal(endline), evidence="The counter's log, page 3")


def verified(grant, cast, verifier, endline="1.2"):
    outcome = outcomes.take(claimed(grant, cast, endline), by=verifier)
    return outcomes.record_verdict(
        outcome, by=verifier, endline=Decimal(endline), how="Read the log", confidence="high"
    )


def points(grant):
    return {(e.person.email.split("@")[0], e.code, e.tenths) for e in PointEvent.objects.filter(case=grant.case)}


def test_start_of_a_grant_freezes_the_promise_once(worked):
    outcome = Outcome.objects.get(grant=worked)
    assert (outcome.indicator, outcome.baseline, outcome.target, outcome.stage, outcome.ambition, outcome.state) == (
        "Visits", Decimal("2.4"), Decimal("1.2"), "explore", "open", "pre_registered",
    )  # fmt: skip
    outcomes.register_promise(worked)
    assert (Outcome.objects.count(), Contribution.objects.count()) == (1, 1)


def test_shares_are_agreed_when_every_holder_agreed(worked, cast):
    assert agreed(worked, cast).state == "shares_agreed"


@pytest.mark.parametrize(
    ("lead", "colleague", "words"),
    [(50, 49, "add up to 99"), (97, 3, "from 5 % to 60 %"), (100, 0, "from 5 % to 60 %"), (70, 30, "from 5 % to 60 %")],
)
def test_shares_outside_the_limits_are_refused_and_nothing_is_written(worked, cast, lead, colleague, words):
    percents = {cast["lead"].pk: lead, cast["colleague"].pk: colleague}
    with pytest.raises(NotPossible, match=words):
        contributions.open_shares(shares_of(worked), by=cast["lead"], percents=percents)
    assert (shares_of(worked).state, shares_of(worked).shares.count()) == ("proposed", 0)


def test_share_without_recorded_work_is_refused(grant, cast, points_policy):
    percents = {cast["lead"].pk: 60, cast["colleague"].pk: 40}
    with pytest.raises(NotPossible, match="no recorded work"):
        contributions.open_shares(shares_of(grant), by=cast["lead"], percents=percents)


def test_disputed_shares_freeze_the_claim_until_the_head_settles(worked, cast):
    percents = {cast["lead"].pk: 60, cast["colleague"].pk: 40}
    contributions.open_shares(shares_of(worked), by=cast["lead"], percents=percents)
    contributions.dispute(shares_of(worked), by=cast["colleague"], note="I did half.")
    with pytest.raises(NotPossible, match="Everybody in the team agrees first"):
        outcomes.claim(Outcome.objects.get(), by=cast["lead"], endline=Decimal("1"), evidence="x")
    half = {cast["lead"].pk: 50, cast["colleague"].pk: 50}
    with pytest.raises(NotPossible):
        contributions.settle(shares_of(worked), by=cast["lead"], percents=half, note="n")
    contributions.settle(shares_of(worked), by=cast["head"], percents=half, note="Equal work is recorded.")
    assert shares_of(worked).state == "shares_agreed"


def test_verified_target_posts_points_by_share_with_every_step(worked, cast, verifier):
    """Explore, open: base 20.0; two people who joined at least half the project ago do not count on day one,
    so n is 1 and the pool 20.0: 60 % and 40 % of it."""
    verified(worked, cast, verifier)
    assert points(worked) == {("lead", "R1", 120), ("colleague", "R1", 80)}
    assert shares_of(worked).state == "verified"
    steps = PointEvent.objects.get(person=cast["lead"]).steps
    assert steps[-1][:2] == ["Your points", "12.0"]


def test_team_factor_counts_people_who_joined_early_enough(worked, cast, verifier):
    """After 100 days both count: pool 20.0 x 1.5 = 30.0, so 18.0 and 12.0."""
    with clock.frozen(clock.now() + timedelta(days=100)):
        verified(worked, cast, verifier)
    assert points(worked) == {("lead", "R1", 180), ("colleague", "R1", 120)}


@pytest.mark.parametrize(
    ("endline", "state", "expected"),
    [
        ("1.2", "verified_met", {("lead", "R1", 120), ("colleague", "R1", 80)}),
        ("0.5", "verified_met", {("lead", "R1", 120), ("colleague", "R1", 80)}),
        ("1.8", "verified_partial", {("lead", "R2", 72), ("colleague", "R2", 48)}),
        ("1.8001", "verified_not_met", set()),
        ("3", "verified_not_met", set()),
    ],
)
def test_verdict_follows_from_the_figure(worked, cast, verifier, endline, state, expected):
    """From 2.4 to 1.2: half of the way is 1.8."""
    assert (verified(worked, cast, verifier, endline).state, points(worked)) == (state, expected)


def test_target_not_reached_opens_a_learning_record(worked, cast, verifier):
    verified(worked, cast, verifier, "2.4")
    assert LearningRecord.objects.get().opened_because == "not_met"
    assert shares_of(worked).state == "shares_agreed"


def test_day_that_counts_is_the_day_of_the_claim(worked, cast, verifier):
    outcome = claimed(worked, cast)
    day = clock.today()
    with clock.frozen(clock.now() + timedelta(days=19)):
        outcome = outcomes.take(outcome, by=verifier)
        outcomes.record_verdict(outcome, by=verifier, endline=Decimal("1"), how="Log", confidence="high")
        later = clock.today()
    assert set(PointEvent.objects.values_list("counts_on", "verified_on")) == {(day, later)}


@pytest.mark.parametrize("who", ["lead", "colleague", "verifier", "secretariat", "stranger", "sponsor"])
def test_verification_by_the_team_or_its_agencies_is_refused(worked, cast, who):
    """The cast's verifier is of the lead's ministry."""
    outcome = claimed(worked, cast)
    with pytest.raises(NotPossible) as no:
        outcomes.take(outcome, by=cast[who])
    assert no.value.forbidden


def test_verification_by_a_reviewer_of_the_proposal_is_refused(worked, cast, verifier):
    involve(case=worked.case, person=verifier, part=Part.REVIEWER)
    with pytest.raises(NotPossible) as no:
        outcomes.take(claimed(worked, cast), by=verifier)
    assert no.value.forbidden


def test_verdict_by_another_verifier_than_the_one_who_took_it_is_refused(worked, cast, verifier, agencies):
    other = factories.civil_servant("other@x.example", agencies["farms"])
    grant_role(by=system_user(), person=other, role=Role.VERIFIER, reason="test")
    outcome = outcomes.take(claimed(worked, cast), by=verifier)
    with pytest.raises(NotPossible) as no:
        outcomes.record_verdict(outcome, by=other, endline=Decimal("1"), how="x", confidence="low")
    assert no.value.forbidden


def test_use_by_another_agency_is_confirmed_by_its_approver_alone(worked, cast, agencies):
    agreed(worked, cast)
    outcome = outcomes.claim(
        Outcome.objects.get(), by=cast["lead"], endline=Decimal("1"), evidence="x", used_by=agencies["farms"]
    )
    grant_role(by=system_user(), person=cast["stranger"], role=Role.SPONSOR, agency=agencies["farms"], reason="t")
    with pytest.raises(NotPossible):
        outcomes.confirm_use(outcome, by=cast["sponsor"])
    outcomes.confirm_use(outcome, by=cast["stranger"])
    outcome.refresh_from_db()
    assert outcome.use_confirmed_by == cast["stranger"]


def test_department_of_the_teams_own_ministry_is_not_outside(worked, cast, agencies):
    agreed(worked, cast)
    inside = factories.AgencyFactory(code="moh-dms", name="Department of Services", parent=agencies["health"])
    said = {"by": cast["lead"], "endline": Decimal("1"), "evidence": "x"}
    outcome = Outcome.objects.get()
    assert list(queries.agencies_outside(outcome)) == [agencies["farms"]]
    with pytest.raises(NotPossible, match="outside the team"):
        outcomes.claim(outcome, used_by=inside, **said)
    outcomes.claim(outcome, used_by=agencies["farms"], **said)
    Outcome.objects.update(used_by=inside)  # as an older claim may have it
    grant_role(by=system_user(), person=cast["stranger"], role=Role.SPONSOR, agency=inside, reason="t")
    outcome = Outcome.objects.get()
    assert not queries.may_confirm_use(outcome, cast["stranger"])
    with pytest.raises(NotPossible, match="cannot confirm"):
        outcomes.confirm_use(outcome, by=cast["stranger"])


ANSWERS = {name: f"Text {name}" for name in learning.QUESTIONS}


def stopped(grant, cast):
    stopping.ask_to_stop(grant, by=cast["lead"], note="Above 2.0 after three months.", unspent=0)
    return stopping.confirm_stop(type(grant).objects.get(pk=grant.pk), by=cast["secretariat"])


def sent(grant, cast):
    stopped(grant, cast)
    agreed(grant, cast)
    record = LearningRecord.objects.get()
    learning.save(record, by=cast["colleague"], version=0, answers=ANSWERS)
    return learning.submit(record, by=cast["lead"])


def accepted(grant, cast, classifiers, verifier):
    """A failure that counts."""
    record = learning.confirm_facts(sent(grant, cast), by=verifier)
    return learning.accept(read(record, classifiers, Kind.INTELLIGENT, Kind.INTELLIGENT), by=cast["lead"])


def read(record, readers, *kinds):
    for reader, kind in zip(readers, kinds, strict=False):
        record = learning.classify(record, by=reader, kind=kind, note="Because.")
    return record


def test_stop_closes_the_promise_and_asks_for_the_learning(worked, cast):
    stopped(worked, cast)
    assert Outcome.objects.get().state == "closed_unclaimed"
    assert LearningRecord.objects.get().opened_because == "stopped_early"
    assert Notification.objects.filter(person=cast["lead"], subject__contains="it counts").count() == 1


def test_honest_failure_read_by_two_counts_as_f1(worked, cast, classifiers, verifier):
    """Explore, open: base 8.0, n 1: 60 % and 40 % are 4.8 and 3.2."""
    record = learning.confirm_facts(sent(worked, cast), by=verifier)
    record = read(record, classifiers, Kind.INTELLIGENT, Kind.INTELLIGENT)
    assert (record.state, record.settled_kind) == ("shown", "intelligent")
    assert points(worked) == set()
    learning.accept(record, by=cast["lead"])
    assert points(worked) == {("lead", "F1", 48), ("colleague", "F1", 32)}


@pytest.mark.parametrize(
    ("kinds", "settled"),
    [
        (("intelligent",), ""), (("intelligent", "complex"), ""), (("complex", "complex"), "complex"),
        (("intelligent", "complex", "intelligent"), "intelligent"),
        (("intelligent", "complex", "preventable"), "complex"),
    ],
)  # fmt: skip
def test_classification_settles_when_two_agree_and_three_different_ones_are_complex(kinds, settled):
    assert learning.settle(list(kinds)) == settled


def test_avoidable_failure_keeps_the_learning_and_harms_nobody(worked, cast, classifiers, verifier):
    record = learning.confirm_facts(sent(worked, cast), by=verifier)
    record = learning.accept(read(record, classifiers, Kind.PREVENTABLE, Kind.PREVENTABLE), by=cast["lead"])
    assert (record.state, shares_of(worked).state, points(worked)) == ("accepted", "void", set())


def test_record_is_not_shown_before_the_facts_are_confirmed(worked, cast, classifiers, verifier):
    record = read(sent(worked, cast), classifiers, Kind.COMPLEX, Kind.COMPLEX)
    assert record.state == "classifying"
    assert learning.confirm_facts(record, by=verifier).state == "shown"


def test_classifier_reads_once_and_not_for_an_agency_of_the_team(worked, cast, classifiers):
    record = learning.classify(sent(worked, cast), by=classifiers[0], kind=Kind.COMPLEX, note="Flood.")
    with pytest.raises(NotPossible, match="already classified"):
        learning.classify(record, by=classifiers[0], kind=Kind.COMPLEX, note="Flood.")
    with pytest.raises(NotPossible) as no:
        learning.classify(record, by=cast["classifier"], kind=Kind.COMPLEX, note="Flood.")
    assert no.value.forbidden


def test_stale_save_of_a_record_writes_nothing(worked, cast):
    stopped(worked, cast)
    record = LearningRecord.objects.get()
    learning.save(record, by=cast["lead"], version=0, answers=ANSWERS)
    with pytest.raises(learning.Stale):
        learning.save(record, by=cast["colleague"], version=0, answers={"believed": "other"})
    record.refresh_from_db()
    assert (record.believed, record.version) == ("Text believed", 1)


def test_part_verifier_is_on_record(worked, cast, verifier):
    verified(worked, cast, verifier)
    assert Involvement.objects.get(case=worked.case, part=Part.VERIFIER).person == verifier
