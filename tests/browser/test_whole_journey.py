"""One proposal all the way: judged, funded, delivered, verified, recognised; and one that stops well."""

import io
import re

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from .journey import (
    act,
    agree,
    fill_in,
    first_check,
    invite,
    review,
    share,
    start_draft,
    submit,
    vote,
    waits,
    write_note,
)
from .test_journey import examine, look

CALL = """
from datetime import timedelta
from fund.services.budget import add_line
from fund.services import ledger
from fund.services.calls import add_call
from lifecycle import clock
from lifecycle.fiscal import fiscal_year
from lifecycle.performing import perform
from people.models import User
who = lambda name: User.objects.get(email=f"{name}@demo.example")
line = add_line(by=who("head"), code="NAME", name="NAME", fiscal_year=fiscal_year(clock.today()))
ledger.allocate(line=line, amount=100_000_000, source="NAME", by=who("head"))
call = add_call(by=who("secretariat"), reference="NAME", title="NAME", stage="explore", ceiling=100_000_000,
    purpose="p", who_can_apply="w", opens_at=clock.now() - timedelta(days=1),
    closes_at=clock.now() + timedelta(days=30), budget_line=line)
perform(call, "approve", by=who("head"))
"""


REVIEWERS = (("reviewer1", "Sonam Choden"), ("reviewer2", "Kinley Wangchuk"), ("reviewer3", "Phuntsho Namgay"))


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "script-free"])
def test_proposal_is_judged_funded_delivered_and_recognised(server, enter, javascript):
    name = "with-script" if javascript else "script-free"
    title = f"Notices on the ward ({name})"
    server.manage("shell", "-c", CALL.replace("NAME", name))

    def person(account):
        return enter(account, javascript=javascript)

    lead, colleague, officer = (
        enter("lead", width=320, javascript=javascript),
        person("colleague"),
        person("secretariat"),
    )
    page = start_draft(lead, title, name)
    invite(lead, "colleague", title, colleague)
    fill_in(lead)
    lead.follow("Check your answers and ask the agencies")
    lead.press("Ask the agencies to agree")
    sponsor = person("sponsor")
    agree(sponsor, title)
    agree(person("sponsor2"), title)
    reference = submit(lead, title)
    first_check(officer, title)

    waits(officer, title, "Assign reviewers")
    officer.page.get_by_role("button", name="Ask Dorji Gyeltshen").click()
    officer.sees("Dorji Gyeltshen needs the chair's written permission")
    look(officer, f"assign-{name}")
    reviewers = []
    for account, full in (
        ("reviewer1", "Sonam Choden"),
        ("reviewer2", "Kinley Wangchuk"),
        ("reviewer3", "Phuntsho Namgay"),
    ):
        officer.page.get_by_role("button", name=f"Ask {full}").click()
        officer.sees(f"{full} has been asked.")
        reviewers.append(person(account))
    for place, one in enumerate(reviewers):
        review(one, title, score=("4", "3.5", "4")[place])
    look(reviewers[0], f"reviews-{name}")
    reviewers[0].follow(title)
    reviewers[0].sees("Reviewer B")
    look(reviewers[0], f"review-{name}")
    act(officer, page, "Begin the reviews")
    lead.go(page)
    lead.sees("Being judged")
    chair = person("chair")
    act(chair, page, "Close the reviews")
    chair.go(f"{page}consensus/")
    chair.sees("Nothing has to be talked over.")
    act(officer, page, "Rank the call")
    act(chair, page, "Recommend to the board")
    act(officer, page, "Bring to the board")
    board = [person(f"board{n}") for n in (1, 2, 3)]
    for one in board:
        vote(one, title)
    board[0].go(f"{page}vote/")
    look(board[0], f"vote-{name}")
    act(board[0], page, "Approve and set aside")
    board[0].sees("The money is set aside.")
    lead.go(page)
    lead.sees("Being judged")
    act(officer, page, "Release the batch")

    grant = page.replace("/proposals/", "/grants/")
    act(lead, grant, "Sign the agreement as lead")
    act(sponsor, grant, "Sign the agreement for the agency")
    lead.go(page)
    lead.sees("Funded")
    maker, checker = person("maker"), person("checker")
    waits(maker, title, "Prepare payment 1")
    maker.press("Prepare the payment")
    waits(checker, title, "Release payment 1")
    checker.press("Release the payment")
    waits(lead, title, "Confirm that payment 1 has arrived")
    lead.page.get_by_role("main").get_by_role("button").first.click()
    write_note(lead, grant, "Tried the form with four mothers.")
    write_note(colleague, grant, "Built the form.")
    lead.go(grant)
    look(lead, f"grant-{name}")

    share(lead, colleague, grant)
    result = page.replace("/proposals/", "/results/")
    lead.go(f"{result}claim/")
    lead.fill("What is it now, in visits?", "1.2")
    lead.fill("What shows it?", "The counter's log of the last month.")
    lead.press("Claim the result")
    verifier = person("verifier2")
    waits(verifier, title, "Check the result")
    verifier.press("Take the check")
    verifier.go(f"{result}verify/")
    verifier.fill("What did you find?", "1.2")
    verifier.fill("How did you check it?", "Read the log with the clerk.")
    verifier.page.get_by_label("How sure are you?", exact=True).select_option("high")
    look(verifier, f"verify-{name}")
    verifier.press("Record the check")
    verifier.sees("The check is recorded")
    lead.go("/my-record/")
    lead.sees(f"“{title}”")
    lead.sees("12.0 points, of which")
    look(lead, f"my-record-{name}")
    if javascript:
        for width in (320, 1280):
            lead.page.set_viewport_size({"width": width, "height": 800})
            pages = ("/my-record/", grant, result, f"{grant}shares/", page, "/points-policy/ft-20261/")
            assert [fault for path in pages for fault in examine(lead, path)] == []
            chair.page.set_viewport_size({"width": width, "height": 800})
            assert examine(chair, f"/calls/{name}/panel/") == []
    assert reference.startswith(name.upper())


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "script-free"])
def test_hr_sees_verified_records_without_numbers_and_gets_both_files(server, enter, javascript):
    hr = enter("hr", javascript=javascript)
    hr.go("/verified-records/")
    look(hr, "hr-list")
    hr.press("Make an Excel file of this list")
    server.wait(lambda: (hr.page.reload(), hr.page.get_by_role("link", name="Download").count())[1])
    with hr.page.expect_download() as started:
        hr.follow("Download")
    sheet = load_workbook(started.value.path()).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert "Sonam Choden" in [row[1] for row in rows]
    assert not any(character.isdigit() for row in rows[1:] for cell in row[3:6] for character in str(cell or ""))

    hr.go("/verified-records/")
    hr.follow("Sonam Choden")
    hr.press("Check the rules as of today")
    hr.sees("The rules were checked as of today.")
    look(hr, "hr-file")
    if javascript:
        for width in (320, 1280):
            hr.page.set_viewport_size({"width": width, "height": 800})
            assert examine(hr, None) + examine(hr, "/verified-records/") == []
        hr.follow("Sonam Choden")
    hr.press("Make the PDF annex")
    server.wait(lambda: (hr.page.reload(), hr.page.get_by_role("link", name="Download").count())[1])
    with hr.page.expect_download() as started:
        hr.follow("Download")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(started.value.path().read_bytes())).pages)
    assert "This is not a promotion decision" in text.replace("\n", " ")
    lead = enter("lead", javascript=javascript)
    lead.go("/my-record/")
    lead.sees("Annex for the HR committee (PDF)")


STOPS = {True: ("Second opinion by video for rural clinics", "lead"),
         False: ("Landslide messages from road workers in Trashigang", "officer06")}  # fmt: skip


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "script-free"])
def test_grant_stops_on_its_stop_rule_and_the_learning_counts(server, enter, javascript):
    title, account = STOPS[javascript]

    def person(name):
        return enter(name, javascript=javascript)

    lead, colleague, officer = person(account), person("colleague"), person("secretariat")
    lead.go("/grants/")
    lead.follow(title)
    grant = lead.page.url
    lead.go(f"{grant}stop/")
    look(lead, "stop")
    lead.fill("Which stop rule was met, or why do you want to stop?", "Above 40 after three months.")
    left = re.search(r"At most Nu\. ([\d,.]+):", lead.page.content()).group(1)
    lead.fill("How much of the paid money is unspent?", left.replace(",", ""))
    lead.press("Ask to stop")
    waits(officer, title, "Confirm the early stop")
    act(officer, grant, "Confirm the early stop")
    officer.sees("Stopped early")

    record = grant.replace("/grants/", "/learning/")
    share(lead, colleague, grant)
    lead.go(f"{record}write/")
    for box in lead.page.get_by_role("textbox").all():
        box.fill("We tried it honestly and counted every week.")
    lead.press("Save")
    act(lead, record, "Send the learning record")
    verifier = person("verifier2")
    verifier.go(record)
    verifier.press("I confirm that these facts are true")
    for name in ("classifier1", "classifier2"):
        reader = person(name)
        waits(reader, title, "Classify")
        reader.page.get_by_label("How do you read it?", exact=True).select_option("intelligent")
        reader.fill("Why?", "An open question, a small test, stopped at the named figure.")
        reader.press("Record my reading")
    act(lead, record, "Accept the classification")
    look(lead, "learning")
    lead.go("/my-record/")
    lead.sees(f"“{title}”")
    if javascript:
        assert examine(lead, record) + examine(lead, grant) == []


def test_everything_of_the_journeys_verifies(server):
    assert server.manage("verify_trail").strip().endswith("0 faults")
    assert server.manage("verify_ledger").strip().endswith("0 faults")
    assert server.manage("verify_eligibility").strip().endswith("0 differences")
