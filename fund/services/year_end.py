"""The end of a fiscal year: what is open, what is proposed, and doing it once two people agree."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.models import User
from people.templatetags.fund import money

from ..enums import RUNNING, GrantState, YearEndAct, YearEndState
from ..models import BudgetLine, Grant, YearEndItem
from ..policies import may_prepare_item, may_prepare_year_end
from . import ledger
from .payments import cancel_unpaid, open_payments
from .telling import tell_team

LONGEST = 40  # characters of a voucher number


@dataclass(frozen=True)
class Open:
    """Money that is left: of a grant, or of a whole line; with what is proposed and where it may go."""

    line: BudgetLine
    grant: Grant | None
    amount: int
    proposed: YearEndAct
    into: BudgetLine | None

    @property
    def key(self) -> str:
        """Return what the form calls it."""
        return f"grant-{self.grant.pk}" if self.grant else f"line-{self.line.pk}"

    @property
    def case(self) -> UUID | None:
        """Return the grant's case, which policies read; None for the rest of a line."""
        return self.grant.case if self.grant else None

    @property
    def choices(self) -> list[YearEndAct]:
        """Return what can become of it, the proposal first."""
        if self.grant is None:
            return [YearEndAct.LAPSE]
        return [self.proposed, YearEndAct.RELEASE if self.proposed == YearEndAct.CARRY else YearEndAct.CARRY]


def open_items(year: int) -> list[Open]:
    """Return every open commitment and every rest of the year's lines, without what is prepared; four queries."""
    lines = list(BudgetLine.objects.filter(fiscal_year=year).select_related("agency").order_by("code"))
    into = {line.agency_id: line for line in BudgetLine.objects.filter(fiscal_year=year + 1).order_by("-code")}
    prepared = YearEndItem.objects.filter(line__in=lines, state=YearEndState.PREPARED)
    done = {(item.line_id, item.grant_id) for item in prepared}
    grants = Grant.objects.filter(line__in=lines, amount__gt=F("released") + F("disbursed")).order_by("reference")
    going_on = (*RUNNING, GrantState.OFFERED, GrantState.COMPLETED)  # a completed one waits for its last payment
    by_pk = {line.pk: line for line in lines}
    found = [
        Open(
            by_pk[grant.line_id], grant, grant.award - grant.disbursed,
            YearEndAct.CARRY if grant.state in going_on else YearEndAct.RELEASE,
            into.get(by_pk[grant.line_id].agency_id),
        )
        for grant in grants
    ]  # fmt: skip
    found += [Open(line, None, line.available, YearEndAct.LAPSE, None) for line in lines if line.available]
    return [one for one in found if (one.line.pk, one.grant.pk if one.grant else None) not in done]


def prepare(
    *, by: User, year: int, choices: dict[str, str], vouchers: dict[str, str], seen: dict[str, int]
) -> int:  # fmt: skip
    """Prepare what has a voucher number: key -> act, voucher and amount seen of `open_items`; returns how many."""
    if not may_prepare_year_end(None, by):
        raise NotPossible("Finance prepares the year end.", forbidden=True)
    given = {key: voucher.strip() for key, voucher in vouchers.items() if voucher.strip()}
    found = [one for one in open_items(year) if one.key in given]
    try:
        with locked([row for one in found for row in (one.grant, one.line)]):
            # Nothing of it moves or is prepared now; what `by` is kept out of is not there for them.
            open_now = {one.key: one for one in open_items(year) if may_prepare_item(one, by)}
            for key, voucher in given.items():
                if key not in open_now:
                    raise NotPossible(f"What voucher {voucher} is for was prepared or moved meanwhile. Look again.")
                _refuse_unseen(open_now[key], seen.get(key), voucher)
            _refuse_used(year, list(given.values()))
            for key, voucher in given.items():
                _prepare(open_now[key], choices.get(key, open_now[key].proposed), voucher, by)
    except IntegrityError as clash:
        raise NotPossible("Somebody used one of these voucher numbers at the same moment. Look again.") from clash
    return len(given)


def _refuse_used(year: int, vouchers: list[str]) -> None:
    """Raise NotPossible when two items, of now or of before, would have one voucher number."""
    for voucher in vouchers:
        if vouchers.count(voucher) > 1:
            raise NotPossible(f"Voucher {voucher} is written for two items. Give each its own number.")
    used = YearEndItem.objects.filter(fiscal_year=year, voucher__in=vouchers).exclude(state=YearEndState.WITHDRAWN)
    first = used.select_related("grant", "line").first()
    if first is not None:
        raise NotPossible(f"Voucher {first.voucher} is used already, for “{first}”. Give each item its own number.")


def _refuse_unseen(one: Open, seen: int | None, voucher: str) -> None:
    """Raise NotPossible when another amount is left than the person saw beside the voucher number."""
    if seen != one.amount:
        before = f"not {money(seen)} any more" if seen is not None else "and the page did not say which amount you saw"
        left = f"{money(one.amount)} is left of “{one.grant.title if one.grant else one.line.name}”, {before}"
        raise NotPossible(f"{left}. Check voucher {voucher}, then prepare it again.")


def _prepare(one: Open, does: str, voucher: str, by: User) -> None:
    _refuse(one, does)
    if len(voucher) > LONGEST:
        raise NotPossible(f"A voucher number has at most {LONGEST} characters.")
    item = YearEndItem.objects.create(
        line=one.line, grant=one.grant, into=one.into if does == YearEndAct.CARRY else None, does=does,
        amount=one.amount, fiscal_year=one.line.fiscal_year, voucher=voucher, prepared_by=by, at=clock.now(),
    )  # fmt: skip
    trail.record(item, action="prepared", by=by)


def _refuse(one: Open, does: str) -> None:
    if does not in one.choices:
        raise NotPossible(f"“{does}” cannot be done with what is left of {one.grant or one.line}.")
    if does == YearEndAct.CARRY and one.into is None:
        raise NotPossible(f"{one.line.name} has no budget line in the next year yet. Import that one first.")


@act
def confirm(item: YearEndItem, *, by: User, note: str = "") -> YearEndItem:
    """Do what another person prepared. NotPossible when the money has moved since."""
    with changing(item, "confirm") as fresh:
        fresh = perform(fresh, "confirm", by=by, note=note, confirmed_by=by)
        if fresh.grant is None:
            ledger.lapse(line=fresh.line, amount=fresh.amount, source=_source(fresh), by=by)
        else:
            _refuse_moved(fresh, fresh.grant)
            (_carry if fresh.does == YearEndAct.CARRY else _release)(fresh, fresh.grant, by)
        return fresh


def _source(item: YearEndItem) -> str:
    return f"year_end:{item.pk}"


def _refuse_moved(item: YearEndItem, grant: Grant) -> None:
    if (grant.line_id, grant.award - grant.disbursed) != (item.line_id, item.amount):
        raise NotPossible(f"{money(item.amount)} of “{grant.title}” is no longer what is left. Take it back first.")


def _carry(item: YearEndItem, grant: Grant, by: User) -> None:
    into = item.into
    if into is None:
        raise AssertionError("unreachable")  # the database holds it
    ledger.carry_forward(line=item.line, into=into, amount=item.amount, source=_source(item), case=grant.case, by=by)
    Grant.objects.filter(pk=grant.pk).update(line=into)
    trail.record(grant, action="carried", by=by, changes={"line": [item.line.code, into.code]})
    open_payments(Grant.objects.get(pk=grant.pk))


def _release(item: YearEndItem, grant: Grant, by: User) -> None:
    cancel_unpaid(grant)
    ledger.release_commitment(line=item.line, amount=item.amount, source=_source(item), case=grant.case, by=by)
    words = f"{money(item.amount)} of “{grant.title}” was not carried into the new fiscal year."
    tell_team(grant, f"year_end:{item.pk}", "Money was set free at year end", words)
