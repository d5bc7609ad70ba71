"""Facts about grants, milestones and payments, each with the reason that people read."""

from datetime import timedelta
from typing import Any

from lifecycle import clock
from lifecycle.fiscal import fiscal_bounds, fiscal_label, fiscal_year
from lifecycle.guards import Guard, guard

from .enums import (
    ACCOUNTS_OPEN,
    RUNNING,
    SETTLED,
    UNPAID,
    CloseOutState,
    GrantState,
    MilestoneState,
    ReportState,
    TrancheState,
)
from .limits import ACCOUNTED_PERCENT, RUNNING_GRANTS, YEAR_END_DAYS

SAID_HOW = (CloseOutState.HANDED_IN, CloseOutState.CLOSED)


@guard("The time to sign this offer is over.")
def offer_in_time(grant: Any) -> bool:
    """Tell whether the offer still stands."""
    return bool(clock.now() < grant.offer_expires_at)


@guard("The offer still stands.")
def offer_is_over(grant: Any) -> bool:
    """Tell whether the time to sign has passed."""
    return bool(clock.now() >= grant.offer_expires_at)


@guard("The lead has signed already.")
def unsigned_by_lead(grant: Any) -> bool:
    """Nobody signs twice."""
    return grant.signed_by_lead_at is None


@guard("The agency approver has signed already.")
def unsigned_by_sponsor(grant: Any) -> bool:
    """Nobody signs twice."""
    return grant.signed_by_sponsor_at is None


@guard(f"The lead already runs {RUNNING_GRANTS} grants. One of them must end first.")
def lead_has_room(grant: Any) -> bool:
    """At most so many running grants for one lead."""
    running = type(grant).objects.filter(lead_id=grant.lead_id, state__in=RUNNING).exclude(pk=grant.pk)
    return bool(running.count() < RUNNING_GRANTS)


@guard("Lead and agency approver must both have signed.")
def both_signed(grant: Any) -> bool:
    """Tell whether the agreement is signed by both."""
    return grant.signed_by_lead_at is not None and grant.signed_by_sponsor_at is not None


@guard("A first board member agreed already, or one is enough for this change.")
def first_yes_is_missing(change: Any) -> bool:
    """Tell whether a larger award waits for the first of two board members."""
    return bool(change.raises and change.first_yes_id is None)


@guard("Two board members agree to a larger award: a first one has to agree before a second one approves it.")
def two_agree_to_more(change: Any) -> bool:
    """Ask for a first yes where the award grows."""
    return bool(not change.raises or change.first_yes_id is not None)


@guard("The lead has not reported yet how much of the paid money is unspent.")
def unspent_is_reported(grant: Any) -> bool:
    """Tell whether it is; whether it came back is settled before the accounts are closed."""
    return grant.unspent is not None


@guard("Every milestone must be settled first.")
def milestones_settled(grant: Any) -> bool:
    """Tell whether each milestone is accepted, not reached or no longer needed."""
    return all(milestone.state in SETTLED for milestone in grant.milestones.all())


@guard("Every payment must be accounted for first, and finance must have accepted its receipts.")
def payments_accounted(grant: Any) -> bool:
    """Tell whether no payment is open, apart from the last that waits for the close-out, and no money unaccounted."""
    done = (TrancheState.ACCOUNTED, TrancheState.CANCELLED)
    parts = list(grant.tranches.all())
    waits = parts[-1:] if len(parts) > 1 else []
    settled = all(part.state in (UNPAID if part in waits else ()) or part.state in done for part in parts)
    return bool(grant.disbursed == grant.spent + grant.refunded and settled)


@guard("Every report must be accepted first.")
def reports_accepted(grant: Any) -> bool:
    """Tell whether no report is open."""
    done = (ReportState.ACCEPTED, ReportState.SKIPPED, ReportState.SCHEDULED)  # a quarter that is not over asks nothing
    return all(report.state in done for report in grant.reports.all())


@guard("The quarter is not over yet.")
def quarter_is_over(report: Any) -> bool:
    """Tell whether its last day has passed."""
    return report.covers_until is not None and bool(report.covers_until < clock.today())


@guard("The grant is not running.")
def grant_is_active(part: Any) -> bool:
    """Tell whether work and payments go on."""
    return bool(part.grant.state == GrantState.ACTIVE)


@guard("The grant is not running.")
def grant_is_running(part: Any) -> bool:
    """Tell whether the grant is running or stopping; money already paid is still accounted for."""
    return part.grant.state in RUNNING


@guard("The grant is not running.")
def grant_pays(tranche: Any) -> bool:
    """Tell whether payments go on; a completed grant has its last one open."""
    return tranche.grant.state in (GrantState.ACTIVE, GrantState.COMPLETED)


@guard("The last payment waits until the grant is completed and its close-out checklist is handed in.")
def closed_out_before_last(tranche: Any) -> bool:
    """Ask nothing of the payments before it, nor where there is one only (domain: Tranche)."""
    if not tranche.is_last:
        return True
    close_out = getattr(tranche.grant, "close_out", None)
    return tranche.grant.state == GrantState.COMPLETED and close_out is not None and close_out.state in SAID_HOW


@guard("Only the last payment of a completed grant can be done without.")
def is_last_of_completed(tranche: Any) -> bool:
    """Tell whether nothing is left to do for the money but to close."""
    return bool(tranche.is_last and tranche.grant.state == GrantState.COMPLETED)


@guard("The payment has not gone to the bank yet.")
def is_in_bank_file(tranche: Any) -> bool:
    """Tell whether a file for the bank holds it."""
    return tranche.in_file_id is not None


@guard("The payment is in a file for the bank already. Only the bank's answer can undo it.")
def not_in_bank_file(tranche: Any) -> bool:
    """Tell whether it can still be kept from the bank."""
    return tranche.in_file_id is None


@guard("The grant has not begun, or never will.")
def accounts_are_open(part: Any) -> bool:
    """Tell whether money that was paid is still received and accounted for, however the grant ends."""
    return part.grant.state in ACCOUNTS_OPEN


@guard("The agreement is not signed by both sides.")
def agreement_signed(tranche: Any) -> bool:
    """No money before both signatures."""
    return both_signed.holds(tranche.grant)


@guard("The milestone before this payment is not accepted yet.")
def milestone_before_settled(tranche: Any) -> bool:
    """Ask nothing of the first payment, and of each later one the milestone before it."""
    enough = (MilestoneState.ACCEPTED, MilestoneState.WAIVED)
    return tranche.after is None or tranche.after.state in enough


@guard(f"At least {ACCOUNTED_PERCENT} % of the payment before must be accounted for.")
def payment_before_accounted(tranche: Any) -> bool:
    """Look at the nearest earlier payment that was not cancelled."""
    earlier = tranche.grant.tranches.filter(position__lt=tranche.position).exclude(state=TrancheState.CANCELLED)
    before = earlier.order_by("-position").first()
    if before is None:
        return True
    return bool((before.accounted + before.returned) * 100 >= before.amount * ACCOUNTED_PERCENT)


@guard("A report of the team is overdue.")
def no_overdue_report(tranche: Any) -> bool:
    """Tell whether no report is past its day."""
    late = (ReportState.OPEN, ReportState.RETURNED)
    return not tranche.grant.reports.filter(state__in=late, due_on__lt=clock.today()).exists()


@guard("Part of this payment is not accounted for yet.")
def fully_accounted(tranche: Any) -> bool:
    """Tell whether spent and returned add up to the payment."""
    return bool(tranche.accounted + tranche.returned == tranche.amount)


@guard(
    "Money that was paid is not accounted for: the agency accounts for it and finance accepts that, or finance records "
    "that it came back."
)
def nothing_unaccounted(close_out: Any) -> bool:
    """Tell whether all paid money is spent or back."""
    return bool(close_out.grant.unaccounted == 0)


@guard("Nothing of this payment is left to account for: what is recorded is accepted, or finance looks at it.")
def something_is_left(tranche: Any) -> bool:
    """Tell whether a part of the payment is neither recorded nor paid back."""
    return bool(tranche.rest > 0)


@guard("Receipts of this payment wait for finance. Accept or return them first.")
def no_receipt_waits(tranche: Any) -> bool:
    """Tell whether finance has looked at all that the team recorded."""
    return bool(tranche.waiting == 0)


@guard("The accounts of the grant are closed.")
def accounts_not_closed(receipt: Any) -> bool:
    """Tell whether what was accounted for can still be corrected."""
    close_out = getattr(receipt.grant, "close_out", None)
    return close_out is None or close_out.state != CloseOutState.CLOSED


@guard("The last payment is neither made nor done without.")
def last_payment_settled(close_out: Any) -> bool:
    """Tell whether no payment waits to be made."""
    return not close_out.grant.tranches.filter(state__in=UNPAID).exists()


@guard("The money is set aside in an earlier fiscal year. Finance carries it into this year first.")
def committed_this_year(tranche: Any) -> bool:
    """Tell whether the budget line is not one of a year that is over."""
    return bool(tranche.grant.line.fiscal_year >= fiscal_year(clock.today()))


def _year_has_begun(tranche: Any) -> bool:
    return bool(tranche.grant.line.fiscal_year <= fiscal_year(clock.today()))


def _from_which_day(tranche: Any) -> str:
    year = tranche.grant.line.fiscal_year
    first = fiscal_bounds(year)[0]
    return f"The money is set aside in the fiscal year {fiscal_label(year)}. It can be paid from {first:%-d %B %Y}."


year_has_begun = Guard(
    "year_has_begun",
    "The money is set aside in a fiscal year that has not begun. It can be paid from the year's first day.",
    _year_has_begun, _from_which_day,
)  # fmt: skip


@guard(f"The fiscal year ends in more than {YEAR_END_DAYS} days.")
def year_is_ending(item: Any) -> bool:
    """Tell whether the year of the line is over, or nearly so."""
    return ends_soon(item.line.fiscal_year)


def ends_soon(year: int) -> bool:
    """Tell whether a fiscal year is over or ends within the days in which it can be closed."""
    return clock.today() >= fiscal_bounds(year)[1] - timedelta(days=YEAR_END_DAYS)


PAYABLE = (
    grant_pays, agreement_signed, milestone_before_settled, payment_before_accounted, closed_out_before_last,
    no_overdue_report, committed_this_year, year_has_begun,
)  # fmt: skip
