"""A small idea as its applicant sends it, and what its reviewers read of it."""

from uuid import UUID

import pytest
from django.urls import reverse

from evaluation.models import Review
from fund.models import Grant
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from people.models import EmploymentSnapshot, Notification, User
from people.services.calendar import add_business_days
from proposals.blinding import HIDDEN, blinded
from proposals.enums import SectionKey
from proposals.models import Endorsement, Proposal, Version
from proposals.services import drafting, endorsing, sparking, submitting

from .. import sparks
from ..fund.paths import without
from ..remembering import remembered

CASE = UUID(int=7)


@remembered
def spark(cast, line):
    return sparks.spark_call(cast, line)


@remembered
def idea(spark, cast):
    return sparks.sent(spark, cast["lead"])


def page(client, name, idea, data=None):
    url = reverse(name, args=[idea.case])
    return client.get(url) if data is None else client.post(url, data)


def test_spark_is_sent_without_waiting_for_the_agency(idea, cast):
    assert (idea.state, idea.reference, idea.answer_by) == (
        "submitted", "SPARK-0001", add_business_days(clock.today(), 10),
    )  # fmt: skip
    assert Endorsement.objects.get().answer == "asked"
    assert Version.objects.get(proposal=idea).facts["approver"].startswith("Name of sponsor")
    told = Notification.objects.get(person=cast["sponsor"])
    assert (told.subject, told.path) == ("A small idea asks for your agency's yes", f"/proposals/{idea.case}/agency/")


def test_receipt_of_a_spark_carries_the_fingerprint_of_what_was_sent(idea, cast):
    body = Notification.objects.get(person=cast["lead"], subject__startswith="Submitted").body
    assert f"version 1: {Version.objects.get(proposal=idea).sha256}" in body


def test_spark_for_nothing_is_refused_on_the_money_page(client, spark, cast):
    client.force_login(cast["lead"])
    draft = sparks.draft(spark, cast["lead"])
    answer = page(client, "spark_money", draft, sparks.MONEY | {"cost_1": "0", "version": "1"})
    assert (answer.status_code, "Ask for more than Nu. 0" in answer.content.decode()) == (400, True)
    free = sparks.MONEY | {"cost_1": "0", "item_2": "Pens", "cost_2": "500", "version": "2"}
    assert page(client, "spark_money", draft, free).status_code == 302


def test_spark_sent_twice_is_sent_once(spark, cast):
    draft = sparks.draft(spark, cast["lead"])
    references = {submitting.send(draft, by=cast["lead"]).reference for _ in range(2)}
    assert (references, Version.objects.count(), Endorsement.objects.count()) == ({"SPARK-0001"}, 1, 1)


@pytest.mark.parametrize("taken", ["problem", "idea", "success", "item_1", "cost_1"])
def test_spark_with_a_missing_answer_is_not_sent(spark, cast, taken):
    draft = sparks.draft(spark, cast["lead"])
    key = SectionKey.SPARK if taken in sparks.IDEA else SectionKey.BUDGET
    section = draft.sections.get(key=key)
    answers = section.answers | {taken: ""}
    if taken == "item_1":
        answers["cost_1"] = ""
    drafting.save_section(draft, by=cast["lead"], key=key, version=section.version, answers=answers)
    with pytest.raises(NotPossible):
        submitting.send(draft, by=cast["lead"])
    assert sparks.fresh(draft).state == "draft"


@pytest.mark.parametrize(("amount", "sent"), [("100000", True), ("100000.01", False), ("0", False)])
def test_spark_asks_for_at_most_the_ceiling(spark, cast, amount, sent):
    draft = sparks.draft(spark, cast["lead"])
    money = sparks.MONEY | {"cost_1": amount}
    drafting.save_section(draft, by=cast["lead"], key=SectionKey.BUDGET, version=1, answers=money)
    assert (explain(draft, "send_small") == []) == sent


def test_spark_guard_taken_away_lets_too_much_through(spark, cast, monkeypatch):
    draft = sparks.draft(spark, cast["lead"])
    money = sparks.MONEY | {"cost_1": "100000.01"}
    drafting.save_section(draft, by=cast["lead"], key=SectionKey.BUDGET, version=1, answers=money)
    without(monkeypatch, Proposal, "within_ceiling")
    assert submitting.send(draft, by=cast["lead"]).state == "submitted"


def test_spark_takes_no_detour_and_a_full_proposal_no_short_cut(spark, complete, cast):
    with pytest.raises(NotPossible):
        endorsing.ask(sparks.draft(spark, cast["lead"]), by=cast["lead"])
    with pytest.raises(NotPossible):
        submitting.send(complete, by=cast["lead"])


def test_approver_is_the_line_manager_of_the_register_when_that_is_one(spark, cast):
    from people.enums import Role
    from people.services.accounts import system_user
    from people.services.grants import grant_role

    head = cast["head"]
    grant_role(by=system_user(), person=head, role=Role.SPONSOR, agency=head.snapshots.get().agency, reason="t")
    assert sparks.draft(spark, cast["lead"], title="Before").approver == cast["sponsor"]
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(line_manager=head)
    draft = sparks.draft(spark, cast["lead"])
    assert draft.approver == head
    sparking.name_approver(draft, by=cast["lead"], approver=cast["sponsor"])
    assert sparks.fresh(draft).approver == cast["sponsor"]
    with pytest.raises(NotPossible, match="does not approve for"):
        sparking.name_approver(draft, by=cast["lead"], approver=cast["sponsor2"])


def test_agency_without_an_approver_stops_nobody(spark, cast):
    idea = sparks.sent(spark, cast["stranger"])
    assert (idea.approver, idea.state, Endorsement.objects.get().answer) == (None, "submitted", "asked")


def test_second_press_on_the_first_page_makes_no_second_idea(spark, cast):
    made = [sparking.begin(by=cast["lead"], call=spark, answers=sparks.IDEA, case=CASE) for _ in range(2)]
    assert (made[0], Proposal.objects.count()) == (made[1], 1)


def test_first_check_of_a_spark_is_the_light_one(idea, cast):
    assert sparks.checked(idea, cast["secretariat"]).state == "eligible"


def test_pages_lead_from_the_questions_to_the_confirmation(client, spark, cast):
    client.force_login(cast["lead"])
    assert client.get(reverse("proposal_start", args=["spark"])).url == reverse("spark_start", args=["spark"])
    answer = client.post(reverse("spark_start", args=["spark"]), sparks.IDEA)
    idea = Proposal.objects.get()
    assert answer.url == reverse("spark_money", args=[idea.case])
    answer = page(client, "spark_money", idea, {"version": "0"} | sparks.MONEY)
    assert answer.url == reverse("spark_approver", args=[idea.case])
    answer = page(client, "spark_approver", idea, {"approver": cast["sponsor"].pk})
    assert answer.url == reverse("spark_send", args=[idea.case])
    assert "Send my idea" in page(client, "spark_send", idea).content.decode()
    answer = page(client, "spark_send", idea, {"certify": "on"})
    assert answer.url == reverse("proposal_submitted", args=[idea.case])
    words = client.get(answer.url).content.decode()
    assert "SPARK-0001" in words
    assert "You have an answer by" in words


def test_page_with_a_missing_answer_keeps_what_is_there(client, spark, cast):
    client.force_login(cast["lead"])
    answer = client.post(reverse("spark_start", args=["spark"]), sparks.IDEA | {"success": ""}, follow=True)
    idea = Proposal.objects.get()
    assert answer.redirect_chain == [(reverse("spark_idea", args=[idea.case]), 302)]
    answer = page(client, "spark_idea", idea, {"version": "2"} | sparks.IDEA | {"success": "", "problem": "Anew"})
    assert (answer.status_code, "Something is still missing" in answer.content.decode()) == (400, True)
    assert idea.sections.get().answers["problem"] == "Anew"
    later = {"version": "3", "later": "yes"} | sparks.IDEA | {"success": ""}
    assert page(client, "spark_idea", idea, later).url == "/"


def test_money_above_the_ceiling_is_named_on_its_own_page(client, spark, cast):
    client.force_login(cast["lead"])
    draft = sparks.draft(spark, cast["lead"])
    answer = page(client, "spark_money", draft, {"version": "1"} | sparks.MONEY | {"cost_1": "100001"})
    assert (answer.status_code, "more than Nu. 100,000" in answer.content.decode()) == (400, True)


def test_section_page_of_the_long_form_does_not_exist_for_a_spark(client, spark, cast):
    client.force_login(cast["lead"])
    draft = sparks.draft(spark, cast["lead"])
    for key in ("budget", "problem"):
        assert client.get(reverse("section", args=[draft.case, key])).status_code == 404


def test_blinding_blanks_names_numbers_agencies_and_addresses_and_nothing_else():
    content = {
        "format": 1, "title": "Sonam's stool for Karma Wangdi", "requested": 5, "lead_agency": "moh", "call": "spark",
        "approver": "Karma Wangdi · 20260005", "team": [{"number": "20260001", "name": "Sonam Choden",
                                                        "agency": "Ministry of Health"}],
        "partners": [{"agency": "moh", "name": "Ministry of Health", "days": None, "contribution": ""}],
        "sections": {"spark": {"idea": "SONAM CHODEN (20260001) of the ministry of health, s.c@moh.gov.bt; MOH pays. "
                                       "A stool, not sonam's health."}},
    }  # fmt: skip
    read = blinded(content)
    assert read["title"] == f"{HIDDEN}'s stool for {HIDDEN}"
    assert read["sections"]["spark"]["idea"] == (
        f"{HIDDEN} ({HIDDEN}) of the {HIDDEN}, {HIDDEN}; {HIDDEN} pays. A stool, not sonam's health."
    )
    assert (read["team"], read["partners"], read["requested"], "approver" in read, "lead_agency" in read) == (
        [], [], 5, False, False,
    )  # fmt: skip


def test_reviewer_finds_no_name_on_any_page(client, spark, cast, panel):
    """Page, list, search, timeline, PDF copy, version, inbox: the team's name and agency stand nowhere."""
    lead = cast["lead"]
    User.objects.filter(pk=lead.pk).update(full_name="Zangmo Tshechu")
    lead.refresh_from_db()
    sent = sparks.sent(spark, lead, title="Zangmo Tshechu and the fridge", problem=f"{lead.employee_number} has it.")
    reviewers = panel["reviewers"][:2]
    proposal = sparks.asked(sparks.checked(sent, cast["secretariat"]), cast["secretariat"], reviewers)
    client.force_login(reviewers[0])
    review = Review.objects.get(proposal=proposal, reviewer=reviewers[0])
    for name in ("proposal_detail", "proposal_receipt", "proposal_submitted", "assign_reviewers", "small_decide"):
        assert page(client, name, proposal).status_code == 404, name
    pages = ["/", "/reviews/", "/inbox/", "/proposals/", "/proposals/?q=fridge", review.get_absolute_url()]
    text = "".join(client.get(path).content.decode() for path in pages)
    assert [word for word in ("Zangmo", "Tshechu", lead.employee_number, "Ministry of Health") if word in text] == []
    assert f"{HIDDEN} and the fridge" in text
    sparks.write(proposal, reviewers[0])
    text = client.get(review.get_absolute_url()).content.decode()
    assert [word for word in ("Zangmo", "Tshechu", "Ministry of Health") if word in text] == []


def test_declaring_shows_all_names_of_the_call_mixed(client, spark, cast, panel):
    from evaluation.services import reviewing

    sparks.sent(spark, cast["stranger"], title="Another")
    checked = sparks.checked(sparks.sent(spark, cast["lead"]), cast["secretariat"])
    review = reviewing.assign(checked, by=cast["secretariat"], reviewer=panel["reviewers"][0])
    client.force_login(panel["reviewers"][0])
    text = client.get(review.get_absolute_url()).content.decode()
    assert "Name of lead" in text
    assert "Name of stranger" in text
    assert sparks.IDEA["title"] not in text


def test_team_reads_being_judged_until_it_is_decided(client, spark, cast, panel):
    idea = sparks.sent(spark, cast["lead"])
    sparks.judged(idea, cast["secretariat"], panel["reviewers"][:2])
    client.force_login(cast["lead"])
    text = page(client, "proposal_detail", idea).content.decode()
    assert "Being judged" in text
    assert [
        word for word in ("With the board", "brought it to its decision", "closed the reviews") if word in text
    ] == []
    assert not Grant.objects.exists()


def test_withdrawing_a_spark_ends_it(idea, cast):
    assert perform(idea, "withdraw", by=cast["lead"]).state == "withdrawn"
