"""One proposal all the way: judged, funded, delivered, verified, recognised; and one that stops well."""

import io
import re
from datetime import date

from openpyxl import load_workbook
from pypdf import PdfReader

from .conftest import walked
from .journey import (
    act,
    agree,
    download,
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
from fund.services.calls import add_call, approve, hand_over
from lifecycle import clock
from lifecycle.fiscal import fiscal_year
from people.models import User
who = lambda name: User.objects.get(email=f"{name}@demo.example")
line = add_line(by=who("head"), code="NAME", name="NAME", fiscal_year=fiscal_year(clock.today()))
ledger.allocate(line=line, amount=100_000_000, source="NAME", by=who("head"))
call = add_call(by=who("secretariat"), reference="NAME", title="NAME", kind="rolling", stage="explore",
    ceiling=100_000_000, purpose="p", who_can_apply="w", opens_at=clock.now() - timedelta(days=1),
    closes_at=clock.now() + timedelta(days=30), budget_line=line)
approve(hand_over(call, by=who("secretariat")), by=who("head"), note="A walk through.")
"""


REVIEWERS = (("reviewer1", "Sonam Choden"), ("reviewer2", "Kinley Wangchuk"), ("reviewer3", "Phuntsho Namgay"))


def apply_to(call, title, lead, person):
    """Write, agree, submit and pass the first check; return the proposal's page and reference."""
    page = start_draft(lead, title, call)
    invite(lead, "colleague", title, person("colleague"))
    fill_in(lead)
    lead.follow("Check your answers and ask the agencies")
    lead.press("Ask the agencies to agree")
    agree(person("sponsor"), title)
    agree(person("sponsor2"), title)
    reference = submit(lead, title)
    first_check(person("secretariat"), title)
    return page, reference


def judge(title, page, person, name):
    """Refuse the conflicted reviewer, let three review, and bring it to the board."""
    officer, chair = person("secretariat"), person("chair")
    waits(officer, title, "Assign reviewers")
    officer.page.get_by_role("button", name="Ask Dorji Gyeltshen").click()
    officer.sees("This needs the chair's written permission")
    look(officer, f"assign-{name}")
    for account, full in REVIEWERS:
        officer.page.get_by_role("button", name=f"Ask {full}").click()
        officer.sees(f"{full} has been asked.")
        review(person(account), title, score="3.5" if account == "reviewer2" else "4")
    first = person("reviewer1")
    first.go("/reviews/")
    first.follow(title)
    first.page.get_by_text(re.compile("^Reviewer [ABC]")).nth(1).wait_for()  # two of three: one letter is their own
    look(first, f"review-{name}")
    act(officer, page, "Begin the reviews")
    act(chair, page, "Close the reviews")
    chair.go(f"{page}consensus/")
    chair.sees("Nothing has to be talked over.")
    act(officer, page, "Rank the call")
    act(chair, page, "Recommend to the board")
    act(officer, page, "Bring to the board")


def decide(title, page, lead, person, name):
    """Three votes, the approval, the chair's word on the feedback, the release; the lead reads nothing before."""
    for number in (1, 2, 3):
        vote(person(f"board{number}"), title)
    person("board1").go(f"{page}vote/")
    look(person("board1"), f"vote-{name}")
    act(person("board1"), page, "Approve and set aside")
    person("board1").sees("The money is set aside.")
    lead.go(page)
    lead.sees("Being judged")
    waits(person("chair"), title, "Certify the feedback for")
    person("chair").press("Certify")
    person("chair").sees("Certified by")
    act(person("secretariat"), page, "Release the batch")


def pay_and_work(title, grant, lead, person, name):
    """Both sign, the first payment goes its way, two people write what they did."""
    act(lead, grant, "Sign the agreement as lead")
    act(person("sponsor"), grant, "Sign the agreement for the agency")
    waits(person("maker"), title, "Prepare payment 1")
    person("maker").press("Prepare the payment")
    waits(person("checker"), title, "Release payment 1")
    person("checker").press("Release the payment")
    person("checker").go("/money/bank/")
    person("checker").press("Make the payment file")
    person("checker").sees("is ready. Download it below.")
    waits(lead, title, "Confirm that payment 1 has arrived")
    lead.page.get_by_role("main").get_by_role("button").first.click()
    write_note(lead, grant, "Tried the form with four mothers.")
    write_note(person("colleague"), grant, "Built the form.")
    lead.go(grant)
    look(lead, f"grant-{name}")


def recognise(title, result, lead, person, name):
    """Claim, check by another agency, and the points with their steps."""
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


@walked
def test_proposal_is_judged_funded_delivered_and_recognised(server, enter, javascript):
    name = "with-script" if javascript else "script-free"
    title = f"Notices on the ward ({name})"
    server.manage("shell", "-c", CALL.replace("NAME", name))
    seated = {}

    def person(account):
        if account not in seated:
            seated[account] = enter(account, javascript=javascript)
        return seated[account]

    lead = enter("lead", width=320, javascript=javascript)
    page, reference = apply_to(name, title, lead, person)
    judge(title, page, person, name)
    decide(title, page, lead, person, name)
    grant = page.replace("/proposals/", "/grants/")
    pay_and_work(title, grant, lead, person, name)
    share(lead, person("colleague"), grant)
    result = page.replace("/proposals/", "/results/")
    recognise(title, result, lead, person, name)
    assert reference.startswith(name.upper())
    if javascript:
        for width in (320, 1280):
            lead.page.set_viewport_size({"width": width, "height": 800})
            paths = ("/my-record/", grant, result, f"{grant}shares/", page, "/points-policy/ft-2026-1/", "/reviews/")
            assert [fault for path in paths for fault in examine(lead, path)] == []
            chair = person("chair")
            chair.page.set_viewport_size({"width": width, "height": 800})
            assert examine(chair, f"/calls/{name}/panel/") == []


@walked
def test_hr_sees_verified_records_without_numbers_and_gets_both_files(server, enter, javascript):
    hr = enter("hr", javascript=javascript)
    hr.go("/verified-records/")
    hr.page.get_by_label("Why do you look?").select_option(label="a meeting of the HR committee")
    hr.press("Go on")
    look(hr, "hr-list")
    hr.press("Make an Excel file of this list")
    sheet = load_workbook(io.BytesIO(download(hr, server))).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert "Sonam Choden" in [row[1] for row in rows]
    told = " ".join(str(cell or "") for row in rows[1:] for cell in row[3:6])
    assert not re.search(r"\d+\.\d|\d ?%|point", told), "a number of points: a title may have figures of its own"

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
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(download(hr, server))).pages)
    assert "This is not a promotion decision" in text.replace("\n", " ")
    lead = enter("lead", javascript=javascript)
    lead.go("/my-record/")
    lead.sees("Annex for the HR committee (PDF)")


NOMINEES = {True: "officer02", False: "officer04"}  # both of the ministry whose HR officer and committee the cast has


def opens(person, url):
    """Open a page about people, and say why where it asks before it shows anything."""
    person.go(url)
    asked = person.page.get_by_label("Why do you look?", exact=True)
    if asked.count():
        asked.select_option("committee")
        person.press("Go on")


def step(person, url, button, reason=""):
    """Take a step of a nomination, with its reason where it asks for one."""
    opens(person, url)
    person.page.get_by_role("main").get_by_text(button, exact=True).first.click()
    if reason:
        person.page.get_by_role("textbox").fill(reason)
        person.press(button)


@walked
def test_nomination_goes_to_the_committee_and_the_rcsc_and_comes_back_with_a_result(server, enter, javascript):
    person = enter(NOMINEES[javascript], width=320, javascript=javascript)
    hr, hrc, rcsc = (enter(name, javascript=javascript) for name in ("hr", "hrc", "rcsc"))
    person.go("/my-record/nominate/")
    person.sees("Days of the cycle")
    person.page.get_by_label("What do you wish for?", exact=True).select_option("training")
    person.fill("What should the committee know?", "I tried a shorter form with two clinics.")
    person.press("Send the nomination")
    url = person.page.url
    step(hr, url, "Bring to the HR committee")
    step(hrc, url, "Endorse", "Well evidenced.")
    step(hr, url, "Forward to the RCSC")
    opens(rcsc, url)
    rcsc.page.get_by_text("Record the RCSC's result", exact=True).first.click()
    rcsc.page.get_by_label("What was granted?", exact=True).select_option("training")
    rcsc.page.get_by_label("On which day was it decided?", exact=True).fill(str(date.today()))
    rcsc.fill("Why?", "A course on service design.")
    rcsc.page.get_by_label("It was granted all the same", exact=True).check()  # no contribution supports it
    rcsc.press("Record the result")
    person.go(url)
    person.sees("The RCSC's result is recorded")
    person.sees("A course on service design.")
    look(person, "nomination")
    if javascript:
        for width in (320, 1280):
            rcsc.page.set_viewport_size({"width": width, "height": 800})
            paths = (url, "/nominations/", "/recognition/", "/points-policy/new/")
            assert [fault for path in paths for fault in examine(rcsc, path)] == []


STOPS = {True: ("Second opinion by video for rural clinics", "lead"),
         False: ("Landslide messages from road workers in Trashigang", "officer06")}  # fmt: skip


@walked
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
    assert server.manage("verify_eligibility").strip().endswith("0 faults")
