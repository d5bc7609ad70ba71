"""A text that is too long arrives whole, and its page says by how much it is too long: no browser cuts it."""

import re

import pytest
from django.urls import reverse

from proposals.enums import SectionKey
from proposals.graphemes import count
from proposals.models import Proposal, Section

from .. import sparks

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


DZONGKHA = "རྫོང་ཁ"  # letters with signs below and above: 4 as a reader counts, 6 code points


def test_letters_are_counted_as_a_reader_does_on_every_standard_field(lead, proposal):
    assert (count(DZONGKHA), len(DZONGKHA)) == (4, 6)
    title, problem = (DZONGKHA * 40)[:225], DZONGKHA * 750
    assert (count(title) <= 150 < len(title), count(problem), len(problem)) == (True, 3000, 4500)
    said = {"title": title, "problem": problem, "idea": DZONGKHA, "version": "1"}
    assert lead.post(reverse("section", args=[proposal.case, "problem"]), said).status_code == 302
    assert Proposal.objects.get(pk=proposal.pk).title == title
    page = lead.post(
        reverse("section", args=[proposal.case, "problem"]), said | {"problem": f"{problem}x", "version": "2"}
    ).content.decode()
    assert "can have 3000 characters; this is 1 too many." in page
    assert 'data-maxlength="3000" data-count-type="characters"' in page


def test_letters_of_a_partner_fit_their_columns(lead, proposal):
    most = {"name": DZONGKHA * 50, "contribution": DZONGKHA * 75, "interests": DZONGKHA * 75, "kind": "firm"}
    assert lead.post(reverse("proposal_outside_add", args=[proposal.case]), most).status_code == 302
    assert proposal.outside_partners.get().contribution == most["contribution"]


def test_heap_of_signs_on_one_letter_is_refused(lead, proposal):
    said = {"title": "x" + "\u0301" * 2000, "problem": "", "idea": "", "version": "1"}
    page = lead.post(reverse("section", args=[proposal.case, "problem"]), said).content.decode()
    assert "too many signs stand on one letter" in page
    assert Proposal.objects.get(pk=proposal.pk).title == proposal.title


def test_small_idea_counts_letters_too(client, cast, line):
    idea = sparks.draft(sparks.spark_call(cast, line), cast["lead"])
    client.force_login(cast["lead"])
    url, version = reverse("spark_idea", args=[idea.case]), idea.sections.get(key=SectionKey.SPARK).version
    said = sparks.IDEA | {"problem": DZONGKHA * 375, "version": version}
    assert client.post(url, said).status_code == 302
    assert client.post(url, said | {"version": version + 1, "idea": "x" * 1501}).status_code == 400
