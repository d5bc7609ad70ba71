"""The form of a decision bundle: which fields it has, and what may stand in each. Pure.

A kind is a function of a value and the words for its place; it raises Differs where the value is of another kind.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fund.enums import EntryKind, FundingRule, LotsRule, Stage

from .engine.line import AFTER, DECLINE, DRAW, FUND
from .enums import Choice
from .scoring import FORMATS as RANKINGS
from .scoring import MOST

FORMAT = "decision-3"
ACTS = (*Choice.values, "recommend", "not_recommend")
Kind = Callable[[Any, str], None]


class Differs(Exception):
    """A check does not hold; the message names the check and what differs."""


def _refuse(value: Any, where: str, wanted: str) -> None:
    raise Differs(f"{where} is {str(value)[:60]!r}, not {wanted}")


def whole(least: int | None = None, most: int | None = None) -> Kind:
    """Return the kind of whole numbers from `least` to `most`."""
    words = "a whole number" + (f" from {least}" if least is not None else "") + (f" to {most}" if most else "")

    def check(value: Any, where: str) -> None:
        inside = type(value) is int and (least is None or value >= least) and (most is None or value <= most)
        if not inside:
            _refuse(value, where, words)

    return check


def text(pattern: str = "", words: str = "a text") -> Kind:
    """Return the kind of texts, or of those that the pattern describes."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str) or (pattern and not re.fullmatch(pattern, value)):
            _refuse(value, where, words)

    return check


def one_of(*choices: str) -> Kind:
    """Return the kind of these texts."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str) or value not in choices:
            _refuse(value, where, f"one of {', '.join(choices)}")

    return check


def moment(value: Any, where: str) -> None:
    """Take a time with its offset, as ISO 8601 writes it."""
    try:
        known = isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        known = False
    if not known:
        _refuse(value, where, "a time with its offset")


def maybe(kind: Kind) -> Kind:
    """Return the kind that also takes null."""
    return lambda value, where: None if value is None else kind(value, where)


def each(kind: Kind) -> Kind:
    """Return the kind of lists of one kind."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, list):
            _refuse(value, where, "a list")
        for place, one in enumerate(value, 1):
            kind(one, f"{where}, entry {place}")

    return check


def table(key: Kind, kind: Kind) -> Kind:
    """Return the kind of objects with any names of one kind."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            _refuse(value, where, "an object")
        for name, one in value.items():
            key(name, f"a name in {where}")
            kind(one, f"{where}, {name}")

    return check


def fields(**kinds: Kind) -> Kind:
    """Return the kind of objects with exactly these fields."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            _refuse(value, where, "an object")
        inside = f"{where}, " if where else ""
        for name, kind in kinds.items():
            if name not in value:
                raise Differs(f"{inside}{name} is missing")
            kind(value[name], f"{inside}{name}")
        if strange := sorted(set(value) - set(kinds)):
            raise Differs(f"{inside}{strange[0]} is no field of this format")

    return check


def round_of(value: Any, where: str) -> None:
    """Take a proposal and the number of its round."""
    if not isinstance(value, list) or len(value) != 2:
        _refuse(value, where, "a proposal and a round")
    text()(value[0], where)
    whole(1)(value[1], where)


def anything(value: Any, where: str) -> None:
    """Take an object whose own check comes later."""
    if not isinstance(value, dict):
        _refuse(value, where, "an object")


DIGEST = text("[0-9a-f]{64}", "a SHA-256")
FATE, CRITERION, HALVES = (
    one_of(FUND, DRAW, AFTER, DECLINE),
    text("[0-9]+", "the number of a criterion"),
    whole(0, MOST),
)
DRAW_FORM = fields(
    number=whole(1), ranking=maybe(whole(1)), frozen_at=maybe(moment), commitment=DIGEST, committed_at=moment,
    labels=each(text()), seal=text(), source=text(), source_at=maybe(moment), drawn_at=maybe(moment),
    code=maybe(text()), randomness=maybe(text()), order=each(fields(label=text(), key=text())),
)  # fmt: skip
BUNDLE_FORM = fields(
    format=one_of(FORMAT), call=text(), stage=one_of(*Stage.values), quorum=whole(0), closed_at=maybe(moment),
    runs=each(fields(at=moment, code_version=text(), inputs=anything, inputs_sha256=text(), results=anything,
                     results_sha256=text())),
    lottery=maybe(DRAW_FORM), replaced_lotteries=each(DRAW_FORM), fates=table(text(), FATE),
    decisions=each(fields(
        proposal=text(), round=whole(1), choice=one_of(*Choice.values), amount=whole(0), asked=whole(0), at=moment,
        ambition=text(), chances=each(text()), left=maybe(whole()),
        votes=each(fields(member=text("member-[0-9a-f]{12}", "a pseudonym"), choice=one_of(*Choice.values))),
    )),
    decided=table(text(), each(whole(1))),
    money=maybe(fields(opening=whole(), movements=each(fields(
        at=moment, kind=one_of(*EntryKind.values), amount=whole(), decision=maybe(round_of),
    )))),
    departures=each(fields(proposal=text(), act=one_of(*ACTS), reason=text())), sha256=text(),
)  # fmt: skip
INPUTS_FORM = fields(
    format=one_of(*RANKINGS), call=text(), stage=one_of(*Stage.values),
    weights=table(CRITERION, whole(0, 100)), least=fields(criterion=HALVES, total=whole(0, 100)),
    money=fields(budget=whole(0), rule=one_of(*FundingRule.values), lots=one_of(*LotsRule.values)), seed=whole(0),
    proposals=each(fields(
        id=text(), cost=whole(0), consensus=table(CRITERION, HALVES),
        reviews=each(fields(
            id=text(), order=whole(1), reviewer=text(), scores=table(CRITERION, HALVES),
            reasons=table(CRITERION, whole(0)),
        )),
    )),
)  # fmt: skip
