"""What the page of a ranking shows: rows that the reader may see, flags with names, and the picture's figures."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef

from fund.models import Call
from people.models import User
from proposals.models import Proposal

from .hanging import leaning, without_one
from .inputs import name_of_review, name_of_reviewer
from .models import Departure, RankingRun, Review
from .queries import criteria_of
from .standing import WORDS, Standing, lottery_for, standing_in

LEFT, WIDTH, HEIGHT, TOP = 16, 288, 34, 20  # of the picture, in its own units; it is 320 wide


@dataclass(frozen=True)
class RankRow:
    """One proposal in a run: official figures, and where there are reviews the calibrated ones."""

    proposal: Proposal
    official: dict[str, Any]
    figures: dict[str, Any] | None
    fate: str
    words: str
    without: list[dict[str, Any]]
    place: int = 0
    whole: bool = True

    @property
    def span(self) -> str:
        """Return where its true place likely is, in whole places; nothing where a place would tell of what is kept."""
        if not self.whole:
            return ""
        low, high = (f"{self.figures[key]:.0f}" for key in ("rank_q05", "rank_q95")) if self.figures else ("", "")
        return f"{low}" if low == high else f"between {low} and {high}"

    @property
    def leaning(self) -> str:
        """Return how its place hangs on single reviews; nothing where a place would tell of what is kept."""
        return leaning(self.without) if self.whole else ""

    @property
    def top(self) -> str:
        """Return in percent how likely it belongs to the best as many as the money pays."""
        return f"{self.figures['p_top']:.0%}" if self.figures else ""


@dataclass(frozen=True)
class Flag:
    """One thing to look at: whose review, of which proposal, and what."""

    words: str
    proposal: Proposal | None
    review: Review | None


@dataclass(frozen=True)
class Weighing:
    """What one review weighs in the estimate of its proposal, and what would be without it; figures in percent."""

    review: Review
    weight: str
    merit: float
    place: str


@dataclass(frozen=True)
class Bar:
    """One line of the picture; all positions in its units."""

    label: str
    y: int
    low: float
    left: float
    right: float
    high: float
    middle: float


def runs_of(call: Call) -> list[Any]:
    """Return the runs of the call that keep their results, the oldest first, each with whether a review fell of it."""
    fallen = Review.objects.filter(ranked_in=OuterRef("pk"), ranked_in__replaced_by=None)
    runs = RankingRun.objects.filter(call=call).exclude(results="").select_related("by")
    return list(runs.annotate(fell=Exists(fallen)))


def rows_of(run: RankingRun, user: User) -> tuple[Standing, list[RankRow]]:
    """Return the standing in the run, and the rows that `user` may see in the order of their places.

    A place counts those that the user sees: from a gap they would read how one stands that is kept from them.
    """
    said = run.said
    standing = standing_in(run, lottery_for(run))
    ids = [row["id"] for row in said["official"]]
    seen = Proposal.objects.visible_to(user).filter(reference__in=ids).not_concealed()
    seen = seen.select_related("call", "lead_agency")
    proposals = {proposal.reference: proposal for proposal in seen}
    figures = {row["id"]: row for row in (said["advice"] or {"proposals": []})["proposals"]}
    rows, without = [], without_one(said)
    for official in said["official"]:
        name = official["id"]
        if name in proposals:
            fate = standing.fates[name]
            words = WORDS[fate] if official["meets"] else "Below the threshold"
            rows.append(RankRow(proposals[name], official, figures.get(name), fate, words, without.get(name, [])))
    places, whole = [row.official["place"] for row in rows], len(rows) == len(ids)
    return standing, [
        replace(row, place=1 + sum(place < row.official["place"] for place in places), whole=whole) for row in rows
    ]


def bars_of(run: RankingRun, rows: list[RankRow]) -> tuple[list[Bar], float, int]:
    """Return the bars of the picture, best expected rank first, the position of the line, and the picture's height.

    None where something of the ranking is kept from the reader.
    """
    advice = run.said["advice"]
    if advice is None or not all(row.whole for row in rows):
        return [], 0, 0
    count = len(advice["proposals"])

    def at(rank: float) -> float:
        return round(LEFT + WIDTH * (rank - 1) / max(1, count - 1), 1)

    known = sorted(((row.figures, row) for row in rows if row.figures), key=lambda pair: pair[0]["expected_rank"])
    bars = [
        Bar(
            f"{row.place}. {row.proposal.reference}", TOP + HEIGHT * n, at(found["rank_q05"]),
            at(found["rank_q25"]), at(found["rank_q75"]), at(found["rank_q95"]), at(found["expected_rank"]),
        )
        for n, (found, row) in enumerate(known)
    ]  # fmt: skip
    return bars, at(advice["line"]), TOP + HEIGHT * len(bars) + 8


def departures_of(call: Call, rows: list[RankRow]) -> list[Departure]:
    """Return every departure of the call from its rankings that the reader may see, the oldest first."""
    seen = [row.proposal for row in rows]
    return list(Departure.objects.filter(run__call=call, proposal__in=seen).select_related("proposal", "by"))


def reviews_of(rows: list[RankRow]) -> dict[str, Review]:
    """Return pseudonym -> review of what the reader may see; one query."""
    reviews = Review.objects.filter(proposal__in=[row.proposal for row in rows])
    return {name_of_review(review): review for review in reviews.select_related("reviewer", "proposal__call")}


def weighings_of(rows: list[RankRow], by_name: dict[str, Review]) -> list[Weighing]:
    """Return what each review of these rows weighs, in their order."""
    return [
        Weighing(
            by_name[found["review"]], f"{found['weight']:.0%}", found["merit"], str(found["place"]) if row.whole else ""
        )
        for row in rows for found in row.without if found["review"] in by_name
    ]  # fmt: skip


def flags_of(run: RankingRun, rows: list[RankRow], by_name: dict[str, Review]) -> list[Flag]:
    """Return what somebody should look at, with the reviews behind the pseudonyms."""
    proposals = {row.proposal.reference: row.proposal for row in rows}
    people = {name_of_reviewer(run.call, review.reviewer_id): review.reviewer.full_name for review in by_name.values()}
    criteria = {str(row.pk): row.name for row in criteria_of(run.call)}
    found = []
    for row in run.said["flags"]:
        proposal, review = proposals.get(row.get("proposal", "")), by_name.get(row.get("review", ""))
        if (row["kind"] == "drift" and row["reviewer"] in people) or (proposal is not None and review is not None):
            found.append(Flag(SAID[row["kind"]](row, people.get(row["reviewer"], ""), criteria), proposal, review))
    return found


def _far(row: dict[str, Any], name: str, criteria: dict[str, str]) -> str:
    side = {"fund": "inside the money", "draw": "in the draw"}.get(row["without"], "outside the money")
    return (f"{name} scored it far from what the other reviews let expect ({abs(row['t']):.1f} standard deviations). "
            f"Without this review it would stand {side}.")  # fmt: skip


def _drift(row: dict[str, Any], name: str, criteria: dict[str, str]) -> str:
    way = "fell" if row["correlation"] < 0 else "rose"
    return f"The scores of {name} {way} from one review to the next."


def _flat(row: dict[str, Any], name: str, criteria: dict[str, str]) -> str:
    return f"{name} gave the same score on every criterion."


def _terse(row: dict[str, Any], name: str, criteria: dict[str, str]) -> str:
    named = ", ".join(criteria.get(key, "") for key in row["criteria"])
    return f"{name} gave a very low or high score with hardly a reason: {named}."


SAID: dict[str, Callable[[dict[str, Any], str, dict[str, str]], str]] = {
    "far": _far, "drift": _drift, "flat": _flat, "terse": _terse,
}  # fmt: skip
