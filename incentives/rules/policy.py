"""A versioned rule set as frozen data; nothing here decides anything."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

STAGES = ("spark", "explore", "build", "scale")
SPARK = "spark"
CLASSES = ("likely", "open", "bold")
OPEN = "open"
CODES = ("R1", "R2", "F1", "P1", "B1", "F2", "M1", "V1", "S1")
RULES = tuple(f"E{number}" for number in range(1, 13))
KINDS = ("result", "supporting")
PERIODS = ("window", "fiscal_year")
# What a code's date is the day of; the room that posts an event passes that day.
DATES = ("outcome_claimed", "learning_submitted", "adoption_signed", "rule_amended", "confirmed")


@dataclass(frozen=True)
class Limit:
    """At most `events` contributions, or at most `tenths`, per window or fiscal year."""

    per: str
    events: int | None = None
    tenths: int | None = None


@dataclass(frozen=True)
class Code:
    """One kind of contribution; `bases` holds tenths per ambition class."""

    key: str
    label: str
    is_result: bool
    staged: bool
    team: bool
    bases: Mapping[str, int]
    dated_by: str
    verified_by: str
    evidence: str
    limit: Limit | None = None


@dataclass(frozen=True)
class Stage:
    """A stage of money and its factor in tenths."""

    label: str
    factor_tenths: int


@dataclass(frozen=True)
class Team:
    """The team factor: 1 plus a step for each further person, up to a most; and who counts as early enough."""

    step_tenths: int
    most_tenths: int
    joined_days: int


@dataclass(frozen=True)
class ShareLimits:
    """The least and the most percent of one person in a team, and how many people may hold one."""

    least: int
    most: int
    holders: int


@dataclass(frozen=True)
class Band:
    """A named stretch of counted points, for the person and an auditor only."""

    key: str
    label: str
    from_tenths: int


@dataclass(frozen=True)
class Transition:
    """A transitional clause: until and with `until` other figures of the rule hold; `words` say why."""

    until: date
    words: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """One eligibility rule; `blocks` tells what a missing input means, `params` its figures."""

    key: str
    on: bool
    label: str
    excludes: bool
    blocks: bool
    stale_after_days: int | None
    params: Mapping[str, Any]
    transition: Transition | None = None

    def on_day(self, day: date) -> "Rule":
        """Return the rule as it holds on `day`: with the figures of its transitional clause while that lasts."""
        if self.transition is None or day > self.transition.until:
            return self
        return replace(self, params=self.transition.params)


@dataclass(frozen=True)
class CycleDays:
    """The days of one promotion cycle, each written as 10-30."""

    effective: str
    opens: str
    to_hrc: str
    to_rcsc: str
    result: str


@dataclass(frozen=True)
class Policy:
    """One whole version, as read from its JSON."""

    version: str
    title: str
    notice: str
    window_months: int
    year_cap_tenths: int
    spark_cap_tenths: int
    support_times: int
    support_over: int
    partial_from_percent: int
    team: Team
    shares: ShareLimits
    stages: Mapping[str, Stage]
    classes: Mapping[str, str]
    codes: Mapping[str, Code]
    bands: tuple[Band, ...]
    rules: Mapping[str, Rule]
    cycles: tuple[CycleDays, ...] = ()

    def base(self, code: str, stage: str, ambition: str) -> int:
        """Return the base of one contribution in tenths; the factor is floored to a tenth."""
        kind = self.codes[code]
        if not kind.staged:
            return kind.bases[OPEN]
        ambition = OPEN if stage == SPARK else ambition
        return kind.bases[ambition] * self.stages[stage].factor_tenths // 10
