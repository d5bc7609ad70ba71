"""Where a proposal stands in the newest ranking of its call, once lots are drawn."""

from dataclasses import dataclass
from typing import Any

from lifecycle.remembering import remembered

from .engine.line import AFTER, DECLINE, DRAW, FUND, Line, after_lots, fates_after
from .engine.lots import draw
from .models import Lottery, RankingRun

WORDS = {
    FUND: "Inside the money", DRAW: "Lots decide", AFTER: "Waits for the lots", DECLINE: "Outside the money",
}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """What a run says of its proposals, by reference; `lots` in the order in which they were drawn."""

    fates: dict[str, str]
    lots: tuple[str, ...]
    reserve: tuple[str, ...]
    left: int


@remembered
def newest_run(call: Any) -> RankingRun | None:
    """Return the newest ranking of the call that keeps its results."""
    return RankingRun.objects.filter(call=call).exclude(results="").last() if call else None


def labels_in(run: RankingRun) -> list[str]:
    """Return between whom lots decide in a run, sorted."""
    return sorted(name for name, fate in run.said["line"]["fates"].items() if fate == DRAW)


def fits(lottery: Lottery, run: RankingRun | None) -> bool:
    """Tell whether the frozen list is the one between which lots decide in the run."""
    return lottery.frozen_at is not None and run is not None and lottery.listed == labels_in(run)


def lottery_of(call: Any) -> Lottery | None:
    """Return the draw of the call that stands."""
    return Lottery.objects.filter(call=call).last()


def lottery_for(run: RankingRun) -> Lottery | None:
    """Return the draw that stood until the next ranking of the call, or stands now."""
    found = list(Lottery.objects.filter(call=run.call_id))
    if len(found) > 1:
        later = RankingRun.objects.filter(call=run.call_id, pk__gt=run.pk).exclude(results="")
        following = later.order_by("pk").first()
        found = [row for row in found if following is None or row.committed_at < following.at]
    return found[-1] if found else None


def standing_in(run: RankingRun, lottery: Lottery | None) -> Standing:
    """Return the fates in one run; where lots are drawn between exactly those that it leaves to them, they decided."""
    line = run.said["line"]
    fates, waiting = dict(line["fates"]), labels_in(run)
    if not waiting or lottery is None or lottery.drawn_at is None or not fits(lottery, run):
        return Standing(fates, (), (), line["left"])
    costs = {row["id"]: row["cost"] for row in run.asked["proposals"]}
    lots = tuple(lot.label for lot in draw(waiting, lottery.code, lottery.randomness))
    drawn = after_lots(Line(fates, line["left"]), lots, costs.__getitem__, run.asked["money"]["rule"])
    return Standing(fates_after(Line(fates, line["left"]), drawn), lots, drawn.reserve, drawn.left)


@remembered
def standing_of(call: Any) -> Standing | None:
    """Return the standing in the newest run of the call, or None before its first."""
    run = newest_run(call)
    return standing_in(run, lottery_of(call)) if run else None


def fate_of(proposal: Any) -> str:
    """Return the fate of a proposal in the newest run of its call, or nothing where no run has it."""
    standing = standing_of(proposal.call)
    return standing.fates.get(proposal.reference, "") if standing else ""
