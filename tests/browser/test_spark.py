"""A small idea: sent by a first-time account at 320 px without script, then the whole lane to the signed grant."""

import io
import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader

from .conftest import STACKS
from .journey import act, waits
from .test_journey import RULES, look
from .test_writing import forgive_the_cut, saving

TEN_MINUTES = 600  # seconds: those of the pages, and those of typing at the speed of a thumb
STROKES = 2.5  # a second
MOST_FIELDS, MOST_PAGES = 12, 5
ANSWERS = {
    "What do you call your idea?": "Shoes at the ward door",
    "Whose problem is it?": "Visitors carry mud into the ward; two cleaners wash the floor four times a day.",
    "What will you try in 8 weeks?": "A shelf with forty pairs of slippers at the door, and a sign with a picture.",
    "How will you know that it worked, and when would you stop?": "The floor is washed twice a day. I stop if fewer "
    "than half of the visitors change their shoes after two weeks.",
}
MONEY = {"1. What do you need money for?": "Shelf and slippers", "1. How much?": "14500"}
FIELDS = "main input:not([type=hidden]), main textarea, main select"


class Count:
    """Pages with a form and their fields, and the seconds that a person would type."""

    def __init__(self):
        self.pages, self.fields, self.typed, self.begun = 0, 0, 0, time.monotonic()

    def page(self, person):
        person.page.set_viewport_size({"width": 320, "height": 800})
        assert person.page.evaluate("document.documentElement.scrollWidth") <= 320
        self.pages += 1
        self.fields += person.page.locator(FIELDS).count()

    def fill(self, person, answers):
        for label, text in answers.items():
            person.fill(label, text)
            self.typed += len(text)

    @property
    def seconds(self):
        return time.monotonic() - self.begun + self.typed / STROKES


def begin(person):
    person.press("Send a small idea (Spark)")


def go_on(person, button):
    """Press a button and wait for the page that follows, so that no page is counted twice."""
    with person.page.expect_navigation():
        person.press(button)


def send(person):
    """Write and send the idea from my work; return what was counted, and the reference number."""
    count = Count()
    with person.page.expect_navigation():
        begin(person)
    count.page(person)
    look(person, "spark-idea")
    count.fill(person, ANSWERS)
    go_on(person, "Save and continue")
    count.page(person)
    count.fill(person, MONEY)
    look(person, "spark-money")
    go_on(person, "Save and continue")
    count.page(person)
    chosen = person.page.get_by_label("Who says yes for your agency?", exact=True)
    assert chosen.locator("option:checked").inner_text().startswith("Karma Wangdi")
    look(person, "spark-approver")
    go_on(person, "Save and continue")
    count.page(person)
    look(person, "spark-send")
    person.page.get_by_label(re.compile("^What we wrote is true")).check()
    go_on(person, "Send my idea")
    count.page(person)
    look(person, "spark-sent")
    assert person.heading() == "Submitted"
    person.sees("You have an answer by")
    return count, re.search(r"SPARK-\d{4}", person.page.content()).group()


def answer(reviewer, reference, position):
    """Declare no interest and answer the three questions, reading no name."""
    waits(reviewer, reference, "Accept the review")
    reviewer.press("Declare and go on")  # no name of the list is ticked
    text = reviewer.page.get_by_role("main").inner_text()
    assert "Shoes at the ward door" in text
    assert [word for word in ("Dechen", "Pelden", "Ministry of Health") if word in text] == []
    look(reviewer, f"spark-review-{position}")
    for box in reviewer.page.get_by_role("combobox").all():
        box.select_option(label="4")
    for box in reviewer.page.get_by_role("textbox").all():
        box.fill("Small and clear.")
    reviewer.press("Hand in")
    reviewer.sees("Handed in.")


def check(officer, url, reference):
    """The light first check, then ask two reviewers."""
    act(officer, url, "Take the first check")
    officer.follow("Record the first check")
    boxes = officer.page.get_by_role("combobox").all()
    assert len(boxes) == 3
    for box in boxes:
        box.select_option("yes")
    officer.press("Record the first check")
    officer.press("Pass to the reviewers")
    officer.go(f"{url}reviewers/")
    for name in ("Kinley Wangchuk", "Phuntsho Namgay"):
        officer.page.get_by_role("button", name=re.compile(f"^Ask {name}")).click()
        officer.sees("has been asked.")


@pytest.mark.parametrize("server", STACKS, indirect=True)
def test_spark_of_a_first_timer_goes_from_the_question_to_the_signed_grant(server, enter):
    newcomer = enter("newcomer", width=320, javascript=False)
    newcomer.sees("Nothing of yours is in progress.")
    count, reference = send(newcomer)
    assert (count.fields <= MOST_FIELDS, count.pages <= MOST_PAGES, count.seconds <= TEN_MINUTES) == (True, True, True)
    print(f"SPARK {count.fields} fields, {count.pages} pages, {count.seconds:.0f} s with typing")  # noqa: T201
    receipt = newcomer.page.url.replace("submitted/", "receipt/")
    url = newcomer.page.url.replace("submitted/", "")
    server.wait(lambda: newcomer.context.request.get(receipt).headers["content-type"] == "application/pdf")
    copy = PdfReader(io.BytesIO(newcomer.context.request.get(receipt).body())).pages[0].extract_text()
    assert reference in copy

    check(enter("secretariat", javascript=False), url, reference)
    for position, account in enumerate(("reviewer2", "reviewer3")):
        answer(enter(account, width=320, javascript=False), reference, position)
    newcomer.go(url)
    newcomer.sees("Being judged")
    board = enter("board1", javascript=False)
    waits(board, reference, "Decide on")
    look(board, "spark-decide")
    board.page.get_by_label("Your decision", exact=True).select_option("approve")
    board.press("Decide")
    board.sees("Approved. The money is set aside.")
    newcomer.go(url)
    newcomer.sees("Approved, your agency is asked")
    look(newcomer, "spark-approved")
    sponsor = enter("sponsor", width=320, javascript=False)
    sponsor.go("/")
    sponsor.follow("Agree to “Shoes at the ward door”?")
    look(sponsor, "spark-agency")
    sponsor.press("Yes, we agree")
    grant = url.replace("proposals", "grants")
    for person in (newcomer, sponsor):
        person.go(grant)
        person.page.get_by_role("main").get_by_role("button", name=re.compile("^Sign")).click()
    newcomer.go(grant)
    newcomer.sees("Running")
    look(newcomer, "spark-grant")
    newcomer.go(url)
    newcomer.sees("Funded")


@pytest.mark.parametrize("server", STACKS[:1], indirect=True)
def test_idea_is_saved_while_one_types_and_never_shown_to_the_next_person(server, enter):
    first = enter("officer01", width=320)
    first.go("/calls/spark/spark/")
    start = first.page.url
    first.fill("Whose problem is it?", "Only mine so far.")
    saving(first, "Give your idea a name")
    first.fill("What do you call your idea?", "Saved by itself")
    saving(first, re.compile(r"Saved at \d\d:\d\d\."))
    assert first.page.url != start
    first.fill("What will you try in 8 weeks?", "Typed on the page it moved to.")
    saving(first, re.compile(r"Saved at \d\d:\d\d\."))
    first.page.reload()
    assert first.page.get_by_label("What will you try in 8 weeks?").input_value() == "Typed on the page it moved to."
    look(first, "spark-autosaved")

    first.go(start)
    first.context.route(
        "**/spark/", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    first.fill("Whose problem is it?", "A secret of the first person.")
    saving(first, "There is no connection.")
    first.page.reload()
    first.sees("that did not reach the fund.")
    first.context.unroute("**/spark/")
    first.context.clear_cookies()
    first.go("/account/login/")
    first.fill("E-mail address", "officer02@demo.example")
    first.fill("Password", "learn-by-trying")
    first.press("Sign in")
    first.go(start)
    saving(first, "What you write is saved by itself.")
    assert first.page.get_by_text("did not reach the fund").count() == 0
    assert "A secret" not in first.page.content()
    forgive_the_cut(first)


@pytest.mark.parametrize("server", STACKS[:1], indirect=True)
def test_spark_pages_have_no_fault_of_access(server, enter):
    lead = enter("newcomer", width=320)
    begin(lead)
    faults = []

    def scan(name):
        found = Axe().run(lead.page, options=RULES).response["violations"]
        faults.extend((name, fault["id"]) for fault in found)

    scan("idea")
    lead.press("Save and continue")
    lead.sees("There is a problem")
    scan("idea with an error")
    for label, text in (ANSWERS | {"What do you call your idea?": "A second shelf"}).items():
        lead.fill(label, text)
    lead.press("Save and continue")
    lead.sees("What do you need money for?")
    scan("money")
    for label, text in MONEY.items():
        lead.fill(label, text)
    lead.press("Save and continue")
    lead.sees("You need not wait for it")
    scan("approver")
    lead.press("Save and continue")
    lead.sees("Check and send")
    scan("send")
    assert faults == []
