"""Scores as the engine reads them: one row is one reviewer's score of one proposal."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LARGEST = 1e9  # beyond it rounding to six decimals loses digits


class BadScores(ValueError):
    """The scores cannot be ranked; the message names the row."""


@dataclass(frozen=True)
class Scores:
    """N scores of n proposals by R reviewers; `proposal` and `reviewer` are positions in the two lists of ids."""

    proposals: tuple[str, ...]
    reviewers: tuple[str, ...]
    proposal: Ints
    reviewer: Ints
    score: Floats
    from_two_starts: bool = False  # how the variances were looked for by runs before format `ranking-4`

    @property
    def reviews(self) -> Ints:
        """Return how many reviews each proposal has (n)."""
        return np.bincount(self.proposal, minlength=len(self.proposals)).astype(np.int64)

    @property
    def loads(self) -> Ints:
        """Return how many proposals each reviewer has (R)."""
        return np.bincount(self.reviewer, minlength=len(self.reviewers)).astype(np.int64)

    @property
    def raw_means(self) -> Floats:
        """Return the plain mean of each proposal's scores (n), in the unit of the scores."""
        found: Floats = np.bincount(self.proposal, self.score, len(self.proposals)) / self.reviews
        return found

    def pieces(self) -> int:
        """Return into how many pieces proposals and reviewers fall that no review connects."""
        parent = list(range(len(self.proposals) + len(self.reviewers)))

        def root(node: int) -> int:
            while parent[node] != node:
                parent[node] = parent[parent[node]]
                node = parent[node]
            return node

        for proposal, reviewer in zip(self.proposal.tolist(), self.reviewer.tolist(), strict=True):
            parent[root(proposal)] = root(len(self.proposals) + reviewer)
        return len({root(node) for node in range(len(parent))})

    def digests(self) -> tuple[list[str], list[str]]:
        """Return a digest of each proposal's and each reviewer's scores that no id and no order of rows enters.

        Each round hashes a proposal's scores with the digests of their reviewers, and the other way round, until no
        further ones are told apart: equal digests then belong to proposals that the data do not distinguish.
        """
        rows = list(zip(self.proposal.tolist(), self.reviewer.tolist(), self.score.tolist(), strict=True))
        proposals, reviewers = [""] * len(self.proposals), [""] * len(self.reviewers)
        told_apart = 0
        while len({*proposals}) + len({*reviewers}) > told_apart:
            told_apart = len({*proposals}) + len({*reviewers})
            proposals = _hashed(len(proposals), [(p, score, reviewers[r]) for p, r, score in rows])
            reviewers = _hashed(len(reviewers), [(r, score, proposals[p]) for p, r, score in rows])
        return proposals, reviewers


def _hashed(count: int, rows: Iterable[tuple[int, float, str]]) -> list[str]:
    found: list[list[tuple[float, str]]] = [[] for _ in range(count)]
    for place, score, other in rows:
        found[place].append((score, other))
    return [sha256(repr(sorted(pairs)).encode()).hexdigest() for pairs in found]


def scores_of(rows: Iterable[tuple[str, str, float]]) -> Scores:
    """Return the scores of rows (proposal, reviewer, score).

    Raises BadScores for no row, a second score of one reviewer for one proposal, and a number that is not finite or
    beyond 1e9. Rows are counted from 1.
    """
    proposals: dict[str, int] = {}
    reviewers: dict[str, int] = {}
    first: dict[tuple[str, str], int] = {}
    found: list[tuple[int, int, float]] = []
    for number, (proposal, reviewer, score) in enumerate(rows, 1):
        if not isfinite(score) or abs(score) > LARGEST:
            raise BadScores(f"row {number}, score: {score!r} is not a number between -1e9 and 1e9")
        if (proposal, reviewer) in first:
            raise BadScores(
                f"row {number}, reviewer: {reviewer!r} has scored {proposal!r} in row {first[proposal, reviewer]}"
            )
        first[proposal, reviewer] = number
        place = proposals.setdefault(proposal, len(proposals)), reviewers.setdefault(reviewer, len(reviewers))
        found.append((*place, float(score)))
    if not found:
        raise BadScores("row 1: there is no score")
    p, r, y = zip(*found, strict=True)
    return Scores(
        tuple(proposals), tuple(reviewers), np.array(p, np.int64), np.array(r, np.int64), np.array(y, np.float64)
    )
