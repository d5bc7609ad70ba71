"""Questions of a call in the browser: one that depends shows when it applies, a table fits a phone, costs are taken."""

import re

from .journey import start_draft

CALL = "/calls/explore-2027-1/preview/form/"
CHOICE, DEPENDS = "Which kind of road is it?", "Which farm road, and who looks after it?"


def questions(person):
    person.go(CALL)
    person.follow("Answer the questions of this call")


def test_office_tries_a_dependent_question_and_a_table_with_script(enter):
    officer = enter("secretariat", width=320)
    questions(officer)
    box = officer.page.get_by_label(DEPENDS, exact=True)
    choice = officer.page.get_by_label(CHOICE, exact=True)
    seen = [box.is_visible()]
    for value in ("Farm", "National", "Farm"):
        choice.select_option(value)
        seen.append(box.is_visible())
    assert seen == [False, True, False, True]
    assert officer.page.evaluate("document.documentElement.scrollWidth") <= 320
    officer.press("Save")
    officer.sees("Yours is kept nowhere.")
    assert officer.page.get_by_label(DEPENDS, exact=True).is_visible()
    questions(officer)
    assert officer.page.get_by_label(CHOICE, exact=True).input_value() == ""


def test_without_script_a_dependent_question_says_when_it_applies(enter):
    officer = enter("secretariat", width=320, javascript=False)
    questions(officer)
    officer.sees(re.compile("Answer this only if you chose “Farm” at “Which kind of road is it\\?”"))
    assert officer.page.get_by_label(DEPENDS, exact=True).is_visible()


def test_enter_in_a_budget_saves_and_one_tap_takes_a_known_cost(enter):
    for javascript in (True, False):
        lead = enter("lead", width=320, javascript=javascript)
        start_draft(lead, f"Known costs {javascript}")
        lead.follow("Plan the budget")
        lead.page.get_by_label("Item 1", exact=True).fill("Travel")
        lead.page.get_by_label("Item 1", exact=True).press("Enter")
        lead.sees("Saved: plan the budget.")
        lead.follow("Plan the budget")
        lead.page.get_by_text("Take a known cost").click()
        lead.page.get_by_role("button", name=re.compile("^Take it")).first.click()
        lead.sees(re.compile("is taken from .* Say how many"))
        source = lead.page.get_by_label("Where does the cost of item 2 come from?", exact=True).input_value()
        assert re.search(r"\d{4}$", source)
        assert lead.page.get_by_label("Item 1", exact=True).input_value() == "Travel"
        assert lead.page.get_by_label("Item 2", exact=True).input_value() != ""
