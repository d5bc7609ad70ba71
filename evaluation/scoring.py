"""Pure arithmetic of scores: no database, exact fractions. Scores are half points (7 is 3.5 of 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

FORMAT = "ranking-4"  # of the inputs and results of a ranking
FROM_TWO_STARTS = ("ranking-2", "ranking-3")  # runs of before, whose variances can be of the higher of two valleys
WITHOUT_STABILITY = "ranking-2"  # and whose results do not say what hangs on one review
FORMATS = (FORMAT, *FROM_TWO_STARTS)
MOST = 10  # half points
LOW, HIGH = 5, 9  # half points: up to 2.5 and from 4.5 up a score needs a reason
RANGE_FLAG = 4  # half points: a range of 2.0 on a criterion
SPREAD_FLAG = Fraction(15)  # percentage points: sd (n - 1) of the weighted totals


@dataclass(frozen=True)
class Sheet:
    """One valid review: criterion key -> half points. A criterion that does not apply is not among the keys."""

    reviewer: str
    scores: Mapping[int, int]


@dataclass(frozen=True)
class Item:
    """One proposal with its valid reviews and the consensus scores that replace a criterion's mean."""

    key: str
    sheets: Sequence[Sheet]
    consensus: Mapping[int, int]


@dataclass(frozen=True)
class Result:
    """One proposal's place. `total` is percent of the possible, exact; equal totals share a place."""

    key: str
    place: int
    total: Fraction
    means: Mapping[int, Fraction]
    meets: bool


@dataclass(frozen=True)
class Threshold:
    """What a stage asks for: the least mean of each criterion (half points) and the least total (percent)."""

    criterion: Fraction
    total: Fraction


THRESHOLDS = {
    "spark": Threshold(Fraction(6), Fraction(0)),
    "explore": Threshold(Fraction(6), Fraction(65)),
    "build": Threshold(Fraction(6), Fraction(70)),
    "scale": Threshold(Fraction(7), Fraction(75)),
}
REVIEWS_NEEDED = {"spark": 2, "explore": 3, "build": 3, "scale": 5}


def weighted_total(weights: Mapping[int, int], scores: Mapping[int, Fraction | int]) -> Fraction:
    """Return percent: the mean of the scores over their maximum, weighted; nothing scored gives 0.

    A criterion without a score is left out, and its weight falls to the others in proportion; it is never a zero.
    """
    scored = [key for key in weights if key in scores]
    shared = sum(weights[key] for key in scored)
    given = sum((Fraction(weights[key]) * Fraction(scores[key]) for key in scored), Fraction(0))
    return given * 100 / (MOST * shared) if shared else Fraction(0)


def means_of(weights: Mapping[int, int], item: Item) -> dict[int, Fraction]:
    """Return criterion -> official score in half points: the consensus where there is one, else the mean.

    The mean is over those who scored the criterion; one that nobody scored is not among the keys.
    """
    found = {}
    for key in weights:
        given = scores_on(item, key)
        if key in item.consensus:
            found[key] = Fraction(item.consensus[key])
        elif given:
            found[key] = Fraction(sum(given), len(given))
    return found


def scores_on(item: Item, key: int) -> list[int]:
    """Return the half points that the reviews give on one criterion."""
    return [sheet.scores[key] for sheet in item.sheets if key in sheet.scores]


def diverging(item: Item) -> list[int]:
    """Return the criteria on which the reviewers are at least 2.0 apart."""
    keys = dict.fromkeys(key for sheet in item.sheets for key in sheet.scores)
    given = {key: scores_on(item, key) for key in keys}
    return [key for key, scores in given.items() if max(scores) - min(scores) >= RANGE_FLAG]


def open_to_agreement(weights: Mapping[int, int], item: Item) -> dict[int, tuple[int, int]]:
    """Return criterion -> lowest and highest score (half points) between which the panel may agree on another.

    The criteria that are marked; where only the totals lie wide apart, each on which the reviewers differ at all.
    """
    marked = diverging(item)
    given = {key: scores_on(item, key) for key in weights}
    ends = {key: (min(scores), max(scores)) for key, scores in given.items() if scores}
    wide = not marked and spread_is_wide(weights, item)
    return {key: (low, high) for key, (low, high) in ends.items() if key in marked or (wide and low < high)}


def totals_of(weights: Mapping[int, int], item: Item) -> list[Fraction]:
    """Return each review's weighted total in percent, the lowest first."""
    return sorted(weighted_total(weights, sheet.scores) for sheet in item.sheets)


def variance_of(weights: Mapping[int, int], item: Item) -> Fraction:
    """Return the variance (n - 1) of the reviews' totals; 0 for fewer than two."""
    totals = totals_of(weights, item)
    if len(totals) < 2:
        return Fraction(0)
    mean = sum(totals, Fraction(0)) / len(totals)
    return sum(((total - mean) ** 2 for total in totals), Fraction(0)) / (len(totals) - 1)


def spread_is_wide(weights: Mapping[int, int], item: Item) -> bool:
    """Tell whether the standard deviation (n - 1) of the reviewers' totals is at least 15 points."""
    return variance_of(weights, item) >= SPREAD_FLAG**2


def rank(weights: Mapping[int, int], items: Sequence[Item], threshold: Threshold) -> list[Result]:
    """Return the ranking, best first; ties share a place and stand in the order of their keys.

    The order of items and reviewers changes nothing.
    """
    totals = {item.key: weighted_total(weights, means_of(weights, item)) for item in items}
    results = []
    for item in items:
        means, total = means_of(weights, item), totals[item.key]
        place = 1 + sum(other > total for other in totals.values())
        meets = bool(means) and total >= threshold.total and all(mean >= threshold.criterion for mean in means.values())
        results.append(Result(item.key, place, total, means, meets))
    return sorted(results, key=lambda result: (result.place, result.key))


def rounded(value: Fraction) -> str:
    """Return a figure with six decimals, half up, as published."""
    scaled = (value * 10**6 * 2 + 1) // 2
    return f"{scaled // 10**6}.{scaled % 10**6:06d}"
