"""Changing a signed agreement: asked by the lead, answered by secretariat or board, applied as the next version."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.models import User
from people.services.accounts import system_user
from people.templatetags.fund import money

from ..enums import SETTLED, UNPAID, AmendmentKind, GrantState, ReportState, Stage, TrancheState
from ..limits import LAST_SHARE_PERCENT, MORE_DAYS, VIREMENT_PERCENT
from ..locks import family_and_line
from ..models import AgreementVersion, Amendment, Grant
from ..models.amendment import OPEN_CHANGES
from ..policies import may_lead_grant
from ..stage_defaults import STAGES
from . import agreement, ledger, quarters
from .once import key_of, recorded
from .telling import tell, tell_team


@act
def ask_for_change(
    grant: Grant, *, by: User, kind: str, reason: str, key: UUID | None = None, **asked: Any
) -> Amendment:
    """Ask for a change: `days`; `amount` (chhetrum); `from_item`, `to_item` and `amount`; or `text`.

    A small move of money between items applies at once, by notice. NotPossible for others than the lead, while
    another change is open, and where the change does not fit the grant. The same `key` (of one opened page) again
    records nothing and answers like the first.
    """
    if not may_lead_grant(grant, by):
        raise NotPossible("Only the lead or the deputy lead asks for a change.", forbidden=True)
    with locked(family_and_line(grant)):
        fresh = Grant.objects.get(pk=grant.pk)
        first: Amendment | None = recorded(Amendment, key, grant=fresh, kind=kind, reason=reason, asked_by=by, **asked)
        if first is not None:
            return first
        if fresh.state != GrantState.ACTIVE:
            raise NotPossible("The grant is not running.")
        if fresh.amendments.filter(state__in=OPEN_CHANGES).exists():
            raise NotPossible("Another change is open. It must be answered first.")
        change = Amendment(
            grant=fresh, kind=kind, reason=reason, asked_by=by, asked_at=clock.now(), **asked, **key_of(key)
        )
        change.number = fresh.amendments.count() + 1
        _changed(fresh, change)
        change.small = _is_small(fresh, change)
        change.save()
        trail.record(change, action="asked", by=by, note=reason)
        tell(fresh, fresh.sponsor, f"change:{change.number}", f"{change} is asked for", f"“{fresh.title}”: {reason}")
    return approve_change(change, by=system_user()) if change.small and kind == AmendmentKind.VIREMENT else change


def _is_small(grant: Grant, change: Amendment) -> bool:
    if change.kind == AmendmentKind.TIME:
        earlier = grant.amendments.filter(kind=AmendmentKind.TIME, state="applied").values_list("days", flat=True)
        return (change.days or 0) + sum(day or 0 for day in earlier) <= MORE_DAYS
    if change.kind == AmendmentKind.VIREMENT:
        earlier = grant.amendments.filter(kind=AmendmentKind.VIREMENT, state="applied").values_list("amount", flat=True)
        moved = (change.amount or 0) + sum(amount or 0 for amount in earlier)
        return moved * 100 <= grant.award * VIREMENT_PERCENT
    return False


@act
def add_reason(change: Amendment, *, by: User, note: str = "", reason: str = "") -> Amendment:
    """Add what was asked for; it is looked at again."""
    if not reason.strip():
        raise NotPossible("Say what was asked: use “Add what was asked” on the change's page.")
    return perform(change, "submit", by=by, note=note, reason=reason)


@act
def ask_for_more(change: Amendment, *, by: User, note: str = "") -> Amendment:
    """Ask the team for what is missing."""
    with changing(change, "ask_more") as fresh:
        fresh = perform(fresh, "ask_more", by=by, note=note)
        _tell(fresh, "needs more", note)
        return fresh


@act
def deny_change(change: Amendment, *, by: User, note: str = "") -> Amendment:
    """Refuse it, with a reason that the team reads."""
    with changing(change, "deny") as fresh:
        fresh = perform(fresh, "deny", by=by, note=note)
        _tell(fresh, "was denied", note)
        return fresh


@act
def agree_first(change: Amendment, *, by: User, note: str = "") -> Amendment:
    """Agree to a larger award as the first of two board members."""
    with changing(change, "take_first_yes") as fresh:
        return perform(fresh, "take_first_yes", by=by, note=note, member=by)


@act
def approve_change(change: Amendment, *, by: User, note: str = "") -> Amendment:
    """Agree, and apply it in the same transaction: days, money, and the agreement's next version."""
    with changing(change, "approve") as fresh:
        fresh = perform(fresh, "approve", by=by, note=note)
        grant = Grant.objects.get(pk=fresh.grant_id)
        text = agreement.text_of(**_changed(grant, fresh))
        if fresh.kind == AmendmentKind.TIME:
            _move_days(grant, fresh.days or 0)
        elif fresh.kind == AmendmentKind.AMOUNT:
            _move_award(grant, (fresh.amount or 0) - grant.award, f"{grant.case}:change:{fresh.number}", by)
        _write(grant, fresh, text)
        fresh = perform(fresh, "take_effect", by=system_user())
        _tell(fresh, "is in the agreement now", note)
        return fresh


def _changed(grant: Grant, change: Amendment) -> dict[str, Any]:
    """Return the agreement's facts with the change in them; NotPossible where it does not fit the grant."""
    said = agreement.read(grant.agreement)
    if change.kind == AmendmentKind.TIME:
        if not change.days:
            raise NotPossible("Say by how many days the open steps move.")
        said["milestones"] = _later(grant, said["milestones"], change.days)
    elif change.kind == AmendmentKind.VIREMENT:
        said["budget"] = _moved(said.get("budget", []), change)
    elif change.kind == AmendmentKind.AMOUNT:
        _refuse_award(grant, change.amount or 0)
        said["budget"] = _resized(said.get("budget", []), change, (change.amount or 0) - grant.award)
        said["amount"] = change.amount
    else:
        if not change.text.strip():
            raise NotPossible("Say what changes in what is done.")
        said["changes"] = [*said.get("changes", []), change.text]
    return said | {"version": grant.versions.count() + 1}


def _later(grant: Grant, steps: list[list[Any]], days: int) -> list[list[Any]]:
    settled = set(grant.milestones.filter(state__in=SETTLED).values_list("position", flat=True))
    if len(settled) == len(steps):
        raise NotPossible("Every milestone is settled; no step is left to move.")
    return [
        [name, day if place in settled else (date.fromisoformat(day) + timedelta(days=days)).isoformat(), share]
        for place, (name, day, share) in enumerate(steps, start=1)
    ]


def _moved(items: list[list[Any]], change: Amendment) -> list[list[Any]]:
    amounts: dict[str, int] = dict(items)
    if change.from_item not in amounts or change.to_item not in amounts or change.from_item == change.to_item:
        raise NotPossible("Choose two different items of the agreement's budget.")
    if not 0 < (change.amount or 0) <= amounts[change.from_item]:
        raise NotPossible(f"At most {money(amounts[change.from_item])} can leave “{change.from_item}”.")
    amounts[change.from_item] -= change.amount or 0
    amounts[change.to_item] += change.amount or 0
    return [[name, amount] for name, amount in amounts.items()]


def _resized(items: list[list[Any]], change: Amendment, more: int) -> list[list[Any]]:
    """Return the items with the difference in the one that was chosen, so that they still add up to the award."""
    amounts: dict[str, int] = dict(items)
    if not items:
        return items
    if change.to_item not in amounts:
        raise NotPossible("Choose the item of the agreement's budget that grows or shrinks.")
    if amounts[change.to_item] + more < 0:
        raise NotPossible(f"“{change.to_item}” has only {money(amounts[change.to_item])}; choose a larger item.")
    amounts[change.to_item] += more
    return [[name, amount] for name, amount in amounts.items()]


def _ceiling_of(grant: Grant) -> int | None:
    """Return the most that the agreement's call, or else its stage, gives one proposal; None where neither is named."""
    terms = grant.terms
    if terms.get("ceiling"):
        return int(terms["ceiling"])
    return STAGES[Stage(terms["stage"])].ceiling if terms.get("stage") else None


def _refuse_award(grant: Grant, wanted: int) -> None:
    """Refuse an award that is no change, or below what is paid and what the other open payments need."""
    last = grant.tranches.filter(state__in=UNPAID).order_by("-position").first()
    if last is None or last.state == TrancheState.PREPARED:
        raise NotPossible("No payment is left that could be larger or smaller.")
    if wanted == grant.award or last.amount + wanted - grant.award <= 0:
        least = grant.award - last.amount
        raise NotPossible(f"Enter another amount than the present one, and more than {money(least)}.")
    ceiling = _ceiling_of(grant)
    if ceiling is not None and wanted > max(ceiling, grant.award):
        raise NotPossible(f"This stage of money gives at most {money(ceiling)}.")
    if last.is_last and (last.amount + wanted - grant.award) * 100 < wanted * LAST_SHARE_PERCENT:
        raise NotPossible(f"The last payment must stay at least {LAST_SHARE_PERCENT} % of the whole.")


def _move_days(grant: Grant, days: int) -> None:
    more = timedelta(days=days)
    for milestone in grant.milestones.exclude(state__in=SETTLED):
        milestone.due_on += more
        milestone.save(update_fields=["due_on"])
    for report in grant.reports.filter(quarter=None).exclude(state__in=(ReportState.ACCEPTED, ReportState.SKIPPED)):
        report.due_on += more
        report.save(update_fields=["due_on"])
    grant.ends_on += more
    grant.save(update_fields=["ends_on"])
    quarters.plan(grant)


def _move_award(grant: Grant, change: int, source: str, by: User) -> None:
    """Set more aside, or set some free, and let the last open payment carry the difference."""
    _refuse_award(grant, grant.award + change)
    last = grant.tranches.filter(state__in=UNPAID).order_by("-position")[0]
    last.amount += change
    last.save(update_fields=["amount"])
    line, case = grant.line, grant.case
    if change < 0:
        ledger.release_commitment(line=line, amount=-change, source=source, case=case, by=by)
        return
    # The entry counts as an award that nobody has set free: what was agreed grows with it.
    Grant.objects.filter(pk=grant.pk).update(amount=F("amount") + change, released=F("released") + change)
    ledger.commit(line=line, amount=change, source=source, case=case, by=by)


def _write(grant: Grant, change: Amendment, text: str) -> None:
    """Write the next version and make it the grant's agreement."""
    digest, number = agreement.sha256_of(text), grant.versions.count() + 1
    AgreementVersion.objects.create(
        grant=grant, number=number, text=text, sha256=digest, why=str(change), at=clock.now()
    )
    Grant.objects.filter(pk=grant.pk).update(agreement=text, agreement_sha256=digest)


def _tell(change: Amendment, words: str, note: str) -> None:
    reason = f" Reason: {note}" if note else ""
    entry = trail.entries_of(change).values_list("seq", flat=True)[0]
    tell_team(change.grant, f"change:{change.pk}:{entry}", f"{change} {words}", f"“{change.grant.title}”.{reason}")
