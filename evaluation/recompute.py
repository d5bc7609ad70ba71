"""What a ranking run says, from nothing but its inputs: the same for the fund and for any stranger. Pure.

Inputs and results are JSON values. Scores are half points, money is chhetrum, totals are percent; exact figures stand
as fractions ("155/2"), all others are rounded to six decimals.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from .engine.flags import drifts, far_scores
from .engine.line import FUND, Line, Standing, line_of_groups, line_of_totals
from .engine.ranks import DECIMALS, Ranking, rank
from .engine.reliability import agreement
from .engine.scores import Scores, scores_of
from .engine.stability import without_each
from .scoring import (
    FORMAT,
    FORMATS,
    FROM_TWO_STARTS,
    HIGH,
    LOW,
    WITHOUT_STABILITY,
    Item,
    Result,
    Sheet,
    Threshold,
    rounded,
    weighted_total,
)
from .scoring import rank as rank_totals

RANK_INTERVAL = "rank_interval"
TERSE = 15  # characters
FLAT_FROM = 3  # criteria
Inputs = dict[str, Any]


class BadInputs(ValueError):
    """These are not the inputs of a ranking; the message says what is wrong."""


def results_of(inputs: Inputs) -> dict[str, Any]:
    """Return official places, the funding line, the calibrated figures beside them, agreement and flags.

    Raises BadInputs for another format.
    """
    if inputs.get("format") not in FORMATS:
        raise BadInputs(f"format: {inputs.get('format')!r} is not {FORMAT!r}")
    official, scores = _official(inputs), _scores(inputs)
    places = _places(inputs, official)
    ranking = rank(scores, places, inputs["seed"]) if scores else None
    advice = ranking.as_json() if ranking else None
    line = _line(inputs, official, advice)
    return {
        "official": [
            {
                "id": row.key, "place": row.place, "percent": rounded(row.total), "exact": str(row.total),
                "meets": row.meets, "means": {str(key): str(mean) for key, mean in row.means.items()},
            }
            for row in official
        ],
        "line": {"fates": dict(line.fates), "left": line.left, "places": places},
        "advice": advice,
        "agreement": _round(agreement(scores, places).as_json()) if scores else None,
        "flags": [*_far(inputs, scores, line), *_drifting(inputs, scores), *_flat(inputs), *_terse(inputs)],
    } | ({"stability": _stability(inputs, ranking)} if inputs["format"] != WITHOUT_STABILITY else {})  # fmt: skip


def _round(found: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, DECIMALS) if isinstance(value, float) else value for key, value in found.items()}


def weights_in(inputs: Inputs) -> dict[int, int]:
    """Return criterion -> weight in percent."""
    return {int(key): weight for key, weight in inputs["weights"].items()}


def _sheets(row: dict[str, Any]) -> list[Sheet]:
    return [
        Sheet(review["id"], {int(key): halves for key, halves in review["scores"].items()}) for review in row["reviews"]
    ]


def _official(inputs: Inputs) -> list[Result]:
    items = [
        Item(row["id"], _sheets(row), {int(key): halves for key, halves in row["consensus"].items()})
        for row in inputs["proposals"]
    ]
    least = Threshold(Fraction(inputs["least"]["criterion"]), Fraction(inputs["least"]["total"]))
    return rank_totals(weights_in(inputs), items, least)


def _reviews(inputs: Inputs) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield proposal and review of each review that scores anything, in the order of the rows of `_scores`."""
    for row in inputs["proposals"]:
        for review in row["reviews"]:
            if review["scores"]:
                yield row["id"], review


def _scores(inputs: Inputs) -> Scores | None:
    weights = weights_in(inputs)
    rows = [
        (proposal, review["reviewer"],
         float(weighted_total(weights, {int(key): halves for key, halves in review["scores"].items()})))
        for proposal, review in _reviews(inputs)
    ]  # fmt: skip
    if not rows:
        return None
    return replace(scores_of(rows), from_two_starts=inputs["format"] in FROM_TWO_STARTS)


def _standings(inputs: Inputs, official: list[Result]) -> list[Standing]:
    costs = {row["id"]: row["cost"] for row in inputs["proposals"]}
    return [Standing(row.key, costs[row.key], row.total, row.meets) for row in official]


def _places(inputs: Inputs, official: list[Result]) -> int:
    """Return how many of the official list the budget pays, at least 1: the `k` of the calibrated figures.

    It is that of the list with the lots drawn in the order of the ids; the lots themselves are drawn later.
    """
    money, left, paid = inputs["money"], inputs["money"]["budget"], 0
    for row in _standings(inputs, official):
        if row.meets and row.cost <= left:
            left, paid = left - row.cost, paid + 1
        elif row.meets and money["rule"] == "stop":
            break
    scored = len({proposal for proposal, _ in _reviews(inputs)})
    return max(1, min(paid, scored))


def _line(inputs: Inputs, official: list[Result], advice: dict[str, Any] | None) -> Line:
    money, standings = inputs["money"], _standings(inputs, official)
    if money["lots"] == RANK_INTERVAL and advice is not None:
        order = [row["id"] for row in advice["proposals"]]
        groups = {row["id"]: row["group"] for row in advice["proposals"]}
        return line_of_groups(standings, order, groups, money["budget"], money["rule"])
    return line_of_totals(standings, money["budget"], money["rule"])


def _without(inputs: Inputs, review: str) -> Inputs:
    rows = [row | {"reviews": [one for one in row["reviews"] if one["id"] != review]} for row in inputs["proposals"]]
    return inputs | {"proposals": rows}


def _fate_of(inputs: Inputs, proposal: str) -> str:
    official, scores = _official(inputs), _scores(inputs)
    advice = rank(scores, _places(inputs, official), inputs["seed"]).as_json() if scores else None
    return _line(inputs, official, advice).fates[proposal]


def _far(inputs: Inputs, scores: Scores | None, line: Line) -> Iterator[dict[str, Any]]:
    """Yield the far scores without which their proposal would stand on the other side of the line."""
    reviews = list(_reviews(inputs))
    for far in far_scores(scores) if scores else []:
        proposal, review = reviews[far.row]
        without = _fate_of(_without(inputs, review["id"]), proposal)
        if (without == FUND) != (line.fates[proposal] == FUND):
            yield {
                "kind": "far", "proposal": proposal, "review": review["id"], "reviewer": review["reviewer"],
                "t": round(far.t, DECIMALS), "p": round(far.p, DECIMALS), "without": without,
            }  # fmt: skip


def _stability(inputs: Inputs, ranking: Ranking | None) -> list[dict[str, Any]]:
    """Return for each review what it weighs in its proposal's merit, and what merit and place would be without it."""
    reviews = list(_reviews(inputs))
    return [
        {
            "proposal": reviews[found.row][0], "review": reviews[found.row][1]["id"],
            "weight": round(found.weight, DECIMALS), "merit": round(found.merit, DECIMALS), "place": found.place,
        }
        for found in (without_each(ranking.scores, ranking.fitted) if ranking else [])
    ]  # fmt: skip


def _drifting(inputs: Inputs, scores: Scores | None) -> Iterator[dict[str, Any]]:
    order = [review["order"] for _, review in _reviews(inputs)]
    for drift in drifts(scores, order) if scores else []:
        yield {
            "kind": "drift", "reviewer": drift.reviewer, "correlation": round(drift.correlation, DECIMALS),
            "p": round(drift.p, DECIMALS),
        }  # fmt: skip


def _flat(inputs: Inputs) -> Iterator[dict[str, Any]]:
    for proposal, review in _reviews(inputs):
        if len(review["scores"]) >= FLAT_FROM and len(set(review["scores"].values())) == 1:
            yield {"kind": "flat", "proposal": proposal, "review": review["id"], "reviewer": review["reviewer"]}


def _terse(inputs: Inputs) -> Iterator[dict[str, Any]]:
    for proposal, review in _reviews(inputs):
        extreme = [key for key, halves in review["scores"].items() if halves <= LOW or halves >= HIGH]
        short = [key for key in extreme if review["reasons"].get(key, 0) < TERSE]
        if short:
            yield {
                "kind": "terse", "proposal": proposal, "review": review["id"], "reviewer": review["reviewer"],
                "criteria": sorted(short, key=int),
            }  # fmt: skip
