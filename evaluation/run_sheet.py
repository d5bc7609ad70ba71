"""The run sheet of a call: what the secretariat does by when, from the closing to the release.

The days between closing and promised answer are shared out over the steps; each step's day follows from the call alone.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from django.db.models import Count, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from fund.call_queries import going_on
from fund.enums import CallState, Stage
from fund.models import Call
from lifecycle import clock
from people.enums import Role
from people.models import User
from people.services.calendar import business_days_after
from people.waiting import Waiting
from proposals.enums import ProposalState
from proposals.models import Proposal

from .feedback import certified_for
from .models import Lottery, RankingRun
from .standing import fits

P = ProposalState
RUNNING = (CallState.APPROVED, CallState.JUDGING)
DECIDED = (P.APPROVED, P.DECLINED, P.RESERVED)
TO_CERTIFY = "to_certify"  # counted beside the states: decided, and nothing certified yet for the team to read
# What, states that wait for it, share of the answer days in percent, where: the list, the panel or the queue
STEPS: tuple[tuple[str, tuple[str, ...], int, str], ...] = (
    ("First checks to finish", (P.SUBMITTED, P.SCREENING), 20, "list"),
    ("Proposals that need reviewers", (P.ELIGIBLE,), 30, "panel"),
    ("Proposals whose reviews are still being written", (P.IN_REVIEW,), 60, "panel"),
    ("Proposals to talk over and to rank", (P.REVIEW_CLOSED, P.IN_MODERATION), 70, "panel"),
    ("Proposals to bring to the board", (P.RANKED, P.RECOMMENDED, P.NOT_RECOMMENDED), 80, "panel"),
    ("Proposals with the board", (P.DECISION_PENDING, P.DEFERRED), 90, "panel"),
    ("Feedback for the chair to certify", (TO_CERTIFY,), 95, "queue"),
    ("Answers to release", DECIDED, 100, "panel"),
)


@dataclass(frozen=True)
class Step:
    """One line: how many wait, by when, and whether the day has passed."""

    what: str
    count: int
    due: date | None
    late: bool
    place: str


def last_day_of(call: Call) -> date | None:
    """Return the last day on which one can submit; None for a rolling call that is not closed."""
    return timezone.localtime(call.ends_at - timedelta(seconds=1)).date() if call.ends_at else None


def counts_of(user: User) -> dict[int, Counter[str]]:
    """Return call -> state or `TO_CERTIFY` -> how many proposals the person sees in it, for running calls; one query.

    Answers that were released wait for nobody and are left out.
    """
    return _counts_and_draws(user)[0]


def _counts_and_draws(user: User) -> tuple[dict[int, Counter[str]], set[int]]:
    """Return the counts, and those calls whose newest ranking leaves places to lots that are not drawn yet."""
    seen = Proposal.objects.visible_to(user).not_concealed().filter(call__state__in=RUNNING, released_at=None)
    newest = RankingRun.objects.filter(call=OuterRef("call")).order_by("-at", "-pk")
    told_of = seen.order_by().annotate(
        draws=Subquery(newest.values("draws")[:1]), run=Subquery(newest.values("pk")[:1]), certified=certified_for()
    )
    groups = told_of.values("call", "call__stage", "state", "draws", "run", "certified")
    found: dict[int, Counter[str]] = {}
    drawn_for: dict[int, int] = {}
    for row in groups.annotate(n=Count("pk")):
        counts = found.setdefault(row["call"], Counter())
        counts[row["state"]] += row["n"]
        if row["state"] in DECIDED and not row["certified"] and row["call__stage"] != Stage.SPARK:
            counts[TO_CERTIFY] += row["n"]
        if row["state"] == P.RANKED and row["draws"]:
            drawn_for[row["call"]] = row["run"]
    return found, _undrawn(drawn_for)


def _undrawn(runs: Mapping[int, int]) -> set[int]:
    """Return those of the calls, each with its newest ranking, whose lots are not drawn over the list of that one."""
    lotteries = {row.call_id: row for row in Lottery.objects.filter(call__in=runs)} if runs else {}  # the newest last
    again = [pk for call, pk in runs.items() if call in lotteries and lotteries[call].run_id not in (None, pk)]
    ranked_again = RankingRun.objects.in_bulk(again) if again else {}

    def is_drawn(call: int, run: int) -> bool:
        row = lotteries.get(call)
        return row is not None and row.drawn_at is not None and (row.run_id == run or fits(row, ranked_again[run]))

    return {call for call, run in runs.items() if not is_drawn(call, run)}


def steps_of(call: Call, counts: Mapping[str, int]) -> list[Step]:
    """Return every step in the order of the work, with its day counted in business days after the closing."""
    last, today = last_day_of(call), clock.today()
    days = business_days_after(last, call.answer_days) if last else []
    rows = []
    for what, states, share, place in STEPS:
        count = sum(counts.get(state, 0) for state in states)
        due = days[ceil(call.answer_days * share / 100) - 1] if days else None
        rows.append(Step(what, count, due, bool(count and due and due < today), place))
    return rows


def waiting_for(user: User, roles: set[str]) -> list[Waiting]:
    """Return one line for each running call on which the secretariat has something to do, with its next day."""
    if Role.SECRETARIAT not in roles:
        return []
    counts, draws = _counts_and_draws(user)
    rows = []
    for call in (call for call in going_on() if call.pk in counts):
        if call.pk in draws:
            lots = reverse("lots", args=[call.reference])
            rows.append(Waiting(f"Draw lots in “{call.title}”", "", lots, part=Role.SECRETARIAT.label))
        steps = [step for step in steps_of(call, counts[call.pk]) if step.count]
        if steps:
            about = "; ".join(f"{step.what.lower()}: {step.count}" for step in steps[:2])
            rows.append(
                Waiting(
                    f"What to do today for “{call.title}”",
                    about,
                    f"/calls/{call.reference}/today/",
                    steps[0].due,
                    Role.SECRETARIAT.label,
                )
            )
    return rows
