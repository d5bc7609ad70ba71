"""The money of a grant all the way: signed, paid, changed, stopped, closed and audited; and the end of a year."""

import re

from ..factories import TERMS
from .conftest import walked
from .journey import act, waits, write_note
from .test_journey import examine, look

MONEY = """
from datetime import timedelta
from uuid import uuid4
from fund.services import ledger
from fund.services.budget import add_line
from fund.services.grants import offer
from lifecycle import clock
from lifecycle.fiscal import fiscal_year
from people.enums import Part
from people.models import User
from people.queries import snapshot_of
from people.services.involvement import involve
who = lambda name: User.objects.get(email=f"{name}@demo.example")
head, lead, year, case = who("head"), who("officer02"), fiscal_year(clock.today()), uuid4()
agency = snapshot_of(lead).agency
for code, of, amount in (("NAME", year, 5_000_000), ("NAME-old", year - 1, 700_000)):
    line = add_line(by=head, code=code, name=code, fiscal_year=of, agency=agency)
    ledger.allocate(line=line, amount=amount, source=code, by=head)
line = type(line).objects.get(code="NAME")
ledger.commit(line=line, amount=1_000_000, source=f"{case}:approve:1", case=case, by=head)
offer(by=who("secretariat"), case=case, reference=f"g-{case.hex[:8]}", title="TITLE", line=line, amount=1_000_000,
    lead=lead, sponsor=who("sponsor"), lead_agency=agency,
    milestones=[(f"Step {n}", clock.today() + timedelta(days=60 * n), s) for n, s in enumerate((40, 40, 20), 1)],
    terms=TERMS)
involve(case=case, person=who("officer08"), part=Part.MEMBER, agency=snapshot_of(who("officer08")).agency)
print(f"case={case} old={year - 1}")
"""


def decide(person, path, label):
    """Take an action of a page that asks for a reason on a page of its own."""
    if path:
        person.go(path)
    person.page.get_by_role("main").get_by_text(label, exact=True).first.click()
    person.page.get_by_role("link", name="No, go back").wait_for()
    person.press(label)
    person.sees(f"Done: {label.lower()}.")


def pay(title, number, lead, person):
    """Two of finance pay, it goes to the bank, the team confirms and accounts for all, finance accepts the receipt."""
    waits(person("maker"), title, f"Prepare payment {number}")
    person("maker").press("Prepare the payment")
    waits(person("checker"), title, f"Release payment {number}")
    person("checker").press("Release the payment")
    person("checker").go("/money/bank/")
    person("checker").press("Make the payment file")
    person("checker").sees("is ready. Download it below.")
    waits(lead, title, f"Confirm that payment {number} has arrived")
    lead.page.get_by_role("main").get_by_role("button").first.click()
    waits(lead, title, f"Account for payment {number}")
    lead.fill("How much was spent?", "4000")
    lead.fill("What was it spent on?", "Forms and travel")
    lead.press("Record")
    lead.sees("Finance looks at it")
    waits(person("maker"), title, f"Look at the receipts of payment {number}")
    person("maker").page.get_by_role("checkbox").first.check()
    person("maker").press("Accept the ticked ones")
    person("maker").sees("Accepted: 1.")


def reach(title, number, lead, person):
    """The team reports and hands in, the secretariat accepts both."""
    waits(lead, title, f"Write the report on milestone {number}")
    lead.fill("What was done?", "Tried it with four mothers.")
    lead.fill("What was measured?", "2.1 visits")
    lead.fill("What is next?", "A second ward")
    lead.press("Hand in")
    waits(person("officer08"), title, f"Hand in milestone {number}")
    person("officer08").fill("What shows that it is reached?", "The list on the ward")
    person("officer08").press("Hand in")
    waits(person("secretariat"), title, f"Look at the report on milestone {number}")
    person("secretariat").press("Accept the report")
    waits(person("secretariat"), title, f"Look at milestone {number}")
    person("secretariat").press("Accept the milestone")


def change(title, lead, person, grant):
    """Thirty days more, asked by the lead and approved by the secretariat."""
    lead.go(f"{grant}changes/new/")
    lead.page.get_by_label("More time", exact=True).check()
    lead.fill("More time: by how many days?", "30")
    lead.fill("Why?", "The ward moved.")
    lead.press("Ask for the change")
    waits(person("secretariat"), title, "Look at change 1")
    decide(person("secretariat"), None, "Approve the change")
    lead.go(f"{grant}agreement/")
    lead.sees("Version 2")


def stop_and_close(lead, person, grant):
    """The lead stops, the secretariat confirms, the lead fills in the checklist, finance closes the accounts."""
    lead.go(f"{grant}stop/")
    lead.fill("Which stop rule was met, or why do you want to stop?", "Above 2.0 after three months")
    lead.fill("How much of the paid money is unspent?", "0")
    lead.press("Ask to stop")
    decide(person("secretariat"), grant, "Confirm the early stop")
    person("secretariat").sees("Stopped early")
    lead.go(f"{grant}closing/fill/")
    lead.fill("Where are the receipts kept for ten years?", "Room 3")
    lead.fill("Which office carries the work on?", "Nobody, it ended")
    lead.fill("What happens to personal data that was collected?", "None was collected")
    lead.press("Hand in")
    decide(person("checker"), f"{grant}closing/", "Close the accounts")
    person("checker").sees("Closed")


def audit(name, person, grant):
    """The auditor asks for a receipt, finance answers, the auditor accepts."""
    person("auditor").go(f"{grant}findings/new/")
    person("auditor").page.get_by_label("Is it about one payment?", exact=True).select_option(index=1)
    person("auditor").page.get_by_label("Something to put right or to explain", exact=True).check()
    person("auditor").fill("What is it, in one line?", f"Receipts of {name}")
    person("auditor").fill("What was found, and what should be answered?", "Where do they lie?")
    person("auditor").page.get_by_label("Finance", exact=True).check()
    person("auditor").press("Record the finding")
    finding = person("auditor").page.url
    waits(person("maker"), f"Receipts of {name}", "Answer a finding")
    person("maker").page.get_by_role("main").get_by_text("Answer the finding", exact=True).click()
    person("maker").fill("What is your answer?", "In room 3, in the blue file.")
    person("maker").press("Send the answer")
    decide(person("auditor"), finding, "Accept the answer")
    person("auditor").sees("Nothing more happens. It stays on record.")
    return finding


def end_year(name, year, person):
    """One prepares with a voucher number, another confirms."""
    path = f"/money/year-end/{year}/"
    person("maker").go(path)
    person("maker").page.get_by_label(re.compile(f"^Voucher number for {name}-old")).fill(f"V-{name}")
    person("maker").press("Prepare what has a voucher number")
    person("checker").go(path)
    row = person("checker").page.locator("section").filter(has_text=f"V-{name}").filter(has_text=f"{name}-old")
    row.get_by_role("link", name=re.compile("^Confirm")).click()
    person("checker").press("Confirm")
    person("checker").go(f"/money/lines/{name}-old/")
    person("checker").page.get_by_role("heading", name=re.compile("Returned at year end")).wait_for()
    return path


@walked
def test_money_is_followed_from_the_signing_to_the_years_end(server, enter, javascript):
    name = "walk-script" if javascript else "walk-plain"
    title = f"Forms on the ward ({name})"
    said = server.manage(
        "shell", "-c", MONEY.replace("NAME", name).replace("TITLE", title).replace("TERMS", repr(TERMS))
    )
    case, old = re.search(r"case=(\S+) old=(\d+)", said).groups()
    grant, seated = f"/grants/{case}/", {}

    def person(account):
        if account not in seated:
            seated[account] = enter(account, javascript=javascript)
        return seated[account]

    lead = enter("officer02", width=320, javascript=javascript)
    act(lead, grant, "Sign the agreement as lead")
    act(person("sponsor"), grant, "Sign the agreement for the agency")
    pay(title, 1, lead, person)
    write_note(lead, grant, "Tried the form with four mothers.")
    reach(title, 1, lead, person)
    pay(title, 2, lead, person)
    reach(title, 2, lead, person)
    change(title, lead, person, grant)
    lead.go(f"{grant}plan/payment/3/")
    lead.sees("The last payment waits until the grant is completed")
    stop_and_close(lead, person, grant)
    finding = audit(name, person, grant)
    year_end = end_year(name, old, person)
    person("checker").go(f"/money/lines/{name}/")
    said = " ".join(person("checker").page.get_by_role("main").inner_text().split())
    assert "Available afterwards: Nu. 42,000" in said  # of 50,000 two payments of 4,000 were spent
    looked = (
        ("lead", lead, (grant, f"{grant}closing/", "/grants/")),
        ("finance", person("checker"), ("/money/", "/money/budget/", f"/money/lines/{name}/", year_end)),
        ("auditor", person("auditor"), ("/findings/", finding)),
    )
    for who, seat, paths in looked:
        for number, path in enumerate(paths):
            seat.go(path)
            look(seat, f"money-{who}-{number}-{name}")
            if javascript:
                for width in (320, 1280):
                    seat.page.set_viewport_size({"width": width, "height": 800})
                    assert examine(seat, path) == []
