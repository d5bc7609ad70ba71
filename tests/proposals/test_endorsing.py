import hashlib

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from people.enums import Part, Role
from people.models import Involvement, Notification
from people.queries import role_names
from people.services.accounts import system_user
from people.services.grants import end_role, grant_role
from people.toxic import ConflictOfInterest
from proposals.enums import Answer, MemberState, SectionKey
from proposals.models import Endorsement, Member, Proposal, Version
from proposals.queries import changes_since_last_answer, waiting_for
from proposals.services import drafting, endorsing, partners, team

from .. import stages


def reasons(proposal):
    return explain(Proposal.objects.get(pk=proposal.pk), "ask_agencies")


def test_ask_from_an_empty_draft_says_everything_that_is_missing(proposal):
    assert reasons(proposal) == [
        "Some questions still need an answer. “Check your answers” lists them.",
        "Add a partner agency of another sector.",
        "Say for each agency how many days a month it gives.",
        "The budget is empty or asks for more than this call gives to one proposal.",
    ]


def test_ask_of_a_complete_draft_has_no_obstacle(complete):
    assert reasons(complete) == []


def test_ask_with_an_open_invitation_is_refused(complete, cast):
    member = team.invite(complete, by=cast["lead"], person=cast["stranger"])
    assert reasons(complete) == ["Somebody you invited has not joined yet. Remind them, or take the invitation back."]
    team.take_back(member, by=cast["lead"])
    assert reasons(complete) == []


def test_ask_without_a_working_member_of_a_partner_is_refused(complete, cast, agencies):
    partners.add(complete, by=cast["lead"], agency=agencies["farms"], days=1, contribution="x")
    assert reasons(complete) == ["Each agency needs a person of its own in the team who has joined."]


@pytest.mark.parametrize(("amount", "allowed"), [("900000.00", True), ("900000.01", False), ("0", False)])
def test_ask_above_the_ceiling_is_refused(complete, cast, amount, allowed):
    answers = {"item_1": "All", "cost_1": amount, "item_2": "Rest", "cost_2": "100000"}
    if amount == "0":
        answers["cost_2"] = "0"
    drafting.save_section(complete, by=cast["lead"], key=SectionKey.BUDGET, version=1, answers=answers)
    assert (reasons(complete) == []) is allowed


def test_ask_freezes_a_version_that_says_everything(awaiting):
    version = awaiting.versions.get()
    facts = version.facts
    assert version.sha256 == hashlib.sha256(version.content.encode()).hexdigest()
    assert facts["requested"] == stages.REQUESTED
    assert [p["days"] for p in facts["partners"]] == [6, 4]
    assert [m["name"] for m in facts["team"]] == ["Name of lead", "Name of colleague", "Name of conflicted"]
    assert facts["sections"]["measure"]["target"] == "1.2"


def test_ask_tells_each_agencys_approver_once(awaiting, cast):
    told = Notification.objects.filter(subject="A proposal asks for your agency's agreement")
    assert sorted(told.values_list("person__email", flat=True)) == ["sponsor2@x.example", "sponsor@x.example"]


def test_ask_without_an_approver_names_the_agency_and_changes_nothing(complete, cast):
    end_role(cast["sponsor2"].role_grants.get(), by=system_user(), reason="moved")
    with pytest.raises(NotPossible, match="GovTech Agency has no approver"):
        endorsing.ask(complete, by=cast["lead"])
    assert (stages.fresh(complete).state, Version.objects.count(), Endorsement.objects.count()) == ("draft", 0, 0)


def test_agree_by_both_opens_submission(awaiting, cast):
    assert explain(awaiting, "submit") == ["Not every agency has agreed to this exact version yet."]
    endorsing.agree(awaiting, by=cast["sponsor"], version=1)
    assert explain(awaiting, "submit") == ["Not every agency has agreed to this exact version yet."]
    endorsing.agree(awaiting, by=cast["sponsor2"], version=1)
    assert explain(awaiting, "submit") == []
    assert Notification.objects.filter(person=cast["lead"], subject="Every agency has agreed").count() == 1
    held = Involvement.objects.filter(case=awaiting.case, part=Part.SPONSOR).order_by("pk")
    assert [row.person for row in held] == [cast["sponsor"], cast["sponsor2"]]


def test_agree_twice_is_refused(awaiting, cast):
    endorsing.agree(awaiting, by=cast["sponsor"], version=1)
    with pytest.raises(NotPossible, match="already answered"):
        endorsing.agree(awaiting, by=cast["sponsor"], version=1)


@pytest.mark.parametrize("who", ["lead", "colleague", "stranger", "secretariat", "reviewer", "citizen", "conflicted"])
def test_agree_by_others_is_refused(awaiting, cast, who):
    with pytest.raises(NotPossible) as no:
        endorsing.agree(awaiting, by=cast[who], version=1)
    assert no.value.forbidden
    assert not Endorsement.objects.exclude(answer=Answer.ASKED).exists()


def test_agree_by_a_team_member_who_is_also_approver_is_refused(awaiting, cast, agencies):
    grant_role(by=system_user(), person=cast["colleague"], role=Role.SPONSOR, agency=agencies["digital"], reason="t")
    with pytest.raises(NotPossible) as no:
        endorsing.agree(awaiting, by=cast["colleague"], version=1)
    assert no.value.forbidden


def test_agree_by_a_former_member_is_a_conflict(proposal, cast, agencies):
    grant_role(by=system_user(), person=cast["exmember"], role=Role.SPONSOR, agency=agencies["health"], reason="t")
    awaiting = stages.await_agreement(proposal, cast)
    with pytest.raises(ConflictOfInterest):
        endorsing.agree(awaiting, by=cast["exmember"], version=1)


def test_return_needs_a_reason_and_reopens_the_draft(awaiting, cast):
    with pytest.raises(NotPossible, match="Give a reason"):
        endorsing.give_back(awaiting, by=cast["sponsor"], note=" ", version=1)
    back = endorsing.give_back(awaiting, by=cast["sponsor"], note="Six days are too many.", version=1)
    assert back.state == "draft"
    row = Endorsement.objects.get(answer=Answer.RETURNED)
    assert (row.agency.code, row.reason, row.answered_by) == ("moh", "Six days are too many.", cast["sponsor"])


def test_agreements_fall_when_content_changes(awaiting, cast):
    endorsing.agree(awaiting, by=cast["sponsor2"], version=1)
    draft = endorsing.give_back(awaiting, by=cast["sponsor"], note="Fewer days.", version=1)
    own = draft.partners.get(agency=draft.lead_agency)
    partners.change(own, by=cast["lead"], days=3, contribution="Two nurses test the form")
    again = endorsing.ask(draft, by=cast["lead"])
    assert [v.number for v in again.versions.all()] == [1, 2]
    newest = again.versions.last()
    old, changed = changes_since_last_answer(newest, [own.agency])
    assert (old.number, [(d.label, d.before, d.after) for d in changed]) == (
        1, [("Ministry of Health: days a month and part", "6, Two nurses test the form",
             "3, Two nurses test the form")],
    )  # fmt: skip
    assert set(newest.endorsements.values_list("answer", flat=True)) == {Answer.ASKED}
    waiting = {
        name: [row.what for row in waiting_for(cast[name], role_names(cast[name]))]
        for name in ("lead", "sponsor", "sponsor2")
    }
    asked = ["Agree to “One visit is enough”?"]
    assert waiting == {"lead": [], "sponsor": asked, "sponsor2": asked}
    for name in ("sponsor", "sponsor2"):
        endorsing.agree(again, by=cast[name], version=2)
    assert [row.what for row in waiting_for(cast["lead"], set())] == ["Submit “One visit is enough”"]
    with pytest.raises(NotPossible, match="no longer the one"):
        endorsing.agree(again, by=cast["sponsor2"], version=1)


def test_agreements_stand_when_recalled_and_nothing_changed(awaiting, cast):
    endorsing.agree(awaiting, by=cast["sponsor2"], version=1)
    draft = perform(awaiting, "recall", by=cast["lead"])
    again = endorsing.ask(draft, by=cast["lead"])
    version = again.versions.get()
    assert sorted(version.endorsements.values_list("answer", flat=True)) == [Answer.AGREED, Answer.ASKED]


def test_content_cannot_change_while_the_agencies_answer(awaiting, cast):
    own = awaiting.partners.first()
    for attempt in (
        lambda: drafting.save_section(awaiting, by=cast["lead"], key=SectionKey.PEOPLE, version=1, answers={}),
        lambda: partners.change(own, by=cast["lead"], days=1, contribution=""),
        lambda: partners.remove(own, by=cast["lead"]),
        lambda: team.invite(awaiting, by=cast["lead"], person=cast["stranger"]),
    ):
        with pytest.raises(NotPossible, match="Only a draft"):
            attempt()


def test_version_is_never_updated_nor_deleted(awaiting):
    for statement in ("UPDATE proposals_version SET content = 'x'", "DELETE FROM proposals_version"):
        if "DELETE" in statement and connection.vendor == "sqlite":
            continue  # only the test runner may delete there
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_lead_agency_cannot_be_taken_out(complete, cast):
    with pytest.raises(NotPossible, match="lead agency"):
        partners.remove(complete.partners.get(agency=complete.lead_agency), by=cast["lead"])


def test_take_back_of_a_joined_member_is_refused(proposal, cast):
    member = Member.objects.get(proposal=proposal, person=cast["colleague"])
    with pytest.raises(NotPossible, match="already joined"):
        team.take_back(member, by=cast["lead"])
    assert Member.objects.get(pk=member.pk).status == MemberState.JOINED


def test_an_approver_is_not_told_that_the_team_was_told_while_another_agency_is_asked(client, awaiting, cast):
    client.force_login(cast["sponsor"])
    form = {"answer": "agree", "version": "1"}
    page = client.post(reverse("proposal_endorse", args=[awaiting.case]), form, follow=True).content.decode()
    assert ("The team is told as soon as all have agreed." in page, "The team has been told" in page) == (True, False)
