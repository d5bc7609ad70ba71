"""Steps of the journey as each person takes them; tests string them together."""

import re

SECTION = "Describe the problem and the idea"
MEASURE = {
    "What do you believe will happen, and why?": "One form halves the visits, because nobody is sent home.",
    "What will you measure?": "Visits per certificate",
    "In which unit?": "visits",
    "What is it today?": "2.4",
    "What shall it be at the end?": "1.2",
    "By when shall it be reached?": "2027-12-31",
    "Where does the figure come from?": "The counter's log",
    "How will you measure it?": "Count every visit for one month.",
    "When would you stop?": "If it is above 2.0 after three months.",
    "At which figure would you stop?": "2.0",
    "By when will you know?": "2027-06-30",
}


def start_draft(lead, title, call="Services without a second visit"):
    lead.go("/calls/")
    lead.follow(call)
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


def write(lead, task, answers, choices=()):
    lead.follow(task)
    for label, option in choices:
        lead.page.get_by_label(label, exact=True).select_option(label=option)
    for label, text in answers.items():
        lead.fill(label, text)
    lead.press("Save")
    lead.sees("Saved: ")


def fill_in(lead):
    """Write all four sections and name both agencies."""
    texts = {"What is the problem, and for whom?": "Parents come twice.", "What do you want to try?": "One form."}
    write(lead, SECTION, texts)
    write(lead, "Promise a measure and set stop rules", MEASURE, [("Which way is better?", "Lower is better")])
    people = {"Who is served, and how many?": "900 families a year"}
    people["Who was asked? (group 1)"] = "Mothers in two wards"
    people["When? (group 1)"] = "May 2026"
    people["What did you change after it? (group 1)"] = "One form instead of two"
    write(lead, "Say who is served", people)
    lead.follow("Plan the budget")
    for label, text in (("Item 1", "Forms"), ("How many of item 1?", "3"), ("Cost of one of item 1", "100000")):
        lead.fill(label, text)
    lead.press("Save and add another")
    lead.fill("Item 2", "Tablets")
    lead.fill("Cost of one of item 2", "99999.99")
    lead.press("Save")
    lead.sees("Saved: ")
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
    return re.search(r"[A-Z0-9-]+-\d{4}(?=</strong>)", lead.page.content()).group()


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


def waits(person, about, what):
    """Follow what waits on my work about a title."""
    person.go("/")
    row = person.page.get_by_role("listitem").filter(has_text=about).filter(has_text=what)
    row.get_by_role("link").first.click()


def confirm(person, button):
    """Press the button of the page that asks for a reason."""
    person.press(button)


def review(person, title, score="4"):
    """Declare no interest, score everything, hand in."""
    waits(person, title, "Accept the review")
    person.page.get_by_label("Do you have an interest in it?", exact=True).select_option("none")
    person.press("Declare and go on")
    for box in person.page.get_by_role("combobox").all()[:-1]:
        box.select_option(label=score)
    person.fill("One strength", "The need is shown.")
    person.fill("One weakness", "Small numbers.")
    person.fill("One thing to change", "Say which second hospital.")
    person.page.get_by_label("How likely is it that the promised target is met?", exact=True).select_option("open")
    person.press("Hand in")
    person.sees("Handed in.")


def act(person, url, button):
    """Open an object's page and take one action, through its confirmation page if it has one."""
    person.go(url)
    control = person.page.get_by_role("main").get_by_role("button", name=button, exact=True)
    if control.count() == 0:
        control = person.page.get_by_role("main").get_by_text(button, exact=True)
    with person.page.expect_navigation():  # a click alone does not wait for the page that it leads to
        control.first.click()
    if person.page.get_by_role("link", name="No, go back").count():
        person.press(button)


def vote(person, title):
    waits(person, title, "Vote on")
    person.page.get_by_label("Your vote", exact=True).select_option("approve")
    person.fill("Why?", "On the reviewers' reasons.")
    person.press("Vote")
    person.sees("Your vote is recorded.")


def write_note(person, grant, text):
    person.go(f"{grant}note/")
    person.fill("What did you do?", text)
    person.press("Save the note")


def share(lead, colleague, grant):
    lead.go(f"{grant}shares/")
    boxes = lead.page.get_by_role("textbox").all()
    boxes[0].fill("60")
    boxes[1].fill("40")
    lead.press("Write them down and ask everybody")
    lead.sees("The shares are written down.")
    colleague.go(f"{grant}shares/")
    colleague.press("I agree")
    colleague.sees("You agree to your share.")


def download(person, server):
    """Wait for the file of the job whose page is shown, press the download and return its bytes."""
    person.page.wait_for_url("**/jobs/*/")
    job = person.page.url

    def is_ready():
        person.go(job)
        return person.page.get_by_role("button", name="Download").count() > 0

    server.wait(is_ready)
    with person.page.expect_download() as started:
        person.press("Download")
    return started.value.path().read_bytes()
