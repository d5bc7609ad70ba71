"""Which contributions count on a day, for how much, and why not more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from lifecycle.fiscal import fiscal_label, fiscal_year

from .policy import SPARK, Limit, Policy
from .selecting import Caps, Item, Slot, select
from .steps import Step, in_points, months_before


@dataclass(frozen=True)
class Event:
    """One verified contribution of one person; `reverses` names the event that a reversal takes back."""

    key: str
    code: str
    tenths: int
    counts_on: date
    verified_on: date
    stage: str = ""
    reverses: str = ""


@dataclass(frozen=True)
class Counted:
    """What became of one event: `tenths` of it count, `why` says what held back the rest."""

    key: str
    code: str
    tenths: int
    of: int
    why: str

    @property
    def extent(self) -> str:
        """Return `full`, `part` or `none`."""
        return "full" if self.tenths == self.of else "part" if self.tenths else "none"


@dataclass(frozen=True)
class Count:
    """The counted points of a person on a day in tenths, with every event's fate and the steps."""

    counted: int
    results: int
    supporting: int
    events: tuple[Counted, ...]
    steps: tuple[Step, ...]


def window(policy: Policy, events: Sequence[Event], day: date) -> list[Event]:
    """Return the events dated in (day - window, day], verified by `day`, and not reversed by then."""
    start = months_before(day, policy.window_months)
    gone = {event.reverses for event in events if event.reverses and event.verified_on <= day}
    return [
        event
        for event in events
        if not event.reverses and event.key not in gone and start < event.counts_on <= day and event.verified_on <= day
    ]


def count(policy: Policy, events: Sequence[Event], day: date) -> Count:
    """Return what counts on `day`: results R and supporting S of the best selection, and R + min(S, 2R/3)."""
    inside = window(policy, events, day)
    items = sorted((_item(policy, event) for event in inside), key=lambda item: item.order)
    fixed, caps = select(_caps(policy, items), items)
    codes = {event.key: event.code for event in inside}
    fates = [_fate(policy, codes[item.key], item, fixed.get(item.key), caps) for item in items]
    outside = [event for event in events if event.key not in codes and not event.reverses]
    for event in sorted(outside, key=lambda event: (event.counts_on, event.key)):
        fates.append(Counted(event.key, event.code, 0, event.tenths, _why_outside(policy, event, day)))
    counted = caps.results + min(caps.supporting, caps.carried(caps.results))
    return Count(counted, caps.results, caps.supporting, tuple(fates), _steps(policy, items, fixed, caps))


def _item(policy: Policy, event: Event) -> Item:
    code, year = policy.codes[event.code], fiscal_year(event.counts_on)
    slot: Slot | None = None
    purse: Slot | None = None
    if code.limit is not None:
        of = (code.key, year if code.limit.per == "fiscal_year" else 0)
        slot, purse = (of, None) if code.limit.events else (None, of)
    is_spark = code.staged and event.stage == SPARK
    return Item(event.key, event.tenths, year, event.counts_on, code.is_result, is_spark, slot, purse)


def _limit(policy: Policy, code: str) -> Limit:
    return cast("Limit", policy.codes[code].limit)  # only a limit puts a slot or a purse on an item


def _caps(policy: Policy, items: Sequence[Item]) -> Caps:
    return Caps(
        years=dict.fromkeys(sorted({item.year for item in items}), policy.year_cap_tenths),
        spark=policy.spark_cap_tenths,
        numbers={item.slot: _limit(policy, item.slot[0]).events or 0 for item in items if item.slot},
        purses={item.purse: _limit(policy, item.purse[0]).tenths or 0 for item in items if item.purse},
        times=policy.support_times,
        over=policy.support_over,
    )


def _fate(policy: Policy, code: str, item: Item, tenths: int | None, caps: Caps) -> Counted:
    """Return what became of an event in the window; `tenths` is None where it got no place."""
    year = fiscal_label(item.year)
    whys = []
    if tenths is None:
        limit = _limit(policy, code)
        period = f"in {year}" if limit.per == "fiscal_year" else f"in {policy.window_months} months"
        whys.append(f"At most {limit.events} of this kind count {period}.")
    elif tenths < item.tenths:
        if item.is_spark and not caps.spark:
            whys.append(f"Sparks together count for at most {in_points(policy.spark_cap_tenths)} points.")
        if item.purse and not caps.purses[item.purse]:
            most = in_points(_limit(policy, code).tenths or 0)
            whys.append(f"This kind counts for at most {most} points in {year}.")
        if not caps.years[item.year]:
            whys.append(f"At most {in_points(policy.year_cap_tenths)} points count in {year}.")
    return Counted(item.key, code, tenths or 0, item.tenths, " ".join(whys))


def _why_outside(policy: Policy, event: Event, day: date) -> str:
    if event.counts_on > day or event.verified_on > day:
        return "It was not yet checked on this day."
    if event.counts_on <= months_before(day, policy.window_months):
        return f"It is older than {policy.window_months} months."
    return "It was taken back."


def _steps(policy: Policy, items: Sequence[Item], fixed: dict[str, int], caps: Caps) -> tuple[Step, ...]:
    steps = []
    for year in caps.years:
        offered = sum(item.tenths for item in items if item.year == year)
        taken = sum(fixed.get(item.key, 0) for item in items if item.year == year)
        how = f"Of {in_points(offered)}; at most {in_points(policy.year_cap_tenths)} count in one year."
        steps.append(Step(f"Year {fiscal_label(year)}", in_points(taken), how))
    carried = caps.carried(caps.results)
    share = f"{policy.support_times}/{policy.support_over}"
    counted = caps.results + min(caps.supporting, carried)
    return (
        *steps,
        Step("Results", in_points(caps.results), "What was checked to work, to teach or to be repeated."),
        Step("Supporting others", in_points(caps.supporting), "Mentoring, reviewing, sprints, learning that was used."),
        Step("Supporting at most", in_points(carried), f"{share} of {in_points(caps.results)}, cut to a tenth."),
        Step("Counted", in_points(counted), "Results, and supporting others as far as it counts."),
    )
