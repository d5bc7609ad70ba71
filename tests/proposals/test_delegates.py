"""Delegates that approvers name: asked after the approver, before the secretariat, and only in their days."""

from datetime import timedelta

import pytest
from django.urls import reverse

from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Role
from people.models import RoleGrant
from people.policies import holds
from people.queries import delegations_by, principals, role_names
from people.services import delegates
from people.services.accounts import system_user
from people.services.calendar import add_business_days
from people.services.grants import end_role, grant_role
from proposals import queries
from proposals.models import Endorsement
from proposals.services import endorsing, team

from .. import conftest, stages
from ..factories import AgencyFactory, civil_servant
from .test_leading import late_day, told

STILL = "A proposal still waits for your agency's agreement"
ASKED = "A proposal asks for your agency's agreement"


@pytest.fixture
def deputy(agencies):
    return civil_servant("deputy@x.example", agencies["health"])


def named(cast, agencies, person, days=30, **fields):
    values = {"by": cast["sponsor"], "agency": agencies["health"], "person": person, "reason": "Leave"} | fields
    values = {"since": None, "until": clock.now() + timedelta(days=days)} | values
    return delegates.name_delegate(**values)


def test_approver_is_asked_first_then_after_five_business_days_the_delegate_then_the_secretariat(
    call, cast, agencies, deputy
):
    named(cast, agencies, deputy)
    awaiting = stages.await_agreement(conftest.new_proposal(call, cast), cast)
    endorsing.agree(awaiting, by=cast["sponsor2"], version=1)
    row = Endorsement.objects.get(agency=agencies["health"])
    assert row.due_on == add_business_days(clock.today(), 5)
    assert (told(cast["sponsor"]).count(ASKED), told(deputy).count(ASKED)) == (1, 0)
    with clock.frozen(late_day(row) - timedelta(days=1)):
        endorsing.chase_late()
    assert told(deputy).count(STILL) == 0
    with clock.frozen(late_day(row)):
        for _ in range(2):
            endorsing.chase_late()
    assert (told(deputy).count(STILL), told(cast["secretariat"])) == (1, [])
    with clock.frozen(late_day(row) + timedelta(days=(row.secretariat_on - row.due_on).days)):
        endorsing.chase_late()
    assert told(cast["secretariat"]) == ["An agency does not answer a team"]


def test_delegate_may_answer_from_the_first_day_to_the_last_and_not_around(call, cast, agencies, deputy):
    awaiting = stages.await_agreement(conftest.new_proposal(call, cast), cast)
    now = clock.now()
    named(cast, agencies, deputy, since=now + timedelta(days=2), until=now + timedelta(days=4))
    for day, may in ((1, False), (2, True), (3, True), (4, False)):
        with clock.frozen(now + timedelta(days=day, seconds=1 if day == 2 else 0)):
            assert holds(Role.SPONSOR)(None, deputy) is may, day
    with clock.frozen(now + timedelta(days=4)), pytest.raises(NotPossible) as no:
        endorsing.agree(awaiting, by=deputy, version=1)
    assert no.value.forbidden
    with clock.frozen(now + timedelta(days=3)):
        endorsing.agree(awaiting, by=deputy, version=1)
    assert Endorsement.objects.get(agency=agencies["health"]).answered_by == deputy


def test_delegate_whose_days_are_over_is_not_written_to(call, cast, agencies, deputy):
    named(cast, agencies, deputy, days=3)
    stages.await_agreement(conftest.new_proposal(call, cast), cast)
    with clock.frozen(late_day(Endorsement.objects.get(agency=agencies["health"]))):
        endorsing.chase_late()
    assert told(deputy).count(STILL) == 0


def test_delegate_is_asked_at_once_where_a_conflict_keeps_the_approver_out(call, cast, agencies, deputy):
    from people.enums import Grade
    from people.models import Block

    named(cast, agencies, deputy)
    made = conftest.new_proposal(call, cast)
    Block.objects.create(case=made.case, person=cast["sponsor"], grade=Grade.BLOCK, since=clock.now())
    stages.await_agreement(made, cast)
    assert (told(deputy).count(ASKED), told(cast["sponsor"]).count(ASKED)) == (1, 0)


def test_the_delegate_is_told_and_the_trail_names_the_approver(cast, agencies, deputy):
    grant = named(cast, agencies, deputy)
    assert told(deputy) == ["You are named as a delegate"]
    assert (grant.granted_by, grant.reason, list(delegations_by(cast["sponsor"]))) == (
        cast["sponsor"],
        "Leave",
        [grant],
    )
    assert list(principals(agencies["health"])) == [cast["sponsor"]]


@pytest.mark.parametrize(("case", "words"), [
    ("delegate", "not a delegate"), ("stranger", "Only an approver"), ("oneself", "Name somebody else"),
    ("elsewhere", "The register places"), ("long", "at most a year"), ("past", "at least a day"),
    ("twice", "holds “Agency approver” in that time already"), ("outlasts", "Your own role ends before"),
])  # fmt: skip
def test_what_is_no_delegation_is_refused(cast, agencies, deputy, case, words):
    now = clock.now()
    other = civil_servant("other@x.example", agencies["health"])
    named(cast, agencies, deputy)
    if case == "outlasts":
        RoleGrant.objects.filter(person=cast["sponsor"]).update(until=now + timedelta(days=5))
    values = {
        "delegate": {"by": deputy, "person": other}, "stranger": {"by": cast["lead"], "person": other},
        "oneself": {"person": cast["sponsor"]}, "elsewhere": {"person": cast["colleague"]},
        "long": {"person": other, "until": now + timedelta(days=400)}, "past": {"person": other, "until": now},
        "twice": {"person": deputy}, "outlasts": {"person": other, "until": now + timedelta(days=6)},
    }[case]  # fmt: skip
    before = RoleGrant.objects.count()
    with pytest.raises(NotPossible, match=words):
        named(cast, agencies, **values)
    assert RoleGrant.objects.count() == before


def test_somebody_of_a_department_under_the_agency_may_stand_in(cast, agencies):
    part = AgencyFactory(code="dmea", parent=agencies["health"])
    assert named(cast, agencies, civil_servant("dept@x.example", part)).agency == agencies["health"]


def test_delegation_ends_with_the_role_of_who_made_it(cast, agencies, deputy):
    named(cast, agencies, deputy)
    end_role(cast["sponsor"].role_grants.get(), by=system_user(), reason="moved")
    assert not holds(Role.SPONSOR)(None, deputy)
    assert "who named this delegate, has ended" in deputy.role_grants.get().end_reason


def test_approver_names_and_ends_a_delegate_on_the_page(client, cast, agencies, deputy):
    client.force_login(cast["sponsor"])
    url = reverse("delegates")
    first, last = clock.today(), clock.today() + timedelta(days=6)
    said = {"who": deputy.employee_number, "agency": agencies["health"].pk, "since": first, "until": last, "reason": ""}
    assert client.post(url, said).status_code == 302
    grant = deputy.role_grants.get()
    assert (grant.last_moment.astimezone(clock.now().tzinfo) > clock.now(), grant.granted_by) == (True, cast["sponsor"])
    page = client.get(url).content.decode()
    assert f"to {last.day} {last:%B %Y}" in page
    wrong = client.post(url, said | {"until": first - timedelta(days=1)})
    assert (wrong.status_code, "The last day is before the first." in wrong.content.decode()) == (400, True)
    client.post(reverse("delegate_end", args=[grant.pk]))
    assert not holds(Role.SPONSOR)(None, deputy)
    client.force_login(deputy)
    assert client.get(url).status_code == 404


def test_nobody_ends_what_another_approver_made(client, cast, agencies, deputy):
    grant = named(cast, agencies, deputy)
    client.force_login(cast["sponsor2"])
    assert client.post(reverse("delegate_end", args=[grant.pk])).status_code == 404
    administrators = grant_role(
        by=system_user(), person=cast["hrc"], role=Role.SPONSOR, agency=agencies["health"], reason="x"
    )
    with pytest.raises(NotPossible):
        delegates.end_delegation(administrators, by=cast["sponsor"])
    assert holds(Role.SPONSOR)(None, deputy)


def test_guard_taken_away_asks_the_delegate_at_once(call, cast, agencies, deputy, monkeypatch):
    named(cast, agencies, deputy)
    monkeypatch.setattr(endorsing, "asked_first", endorsing.approvers_of)
    stages.await_agreement(conftest.new_proposal(call, cast), cast)
    assert told(deputy).count(ASKED) == 1


def test_member_of_a_team_that_the_agency_is_asked_about_cannot_be_its_delegate(awaiting, cast, agencies):
    with pytest.raises(NotPossible, match="is in the team of a proposal in which Ministry of Health takes part"):
        named(cast, agencies, cast["lead"])
    perform(awaiting, "withdraw", by=cast["lead"])
    assert named(cast, agencies, cast["lead"]).person == cast["lead"]


def test_without_the_obstacle_the_member_would_be_named(awaiting, cast, agencies, monkeypatch):
    monkeypatch.setattr(delegates, "OBSTACLES", [])
    assert named(cast, agencies, cast["lead"]).person == cast["lead"]


@pytest.fixture
def joined_later(call, cast, agencies, deputy):
    """A delegate who joined the team after being named; the agencies are asked."""
    named(cast, agencies, deputy)
    draft = conftest.new_proposal(call, cast)
    team.invite(draft, by=cast["lead"], person=deputy)
    team.join(draft, by=deputy)
    return stages.await_agreement(stages.fresh(draft), cast)


def test_delegate_who_joined_the_team_later_is_offered_nothing_and_not_written_to(joined_later, cast, deputy):
    offered = [row.what for row in queries.waiting_for(deputy, role_names(deputy)) if row.what.startswith("Agree to")]
    assert (offered, deputy in endorsing.approvers_of(joined_later.lead_agency, joined_later.case)) == ([], False)
    row = Endorsement.objects.get(agency=joined_later.lead_agency)
    with clock.frozen(late_day(row)):
        endorsing.chase_late()
    assert (told(deputy).count(STILL), told(cast["sponsor"]).count(STILL)) == (0, 1)


def test_secretariat_is_not_sent_to_a_delegate_who_cannot_answer(joined_later, cast, deputy):
    row = Endorsement.objects.get(agency=joined_later.lead_agency)
    with clock.frozen(late_day(row)):
        found = {late.row.agency_id: late.approvers for late in queries.late_for(cast["secretariat"])}
    assert found[joined_later.lead_agency_id] == [cast["sponsor"].full_name]


def test_lead_is_warned_when_the_approver_of_an_agency_is_invited(client, proposal, cast):
    client.force_login(cast["lead"])
    url = reverse("proposal_team", args=[proposal.case])
    page = client.post(url, {"who": cast["sponsor"].email}, follow=True).content.decode()
    assert "has no other approver. It needs one before it can be asked." in page
    page = client.post(url, {"who": cast["stranger"].email}, follow=True).content.decode()
    assert "cannot agree for an agency" not in page


def test_agency_whose_only_approver_is_in_the_team_cannot_be_asked(proposal, cast):
    whole = stages.complete(proposal, cast)
    team.invite(whole, by=cast["lead"], person=cast["sponsor"])
    team.join(whole, by=cast["sponsor"])
    with pytest.raises(NotPossible, match="whoever is in the team cannot agree"):
        endorsing.ask(stages.fresh(whole), by=cast["lead"])
