"""What one policy says and another does not, in words: no code name and no key stands alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .steps import canonical, in_points

Path = tuple[str, ...]
ORDER = 4  # figures of a place in a list, so that 10 stands after 9

# What each key of the data is called on a page.
KEYS = {
    "version": "Name", "title": "Title", "notice": "Notice", "window_months": "Months that count",
    "year_cap_tenths": "Most points of one fiscal year", "spark_cap_tenths": "Most points of Sparks together",
    "support_ratio": "Supporting others against results", "times": "Times", "over": "Divided by",
    "partial_from_percent": "Partly reached from so many percent of the way", "team": "Team",
    "step_tenths": "More for each further person", "most_tenths": "At most times the points of one person",
    "joined_days": "Days in the team before the claim", "shares": "Who did how much", "least": "At least",
    "most": "At most", "holders": "Most people", "stages": "Stage", "label": "Words", "factor_tenths": "Times",
    "classes": "Chance", "codes": "Contribution", "kind": "Kind", "staged": "Changes with the stage",
    "base_tenths": "Points for one person", "limit": "Limit", "per": "In", "events": "Number", "tenths": "Points",
    "dated_by": "The day that counts", "verified_by": "Checked by", "evidence": "Evidence", "bands": "Band",
    "key": "Name in data", "from_tenths": "From so many points", "eligibility": "Rule", "on": "In use",
    "excludes": "Closes the way while it fails", "when_missing": "When the fact is missing",
    "stale_after_days": "Too old after so many days", "transition": "For some time otherwise", "until": "Until",
    "words": "Why", "employment_types": "Employment types", "levels": "Position levels", "months": "Months",
    "two_of_last_three": "Two of the last three ratings at Very Good or above", "effective": "Takes effect on",
    "comment_business_days": "Business days to comment", "cycles": "Promotion cycle", "opens": "Opens on",
    "to_hrc": "To the HR committee by", "to_rcsc": "To the RCSC by", "result": "Result by",
}  # fmt: skip
INSIDE = {
    ("codes", "team"): "Grows with the team", ("eligibility", "codes"): "Contributions",
    ("eligibility", "stages"): "Stages",
}  # fmt: skip
VALUES = {
    "true": "yes", "false": "no", "window": "all months that count", "fiscal_year": "one fiscal year",
    "supporting": "supporting others", "block": "we ask for it", "pass": "taken as met",
    "outcome_claimed": "the result was claimed", "learning_submitted": "the learning record was sent",
    "adoption_signed": "the adoption was signed", "rule_amended": "the rule was changed",
    "confirmed": "it was confirmed", "fast_track": "fast-track",
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One thing that differs, in words; `before` or `after` is empty where only one policy has it."""

    path: str
    before: str
    after: str


def differences(old: Any, new: Any) -> list[Difference]:
    """Return everything that differs between the data of two policies, in the order of their keys."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    return [
        Difference(_words(path, new), _value(path, before, old), _value(path, after, new))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]


def _leaves(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield (path, value); a list of plain values is one leaf, one of objects goes on."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, (*path, str(key)))
    elif isinstance(data, list) and any(isinstance(item, dict) for item in data):
        for place, item in enumerate(data, start=1):
            yield from _leaves(item, (*path, str(place).zfill(ORDER)))
    else:
        yield path, data


def _words(path: Path, data: Any) -> str:
    """Return where it stands, each step by its label."""
    names = _names(data)
    steps = []
    for place, key in enumerate(path):
        inside = INSIDE.get((path[0], key)) if place else None
        steps.append(key.lstrip("0") if key.isdigit() else names.get(key) or inside or KEYS.get(key, key))
    return " › ".join(steps)


def _names(data: Any) -> Mapping[str, str]:
    """Return code name -> label, of contributions, rules, stages and chances."""
    labelled = {**data["codes"], **data["eligibility"], **data["stages"]}
    return {**{key: row["label"] for key, row in labelled.items()}, **data["classes"]}


def _value(path: Path, leaves: Mapping[Path, Any], data: Any) -> str:
    """Return one value as people read it; empty where it is not there."""
    if path not in leaves:
        return ""
    value = leaves[path]
    if isinstance(value, list):
        names = _names(data)
        return ", ".join(names.get(item, str(item)) for item in value)
    if isinstance(value, int) and not isinstance(value, bool) and any(key.endswith("tenths") for key in path):
        return in_points(value)
    text = value if isinstance(value, str) else canonical(value)
    return VALUES.get(text, text)
