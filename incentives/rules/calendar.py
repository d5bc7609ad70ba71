"""The promotion cycles of a policy: by which day each office has to act."""

from dataclasses import dataclass
from datetime import date

from .policy import CycleDays, Policy


@dataclass(frozen=True)
class Cycle:
    """One cycle with its days; promotions take effect on `effective_on`."""

    opens_on: date
    to_hrc_by: date
    to_rcsc_by: date
    result_by: date
    effective_on: date


def cycles_of(policy: Policy, day: date) -> list[Cycle]:
    """Return the cycles that take effect on or after `day`, the next year's too, soonest first."""
    found = [_cycle(days, year) for days in policy.cycles for year in (day.year, day.year + 1)]
    return sorted((cycle for cycle in found if cycle.effective_on >= day), key=lambda cycle: cycle.effective_on)


def cycle_of(policy: Policy, day: date) -> Cycle | None:
    """Return the first cycle that a nomination sent on `day` is in time for; None where the policy has no calendar."""
    return next((cycle for cycle in cycles_of(policy, day) if day <= cycle.to_hrc_by), None)


def _cycle(days: CycleDays, year: int) -> Cycle:
    """Return the cycle that takes effect in `year`; each other day is the last such day before that."""
    effective = date.fromisoformat(f"{year}-{days.effective}")

    def before(text: str) -> date:
        found = date.fromisoformat(f"{year}-{text}")
        return found if found < effective else date.fromisoformat(f"{year - 1}-{text}")

    return Cycle(before(days.opens), before(days.to_hrc), before(days.to_rcsc), before(days.result), effective)
