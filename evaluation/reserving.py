"""The reserve list of a call: its order, its clock, and how far money that is free reaches down it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from fund.models import BudgetLine, Call
from lifecycle import clock
from lifecycle.guards import provides
from lifecycle.remembering import remembered
from people.models import User
from people.services.calendar import months_before
from proposals.enums import ProposalState
from proposals.lane import is_practice
from proposals.models import Proposal

from .engine.line import Asked, down_the_list
from .enums import Choice
from .guards import votes_of
from .majority import APPROVE, RESERVE, carried
from .models import Place
from .queries import award_of
from .standing import standing_of


def last_day_from(day: date, call: Call) -> date:
    """Return the last day on the reserve list of `call` of what is told on `day`."""
    return months_before(day, -call.reserve_months)


def free_money(call: Call) -> int:
    """Return the chhetrum that the reserve list can count on: without what was called up and is not decided yet."""
    if call.budget_line_id is None:
        return 0
    called = Proposal.objects.filter(call=call, state=ProposalState.DECISION_PENDING, waits_for__gt=0)
    asked = called.filter(decisions__choice=Choice.RESERVE).distinct()
    counted_on = sum(row.waits_for or 0 for row in asked)
    return max(0, BudgetLine.objects.get(pk=call.budget_line_id).available - counted_on)


def in_order(call: Call) -> list[Proposal]:
    """Return the call's reserve list: as ranked, and where lots were drawn, in the order of the lots."""
    rows = list(Proposal.objects.filter(call=call, state=ProposalState.RESERVED).select_related("call"))
    standing = standing_of(call)
    lots = {name: number for number, name in enumerate(standing.lots)} if standing else {}
    inside = {name for name, fate in standing.fates.items() if fate == "fund"} if standing else set()
    ranked = Place.objects.filter(proposal__in=rows).order_by("run").values_list("proposal", "place")
    places = dict(ranked)  # that of the newest run

    def order(row: Proposal) -> tuple[int, int, int]:
        name, number = row.reference or "", row.number or 0
        if name in lots:
            return 1, lots[name], number
        return 0 if name in inside else 2, places.get(row.pk, number), number

    return sorted(rows, key=order)


@remembered
def reached(call: Call) -> frozenset[int]:
    """Return the keys of those on the list for whom the free money does, down the list by the rule of the call."""
    rows = in_order(call)
    asked = [Asked(str(row.pk), row.waits_for or 0) for row in rows]
    paid = down_the_list(asked, free_money(call), call.funding_rule)  # type: ignore[arg-type]
    return frozenset(row.pk for row, yes in zip(rows, paid, strict=True) if yes)


@provides("turn_on_reserve", "Its turn has not come: money that is free goes down the reserve list in its order, and "
          "does not reach this one now.")  # fmt: skip
def turn_on_reserve(proposal: Any) -> bool:
    """Tell whether the free money reaches it in the order of the list; a practice has no money."""
    return is_practice(proposal) or proposal.pk in reached(proposal.call)


@provides("majority_reserves", "Too few votes without a conflict, or not more than half for the reserve list; or not "
          "more than half to approve while the money does not reach.")  # fmt: skip
def majority_reserves(proposal: Any) -> bool:
    """Tell whether a quorum voted for the reserve list, or to approve what the budget line cannot pay now."""
    votes = votes_of(proposal)
    if len(votes) < proposal.call.quorum:
        return False
    said = carried(votes)
    return said == RESERVE or (said == APPROVE and not is_payable(proposal))


def is_payable(proposal: Any) -> bool:
    """Tell whether the budget line has what the proposal asks for; a practice sets nothing aside."""
    line = proposal.call.budget_line_id
    return is_practice(proposal) or bool(line and BudgetLine.objects.get(pk=line).available >= award_of(proposal))


@dataclass(frozen=True)
class Waiting:
    """One on the list, for who may see it: its number among those they see, and whether its turn has come."""

    number: int
    proposal: Proposal
    turn: bool
    days: int | None


def list_for(call: Call, user: User) -> list[Waiting]:
    """Return the list as the person may see it, in its order; a number tells nothing of what a conflict hides."""
    seen = Proposal.objects.visible_to(user).filter(call=call, state=ProposalState.RESERVED).not_concealed()
    rows = {row.pk: row for row in seen.select_related("call", "lead_agency")}
    today, now = timezone.localtime(clock.now()).date(), reached(call)
    found = [rows[row.pk] for row in in_order(call) if row.pk in rows]
    return [
        Waiting(number, row, row.pk in now, (row.reserved_until - today).days if row.reserved_until else None)
        for number, row in enumerate(found, 1)
    ]
