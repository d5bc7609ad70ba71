"""The pages of money and grants: rows of the access matrix, and the objects that they open."""

from decimal import Decimal

from documents.kinds import Inspected
from fund.models import Grant, MilestoneFile, Report
from fund.services import amending, bank, evidence, findings, following, payments
from fund.services.grants import sign
from lifecycle import clock

from .. import factories
from ..fund.paths import tranche
from ..proposals.test_attachments import upload
from .pages import PUBLIC, Access
from .table_words import LEAD, UNBLOCKED
from .table_words import TEAM as TEAM_WORDS

TEAM = ("lead", "colleague")
FINANCE = ("secretariat", "head", "board", "out_board", "maker", "checker", "auditor")  # they see all money
SEES = (*TEAM, "sponsor", *FINANCE)

MONEY = {
    "money": Access(who=FINANCE),
    "budget_lines": Access(who=FINANCE),
    "budget_line": Access(args=("line",), who=FINANCE),
    "innovation_share": Access(who=PUBLIC, posters=()),
    "bank": Access(who=FINANCE, posters=("checker",)),
    "payment_file": Access(args=("payment_file",), who=FINANCE, posters=()),
    "bank_answer": Access(who=("checker",), forbidden=tuple(set(FINANCE) - {"checker"})),
    "budget": Access(who=FINANCE, posters=()),
    "budget_import": Access(who=("head", "maker"), forbidden=tuple(set(FINANCE) - {"head", "maker"})),
    "transfers": Access(who=FINANCE, posters=()),
    "transfer_new": Access(who=("maker",), forbidden=tuple(set(FINANCE) - {"maker"})),
    "year_end": Access(args=("year",), who=FINANCE, posters=("maker",)),
    "money_sheet": Access(args=("budget",), who=FINANCE, get=False),
    "finding_list": Access(),
    "finding": Access(args=("finding",), who=(*TEAM, "auditor", "head", "board", "out_board"), posters=()),
    "finding_answer": Access(
        args=("finding",), who=("lead",), forbidden=("colleague", "auditor", "head", "board", "out_board")
    ),
    "line_finding_new": Access(args=("line",), who=("auditor",), forbidden=tuple(set(FINANCE) - {"auditor"})),
    "grant_finding_new": Access(
        args=("grant",), who=("auditor",), forbidden=(*TEAM, "sponsor", *set(FINANCE) - {"auditor"})
    ),
    "grant_list": Access(),
    "grant_detail": Access(args=("grant",), who=SEES),
    "grant_note": Access(args=("grant",), who=TEAM, forbidden=("sponsor", *FINANCE)),
    "grant_stop": Access(args=("grant",), who=("lead",), forbidden=("colleague", "sponsor", *FINANCE)),
    "grant_unspent": Access(args=("stopping",), who=("lead",), forbidden=("sponsor", *FINANCE)),
    "grant_part": Access(args=("grant", "payment", 1), who=SEES, posters=()),
    "agreement": Access(args=("grant",), who=SEES, posters=SEES),
    "change_new": Access(args=("grant",), who=("lead",), forbidden=("colleague", "sponsor", *FINANCE)),
    "grant_change": Access(args=("grant", 1), who=SEES, posters=()),
    "change_more": Access(args=("grant", 1), who=("lead",), forbidden=("colleague", "sponsor", *FINANCE)),
    "closing": Access(args=("stopped",), who=SEES, posters=()),
    "closing_fill": Access(args=("stopped",), who=("lead",), forbidden=("colleague", "sponsor", *FINANCE)),
    "asset_new": Access(args=("stopped",), who=("lead",), forbidden=("colleague", "sponsor", *FINANCE)),
    "readings": Access(args=("grant",), who=SEES, posters=()),
    "reading_new": Access(args=("grant",), who=TEAM, forbidden=("sponsor", *FINANCE)),
    "stop_answer": Access(args=("grant", "reading"), who=("lead",), forbidden=("colleague", "sponsor", *FINANCE)),
    "receipt_file": Access(args=("grant", "receipt"), who=SEES, posters=()),
    "evidence_file": Access(args=("grant", "evidence"), who=SEES, posters=()),
    "milestone_submit": Access(args=("grant", 1), who=TEAM, forbidden=("sponsor", *FINANCE)),
    "report_submit": Access(args=("grant", 1), who=TEAM, forbidden=("sponsor", *FINANCE)),
    "quarter_submit": Access(args=("grant", 1), who=TEAM, forbidden=("sponsor", *FINANCE)),
    "payment_receipts": Access(
        args=("grant", 1), who=("maker",), forbidden=(*TEAM, "sponsor", *set(FINANCE) - {"maker"})
    ),
    "payment_rest": Access(args=("sent", 1), who=("checker",), forbidden=("sponsor", *set(FINANCE) - {"checker"})),
    "payment_account": Access(args=("grant", 1), who=TEAM, forbidden=("sponsor", *FINANCE)),
}  # fmt: skip


OFFICER = "Secretariat officer and outside the team and free of conflicts of interest"
BOARD = "Fund board member and outside the team and free of conflicts of interest"
ANSWERS = f"(a small change and {OFFICER} or {BOARD})"
AMENDMENT = {
    "submit": (("more_info",), "submitted", LEAD, ("grant_is_active",)),
    "take_first_yes": (("submitted",), "submitted", BOARD, ("grant_is_active", "first_yes_is_missing")),
    "approve": (
        ("submitted",),
        "approved",
        f"({ANSWERS} and not the board member who agreed first or the system)",
        ("grant_is_active", "two_agree_to_more"),
    ),
    "ask_more": (("submitted",), "more_info", OFFICER, ("grant_is_active",)),
    "deny": (("submitted",), "denied", ANSWERS, ()),
    "withdraw_change": (("submitted", "more_info"), "withdrawn", LEAD, ()),
    "take_effect": (("approved",), "applied", "the system", ()),
}
HEAD = "Head of secretariat and outside the team and free of conflicts of interest"
GRANT_HALTS = {
    "suspend": (("active",), "suspended", HEAD, ()),
    "resume": (("suspended",), "active", HEAD, ()),
    "terminate": (("active", "suspended", "stopping"), "terminated", BOARD, ()),
}
AUDITS = "Auditor and outside the team and free of conflicts of interest"
ASKED = "the office that the finding names, or the head of secretariat once it is there"
FINDING = {
    "put_answer": (("raised", "escalated"), "answered", ASKED, ()),
    "accept_answer": (("answered",), "closed", AUDITS, ()),
    "ask_again": (("answered",), "raised", AUDITS, ()),
    "take_higher": (("raised", "answered"), "escalated", AUDITS, ()),
    "close_higher": (("escalated",), "closed", AUDITS, ()),
    "drop": (("raised", "answered", "escalated"), "closed", AUDITS, ()),
}
DECIDES = (
    "Finance: releases payments and not the one who proposed it and waiting for no decision that one of its lines pays"
)
TRANSFER = {
    "approve": (("proposed",), "done", DECIDES, ()),
    "refuse": (("proposed",), "refused", f"({DECIDES} or Finance: prepares payments)", ()),
}
FREE = "outside the team and free of conflicts of interest"
UNTIED = f"waiting for no decision that its line pays and {FREE}"
CONFIRMS = f"Finance: releases payments and not the one who prepared it and {UNTIED}"
YEAR_END = {
    "confirm": (("prepared",), "done", CONFIRMS, ("year_is_ending",)),
    "withdraw": (("prepared",), "withdrawn", f"(Finance: prepares payments and {UNTIED} or {CONFIRMS})", ()),
}
UNDOING = {
    "bounce": (("released",), "locked", "the system", ()),
    "hold_unsent": (("released",), "held", f"({HEAD} or the system)", ("not_in_bank_file",)),
}
LOOKS = f"Finance: prepares payments and {FREE} and of an agency outside the team"
WORKS = f"{TEAM_WORDS}{UNBLOCKED}"
ACCOUNT = (("acknowledged",), "acknowledged", WORKS, ("accounts_are_open", "something_is_left"))
SPENDING = {  # steps of a payment that follow those of its receipts
    "count_receipt": (("acknowledged",), "acknowledged", "the system", ()),
    "drop_receipt": (("acknowledged",), "acknowledged", "the system", ()),
    "uncount_receipt": (("acknowledged", "accounted"), "acknowledged", "the system", ()),
}
CLOSES = "Finance: releases payments and outside the team and free of conflicts of interest"
RECEIPT = {
    "accept": (("waiting",), "accepted", LOOKS, ("accounts_are_open",)),
    "send_back": (("waiting",), "returned", LOOKS, ("accounts_are_open",)),
    "correct": (("accepted",), "corrected", CLOSES, ("accounts_not_closed",)),
}
CLOSE_OUT = {
    "submit": (("to_do",), "handed_in", LEAD, ()),
    "close_accounts": (("handed_in",), "closed", CLOSES, ("nothing_unaccounted", "last_payment_settled")),
    "send_back": (("handed_in",), "to_do", CLOSES, ()),
}


def stopping_grant(cast, line):
    """One that the lead has asked to stop; made so by hand, as its lead runs three already."""
    made = factories.make_grant(cast, line)
    signed = {"signed_by_lead_at": clock.now(), "signed_by_sponsor_at": clock.now()}
    Grant.objects.filter(pk=made.pk).update(state="stopping", unspent=0, **signed)
    return made


def money_world(cast, grant):
    """A reading past the stop rule that nobody has answered, and a receipt with its file."""
    past = {"measured_on": clock.today(), "value": Decimal("2.4"), "source": "Counter log"}
    reading = following.read_measure(grant, by=cast["colleague"], **past)
    payee = factories.civil_servant("payee@x.example", grant.lead_agency)
    sent = factories.make_grant(cast, grant.line, lead=payee)
    sent = sign(sign(sent, by=payee), by=cast["sponsor"])
    payments.prepare_payment(tranche(sent, 1), by=cast["maker"])
    payments.release_payment(tranche(sent, 1), by=cast["checker"])
    payments.account_for(tranche(grant, 1), by=cast["lead"], note="Forms", amount=100, upload=upload())
    shown = [("list.txt", Inspected(b"Forty names", "text/plain"))]
    evidence.keep(grant.milestones.get(position=1), shown, by=cast["lead"])
    amending.ask_for_change(grant, by=cast["lead"], kind="time", reason="The office moved", days=30)
    amending.ask_for_more(grant.amendments.get(), by=cast["secretariat"], note="Since when?")
    Report.objects.create(
        grant=grant, quarter=1, covers_from=clock.today(), covers_until=clock.today(), due_on=clock.today()
    )
    number = bank.make_file(by=cast["checker"]).number
    found = findings.raise_finding(
        by=cast["auditor"], grant=grant, title="No receipt", text="Where is it?", office="team"
    )
    return {
        "finding": found.pk,
        "payment_file": number,
        "year": grant.line.fiscal_year,
        "reading": reading.pk,
        "evidence": MilestoneFile.objects.get().pk,
        "receipt": tranche(grant, 1).receipts.get().pk,
        "sent": sent.case,
        "stopping": stopping_grant(cast, grant.line).case,
    }
