"""Text that was typed while somebody else moved the proposal on stays on the page, with what to do next."""

import pytest
from django.urls import reverse

from lifecycle.performing import perform
from proposals.models import Endorsement, InfoRequest, Section
from proposals.services import endorsing, information

from .. import sparks, stages
from ..remembering import remembered

WRITTEN = "Nobody counted the second visit."
JSON = {"HTTP_ACCEPT": "application/json"}


@remembered
def whole(proposal, cast):
    return stages.complete(proposal, cast)


@pytest.fixture
def member(client, cast):
    client.force_login(cast["colleague"])
    return client


def shows(answer, *words):
    text = answer.content.decode()
    assert answer.status_code == 409
    assert [word for word in ("Your text was not saved", *words) if word not in text] == []


def section(proposal, key="problem"):
    return reverse("section", args=[proposal.case, key])


def said(proposal):
    return {"version": "2", "title": proposal.title, "problem": WRITTEN, "idea": "One form."}


def test_section_written_while_the_lead_withdraws_stands_on_the_page(member, whole, cast):
    perform(whole, "withdraw", by=cast["lead"])
    shows(member.post(section(whole), said(whole)), f"{WRITTEN}</textarea>", "What is the problem", "It is over.")
    assert Section.objects.get(proposal=whole, key="problem").answers["problem"] != WRITTEN


def test_section_written_while_the_agencies_are_asked_says_how_to_go_on(member, whole, cast):
    endorsing.ask(whole, by=cast["lead"])
    shows(member.post(section(whole), said(whole)), WRITTEN, "ask the lead to recall it")
    told = member.post(section(whole), said(whole), **JSON)
    assert (told.status_code, told.json()) == (410, {"refused": "Only a draft can be changed."})


def test_measure_shows_its_figures_and_an_empty_form_leads_back(member, whole, cast):
    perform(whole, "withdraw", by=cast["lead"])
    shows(member.post(section(whole, "measure"), {"version": "1", "baseline": "2.7"}), "2.7</textarea>", "today")
    assert member.post(section(whole, "measure"), {"version": "1"}).status_code == 302
    assert member.get(section(whole)).status_code == 302


def test_section_written_into_a_draft_that_the_lead_deleted(member, proposal, cast):
    perform(proposal, "delete_draft", by=cast["lead"])
    shows(member.post(section(proposal), said(proposal)), WRITTEN, "The lead has deleted this draft.")
    assert member.get(section(proposal)).status_code == 404
    assert member.post(section(proposal), said(proposal), **JSON).status_code == 410
    member.force_login(cast["stranger"])
    assert member.post(section(proposal), said(proposal)).status_code == 404


@pytest.mark.parametrize("name", ["proposal_partners", "proposal_outside_add", "proposal_partner"])
def test_what_is_said_of_a_partner_stands_on_the_page(member, whole, cast, name):
    more = [whole.partners.first().pk] if name == "proposal_partner" else []
    perform(whole, "withdraw", by=cast["lead"])
    typed = {"name": "A firm of Paro", "contribution": WRITTEN, "days": "7", "interests": "None known", "edit": "1"}
    shows(member.post(reverse(name, args=[whole.case, *more]), typed), f"{WRITTEN}</textarea>")


def test_small_idea_that_was_withdrawn_meanwhile(client, cast, line):
    idea = sparks.draft(sparks.spark_call(cast, line), cast["lead"])
    perform(idea, "withdraw", by=cast["lead"])
    client.force_login(cast["lead"])
    shows(client.post(reverse("spark_idea", args=[idea.case]), sparks.IDEA | {"problem": WRITTEN}), WRITTEN)


def test_approvers_reason_is_shown_when_the_team_has_taken_it_back(client, whole, cast):
    endorsing.ask(whole, by=cast["lead"])
    perform(stages.fresh(whole), "recall", by=cast["lead"])
    client.force_login(cast["sponsor"])
    url = reverse("proposal_endorse", args=[whole.case])
    answer = client.post(url, {"answer": "return", "reason": WRITTEN, "version": "1"})
    shows(answer, f"{WRITTEN}</textarea>", "The team took the proposal back", cast["lead"].full_name)
    assert not Endorsement.objects.exclude(answer="asked").exists()
    assert client.get(url).status_code == 404


def test_approver_who_was_never_asked_learns_nothing(client, whole, cast):
    client.force_login(cast["sponsor"])
    said = {"answer": "return", "reason": WRITTEN, "version": "1"}
    assert client.post(reverse("proposal_endorse", args=[whole.case]), said).status_code == 404


@remembered
def asked(screening, cast):
    return information.ask(screening, by=cast["secretariat"], fields=("people.served",), question="Who?", days=5)


def test_second_answer_to_the_secretariat_is_shown_with_who_answered(client, asked, cast):
    information.answer(asked, by=cast["lead"], answers={"people.served": "1,200 families"})
    client.force_login(cast["lead"])
    url = reverse("info_answer", args=[asked.case])
    answer = client.post(url, {"people.served": "1,300 families", "explanation": WRITTEN})
    shows(answer, f"{WRITTEN}</textarea>", "1,300 families", f"{cast['lead'].full_name} answered the secretariat")
    assert InfoRequest.objects.get().explanation == ""
    assert client.get(url).status_code == 302


def test_answer_that_comes_too_late_stays_on_the_page(client, asked, cast):
    perform(asked, "withdraw", by=cast["lead"])
    client.force_login(cast["lead"])
    answer = client.post(reverse("info_answer", args=[asked.case]), {"explanation": WRITTEN})
    shows(answer, WRITTEN, "does not ask anything now")


def test_officers_question_and_note_stay_when_the_team_withdraws(client, screening, cast):
    perform(screening, "withdraw", by=cast["lead"])
    client.force_login(cast["secretariat"])
    shows(client.post(reverse("info_ask", args=[screening.case]), {"question": WRITTEN, "days": "5"}), WRITTEN)
    shows(client.post(reverse("proposal_first_check", args=[screening.case]), {"purpose_note": WRITTEN}), WRITTEN)
