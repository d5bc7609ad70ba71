"""Every toxic pair, at the act itself: the rows are written past the assignment, as a faulty import would."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db.models import F

import evaluation.policies
import fund.policies
import incentives.policies
import proposals.policies
from evaluation.services import decide
from evaluation.services.panel import settle
from incentives.services.outcomes import confirm_use
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people import toxic
from people.enums import TEAM_PARTS, Part, Role
from people.models import Agency, Involvement
from people.services.accounts import system_user
from people.services.grants import grant_role
from people.services.involvement import involve
from people.toxic import TOXIC, ConflictOfInterest

from .. import stages
from ..factories import UserFactory, civil_servant

# Part -> who may act in it. Appeals have no act yet; the assignment refuses them (test_involvement).
ACTS = {
    Part.LEAD: proposals.policies.may_lead,
    Part.DEPUTY: proposals.policies.may_lead,
    Part.MEMBER: proposals.policies.may_write,
    Part.SPONSOR: proposals.policies.may_endorse,
    Part.SCREENER: proposals.policies.may_screen,
    Part.REVIEWER: evaluation.policies.may_review,
    Part.CHAIR: proposals.policies.may_chair,
    Part.BOARD: proposals.policies.may_decide,
    Part.MAKER: fund.policies.may_prepare,
    Part.CHECKER: fund.policies.may_release,
    Part.VERIFIER: incentives.policies.may_verify,
    Part.CLASSIFIER: incentives.policies.may_classify,
}
ALSO = {
    "grant lead": (Part.LEAD, fund.policies.may_lead_grant),
    "grant team": (Part.MEMBER, fund.policies.may_work),
    "shares": (Part.MEMBER, incentives.policies.may_share),
    "result": (Part.LEAD, incentives.policies.may_lead),
    "waive": (Part.BOARD, fund.policies.may_waive),
    "first check": (Part.SCREENER, proposals.policies.may_claim),
}
ROLES = {
    Part.SPONSOR: Role.SPONSOR, Part.SCREENER: Role.SECRETARIAT, Part.REVIEWER: Role.REVIEWER, Part.CHAIR: Role.CHAIR,
    Part.BOARD: Role.BOARD, Part.MAKER: Role.MAKER, Part.CHECKER: Role.CHECKER, Part.VERIFIER: Role.VERIFIER,
    Part.CLASSIFIER: Role.CLASSIFIER,
}  # fmt: skip
PAIRS = sorted((held, acting) for pair in TOXIC for held in pair for acting in pair - {held} if acting in ACTS)
ROWS = [(held, acting, ACTS[acting]) for held, acting in PAIRS] + [
    (held, acting, act) for acting, act in ALSO.values() for held, other in PAIRS if other == acting
]


@pytest.fixture
def everything(agencies):
    """A person of an outside agency who holds every role of every act."""
    person = civil_servant("all@x.example", agencies["farms"])
    for role in ROLES.values():
        agency = agencies["farms"] if role == Role.SPONSOR else None
        grant_role(by=system_user(), person=person, role=role, agency=agency, reason="x")
    return person


def a_case(person, agencies):
    """What policies ask of an object, in a case of its own."""
    asked = Agency.objects.filter(pk=agencies["farms"].pk).annotate(agency=F("pk"))
    return SimpleNamespace(case=uuid4(), reviewer_id=person.pk, prepared_by_id=None, partners=asked)


def put(case, person, part):
    Involvement.objects.create(case=case, person=person, part=part, since=clock.now())


def refused(instance, person, held, acting, act):
    """Tell whether the pair is refused where the part alone is not."""
    if acting in (*TEAM_PARTS, Part.SCREENER):
        put(instance.case, person, acting)
    assert act(instance, person), (acting, "alone")
    put(instance.case, person, held)
    return not act(instance, person)


@pytest.mark.parametrize("superuser", [False, True])
def test_toxic_pair_is_refused_at_the_act(everything, agencies, superuser):
    everything.is_superuser = superuser
    everything.save()
    for held, acting, act in ROWS:
        assert refused(a_case(everything, agencies), everything, held, acting, act), (held, acting)


def test_toxic_pair_passes_with_the_check_taken_away(everything, agencies, monkeypatch):
    monkeypatch.setattr(toxic, "is_barred", lambda *args: False)
    passed = [
        (held, acting)
        for held, acting, act in ROWS
        if not refused(a_case(everything, agencies), everything, held, acting, act)
    ]
    # The others are refused a second time, by other rules: a team member, or a reviewer who would verify.
    only_here = {(held, acting) for held, acting in PAIRS if held not in TEAM_PARTS or acting == Part.SCREENER}
    assert set(passed) == only_here - {(Part.REVIEWER, Part.VERIFIER)}


def test_part_that_has_ended_still_bars(everything, agencies):
    instance = a_case(everything, agencies)
    now = clock.now()
    Involvement.objects.create(case=instance.case, person=everything, part=Part.SPONSOR, since=now, until=now)
    assert not proposals.policies.may_decide(instance, everything)


@pytest.mark.parametrize("part", Part)
def test_administrator_takes_no_part(db, part):
    by_role = UserFactory()
    grant_role(by=system_user(), person=by_role, role=Role.ADMINISTRATOR, reason="x")
    for person in (by_role, UserFactory(is_staff=True, is_superuser=True)):
        with pytest.raises(ConflictOfInterest, match="takes part in nothing"):
            involve(case=uuid4(), person=person, part=part)


def test_staff_cannot_act_even_with_the_part(everything, agencies):
    everything.is_staff = True
    everything.save()
    instance = a_case(everything, agencies)
    for part in (*TEAM_PARTS, Part.SCREENER):
        put(instance.case, everything, part)
    assert [part for part, act in ACTS.items() if act(instance, everything)] == []


def test_chair_who_led_the_panel_is_on_record_and_cannot_endorse(eligible, cast, panel):
    judged = stages.judge(eligible, cast, panel["reviewers"])
    perform(judged, "moderate", by=panel["chair"])
    assert Involvement.objects.get(case=judged.case, person=panel["chair"]).part == Part.CHAIR
    with pytest.raises(ConflictOfInterest):
        involve(case=judged.case, person=panel["chair"], part=Part.SPONSOR)


def test_consensus_by_a_chair_who_is_approver_is_refused(eligible, cast, panel):
    judged = stages.judge(eligible, cast, panel["reviewers"])
    perform(judged, "moderate", by=panel["chair"])
    put(judged.case, panel["chair"], Part.SPONSOR)
    criterion = judged.call.criteria.first().pk
    with pytest.raises(NotPossible):
        settle(judged, by=panel["chair"], criterion=criterion, halves=6, reason="x")
    assert judged.consensus.count() == 0


def test_vote_of_a_reviewer_of_the_proposal_is_refused(pending, cast, panel):
    reviewer = panel["reviewers"][0]
    grant_role(by=system_user(), person=reviewer, role=Role.BOARD, reason="x")
    with pytest.raises(NotPossible):
        decide.vote(pending, by=reviewer, choice="approve", reason="x")
    assert pending.votes.count() == 0


def test_use_is_not_confirmed_by_whoever_reviewed(worked, cast, agencies):
    outcome = worked.outcome
    type(outcome).objects.filter(pk=outcome.pk).update(used_by=agencies["farms"])
    grant_role(by=system_user(), person=cast["reviewer"], role=Role.SPONSOR, agency=agencies["farms"], reason="x")
    involve(case=outcome.case, person=cast["reviewer"], part=Part.REVIEWER)
    with pytest.raises(ConflictOfInterest):
        confirm_use(outcome, by=cast["reviewer"])
    outcome.refresh_from_db()
    assert outcome.use_confirmed_at is None
