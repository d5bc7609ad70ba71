"""Which agency spends an item: a copy led by another agency moves no money, and the lead agency is offered once."""

import re

import pytest
from django.urls import reverse

from proposals.form_base import frame_of
from proposals.models import Proposal
from proposals.sections import section_named
from proposals.services import copying, drafting
from proposals.services.versions import compose

from .. import stages
from ..remembering import remembered


@remembered
def earlier(proposal, cast):
    return stages.complete(proposal, cast)


def budget(proposal):
    return compose(Proposal.objects.get(pk=proposal.pk))["budget"]


def test_copy_of_a_co_author_of_another_agency_keeps_the_money_where_it_was(earlier, cast):
    copy = drafting.start(by=cast["colleague"], title="Again", call=earlier.call, source=earlier)
    assert copy.lead_agency != earlier.lead_agency
    before, after = budget(earlier), budget(copy)
    assert after["items"] == before["items"]
    assert {code: total for code, total in after["sums"].items() if total} == {
        earlier.lead_agency.code: stages.REQUESTED
    }


def test_without_the_names_the_money_would_move(earlier, cast, monkeypatch):
    monkeypatch.setattr(copying, "with_spenders", lambda source, proposal, answers: answers)
    copy = drafting.start(by=cast["colleague"], title="Again", call=earlier.call, source=earlier)
    assert {item["agency"] for item in budget(copy)["items"]} == {copy.lead_agency.code}


def test_copy_by_the_same_agency_needs_no_names(earlier, cast):
    copy = drafting.start(by=cast["lead"], title="Again", call=earlier.call, source=earlier)
    assert "agency_1" not in copy.sections.get(key="budget").answers


def test_page_says_what_to_look_at(client, earlier, cast):
    client.force_login(cast["colleague"])
    said = {"title": "Again", "source": earlier.case}
    start = reverse("proposal_start", args=[earlier.call.reference])
    page = client.post(start, said, follow=True).content.decode()
    assert "Look in the budget which agency spends each item." in page
    copy = Proposal.objects.get(title="Again")
    page = client.get(reverse("section", args=[copy.case, "budget"])).content.decode()
    assert "no money has moved" in page
    own = client.get(reverse("section", args=[earlier.case, "budget"])).content.decode()
    assert "no money has moved" not in own


def test_lead_agency_is_offered_once_and_its_code_is_read_as_it(client, earlier, cast):
    client.force_login(cast["lead"])
    page = client.get(reverse("section", args=[earlier.case, "budget"])).content.decode()
    offered = re.findall(r"<option[^>]*>([^<]+)</option>", page.split('name="agency_1"')[1].split("</select>")[0])
    lead = earlier.lead_agency
    assert (offered[0], len(offered)) == (f"{lead.name} (the lead agency)", earlier.partners.count())
    form = section_named(earlier, "budget").form({"item_1": "x", "cost_1": "5", "agency_1": lead.code})
    assert (form.is_valid(), form.cleaned_data["agency_1"], frame_of(earlier).lead) == (True, "", lead.code)


@pytest.mark.parametrize("name", ["call_form_part"])
def test_preview_offers_it_once_too(client, earlier, cast, name):
    client.force_login(cast["secretariat"])
    url = reverse(name, args=[earlier.call.reference, "budget"])
    page = client.get(url).content.decode()
    assert page.count("Your own agency (the lead agency)") >= 1
    assert ">The lead agency<" not in page
