import pytest
from django.urls import reverse

from lifecycle.performing import perform
from proposals.enums import SectionKey
from proposals.models import Proposal, Section
from proposals.services import team


@pytest.fixture
def lead_client(client, cast):
    client.force_login(cast["lead"])
    return client


def section_url(proposal, key="people"):
    return reverse("section", args=[proposal.case, key])


def test_start_from_a_call_leads_to_the_task_list(lead_client, call):
    answer = lead_client.post(reverse("proposal_start", args=[call.reference]), {"title": "A new idea"}, follow=True)
    assert answer.redirect_chain == [(Proposal.objects.get().get_absolute_url(), 302)]
    assert "0 of 6 tasks completed" in answer.content.decode()


def test_start_without_a_title_says_so(lead_client, call):
    answer = lead_client.post(reverse("proposal_start", args=[call.reference]), {"title": ""})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "There is a problem" in page
    assert "<title>Error: Start a proposal" in " ".join(page.split())


def test_section_incomplete_is_saved_and_in_progress(lead_client, proposal):
    answer = lead_client.post(
        section_url(proposal), {"version": "0", "served": "Families", "consulted_1": ""}, follow=True
    )
    assert "In progress" in answer.content.decode()
    assert Section.objects.get(proposal=proposal, key="people").answers == {
        "served": "Families", "consulted_1": "", "when_1": "", "changed_1": "",
    }  # fmt: skip


def test_section_complete_is_completed(lead_client, proposal):
    whole = {"version": "0", "served": "a", "consulted_1": "b", "when_1": "May", "changed_1": "nothing"}
    answer = lead_client.post(section_url(proposal), whole, follow=True)
    assert "1 of 6 tasks completed" in answer.content.decode()


def test_section_with_a_wrong_number_keeps_the_text_on_the_page_and_in_the_fund(lead_client, proposal):
    answer = lead_client.post(section_url(proposal, "measure"), {"version": "0", "baseline": "many", "unit": "days"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="many"' in page
    assert 'value="days"' in page
    assert "enter a number, such as 14,500." in page
    stored = Section.objects.get(proposal=proposal, key="measure")
    assert (stored.answers["baseline"], stored.answers["unit"], stored.version) == ("many", "days", 1)
    assert 'name="version" value="1"' in page


def test_section_target_equal_to_baseline_is_refused(lead_client, proposal):
    data = {"version": "0", "baseline": "5", "target": "5.0"}
    assert "must differ" in lead_client.post(section_url(proposal, "measure"), data).content.decode()


def test_budget_amount_without_item_names_the_row(lead_client, proposal):
    answer = lead_client.post(section_url(proposal, "budget"), {"version": "0", "cost_2": "10"})
    assert "Say what the amount of item 2 is for." in answer.content.decode()


def test_clash_page_shows_both_texts_who_and_when_and_saves_after_it(client, proposal, cast):
    client.force_login(cast["colleague"])
    client.post(section_url(proposal), {"version": "0", "served": "Theirs", "consulted_1": ""})
    client.force_login(cast["lead"])
    clash = client.post(section_url(proposal), {"version": "0", "served": "Mine", "consulted_1": ""})
    page = clash.content.decode()
    assert clash.status_code == 409
    assert all(words in page for words in ("Theirs", "Mine", "Name of colleague saved this section at", "(Thimphu)"))
    assert 'name="version" value="1"' in page
    client.post(section_url(proposal), {"version": "1", "served": "Mine and theirs", "consulted_1": ""})
    assert Section.objects.get(proposal=proposal, key="people").answers["served"] == "Mine and theirs"


def test_withdraw_asks_then_withdraws(lead_client, proposal):
    url = reverse("act", args=["proposals.proposal", proposal.pk, "withdraw"])
    assert "Withdraw: “One visit is enough”?" in lead_client.get(url).content.decode()
    assert Proposal.objects.get().state == "draft"
    answer = lead_client.post(url, {"note": "<b>why</b>"}, follow=True)
    page = answer.content.decode()
    assert "Done: withdraw." in page
    assert "“&lt;b&gt;why&lt;/b&gt;”" in page


def test_withdraw_twice_says_why_not(lead_client, proposal):
    url = reverse("act", args=["proposals.proposal", proposal.pk, "withdraw"])
    lead_client.post(url)
    assert "This can no longer be done" in lead_client.post(url, follow=True).content.decode()


def test_section_of_a_withdrawn_proposal_leads_back(lead_client, proposal, cast):
    perform(proposal, "withdraw", by=cast["lead"])
    assert lead_client.get(section_url(proposal)).headers["Location"] == proposal.get_absolute_url()


def test_invitation_is_on_my_work_and_one_tap_joins(client, proposal, cast):
    team.invite(proposal, by=cast["lead"], person=cast["stranger"])
    client.force_login(cast["stranger"])
    assert "Join the team of “One visit is enough”?" in client.get("/").content.decode()
    answer = client.post(reverse("proposal_join", args=[proposal.case]), follow=True)
    assert answer.redirect_chain == [(proposal.get_absolute_url(), 302)]


def test_invite_of_an_unknown_person_says_so(lead_client, proposal):
    answer = lead_client.post(reverse("proposal_team", args=[proposal.case]), {"who": "Name of stranger"})
    assert "Nobody in the register has this" in answer.content.decode()


def test_list_filters_by_words_and_state(lead_client, proposal):
    url = reverse("proposal_list")
    assert "One visit is enough" in lead_client.get(url, {"q": "visit", "state": "draft"}).content.decode()
    assert "Nothing fits this search" in lead_client.get(url, {"state": "withdrawn"}).content.decode()


@pytest.mark.parametrize("field", ["state", "case", "lead_agency", "created_by", "version_of"])
def test_section_post_sets_nothing_but_its_own_answers(lead_client, proposal, field):
    before = Proposal.objects.values().get()
    lead_client.post(section_url(proposal), {"version": "0", "served": "a", "consulted_1": "b", field: "withdrawn"})
    after = Proposal.objects.values().get()
    assert {k for k in after if after[k] != before[k]} == {"updated_at"}
    assert set(Section.objects.get(key=SectionKey.PEOPLE).answers) == {"served", "consulted_1", "when_1", "changed_1"}
