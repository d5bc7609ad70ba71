import threading
from datetime import timedelta

import pytest

from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.models import Notification
from proposals.enums import MemberState, SectionKey
from proposals.models import Member, Proposal, Section
from proposals.services import drafting, team

from .. import stages
from ..races import race
from ..sizes import rounds

PEOPLE = {"served": "900 families", "consulted_1": "Mothers in two wards"}


def save(proposal, by, version, **answers):
    return drafting.save_section(proposal, by=by, key=SectionKey.PEOPLE, version=version, answers=PEOPLE | answers)


def test_start_takes_the_agency_from_the_register(call, cast, agencies):
    made = drafting.start(by=cast["colleague"], title="T", call=call)
    assert made.lead_agency == agencies["digital"]


def test_start_in_a_closed_call_is_refused(call, cast):
    with clock.frozen(call.closes_at), pytest.raises(NotPossible, match="not open"):
        drafting.start(by=cast["lead"], title="T", call=call)
    assert not Proposal.objects.exists()


def test_start_by_a_citizen_is_refused(call, cast):
    with pytest.raises(NotPossible, match="Only civil servants"):
        drafting.start(by=cast["citizen"], title="T", call=call)


def test_save_raises_the_version_by_one(proposal, cast):
    assert [save(proposal, cast["lead"], v, served=str(v)).version for v in range(3)] == [1, 2, 3]


def test_save_of_the_same_answers_changes_nothing(proposal, cast):
    save(proposal, cast["lead"], 0)
    assert save(proposal, cast["lead"], 0).version == 1


def test_save_from_a_stale_page_clashes_and_writes_nothing(proposal, cast):
    save(proposal, cast["lead"], 0)
    with pytest.raises(drafting.Clash) as clash:
        save(proposal, cast["colleague"], 0, served="other")
    assert clash.value.theirs.edited_by == cast["lead"]
    assert Section.objects.get(proposal=proposal, key=SectionKey.PEOPLE).answers == PEOPLE


@pytest.mark.parametrize("who", ["stranger", "exmember", "conflicted", "head", "citizen"])
def test_save_by_others_is_refused(proposal, cast, who):
    with pytest.raises(NotPossible) as no:
        save(proposal, cast[who], 0)
    assert no.value.forbidden
    assert not Section.objects.filter(proposal=proposal, key=SectionKey.PEOPLE).exists()


def test_save_after_withdrawal_is_refused(proposal, cast):
    perform(proposal, "withdraw", by=cast["lead"])
    with pytest.raises(NotPossible, match="Only a draft"):
        save(proposal, cast["lead"], 0)


def test_title_follows_the_section(proposal, cast):
    answers = {"title": "Another name", "problem": "", "idea": ""}
    drafting.save_section(proposal, by=cast["lead"], key=SectionKey.PROBLEM, version=1, answers=answers)
    proposal.refresh_from_db()
    assert proposal.title == "Another name"


def test_invite_tells_the_person_once(proposal, cast):
    team.invite(proposal, by=cast["lead"], person=cast["stranger"])
    with pytest.raises(NotPossible, match="already in the team or invited"):
        team.invite(proposal, by=cast["lead"], person=cast["stranger"])
    assert Notification.objects.filter(person=cast["stranger"]).count() == 1


def test_invite_by_a_member_is_refused(proposal, cast):
    with pytest.raises(NotPossible, match="Only the lead"):
        team.invite(proposal, by=cast["colleague"], person=cast["stranger"])


def test_join_twice_is_one_membership(proposal, cast):
    team.join(proposal, by=cast["colleague"])
    assert Member.objects.get(proposal=proposal, person=cast["colleague"]).status == MemberState.JOINED


def test_join_without_invitation_is_refused(proposal, cast):
    with pytest.raises(NotPossible, match="no longer stands"):
        team.join(proposal, by=cast["stranger"])


def test_leaving_hides_the_proposal_and_an_invitation_brings_it_back(proposal, cast):
    assert not Proposal.objects.visible_to(cast["exmember"]).exists()
    team.invite(proposal, by=cast["lead"], person=cast["exmember"])
    team.join(proposal, by=cast["exmember"])
    assert Proposal.objects.visible_to(cast["exmember"]).get() == proposal


def test_lead_cannot_leave(proposal, cast):
    with pytest.raises(NotPossible, match="lead cannot leave"):
        team.leave(proposal, by=cast["lead"])


def test_blocked_person_cannot_join_and_sees_no_invitation(client, proposal, cast):
    Member.objects.filter(person=cast["conflicted"]).update(status=MemberState.INVITED)
    client.force_login(cast["conflicted"])
    assert "One visit is enough" not in client.get("/").content.decode()
    with pytest.raises(NotPossible, match="no longer stands"):
        team.join(proposal, by=cast["conflicted"])


def test_blocked_member_sees_nothing(proposal, cast):
    assert not Proposal.objects.visible_to(cast["conflicted"]).exists()


def test_call_arrival_within_grace_is_in_time(call):
    call.refresh_from_db()
    for seconds, expected in ((-1, True), (0, True), (299, True), (300, False)):
        with clock.arrived(call.closes_at + timedelta(seconds=seconds)):
            assert call.in_time() is expected, seconds


@rounds
@pytest.mark.django_db(transaction=True)
def test_forty_editors_final_version_is_the_number_of_successes(proposal, cast, again):
    def edit(number):
        section = Section.objects.filter(proposal=proposal, key=SectionKey.PEOPLE).first()
        save(proposal, cast["lead"], section.version if section else 0, served=f"text {number}")
        return "saved"

    outcomes = race(40, edit, expected=(drafting.Clash,))
    assert len(outcomes) == 40
    section = Section.objects.get(proposal=proposal, key=SectionKey.PEOPLE)
    assert section.version == outcomes.count("saved") > 0


@pytest.mark.django_db(transaction=True)
def test_forty_editors_lose_updates_when_the_version_is_not_compared(proposal, cast, monkeypatch):
    """Negative control: without the comparison the figure no longer adds up."""
    save(proposal, cast["lead"], 0)

    def careless(number):
        section = Section.objects.get(proposal=proposal, key=SectionKey.PEOPLE)
        barrier.wait()
        Section.objects.filter(pk=section.pk).update(version=section.version + 1, answers={"served": str(number)})
        return "saved"

    barrier = threading.Barrier(10)
    outcomes = race(10, careless)
    section = Section.objects.get(proposal=proposal, key=SectionKey.PEOPLE)
    assert section.version != 1 + outcomes.count("saved")


@rounds
@pytest.mark.django_db(transaction=True)
def test_forty_writers_leave_one_unforked_chain(proposal, cast, again):
    from lifecycle import trail
    from lifecycle.checkpoints import faults

    before = trail.entries_of(proposal).count()
    assert len(race(40, lambda n: trail.record(proposal, action=f"a{n}", by=cast["lead"]).seq)) == 40
    assert trail.entries_of(proposal).count() == before + 40
    assert list(faults()) == []


# The task list


def statuses(client, proposal):
    context = client.get(proposal.get_absolute_url()).context
    return [(context[name].status, context[name].words) for name in ("team_standing", "partners_standing")]


def test_team_and_partners_have_plain_statuses_and_count_as_tasks(client, call, cast):
    made = drafting.start(by=cast["lead"], title="Alone", call=call)
    client.force_login(cast["lead"])
    assert statuses(client, made) == [
        ("Not yet started", "1 person has joined"), ("Not yet started", "1 agency, 0 with its days"),
    ]  # fmt: skip
    team.invite(made, by=cast["lead"], person=cast["colleague"])
    assert statuses(client, made)[0] == ("Waiting for an answer", "1 person has joined, 1 invited")
    team.join(made, by=cast["colleague"])
    assert statuses(client, made)[0] == ("In progress", "2 people have joined")
    page = client.get(made.get_absolute_url())
    assert (page.context["done"], page.context["needed"]) == (0, 6)
    stages.complete(made, cast)
    assert statuses(client, made) == [
        ("Completed", "2 people have joined"), ("Completed", "2 agencies, 2 with its days"),
    ]  # fmt: skip
    page = client.get(made.get_absolute_url())
    assert (page.context["done"], page.context["needed"]) == (6, 6)
