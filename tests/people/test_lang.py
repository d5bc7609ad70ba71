"""Text that people wrote in Dzongkha is named so and gets room for its stacked letters, on pages and in PDF files."""

import re
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from pypdf import PdfReader

from documents.pdf import render_pdf
from people.templatetags.fund import lang
from proposals.enums import SectionKey
from proposals.services import drafting

DZ = "རྫོང་ཁ་ཡིག་ཚང་ནང་ལུ་ཐེངས་གཉིས་འོང་དགོཔ་ཨིན།"


@pytest.mark.parametrize(("text", "attribute"), [
    (DZ, ' lang="dz"'), (f"Form 7: {DZ}", ' lang="dz"'), ("The word རྒྱལ in a long English sentence", " data-tibetan"),
    ("English", ""), ("", ""), (None, ""), (12, ""), ("༡༢", ' lang="dz"'),
])  # fmt: skip
def test_text_names_its_language(text, attribute):
    assert lang(text) == attribute


def test_answers_and_titles_are_named_on_the_pages(client, proposal, cast):
    version = proposal.sections.get(key=SectionKey.PROBLEM).version
    answers = {"title": DZ, "problem": DZ, "idea": "One form"}
    drafting.save_section(proposal, by=cast["lead"], key=SectionKey.PROBLEM, version=version, answers=answers)
    client.force_login(cast["lead"])
    page = client.get(proposal.get_absolute_url()).content.decode()
    assert f'<h1 class="govuk-heading-l" lang="dz">{DZ}</h1>' in page
    check = client.get(f"{proposal.get_absolute_url()}check/").content.decode()
    assert f'fund-quote" lang="dz">{DZ}</dd>' in check
    assert 'fund-quote">One form</dd>' in check


def test_box_with_dzongkha_is_named_and_one_without_is_not():
    class Form(forms.Form):
        said = forms.CharField(widget=forms.Textarea)

    assert 'lang="dz"' in Form({"said": DZ}).as_div().replace("\n", "") or 'lang="dz"' in str(Form({"said": DZ}))
    assert 'lang="dz"' not in str(Form({"said": "English"}))


def test_every_quote_of_these_rooms_names_its_language():
    left_out = ("evaluation",)  # of others
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        if not any(part in str(path) for part in left_out):
            for element in re.findall(r'<\w+ class="[^"]*fund-quote[^"]*"[^>]*>', Path(path).read_text()):
                assert "|lang }}" in element, (path.name, element)


def test_every_heading_and_caption_with_a_title_names_its_language():
    for path in (settings.BASE_DIR / "templates" / "proposals").rglob("*.html"):
        for element, inside in re.findall(
            r'(<(?:span|h1|h2) class="govuk-(?:caption|heading)[^>]*>)([^\n]*)', path.read_text()
        ):
            if "proposal.title }}" in inside.split("</span>")[0]:
                assert "|lang }}" in element, (path.name, element)


def test_history_and_clash_name_the_language_of_what_was_written(client, proposal, cast):
    answers = {"title": "Title", "problem": DZ, "idea": "One form"}
    version = proposal.sections.get(key=SectionKey.PROBLEM).version
    drafting.save_section(proposal, by=cast["colleague"], key=SectionKey.PROBLEM, version=version, answers=answers)
    client.force_login(cast["lead"])
    page = f"{proposal.get_absolute_url()}problem/"
    history = client.get(f"{page}history/").content.decode()
    assert history.count('fund-quote" lang="dz">') == 1
    theirs = client.post(page, answers | {"problem": "Mine", "version": str(version)}).content.decode()
    assert f'fund-quote" lang="dz">{DZ}</dd>' in theirs
    assert 'fund-quote">Mine</dd>' in theirs


def test_pdf_marks_and_spaces_dzongkha():
    context = {"groups": [{"title": "x", "rows": [{"label": "x", "value": DZ}]}], "title": DZ, "lang": "en"}
    context |= {"proposal": SimpleNamespace(submitted_at=None), "content": {"requested": 0}}
    html = render_to_string("pdf/receipt.html", context)
    assert f'<p lang="dz">{DZ}</p>' in html
    assert f'<h1 class="document-title" lang="dz">{DZ}</h1>' in html
    assert "line-height: 1.8" in (settings.BASE_DIR / "documents" / "pdf.css").read_text().split(":lang(dz)")[1]


def pages_of(line):
    context = {"groups": [{"title": "x", "rows": [{"label": "x", "value": "\n".join([line] * 200)}]}]}
    context |= {"proposal": SimpleNamespace(submitted_at=None), "content": {"requested": 0}}
    return len(PdfReader(BytesIO(render_pdf("pdf/receipt.html", context, title="x"))).pages)


def test_stacked_letters_take_more_room_in_a_pdf_than_latin_ones():
    assert pages_of(DZ) > pages_of("One line.")
