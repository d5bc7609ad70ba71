"""A text that is too long arrives whole, and its page says by how much it is too long: no browser cuts it."""

import re

import pytest
from django.urls import reverse

from proposals.enums import SectionKey
from proposals.models import Section

CUTS = re.compile(r"<(?:textarea|input)[^>]* maxlength=")


@pytest.fixture
def lead(client, cast):
    client.force_login(cast["lead"])
    return client


@pytest.mark.parametrize("key", [key for key in SectionKey if key != SectionKey.SPARK])
def test_no_field_of_a_section_cuts_what_is_pasted(lead, proposal, key):
    page = lead.get(reverse("section", args=[proposal.case, key])).content.decode()
    assert ("<form" in page, CUTS.findall(page)) == (True, [])


def test_no_field_around_the_sections_cuts_either(lead, proposal, call):
    pages = ("proposal_partners", "proposal_outside_add", "proposal_data_add", "proposal_attachments", "proposal_team")
    urls = [reverse(name, args=[proposal.case]) for name in pages] + [reverse("proposal_start", args=[call.reference])]
    assert [url for url in urls if CUTS.search(lead.get(url).content.decode())] == []


def test_text_that_is_too_long_is_kept_whole_and_said_by_how_much(lead, proposal):
    said = {"title": "t" * 200, "problem": "p" * 3500, "idea": "", "version": "1"}
    answer = lead.post(reverse("section", args=[proposal.case, "problem"]), said)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "“What is the problem, and for whom?” can have 3000 characters; this is 500 too many. Shorten it." in page
    assert "“Title” can have 150 characters; this is 50 too many. Shorten it." in page
    stored = Section.objects.get(key=SectionKey.PROBLEM).answers
    assert (stored["problem"], stored["title"]) == (said["problem"], said["title"])


def test_too_long_words_of_a_partner_stand_in_the_form_again(lead, proposal):
    said = {"name": "n" * 201, "kind": "firm", "contribution": "c" * 301, "interests": "None known"}
    page = lead.post(reverse("proposal_outside_add", args=[proposal.case]), said).content.decode()
    assert ("this is 1 too many" in page, "c" * 301 in page, "n" * 201 in page) == (True, True, True)
