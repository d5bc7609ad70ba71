"""The demand of an assignment from a json file; what is wrong is said in one line that names the field."""

from pathlib import Path
from typing import Any

import numpy as np

from .demands import Demand, Rule
from .objects import BadFile, read_object
from .scores import LARGEST, Floats, Ints

FIELDS = ("scores", "need", "load_min", "load_max", "forbidden", "maximin", "groups")
OF_A_RULE = ("reviewers", "proposals", "min", "max", "name")


class BadDemand(ValueError):
    """The file cannot be read as a demand; the message names the field."""


def read_demand(path: Path) -> tuple[Demand, bool]:
    """Return the demand of a file and whether the worst proposal is to be raised first.

    `scores` P x R (null: excluded), `need` and `load_max` a number or a list, `load_min` likewise (0), `forbidden`
    pairs, `maximin`; `groups` either the group of each reviewer (R texts or numbers: at most one of a group for a
    proposal) or objects with `reviewers`, `min`, `max`, and `proposals` and `name` where wanted. Raises BadDemand.
    """
    try:
        said = read_object(path)
    except BadFile as error:
        raise BadDemand(str(error)) from None
    _refuse_unknown(said, FIELDS, "")
    if not isinstance(said.get("maximin", False), bool):
        raise BadDemand("maximin: neither true nor false")
    scores = _scores(said.get("scores"))
    proposals, reviewers = scores.shape
    allowed = np.isfinite(scores)
    for p, r in _pairs(said.get("forbidden", []), proposals, reviewers):
        allowed[p, r] = False
    low = _counts("load_min", said.get("load_min", 0), reviewers, 0)
    high = _counts("load_max", said.get("load_max", proposals), reviewers, 0)
    if (low > high).any():
        raise BadDemand(f"load_min: above load_max for reviewer {int(np.argmax(low > high))}")
    need = _counts("need", said.get("need"), proposals, 1)
    rules = _rules(said.get("groups", []), proposals, reviewers)
    return Demand(np.where(allowed, scores, 0.0), allowed, need, low, high, rules), bool(said.get("maximin", False))


def _refuse_unknown(said: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in said:
        if key not in known:
            raise BadDemand(f"{where}{key}: no such field; there are {', '.join(known)}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _is_count(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= LARGEST


def _scores(said: Any) -> Floats:
    if not isinstance(said, list) or not said or not all(isinstance(row, list) and row for row in said):
        raise BadDemand("scores: not a list of rows, one row for each proposal")
    for number, row in enumerate(said):
        if len(row) != len(said[0]):
            raise BadDemand(f"scores: row {number} has {len(row)} reviewers, row 0 has {len(said[0])}")
        for place, value in enumerate(row):
            if value is not None and not _is_number(value):
                raise BadDemand(f"scores: row {number}, reviewer {place} is not a number between -1e9 and 1e9, or null")
    return np.array([[np.nan if value is None else float(value) for value in row] for row in said])


def _counts(field: str, said: Any, size: int, least: int) -> Ints:
    values = said if isinstance(said, list) else [said] * size
    if len(values) != size:
        raise BadDemand(f"{field}: {len(values)} numbers, {size} expected")
    if not all(_is_count(value, least) for value in values):
        raise BadDemand(f"{field}: not a whole number from {least} on, or a list of {size} such")
    return np.array(values, np.int64)


def _pairs(said: Any, proposals: int, reviewers: int) -> list[tuple[int, int]]:
    if not isinstance(said, list):
        raise BadDemand("forbidden: not a list of pairs")
    for number, pair in enumerate(said):
        if not (
            isinstance(pair, list) and len(pair) == 2 and all(_is_count(value, 0) for value in pair)
            and pair[0] < proposals and pair[1] < reviewers
        ):  # fmt: skip
            raise BadDemand(f"forbidden: entry {number} is not a pair [proposal, reviewer] of the table of scores")
    return [(pair[0], pair[1]) for pair in said]


def _rules(said: Any, proposals: int, reviewers: int) -> tuple[Rule, ...]:
    if not isinstance(said, list):
        raise BadDemand("groups: not a list")
    if said and not any(isinstance(group, dict) for group in said):
        if len(said) != reviewers or not all(isinstance(group, str | int) for group in said):
            raise BadDemand(f"groups: not the groups of the {reviewers} reviewers")
        members: dict[Any, list[int]] = {}
        for place, group in enumerate(said):
            members.setdefault(group, []).append(place)
        return tuple(
            Rule(f"at most one of {group}", tuple(range(proposals)), tuple(places), 0, 1)
            for group, places in members.items() if len(places) > 1
        )  # fmt: skip
    return tuple(_rule(number, group, proposals, reviewers) for number, group in enumerate(said))


def _rule(number: int, group: Any, proposals: int, reviewers: int) -> Rule:
    where = f"groups: entry {number}"
    if not isinstance(group, dict):
        raise BadDemand(f"{where} is not an object")
    _refuse_unknown(group, OF_A_RULE, f"{where}, ")
    people, of = group.get("reviewers"), group.get("proposals", list(range(proposals)))
    for field, places, size in (("reviewers", people, reviewers), ("proposals", of, proposals)):
        if not isinstance(places, list) or not all(_is_count(place, 0) and place < size for place in places):
            raise BadDemand(f"{where}, {field}: not a list of places from 0 to {size - 1}")
    least, most = group.get("min", 0), group.get("max")
    if not _is_count(least, 0) or not (most is None or _is_count(most, least)):
        raise BadDemand(f"{where}: min and max are not whole numbers, the one not above the other")
    return Rule(str(group.get("name", number)), tuple(dict.fromkeys(of)), tuple(people or ()), least, most)
