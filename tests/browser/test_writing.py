"""Writing over a bad line: nothing that was typed is lost, and nobody's text is overwritten."""

import re
import time

import pytest

from .journey import SECTION, invite, start_draft
from .test_journey import examine

PROBLEM = "What is the problem, and for whom?"
IDEA = "What do you want to try?"
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["script", "script-free"])
END_SESSIONS = """
from django.contrib.sessions.models import Session
Session.objects.all().delete()
"""


def saving(person, words):
    """Wait for the words in the line that says how saving stands."""
    person.page.locator("#saving").get_by_text(words).wait_for()


def forgive_the_cut(person):
    """A browser reports each request that found no line; that is what was meant."""
    person.faults[:] = [fault for fault in person.faults if not re.search("ERR_(INTERNET_DISCONNECTED|FAILED)", fault)]


def value(person, label):
    return person.page.get_by_label(label, exact=True).input_value()


def open_section(person, title):
    url = start_draft(person, title)
    person.follow(SECTION)
    return url


def test_text_is_saved_while_one_writes(enter):
    lead = enter("lead", width=320)
    page = open_section(lead, "Saved while writing")
    lead.page.get_by_label(PROBLEM, exact=True).press_sequentially("Two counters ask the same.")
    saving(lead, re.compile(r"Saved at \d\d:\d\d\."))
    lead.page.reload()
    assert value(lead, PROBLEM) == "Two counters ask the same."
    assert lead.page.evaluate("Object.keys(localStorage).length") == 0
    lead.press("Save")
    lead.sees("Saved: describe the problem and the idea.")
    assert lead.page.url == page


def test_cut_network_during_typing_loses_nothing(enter):
    lead = enter("lead")
    open_section(lead, "Cut line")
    lead.fill(PROBLEM, "Before the cut.")
    saving(lead, "Saved at")
    lead.context.set_offline(True)
    box = lead.page.get_by_label(PROBLEM, exact=True)
    box.press("End")
    box.press_sequentially(" Typed during the cut.")
    saving(lead, "There is no connection.")
    lead.press("Save")
    saving(lead, "There is no connection.")
    typed = "Before the cut. Typed during the cut."
    assert value(lead, PROBLEM) == typed
    lead.context.set_offline(False)
    saving(lead, "Saved at")
    lead.page.reload()
    assert value(lead, PROBLEM) == typed
    forgive_the_cut(lead)


def test_text_typed_offline_is_offered_after_the_window_was_closed(enter):
    lead = enter("lead")
    open_section(lead, "Closed window")
    address = lead.page.url
    lead.context.route(  # outlives the page, so that nothing it tries again meanwhile arrives
        "**/problem/", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    lead.fill(IDEA, "Only in this browser.")
    saving(lead, "There is no connection.")
    lead.page.close()
    lead.page = lead.context.new_page()
    lead.go(address)
    assert value(lead, IDEA) == ""
    lead.sees("that did not reach the fund.")
    lead.context.unroute("**/problem/")
    lead.press("Put it into the form")
    assert value(lead, IDEA) == "Only in this browser."
    saving(lead, "Saved at")
    lead.page.reload()
    assert value(lead, IDEA) == "Only in this browser."
    assert lead.page.get_by_text("did not reach the fund").count() == 0
    forgive_the_cut(lead)


@BOTH
def test_text_survives_the_end_of_the_session(enter, server, javascript):
    lead = enter("lead", javascript=javascript)
    open_section(lead, f"Session over {javascript}")
    address = lead.page.url
    assert "You stay signed in until" in lead.page.content()
    server.manage("shell", "-c", END_SESSIONS)
    lead.fill(IDEA, "Typed after the end.")
    if javascript:
        saving(lead, "You have been signed out.")
        lead.page.get_by_role("button", name="Sign in again").click()
    else:
        lead.press("Save")
    lead.fill("E-mail address", "lead@demo.example")
    lead.fill("Password", "learn-by-trying")
    lead.press("Sign in")
    lead.sees("You were signed out before this text could be saved.")
    assert lead.page.url == address
    assert value(lead, IDEA) == "Typed after the end."
    lead.press("Save")
    lead.sees("Saved: describe the problem and the idea.")


def test_session_end_is_announced_before(enter):
    lead = enter("lead")
    open_section(lead, "Nearly over")
    soon = "new Date(Date.now() + 5 * 60000).toISOString()"
    lead.page.evaluate(f"document.getElementById('section').dataset.sessionEnds = {soon}")
    lead.page.get_by_role("alert").get_by_text(re.compile(r"You will be signed out at \d\d:\d\d")).wait_for()
    lead.page.get_by_role("button", name="Stay signed in").click()
    saving(lead, "Saved at")


@BOTH
def test_two_browsers_clash_and_a_merge_is_kept(enter, javascript):
    title = f"Clash {javascript}"
    lead, other = enter("lead", javascript=javascript), enter("stranger", width=320, javascript=javascript)
    start_draft(lead, title)
    invite(lead, "stranger", title, other)
    for person in (lead, other):
        person.follow(SECTION)
    lead.fill(PROBLEM, "The lead's text.")
    lead.press("Save")
    lead.sees("Saved: ")
    other.fill(PROBLEM, "The other's text.")
    if javascript:
        saving(other, "Sonam Choden saved this section at")
        other.page.get_by_role("button", name="See both texts").click()
    else:
        other.press("Save")
    other.sees("after you opened it. Your text is not saved yet, and nothing is lost.")
    other.sees("The lead's text.")
    if javascript:
        assert examine(other, None) == []
    other.page.get_by_label("Keep both, one after the other").check()
    other.press("Save my choice")
    other.sees("Saved: ")
    lead.follow(SECTION)
    assert value(lead, PROBLEM) == "The lead's text.\n\nThe other's text."
    lead.follow("History of this section")
    lead.sees("Added words are underlined")
    if javascript:
        assert examine(lead, None) == []
    lead.page.get_by_role("button", name=re.compile("^Bring this text back")).first.click()
    lead.sees("is back. The text before it stays in the history.")
    lead.go("/proposals/")
    lead.follow(title)
    lead.follow(SECTION)
    assert value(lead, PROBLEM) == "The lead's text."


@BOTH
def test_draft_is_deleted_copied_and_brought_back(enter, javascript):
    title = f"Thrown away {javascript}"
    lead = enter("lead", width=320, javascript=javascript)
    open_section(lead, title)
    lead.fill(IDEA, "Worth keeping.")
    lead.press("Save")
    lead.sees("Saved: ")
    lead.go("/calls/explore-2026-2/start/")
    lead.fill("What do you want to call it?", f"{title}, again")
    lead.page.get_by_label("Carry over the answers of an earlier proposal?").select_option(label=title)
    lead.press("Start")
    lead.sees(f"carried over from “{title}”")
    lead.follow(SECTION)
    assert value(lead, IDEA) == "Worth keeping."
    lead.go("/proposals/")
    lead.follow(title)
    lead.page.get_by_role("main").get_by_text("Delete the draft", exact=True).click()
    lead.press("Delete the draft")
    lead.sees("You deleted this draft.")
    lead.go("/proposals/")
    lead.page.get_by_role("button", name=re.compile(f"^Undo: bring the draft back.*{title}$")).first.click()
    lead.follow(SECTION)
    assert value(lead, IDEA) == "Worth keeping."


def test_lead_is_handed_over_by_keyboard_alone(enter):
    title = "New hands"
    lead, other = enter("lead"), enter("stranger")
    start_draft(lead, title)
    invite(lead, "stranger", title, other)
    lead.follow("Gather the team")
    button = lead.page.get_by_role("button", name=re.compile("^Hand the lead over"))
    for _ in range(40):
        lead.page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    lead.page.keyboard.press("Enter")
    lead.sees("You lead until they accept.")
    other.go("/")
    other.follow(f"Take the lead of “{title}”?")
    assert examine(other, None) == []
    other.press("Take the lead")
    other.sees("You lead this proposal now.")
    lead.page.reload()
    lead.press("Leave the team")
    lead.sees(f"You have left the team of “{title}”.")


def test_no_key_is_lost_while_saves_are_slow(enter):
    lead = enter("lead")
    open_section(lead, "Slow line")

    def slow(route):
        time.sleep(0.4)
        route.continue_()

    lead.page.route("**/problem/", slow)
    for part in ("One. ", "Two. ", "Three."):
        lead.page.get_by_label(PROBLEM, exact=True).press_sequentially(part)
        lead.page.get_by_label(IDEA, exact=True).focus()
        lead.page.get_by_label(PROBLEM, exact=True).press("End")
    saving(lead, "Saved at")
    lead.page.unroute("**/problem/")
    lead.page.reload()
    assert value(lead, PROBLEM) == "One. Two. Three."
