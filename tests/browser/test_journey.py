"""The journey as people walk it; grown slice by slice."""

import io
import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader

from .conftest import walked
from .journey import SECTION, agree, fill_in, first_check, invite, start_draft, submit

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@walked
def test_draft_is_written_by_two_at_once_and_is_withdrawn(server, enter, javascript):
    title = f"One form for both counters ({'with' if javascript else 'without'} script)"
    lead = enter("lead", width=320, javascript=javascript)
    start_draft(lead, title)
    other = enter("stranger", javascript=javascript)
    invite(lead, "stranger", title, other)
    other.follow(SECTION)
    lead.follow(SECTION)
    lead.fill("What is the problem, and for whom?", "Two forms ask the same.")
    lead.press("Save")
    lead.sees("Saved: describe the problem and the idea.")
    other.fill("What do you want to try?", "One form, kept by one counter.")
    other.press("Save")
    other.sees("1 of 6 tasks completed")  # each changed another answer: both are kept, nobody is asked

    lead.go("/proposals/")
    lead.follow(title)
    lead.page.get_by_role("main").get_by_text("Withdraw", exact=True).click()
    lead.fill("Why? (you may leave this empty)", "We join another proposal.")
    lead.press("Withdraw")
    lead.sees("This proposal was withdrawn.")
    lead.sees("“We join another proposal.”")
    server.wait(lambda: "Subject: You are asked to join a proposal" in server.log.read_text())


def look(person, name):
    """Keep a picture at both widths when a folder is named, for a person to look at."""
    folder = os.environ.get("PICTURES")
    if folder:
        for width in (320, 1280):
            person.page.set_viewport_size({"width": width, "height": 800})
            person.page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


@walked
def test_proposal_goes_from_an_idea_to_the_reviewers(server, enter, javascript):
    title = f"Certificate on the ward ({'with' if javascript else 'without'} script)"
    lead, colleague = enter("lead", width=320, javascript=javascript), enter("colleague", javascript=javascript)
    start_draft(lead, title)
    invite(lead, "colleague", title, colleague)
    fill_in(lead)
    lead.follow("Check your answers and ask the agencies")
    look(lead, "check")
    lead.press("Ask the agencies to agree")
    lead.sees("The agencies have been asked to agree.")

    sponsor = enter("sponsor", width=320, javascript=javascript)
    sponsor.go("/")
    sponsor.follow(f"Agree to “{title}”?")
    look(sponsor, "endorse")
    sponsor.fill("What has to change?", "Six days are too many.")
    sponsor.press("Return it to the team")
    lead.go("/proposals/")
    lead.follow(title)
    lead.sees("“Six days are too many.”")
    look(lead, "returned")
    lead.follow("Name the partner agencies")
    lead.page.get_by_role("link", name=re.compile("^Change")).first.click()
    lead.fill("Working days a month it gives", "3")
    lead.press("Save")
    lead.page.get_by_role("link", name="Back to the task list").click()
    lead.follow("Check your answers and ask the agencies")
    lead.press("Ask the agencies to agree")
    sponsor.go("/")
    sponsor.follow(f"Agree to “{title}”?")
    sponsor.sees("Changed since your agency's last answer (version 1)")
    agree(sponsor, title)
    agree(enter("sponsor2", javascript=javascript), title)

    reference = submit(lead, title)
    look(lead, "submitted")
    confirmation = lead.page.url
    lead.go(confirmation)
    lead.sees(reference)
    receipt = confirmation.replace("submitted/", "receipt/")
    server.wait(lambda: lead.context.request.get(receipt).headers["content-type"] == "application/pdf")
    pages = PdfReader(io.BytesIO(lead.context.request.get(receipt).body())).pages
    assert reference in pages[0].extract_text()

    officer = enter("secretariat", javascript=javascript)
    first_check(officer, title)
    look(officer, "eligible")
    server.wait(lambda: f"Subject: Submitted: {reference}" in server.log.read_text())


def test_trail_of_the_journey_verifies(server):
    assert server.manage("verify_trail").strip().endswith("0 faults")


PAGES = (
    "/", "/calls/", "/calls/explore-2026-2/", "/calls/explore-2026-2/start/", "/proposals/",
    "/proposals/?q=nothing+fits",
    "/inbox/", "/me/", "/help/", "/missing/", "/account/password/change/", "/account/second-factor/",
    "/account/second-factor/totp/activate/", "/account/email/", "/account/logout/", "/account/reauthenticate/",
)  # fmt: skip
PUBLIC = ("/account/login/", "/account/password/reset/", "/account/signup/", "/calls/", "/help/", "/account/inactive/")


def examine(person, path):
    if path:
        person.go(path)
    found = Axe().run(person.page, options=RULES).response["violations"]
    wide = person.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [(path, v["id"], v["nodes"][0]["html"]) for v in found] + ([(path, "scrolls sideways")] if wide else [])


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_of_sending_have_no_axe_violation(enter, width):
    title = f"Looked at {width} px wide"
    lead, colleague = enter("lead", width=width), enter("colleague", width=width)
    page = start_draft(lead, title)
    invite(lead, "colleague", title, colleague)
    fill_in(lead)
    problems = examine(lead, page + "check/")
    lead.press("Ask the agencies to agree")
    sponsor, sponsor2 = enter("sponsor", width=width), enter("sponsor2", width=width)
    problems += examine(lead, page) + examine(lead, page + "submit/") + examine(sponsor, page + "endorse/")
    agree(sponsor, title)
    agree(sponsor2, title)
    submit(lead, title)
    problems += examine(lead, None) + examine(lead, page)
    officer = enter("secretariat2", width=width)
    officer.go(page)
    officer.press("Take the first check")
    problems += examine(officer, page) + examine(officer, page + "first-check/")
    officer.press("Record the first check")
    problems += examine(officer, None) + examine(officer, "/") + examine(officer, "/proposals/")
    assert problems == []


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_have_no_axe_violation(enter, width):
    lead, stranger = enter("lead", width=width), enter(None, width=width)
    problems = [fault for path in PAGES for fault in examine(lead, path)]
    problems += [fault for path in PUBLIC for fault in examine(stranger, path)]
    rcsc = enter("rcsc", width=width)
    problems += examine(rcsc, "/register/")
    with rcsc.page.expect_navigation():
        rcsc.press("Check the file")
    problems += examine(rcsc, None)
    lead.go("/proposals/")
    lead.follow("Birth certificate before the mother goes home")
    detail = lead.page.url
    for path in ("", "problem/", "measure/", "people/", "budget/", "team/", "join/", "partners/", "check/"):
        problems += examine(lead, detail + path)
    lead.go(detail + "measure/")
    lead.fill("What is it today?", "many")
    with lead.page.expect_navigation():  # the page before may show the same problem, saved at the other width
        lead.press("Save")
    lead.sees("There is a problem")
    problems += examine(lead, None)
    lead.go(detail)
    with lead.page.expect_navigation():  # else the page before may be examined while it goes
        lead.page.get_by_role("main").get_by_text("Withdraw", exact=True).click()
    problems += examine(lead, None)
    assert problems == []


def test_draft_is_saved_by_keyboard_alone(enter):
    lead = enter("colleague")
    lead.go("/proposals/")
    lead.follow("Birth certificate before the mother goes home")
    lead.follow("Say who is served")
    keys = lead.page.keyboard
    lead.page.locator("body").press("Tab")
    assert lead.page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    for _ in range(40):
        keys.press("Tab")
        if lead.page.evaluate("document.activeElement.name") == "served":
            break
        visible = lead.page.evaluate(
            "(() => { const r = document.activeElement.getBoundingClientRect();"
            " const e = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);"
            " return document.activeElement.contains(e) || e.contains(document.activeElement); })()"
        )
        assert visible
    keys.press("ControlOrMeta+A")
    keys.type("Families of four dzongkhags")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    lead.sees("Saved: say who is served.")


def test_error_summary_takes_the_focus(enter):
    lead = enter("lead")
    lead.go("/calls/explore-2026-2/start/")
    lead.press("Start")
    lead.sees("There is a problem")
    assert "govuk-error-summary" in lead.page.evaluate("document.activeElement.className")
    assert lead.page.title().startswith("Error: ")


def test_long_answer_counts_the_characters_that_are_left(enter):
    lead = enter("lead", width=320)
    start_draft(lead, "Counting")
    lead.follow(SECTION)
    lead.fill("What is the problem, and for whom?", "x" * 2990)
    lead.sees("You have 10 characters remaining")


def test_hostile_text_is_shown_as_text(enter):
    lead = enter("lead")
    start_draft(lead, "<img src=x onerror=alert(1)>{{ 7*7 }}")
    lead.go("/proposals/")
    assert lead.page.get_by_role("link", name="<img src=x onerror=alert(1)>{{ 7*7 }}").count() == 1
