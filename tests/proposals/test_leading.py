"""The deputy, handing over the lead, declining and reminding; agencies that do not answer in time."""

from datetime import timedelta

import pytest
from django.urls import reverse

from fund.queries import has_room_for_grant
from fund.services.grants import sign
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from people.enums import Part, Role
from people.models import Holiday, Involvement, Notification
from people.policies import in_force
from people.queries import parts_in, role_names
from people.services.accounts import system_user
from people.services.calendar import add_business_days
from people.services.grants import end_role, grant_role
from proposals.enums import MemberState
from proposals.models import Endorsement, Member, Proposal
from proposals.queries import late_endorsements, waiting_for
from proposals.services import endorsing, partners, team
from proposals.writing_queries import places_of, seats_of

from .. import factories, stages


def member(proposal, person):
    return Member.objects.get(proposal=proposal, person=person)


def told(person):
    return list(Notification.objects.filter(person=person).order_by("pk").values_list("subject", flat=True))


def what_waits(person):
    return [row.what for row in waiting_for(person, role_names(person))]


def lead_of(proposal):
    return Involvement.objects.get(in_force(), case=proposal.case, part=Part.LEAD).person


# Deputy and handover


def test_deputy_may_what_the_lead_may_and_no_longer_after_the_end(proposal, cast):
    with pytest.raises(NotPossible, match="Only the lead can invite"):
        team.invite(proposal, by=cast["colleague"], person=cast["stranger"])
    team.name_deputy(member(proposal, cast["colleague"]), by=cast["lead"])
    team.invite(proposal, by=cast["colleague"], person=cast["stranger"])
    assert told(cast["colleague"])[-1] == "You are now deputy lead"
    team.end_deputy(proposal, by=cast["lead"])
    with pytest.raises(NotPossible, match="Only the lead can remind"):
        team.remind(member(proposal, cast["stranger"]), by=cast["colleague"])


def test_a_second_deputy_replaces_the_first(proposal, cast):
    team.invite(proposal, by=cast["lead"], person=cast["stranger"])
    team.join(proposal, by=cast["stranger"])
    for name in ("colleague", "stranger"):
        team.name_deputy(member(proposal, cast[name]), by=cast["lead"])
    assert parts_in(proposal.case, cast["colleague"]) == {Part.MEMBER}
    assert parts_in(proposal.case, cast["stranger"]) == {Part.MEMBER, Part.DEPUTY}


@pytest.mark.parametrize("who", ["colleague", "stranger", "head"])
def test_deputy_is_named_by_the_lead_alone(proposal, cast, who):
    with pytest.raises(NotPossible) as no:
        team.name_deputy(member(proposal, cast["colleague"]), by=cast[who])
    assert no.value.forbidden


def test_deputy_is_a_member_who_has_joined(proposal, cast):
    made = team.invite(proposal, by=cast["lead"], person=cast["stranger"])
    with pytest.raises(NotPossible, match="a member who has joined"):
        team.name_deputy(made, by=cast["lead"])


def test_lead_changes_only_when_the_member_accepts(proposal, cast):
    team.offer_lead(member(proposal, cast["colleague"]), by=cast["lead"])
    assert lead_of(proposal) == cast["lead"]
    assert what_waits(cast["colleague"]) == ["Take the lead of “One visit is enough”?"]
    team.take_lead(proposal, by=cast["colleague"])
    assert lead_of(proposal) == cast["colleague"]
    assert parts_in(proposal.case, cast["lead"]) == {Part.MEMBER}
    assert what_waits(cast["colleague"]) == []
    team.leave(proposal, by=cast["lead"])
    assert not Proposal.objects.visible_to(cast["lead"]).exists()
    assert Proposal.objects.get().lead_agency.code == "moh"


def test_lead_is_refused_and_the_lead_is_told(proposal, cast):
    team.offer_lead(member(proposal, cast["colleague"]), by=cast["lead"])
    team.refuse_lead(proposal, by=cast["colleague"])
    assert told(cast["lead"])[-1] == "The lead was not taken"
    with pytest.raises(NotPossible, match="not asked to take the lead"):
        team.take_lead(proposal, by=cast["colleague"])


def test_lead_is_taken_by_the_one_who_was_asked_alone(proposal, cast):
    for who in ("stranger", "conflicted", "colleague"):
        with pytest.raises(NotPossible, match="not asked to take the lead"):
            team.take_lead(proposal, by=cast[who])
    assert lead_of(proposal) == cast["lead"]


def test_lead_is_handed_over_while_it_is_judged_and_not_after_the_end(submitted, cast):
    team.offer_lead(member(submitted, cast["colleague"]), by=cast["lead"])
    team.take_lead(submitted, by=cast["colleague"])
    ended = perform(submitted, "withdraw", by=cast["colleague"])
    with pytest.raises(NotPossible, match="can no longer change"):
        team.offer_lead(member(ended, cast["lead"]), by=cast["colleague"])


def test_team_page_hands_the_lead_over(client, proposal, cast):
    url = reverse("proposal_team", args=[proposal.case])
    client.force_login(cast["lead"])
    client.post(url, {"offer_lead": member(proposal, cast["colleague"]).pk})
    client.force_login(cast["colleague"])
    assert "You are asked to take the lead" in client.get(url).content.decode()
    page = client.post(url, {"take_lead": "yes"}, follow=True).content.decode()
    assert "You lead this proposal now." in page
    assert client.post(url, {"deputy": member(proposal, cast["lead"]).pk}).status_code == 302


def test_team_page_refuses_steps_of_the_lead_to_members(client, proposal, cast):
    client.force_login(cast["colleague"])
    url = reverse("proposal_team", args=[proposal.case])
    for step in ("offer_lead", "deputy"):
        assert client.post(url, {step: member(proposal, cast["lead"]).pk}).status_code == 403
    assert client.post(url, {"end_deputy": "yes"}).status_code == 403
    assert client.post(url, {"offer_lead": "999999"}).status_code == 404


# Invitations


def test_declining_tells_the_lead_and_asking_again_is_possible(proposal, cast):
    team.invite(proposal, by=cast["lead"], person=cast["stranger"])
    team.decline(proposal, by=cast["stranger"])
    assert member(proposal, cast["stranger"]).status == MemberState.DECLINED
    assert told(cast["lead"])[-1] == "An invitation was declined"
    with pytest.raises(NotPossible, match="no longer stands"):
        team.join(proposal, by=cast["stranger"])
    team.invite(proposal, by=cast["lead"], person=cast["stranger"])
    team.join(proposal, by=cast["stranger"])
    assert told(cast["stranger"]).count("You are asked to join a proposal") == 2


def test_reminding_is_possible_once_a_day(proposal, cast):
    made = team.invite(proposal, by=cast["lead"], person=cast["stranger"])
    team.remind(made, by=cast["lead"])
    with pytest.raises(NotPossible, match="less than a day ago"):
        team.remind(made, by=cast["lead"])
    with clock.frozen(clock.now() + timedelta(hours=24)):
        team.remind(made, by=cast["lead"])
    assert told(cast["stranger"]).count("Reminder: you are asked to join a proposal") == 2
    team.join(proposal, by=cast["stranger"])
    with clock.frozen(clock.now() + timedelta(hours=49)), pytest.raises(NotPossible, match="has answered already"):
        team.remind(made, by=cast["lead"])


def test_team_page_shows_each_agency_with_its_working_member(proposal, cast, agencies):
    partners.add(proposal, by=cast["lead"], agency=agencies["digital"], days=1, contribution="x")
    partners.add(proposal, by=cast["lead"], agency=agencies["farms"], days=1, contribution="x")
    team.invite(proposal, by=cast["lead"], person=cast["stranger"])
    found = [(p.name, p.joined, p.invited) for p in places_of(proposal, seats_of(proposal, cast["lead"]))]
    assert found == [
        ("Ministry of Health", ["Name of lead", "Name of conflicted"], []),
        ("GovTech Agency", ["Name of colleague"], []), ("Ministry of Agriculture", [], ["Name of stranger"]),
    ]  # fmt: skip


def test_who_leads_three_running_grants_is_named_early(client, call, cast, line):
    for _ in range(3):
        assert has_room_for_grant(cast["lead"])
        made = factories.make_grant(cast, line)
        sign(sign(made, by=cast["lead"]), by=cast["sponsor"])
    assert not has_room_for_grant(cast["lead"])
    client.force_login(cast["lead"])
    page = client.get(reverse("proposal_start", args=[call.reference])).content.decode()
    assert "as many running grants as one person may" in page


# Agencies that do not answer


def late_day(row):
    """A moment on the day after the row's day."""
    return clock.now() + timedelta(days=(row.due_on - clock.today()).days + 1)


def test_agency_has_five_business_days(awaiting):
    Holiday.objects.all().delete()
    assert {row.due_on for row in Endorsement.objects.all()} == {add_business_days(clock.today(), 5)}


def test_late_answer_goes_to_other_approvers_and_then_to_the_secretariat_once_each(awaiting, cast, agencies):
    endorsing.agree(awaiting, by=cast["sponsor2"], version=1)
    row = Endorsement.objects.get(agency=agencies["health"])
    assert endorsing.chase_late() == 0
    with clock.frozen(late_day(row)):
        grant_role(by=system_user(), person=cast["hr"], role=Role.SPONSOR, agency=agencies["health"], reason="delegate")
        for _ in range(2):
            assert endorsing.chase_late() == 1
    still = "A proposal still waits for your agency's agreement"
    assert [told(cast[who]).count(still) for who in ("sponsor", "hr", "sponsor2")] == [1, 1, 0]
    assert told(cast["secretariat"]) == []
    with clock.frozen(late_day(row) + timedelta(days=(row.secretariat_on - row.due_on).days)):
        for _ in range(2):
            endorsing.chase_late()
        assert what_waits(cast["secretariat"]) == ["1 agency has not answered in time"]
    assert told(cast["secretariat"]) == ["An agency does not answer a team"]
    assert told(cast["sponsor"]).count(still) == 1


def test_delegate_answers_for_the_agency(awaiting, cast, agencies):
    grant_role(by=system_user(), person=cast["hr"], role=Role.SPONSOR, agency=agencies["health"], reason="delegate")
    endorsing.agree(awaiting, by=cast["hr"], version=1)
    assert Endorsement.objects.get(agency=agencies["health"]).answered_by == cast["hr"]


def test_answer_in_time_is_never_late(awaiting, cast):
    row = Endorsement.objects.first()
    with clock.frozen(late_day(row) - timedelta(days=1)):
        assert late_endorsements().count() == 0
    with clock.frozen(late_day(row)):
        assert late_endorsements().count() == 2
        perform(awaiting, "recall", by=cast["lead"])
        assert late_endorsements().count() == 0


def test_late_page_names_agency_approvers_and_lead(client, awaiting, cast, agencies):
    end_role(cast["sponsor2"].role_grants.get(), by=system_user(), reason="moved")
    Endorsement.objects.update(due_on=clock.today() - timedelta(days=1))
    client.force_login(cast["secretariat"])
    page = client.get(reverse("late_answers")).content.decode()
    words = ("Ministry of Health: “One visit is enough”", "Name of sponsor", "Nobody: the agency has no approver now",
             "Name of lead, Ministry of Health")  # fmt: skip
    assert [word for word in words if word not in page] == []


def test_lead_reminds_an_agency_once_a_day(client, awaiting, cast, agencies):
    client.force_login(cast["lead"])
    url = reverse("remind_agency", args=[awaiting.case, agencies["health"].pk])
    assert "Ministry of Health has been reminded." in client.post(url, follow=True).content.decode()
    assert "reminded less than a day ago" in client.post(url, follow=True).content.decode()
    with clock.frozen(clock.now() + timedelta(hours=24)):
        endorsing.remind(awaiting, by=cast["lead"], agency=agencies["health"])
    assert told(cast["sponsor"]).count("Reminder: a proposal waits for your agency's agreement") == 2
    endorsing.agree(awaiting, by=cast["sponsor"], version=1)
    with pytest.raises(NotPossible, match="not asked now"):
        endorsing.remind(awaiting, by=cast["lead"], agency=agencies["health"])


@pytest.mark.parametrize("who", ["colleague", "stranger", "sponsor"])
def test_reminding_by_others_is_refused(awaiting, cast, agencies, who):
    with pytest.raises(NotPossible) as no:
        endorsing.remind(awaiting, by=cast[who], agency=agencies["health"])
    assert no.value.forbidden


def test_member_whose_account_was_closed_no_longer_works_for_the_agency(client, proposal, cast):
    stages.complete(proposal, cast)
    fresh = Proposal.objects.get(pk=proposal.pk)
    assert explain(fresh, "ask_agencies") == []
    type(cast["colleague"]).objects.filter(pk=cast["colleague"].pk).update(is_active=False)
    with pytest.raises(NotPossible, match="Each agency needs a person of its own"):
        endorsing.ask(Proposal.objects.get(pk=proposal.pk), by=cast["lead"])
    client.force_login(cast["lead"])
    page = client.get(reverse("proposal_team", args=[proposal.case])).content.decode()
    assert ("Account closed" in page, "Nobody yet" in page) == (True, True)
