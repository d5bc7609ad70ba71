"""Steps of the journey as each person takes them; tests string them together."""

import re

SECTION = "Describe the problem and the idea"
MEASURE = {
    "What do you believe will happen, and why?": "One form halves the visits, because nobody is sent home.",
    "What will you measure?": "Visits per certificate",
    "In which unit?": "visits",
    "What is it today?": "2.4",
    "What shall it be at the end?": "1.2",
    "Where does the figure come from?": "The counter's log",
    "How will you measure it?": "Count every visit for one month.",
    "When would you stop?": "If it is above 2.0 after three months.",
    "By when will you know?": "2027-06-30",
}


def start_draft(lead, title):
    lead.go("/calls/")
    lead.follow("Services without a second visit")
    lead.page.get_by_role("main").get_by_text("Start a proposal", exact=True).click()
    lead.fill("What do you want to call it?", title)
    lead.press("Start")
    assert lead.heading() == title
    return lead.page.url


def invite(lead, person, title, other):
    lead.follow("Gather the team")
    lead.fill("E-mail address or employee number", f"{person}@demo.example")
    lead.press("Send the invitation")
    lead.sees("has been invited.")
    lead.page.get_by_role("link", name="Back to the task list").click()
    other.go("/")
    other.follow(f"Join the team of “{title}”?")
    other.press("Join the team")
    other.sees("You have joined the team.")


def write(lead, task, answers):
    lead.follow(task)
    for label, text in answers.items():
        lead.fill(label, text)
    lead.press("Save")
    lead.sees("Saved: ")


def fill_in(lead):
    """Write all four sections and name both agencies."""
    texts = {"What is the problem, and for whom?": "Parents come twice.", "What do you want to try?": "One form."}
    write(lead, SECTION, texts)
    write(lead, "Promise a measure and set stop rules", MEASURE)
    people = {"Who is served, and how many?": "900 families a year"}
    people["Who has been asked, when, and what did you change after it?"] = "Mothers in two wards"
    write(lead, "Say who is served", people)
    budget = {"Item 1": "Forms and training", "Amount of item 1": "300000", "Item 2": "Tablets"}
    write(lead, "Plan the budget", budget | {"Amount of item 2": "99999.99"})
    lead.follow("Name the partner agencies")
    lead.page.get_by_role("link", name=re.compile("^Change")).first.click()
    lead.fill("Working days a month it gives", "6")
    lead.fill("What will it do?", "Two nurses test the form on the ward")
    lead.press("Save")
    lead.page.get_by_label("Agency", exact=True).select_option(label="GovTech Agency")
    lead.fill("Working days a month it gives", "4")
    lead.fill("What will it do?", "Builds the form")
    lead.press("Add the agency")
    lead.sees("GovTech Agency was added.")
    lead.page.get_by_role("link", name="Back to the task list").click()


def agree(sponsor, title):
    sponsor.go("/")
    sponsor.follow(f"Agree to “{title}”?")
    sponsor.press("We agree")
    sponsor.sees("Your agreement is recorded.")


def submit(lead, title):
    """Submit and return the reference number."""
    lead.go("/")
    lead.follow(f"Submit “{title}”")
    lead.page.get_by_label(re.compile("^What we wrote is true")).check()
    lead.press("Submit")
    assert lead.heading() == "Submitted"
    return re.search(r"EXPLORE-2026-2-\d{4}", lead.page.content()).group()


def first_check(officer, title):
    officer.go("/")
    officer.follow(f"Take the first check of “{title}”")
    officer.press("Take the first check")
    officer.follow("Record the first check")
    for choice in officer.page.get_by_role("combobox").all():
        choice.select_option("yes")
    officer.press("Record the first check")
    officer.press("Pass to the reviewers")
    officer.sees("The first check is passed.")
