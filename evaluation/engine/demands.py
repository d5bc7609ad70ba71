"""What an assignment of reviewers must meet: needs, loads, side rules; and these as rows of a linear programme."""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .scores import Floats, Ints

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rule:
    """For each of `proposals`: at least `least` and at most `most` of its reviewers are among `reviewers`."""

    name: str
    proposals: tuple[int, ...]
    reviewers: tuple[int, ...]
    least: int = 0
    most: int | None = None


@dataclass(frozen=True)
class Shortfall:
    """Who is short: `kind` is "proposal", "reviewer" or "rule", `place` its position, `words` a plain sentence."""

    kind: str
    place: int
    needs: int
    possible: int
    words: str

    def __str__(self) -> str:
        """Return the sentence."""
        return self.words


@dataclass(frozen=True)
class Demand:
    """P proposals, R reviewers: `scores` P x R, `allowed` P x R, `need` P, `low` and `high` R, side rules.

    `proposals` and `reviewers` are the names by which ties are broken, `seed` that of the call.
    """

    scores: Floats
    allowed: Flags
    need: Ints
    low: Ints
    high: Ints
    rules: tuple[Rule, ...] = ()
    proposals: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    seed: str = ""

    def name_of(self, kind: str, place: int) -> str:
        """Return the name of a proposal or reviewer, or its position where there is none."""
        names = self.proposals if kind == "proposal" else self.reviewers
        return names[place] if names else str(place)

    def short_alone(self) -> list[Shortfall]:
        """Return the proposals that have too few reviewers even when nobody else takes any."""
        possible = self.allowed.sum(axis=1)
        return [
            self._short("proposal", p, int(self.need[p]), int(possible[p]), "without a conflict and with the expertise")
            for p in np.flatnonzero(possible < self.need).tolist()
        ]

    def named(self, missing: Floats) -> list[Shortfall]:
        """Return the shortfalls of a programme's rows, given what each row misses."""
        found = []
        count, loads = len(self.need), len(self.low)
        for row in np.flatnonzero(missing > 0.5).tolist():
            short = round(float(missing[row]))
            if row < count:
                need = int(self.need[row])
                found.append(self._short("proposal", row, need, need - short, f"with room left{self._within(row)}"))
            elif row < count + loads:
                least = int(self.low[row - count])
                words = f"Reviewer {self.name_of('reviewer', row - count)} must have {least} " \
                        f"proposal{'' if least == 1 else 's'}, only {least - short} " \
                        f"{'is' if least - short == 1 else 'are'} left for them."  # fmt: skip
                found.append(Shortfall("reviewer", row - count, least, least - short, words))
            else:
                rule, proposal = self._rule_at(row - count - loads)
                words = f"Proposal {self.name_of('proposal', proposal)}: the rule “{rule.name}” needs {rule.least}, " \
                        f"only {rule.least - short} can be had."  # fmt: skip
                found.append(Shortfall("rule", proposal, rule.least, rule.least - short, words))
        return found

    def _within(self, proposal: int) -> str:
        """Return the rules by which not all who may review the proposal can, in words; "" where there is none."""
        names = [
            f"“{rule.name}”" for rule in self.rules
            if rule.most is not None and proposal in rule.proposals
            and int(self.allowed[proposal, list(rule.reviewers)].sum()) > rule.most
        ]  # fmt: skip
        return f" and within the rule{'' if len(names) == 1 else 's'} {', '.join(names)}" if names else ""

    def _rule_at(self, row: int) -> tuple[Rule, int]:
        for rule in self.rules:
            if row < len(rule.proposals):
                return rule, rule.proposals[row]
            row -= len(rule.proposals)
        raise IndexError(row)

    def _short(self, kind: str, place: int, needs: int, possible: int, why: str) -> Shortfall:
        words = f"Proposal {self.name_of(kind, place)} needs {needs}, only {possible} " \
                f"reviewer{'' if possible == 1 else 's'} {why} can be had."  # fmt: skip
        return Shortfall(kind, place, needs, possible, words)


@dataclass(frozen=True)
class Pairs:
    """K possible pairs: positions of proposal and reviewer, the score, and the place in the list of all pairs."""

    proposal: Ints
    reviewer: Ints
    score: Floats
    at: Ints
    size: int

    def take(self, chosen: Flags) -> "Pairs":
        """Return the chosen ones."""
        return Pairs(self.proposal[chosen], self.reviewer[chosen], self.score[chosen], self.at[chosen], self.size)

    def within(self, other: "Pairs") -> Flags:
        """Tell of each pair whether the other list holds it."""
        flags = np.zeros(self.size, bool)
        flags[other.at] = True
        found: Flags = flags[self.at]
        return found

    def of_rule(self, rule: Rule) -> Flags:
        """Tell of each pair whether the rule counts it."""
        of, members = (np.zeros(1 + int(side.max(initial=0)), bool) for side in (self.proposal, self.reviewer))
        of[[p for p in rule.proposals if p < len(of)]] = True
        members[[r for r in rule.reviewers if r < len(members)]] = True
        found: Flags = of[self.proposal] & members[self.reviewer]
        return found

    def ranks_by_proposal(self, merit: Floats | None = None) -> Ints:
        """Return each pair's place among those of its proposal by score, or by another merit, 0 the best."""
        return _ranks(self.proposal, self.score if merit is None else merit)

    def ranks_by_reviewer(self) -> Ints:
        """Return each pair's place among those of its reviewer, 0 the best."""
        return _ranks(self.reviewer, self.score)


def _ranks(owner: Ints, score: Floats) -> Ints:
    order = np.lexsort((-score, owner))
    starts = np.searchsorted(owner[order], owner[order])
    found = np.empty(len(owner), np.int64)
    found[order] = np.arange(len(owner)) - starts
    return found


def pairs_of(demand: Demand) -> Pairs:
    """Return all pairs that are allowed."""
    p, r = np.nonzero(demand.allowed)
    return Pairs(p, r, demand.scores[p, r], np.arange(len(p)), len(p))


@dataclass(frozen=True)
class Rows:
    """low <= matrix @ x <= high, one column for each pair, rows: proposals, reviewers, side rules, floor."""

    matrix: sparse.csr_array
    low: Floats
    high: Floats


def rows_of(demand: Demand, pairs: Pairs, floor: float | None) -> Rows:
    """Return the rows for these pairs; `floor` is the least total of each proposal."""
    proposals, reviewers = demand.scores.shape
    columns = np.arange(len(pairs.score))
    row, column, value = [pairs.proposal, proposals + pairs.reviewer], [columns, columns], [np.ones(2 * len(columns))]
    low, high = [demand.need, demand.low], [demand.need, demand.high]
    start = proposals + reviewers
    for rule in demand.rules:
        places = np.full(proposals, -1)
        places[list(rule.proposals)] = np.arange(len(rule.proposals))
        inside = np.flatnonzero(pairs.of_rule(rule))
        row.append(start + places[pairs.proposal[inside]])
        column.append(inside)
        value.append(np.ones(len(inside)))
        low.append(np.full(len(rule.proposals), float(rule.least)))
        high.append(np.full(len(rule.proposals), np.inf if rule.most is None else float(rule.most)))
        start += len(rule.proposals)
    if floor is not None:
        row.append(start + pairs.proposal)
        column.append(columns)
        value.append(pairs.score)
        low.append(np.full(proposals, floor))
        high.append(np.full(proposals, np.inf))
        start += proposals
    entries = (np.concatenate(value), (np.concatenate(row), np.concatenate(column)))
    matrix = sparse.csr_array(sparse.coo_array(entries, shape=(start, len(columns))))
    return Rows(matrix, np.concatenate(low).astype(float), np.concatenate(high).astype(float))


def ties_of(demand: Demand, pairs: Pairs) -> Floats:
    """Return a number in [0, 1) for each pair: SHA-256 of the call's seed, the proposal and the reviewer."""
    names = [
        f"{demand.seed}\0{demand.name_of('proposal', p)}\0{demand.name_of('reviewer', r)}"
        for p, r in zip(pairs.proposal.tolist(), pairs.reviewer.tolist(), strict=True)
    ]
    return np.array([int.from_bytes(sha256(name.encode()).digest()[:6]) / 2**48 for name in names])
