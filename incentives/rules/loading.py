"""Reading a policy from data: every fault named by its key, and the order invariant."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from .policy import (
    CLASSES,
    CODES,
    DATES,
    KINDS,
    OPEN,
    PERIODS,
    RULES,
    STAGES,
    Band,
    Code,
    CycleDays,
    Limit,
    Policy,
    Rule,
    ShareLimits,
    Stage,
    Team,
    Transition,
)
from .reader import Reader

VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,29}")
TAKEN = "new"  # the address of the page that prepares a version
MOST_MONTHS = 600
MOST_FACTOR = 1_000  # tenths
MOST_DAYS = 260  # business days, a year
WHOLE = 100  # percent
MUST_NOT_CARRY = ("F1", "B1")  # failures and removed rules alone never make anyone eligible


class PolicyFault(ValueError):
    """The data is not a valid policy; `faults` has one sentence for each key."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def load(data: Any) -> Policy:
    """Return the policy in `data`, or raise PolicyFault with all faults found."""
    reader = Reader(data)
    policy = _policy(reader)
    reader.close()
    faults = reader.faults or [
        *order_faults(policy),
        *anchor_faults(policy),
        *band_faults(policy),
        *share_faults(policy),
    ]
    if faults:
        raise PolicyFault(faults)
    return policy


def order_faults(policy: Policy) -> list[str]:
    """Return where R1 > R2 > F1 or F1 < R1 / 2 does not hold, per class and stage."""
    faults = []
    for stage in STAGES:
        for ambition in CLASSES:
            met, part, failed = (policy.base(code, stage, ambition) for code in ("R1", "R2", "F1"))
            where = f"codes ({stage}, {ambition})"
            if not met > part > failed:
                faults.append(f"{where}: R1 must be above R2, and R2 above F1, not {met}, {part}, {failed} tenths")
            if not 2 * failed < met:
                faults.append(f"{where}: F1 must be below half of R1, not {failed} of {met} tenths")
    return faults


def anchor_faults(policy: Policy) -> list[str]:
    """Return what lets failures and support alone carry anybody: E6 must be on and name real results."""
    rule = policy.rules["E6"]
    faults = [] if rule.on else ["eligibility.E6.on: must be true"]
    codes = [*rule.params["codes"], *(rule.transition.params["codes"] if rule.transition else ())]
    for code in codes:
        if code in MUST_NOT_CARRY or not policy.codes[code].is_result:
            faults.append(f"eligibility.E6.codes: {code} must not be among them")
    return faults


def band_faults(policy: Policy) -> list[str]:
    """Return whether the bands leave a gap below or are out of order."""
    starts = [band.from_tenths for band in policy.bands]
    if starts[:1] != [0] or sorted(set(starts)) != starts:
        return ["bands: must begin at 0 and rise"]
    return []


def share_faults(policy: Policy) -> list[str]:
    """Return what would leave two people who worked without any shares that they could agree on."""
    faults = [] if 2 * policy.shares.least <= WHOLE else [f"shares.least: must be at most {WHOLE // 2}"]
    if 2 * policy.shares.most < WHOLE:
        faults.append(f"shares.most: must be at least {WHOLE // 2}, so that two people can share everything")
    return faults


def _policy(reader: Reader) -> Policy:
    ratio, team, shares = reader.part("support_ratio"), reader.part("team"), reader.part("shares")
    return Policy(
        version=_version(reader),
        title=reader.text("title"),
        notice=reader.text("notice"),
        window_months=reader.number("window_months", most=MOST_MONTHS),
        year_cap_tenths=reader.number("year_cap_tenths"),
        spark_cap_tenths=reader.number("spark_cap_tenths"),
        support_times=ratio.number("times"),
        support_over=ratio.number("over"),
        partial_from_percent=reader.number("partial_from_percent", most=100),
        team=Team(
            team.number("step_tenths", most=MOST_FACTOR),
            team.number("most_tenths", least=10, most=MOST_FACTOR),
            team.number("joined_days"),
        ),
        shares=ShareLimits(
            shares.number("least", most=100),
            shares.number("most", most=100),
            shares.number("holders", least=2, most=100),
        ),
        stages={key: _stage(part) for key, part in reader.parts("stages", STAGES)},
        classes=_texts(reader.part("classes"), CLASSES),
        codes={key: _code(key, part) for key, part in reader.parts("codes", CODES)},
        bands=tuple(
            Band(part.text("key"), part.text("label"), part.number("from_tenths", least=0))
            for part in reader.rows("bands")
        ),
        rules={key: _rule(key, part) for key, part in reader.parts("eligibility", RULES)},
        cycles=tuple(map(_cycle, reader.rows("cycles"))) if reader.has("cycles") else (),
    )


def _version(reader: Reader) -> str:
    """Read the name of the version, which is also the address of its page."""
    text = reader.text("version")
    if text and (not VERSION.fullmatch(text) or text.lower() == TAKEN):
        said = "must be at most 30 letters from A to Z, digits, dots and hyphens, such as FT-2027.1"
        reader.fault("version", said)
    return text


def _cycle(reader: Reader) -> CycleDays:
    return CycleDays(*(reader.day(name) for name in ("effective", "opens", "to_hrc", "to_rcsc", "result")))


def _texts(reader: Reader, keys: tuple[str, ...]) -> Mapping[str, str]:
    return {key: reader.text(key) for key in keys}


def _stage(reader: Reader) -> Stage:
    return Stage(reader.text("label"), reader.number("factor_tenths", most=MOST_FACTOR))


def _code(key: str, reader: Reader) -> Code:
    staged, is_result = reader.flag("staged"), reader.choice("kind", KINDS) == "result"
    if staged and not is_result:
        reader.fault("staged", "only results have a stage factor")
        staged = False
    return Code(
        key=key,
        label=reader.text("label"),
        is_result=is_result,
        staged=staged,
        team=reader.flag("team"),
        bases=_bases(reader, staged),
        dated_by=reader.choice("dated_by", DATES),
        verified_by=reader.text("verified_by"),
        evidence=reader.text("evidence"),
        limit=_limit(reader.part("limit"), is_result) if reader.has("limit") else None,
    )


def _bases(reader: Reader, staged: bool) -> Mapping[str, int]:
    if not staged:
        return {OPEN: reader.number("base_tenths")}
    part = reader.part("base_tenths")
    return {ambition: part.number(ambition) for ambition in CLASSES}


def _limit(reader: Reader, is_result: bool) -> Limit:
    """Read one limit. In points only for supporting codes, by year: the count relies on it to be exact."""
    per = reader.choice("per", PERIODS)
    if reader.has("tenths"):
        if is_result or per != "fiscal_year":
            reader.fault("tenths", "only a supporting code is limited in points, and per fiscal year")
        return Limit(per, tenths=reader.number("tenths"))
    return Limit(per, events=reader.number("events"))


def _rule(key: str, reader: Reader) -> Rule:
    label = reader.text("label")
    if any(letter.isdigit() for letter in label):
        reader.fault("label", "must hold no number, because HR reads it")
    return Rule(
        key=key,
        on=reader.flag("on"),
        label=label,
        excludes=reader.flag("excludes"),
        blocks=reader.choice("when_missing", ("block", "pass")) == "block",
        stale_after_days=reader.number("stale_after_days") if reader.has("stale_after_days") else None,
        params=PARAMS[key](reader) if key in PARAMS else {},
        transition=_transition(key, reader.part("transition")) if reader.has("transition") else None,
    )


def _transition(key: str, reader: Reader) -> Transition:
    """Read a transitional clause: all figures of the rule again, as they hold until a day."""
    if key not in PARAMS:
        reader.fault("until", "this rule has no figure that a transitional clause could change")
        return Transition(date.max, reader.text("words"), {})
    return Transition(reader.until_day("until"), reader.text("words"), PARAMS[key](reader))


def _anchor(reader: Reader) -> Mapping[str, Any]:
    return {
        "least": reader.number("least"),
        "codes": reader.choices("codes", CODES),
        "stages": reader.choices("stages", STAGES),
    }


# What each rule's figures are called; a rule that is not here has none.
PARAMS: Mapping[str, Callable[[Reader], Mapping[str, Any]]] = {
    "E1": lambda reader: {"employment_types": reader.texts("employment_types")},
    "E2": lambda reader: {"levels": reader.texts("levels")},
    "E3": lambda reader: {"months": reader.number("months", most=MOST_MONTHS)},
    "E4": lambda reader: {"two_of_last_three": reader.flag("two_of_last_three")},
    "E5": lambda reader: {"tenths": reader.number("tenths")},
    "E6": _anchor,
    "E7": lambda reader: {"least": reader.number("least")},
    "E9": lambda reader: {"effective": reader.days("effective")},
    "E10": lambda reader: {"months": reader.number("months", most=MOST_MONTHS)},
    "E11": lambda reader: {"comment_business_days": reader.number("comment_business_days", most=MOST_DAYS)},
    "E12": lambda reader: {"kind": reader.text("kind")},
}
