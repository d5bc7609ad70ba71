"""How far the scores would be the same with other reviewers, and what that means for those who are funded.

Krippendorff, "Content Analysis" (4th ed., 2018), chapter 12, for alpha; Shrout and Fleiss, "Intraclass correlations:
uses in assessing rater reliability", Psychol. Bull. 86 (1979), for the agreement of single and averaged reviews, here
from the variances of the mixed model, so that no incomplete row is dropped.
"""

from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any, Literal, get_args

import krippendorff
import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

from .fit import Fit, fit
from .scores import Scores

Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: tuple[Level, ...] = get_args(Level)
FAR = 9.0  # standard deviations beyond which the normal density adds less than 1e-18


class BadAgreement(ValueError):
    """The agreement cannot be told; the message names the setting."""


def stepped_up(one: float, reviews: float) -> float:
    """Return the reliability of the mean of `reviews` reviews from that of one (Spearman and Brown 1910)."""
    return reviews * one / (1 + (reviews - 1) * one)


def truly_best(reliability: float, share: float) -> float:
    """Return which part of the `share` funded truly belongs to the best `share`, both from 0 to 1.

    Scores and true merit are a bivariate normal with correlation sqrt(reliability); by adaptive quadrature.
    """
    line, rho = float(norm.isf(share)), sqrt(reliability)
    if rho == 1:
        return 1.0
    spread = sqrt(1 - reliability)
    both, _ = quad(lambda x: norm.pdf(x) * norm.sf((line - rho * x) / spread), line, max(line, 0) + FAR,
                   epsabs=1e-12, epsrel=1e-10)  # fmt: skip
    return min(1.0, float(both / share))  # the quadrature may miss 1 by its own error


def alpha(scores: Scores, level: Level = "interval") -> float | None:
    """Return Krippendorff's alpha over the proposals, or None where no proposal has two reviews or all scores agree.

    Raises BadAgreement for an unknown level, and for "ratio" with a negative score.
    """
    if level not in LEVELS:
        raise BadAgreement(f"level: {level} is none of {', '.join(LEVELS)}")
    values, place = np.unique(scores.score, return_inverse=True)
    if level == "ratio" and values[0] < 0:
        raise BadAgreement("level: a ratio needs scores that are not negative")
    paired = scores.reviews[scores.proposal] > 1
    if len(np.unique(place[paired])) < 2:
        return None
    counts = np.zeros((len(scores.proposals), len(values)))
    np.add.at(counts, (scores.proposal, place), 1)
    return float(krippendorff.alpha(value_counts=counts, value_domain=values.tolist(), level_of_measurement=level))


@dataclass(frozen=True)
class Agreement:
    """The agreement of the reviewers of all that was scored, for `places` funded proposals."""

    scores: Scores
    places: int
    level: Level
    preselected: bool
    fitted: Fit

    @cached_property
    def one(self) -> float | None:
        """Return the reliability of one review, v_p / (v_p + v_r + v_e), or None where the scores cannot tell."""
        f = self.fitted
        everything = f.v_proposal + f.v_reviewer + f.v_residual
        return f.v_proposal / everything if everything > 0 and self.scores.reviews.max() > 1 else None

    @property
    def reviews(self) -> float:
        """Return the mean number of reviews of a proposal."""
        return len(self.scores.score) / len(self.scores.proposals)

    def warnings(self) -> list[str]:
        """Return what the figures cannot tell, in words."""
        found = []
        if self.preselected:
            found.append("These proposals were chosen before: among those that are alike, agreement is low by itself. "
                         "It says nothing about the reviewers of all proposals.")  # fmt: skip
        if self.scores.reviews.max() < 2:
            found.append("No proposal has two reviews: nothing can be said about agreement.")
        elif self.one is None:
            found.append("All scores are the same: nothing can be said about agreement.")
        return [*found, *self.fitted.warnings]

    def as_json(self) -> dict[str, Any]:
        """Return the figures, those that cannot be told as None; shares from 0 to 1."""
        share = self.places / len(self.scores.proposals)
        many = None if self.one is None else stepped_up(self.one, self.reviews)
        told = many is not None and not self.preselected and share < 1
        truly = truly_best(many, share) if told and many is not None else None
        sentence = None if truly is None else (
            f"Of those we fund, {truly:.0%} truly belong to the best {share:.0%}, as far as the scores can tell."
        )  # fmt: skip
        return {
            "proposals": len(self.scores.proposals), "reviewers": len(self.scores.reviewers),
            "scores": len(self.scores.score), "reviews_each": self.reviews, "level": self.level,
            "alpha": alpha(self.scores, self.level), "icc_one": self.one, "icc_mean": many, "funded": share,
            "truly_best": truly, "sentence": sentence, "warnings": self.warnings(),
        }  # fmt: skip


def agreement(scores: Scores, places: int, level: Level = "interval", *, preselected: bool = False) -> Agreement:
    """Return the agreement of the reviewers.

    `preselected` says that only the better proposals are here: then a warning stands in place of the sentence about
    the funded. Raises BadAgreement unless 1 <= places <= number of proposals.
    """
    if not 1 <= places <= len(scores.proposals):
        raise BadAgreement(f"places: {places} is not between 1 and {len(scores.proposals)}, the number of proposals")
    return Agreement(scores, places, level, preselected, fit(scores))
