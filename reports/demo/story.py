"""What happened in the demonstration fund, call by call. Days are counted back from today."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from evaluation.enums import Ground
from evaluation.services import appeals, ranking, release
from fund.enums import Stage
from fund.models import BudgetLine, Call
from fund.services import calls, extensions, ledger
from fund.services.budget import add_line
from fund.services.calls import add_call
from incentives.services import versions
from lifecycle import clock
from lifecycle.fiscal import fiscal_year
from lifecycle.performing import perform
from people.models import Agency, User
from proposals.models import Proposal

from . import acts, coming, grants, recognition, sparks

BEGIN = 430
FILE = Path(__file__).resolve().parents[1] / "demo_data" / "proposals.json"
NOTHING_YET = ("draft",)
# reference, title, opens, closes (days back; negative lies ahead), purpose
CALLS = (
    ("explore-2025-1", "Services that find people", 405, 385,
     "People should not have to look for a service; the service should find them. We look for ideas of two or more "
     "agencies that bring a service to where people are."),
    ("explore-2026-1", "Less lost on the way", 90, 60,
     "Time, medicine, milk and messages are lost on the way. We look for ideas that lose less of them."),
    ("explore-2026-3", "Small things that save a day", 50, 30,
     "Often a small thing costs somebody a day. We look for small things that give the day back."),
    ("explore-2026-2", "Services without a second visit", 19, -40,
     "Many people travel for hours to a counter and are sent home because one paper is missing. "
     "We look for ideas of two or more agencies that spare people the second visit."),
)  # fmt: skip
WHO = (
    "Every civil servant, with a partner agency of another sector. "
    "Colleagues on contract can lead and take part; recognition that depends on rank is not open to them."
)


@contextmanager
def days_ago(days: float) -> Iterator[None]:
    """Live the block as if it were `days` ago."""
    with clock.frozen(NOW - timedelta(days=days)):
        yield


NOW = datetime.now(UTC)


def at_night(days: int) -> datetime:
    """Return 18:00 UTC, midnight in Thimphu, that many days back."""
    return datetime.combine((NOW - timedelta(days=days)).date(), time(18), UTC)


def tell(people: dict[str, User]) -> None:
    """Live through it all."""
    with days_ago(BEGIN - 1):
        _policy(people)
        lines = {year: _line(people, year) for year in _years()}
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    for reference, title, opens, closes, purpose in CALLS:
        call = _call(people, lines, reference, title, opens, closes, purpose)
        mine = [row for row in rows if row["call"] == reference]
        made = {row["title"]: _write(people, call, row, opens, place) for place, row in enumerate(mine)}
        LIVED[reference](people, [(row, made[row["title"]]) for row in mine])
        _follow(people, call)
    with days_ago(sparks.OPENED + 2):
        line = lines[fiscal_year(clock.today())]
    sparks.tell(people, line, days_ago)
    recognition.tell(people, days_ago)
    coming.prepare(people, lines[fiscal_year(NOW.date())], NOW, at_night)


STEPS = {
    "explore-2025-1": ("judge", "settle_decisions", "settle"),
    "explore-2026-1": ("judge", "settle_decisions"),
    "explore-2026-3": ("judge",),
}


def _follow(people: dict[str, User], call: Call) -> None:
    """Bring the call to where its proposals are; the open one gets a week more, with the reason."""
    with days_ago(1):
        for name in STEPS.get(call.reference, ()):
            perform(Call.objects.get(pk=call.pk), name, by=people["secretariat"])
        if call.reference == "explore-2026-2":
            reason = "The line to three dzongkhags was down for two days; everybody gets a week more."
            extensions.extend(call, by=people["secretariat"], until=at_night(-47), reason=reason)


def _policy(people: dict[str, User]) -> None:
    draft = versions.add_draft(by=people["rcsc"], data=versions.standard_policy(), valid_from=clock.today())
    versions.approve(versions.consult(draft, by=people["rcsc"]), by=people["rcsc2"])


def _years() -> list[int]:
    now = fiscal_year(NOW.date())
    return sorted({fiscal_year((NOW - timedelta(days=400)).date()), now})


def _line(people: dict[str, User], year: int) -> BudgetLine:
    agency = Agency.objects.get(code="cabinet")
    line = add_line(
        by=people["head"], code=f"innovation-{year}", name=f"Innovation Fund {year}", fiscal_year=year, agency=agency
    )
    ledger.appropriate(line=line, amount=120_000_000_000, source=f"budget act {year}", by=people["head"])
    ledger.allocate(line=line, amount=1_200_000_000, source=f"allocation {year}", by=people["head"])
    return line


def _call(
    people: dict[str, User], lines: dict[int, BudgetLine], reference: str, title: str, opens: int, closes: int,
    purpose: str,
) -> Call:  # fmt: skip
    with days_ago(opens + 3):
        call = add_call(
            by=people["secretariat"], opens_at=NOW - timedelta(days=opens + 1), closes_at=at_night(closes),
            reference=reference, title=title, stage=Stage.EXPLORE, ceiling=100_000_000, purpose=purpose,
            who_can_apply=WHO, budget_line=lines[fiscal_year(clock.today())],
        )  # fmt: skip
        handed = calls.hand_over(call, by=people["secretariat"])
        return calls.approve(handed, by=people["head"], note=sparks.FEW)


def _write(people: dict[str, User], call: Call, row: dict[str, str], opens: int, place: int) -> Proposal:
    """Write one proposal and take it as far as its applicants do."""
    with days_ago(opens - 0.5 - place / 10):
        proposal = acts.draft(people, call, row)
        if row["end"] in NOTHING_YET:
            return proposal
        if row["end"] == "lapsed":
            return proposal
        if row["end"] == "deleted":
            with days_ago(3):
                return perform(proposal, "delete_draft", by=people[row["lead"]])
        if row["end"] == "withdrawn":
            return perform(proposal, "withdraw", by=people[row["lead"]], note="Another department already does this.")
        proposal = acts.ask(people, row, proposal)
        return proposal if row["end"] == "awaiting" else acts.submit(people, row, proposal)


Lived = list[tuple[dict[str, str], Proposal]]
BEFORE = ("lapsed", "withdrawn", "draft", "deleted", "awaiting", "submitted")


def _checked(people: dict[str, User], rows: Lived, day: float) -> Lived:
    """First check of all that were submitted; return those that passed."""
    passed = []
    for row, proposal in rows:
        if row["end"] in BEFORE:
            continue
        with days_ago(day):
            found = acts.first_check(people, proposal, row["end"])
        if row["end"] not in ("ineligible", "screening"):
            passed.append((row, found))
    return passed


def _decided(people: dict[str, User], rows: Lived, day: float) -> None:
    """Judge, rank, decide and release a whole call; `day` is the day of the reviews."""
    with days_ago(day):
        judged = [(row, acts.review(people, proposal, row["end"], place)) for place, (row, proposal) in enumerate(rows)]
    with days_ago(day - 3):
        ranking.run(judged[0][1], by=people["secretariat"])
        for row, proposal in judged:
            acts.decide(people, proposal, row["end"])
    with days_ago(day - 5):
        for _, proposal in judged:
            acts.certify(people, proposal)
    with days_ago(day - 6):
        release.release(Proposal.objects.get(pk=judged[0][1].pk), by=people["secretariat"])


def _long_ago(people: dict[str, User], rows: Lived) -> None:
    passed = _checked(people, rows, 378)
    _decided(people, passed, 372)
    for row, proposal in passed:
        grants.live(people, row, Proposal.objects.get(pk=proposal.pk), days_ago)


def _lately(people: dict[str, User], rows: Lived) -> None:
    with days_ago(59):
        acts.lapse()
    passed = _checked(people, rows, 45)
    _decided(people, passed, 20)
    _appeal(people, passed)
    for row, proposal in passed:
        grants.live(people, row, Proposal.objects.get(pk=proposal.pk), days_ago)


def _appeal(people: dict[str, User], rows: Lived) -> None:
    """Let one refused team appeal; the appeal waits for an officer."""
    row, proposal = next(pair for pair in rows if pair[0]["end"] == "declined")
    words = "The letter says that the numbers rest on one place. Our answers name three, with the count of each."
    with days_ago(9):
        refused = Proposal.objects.get(pk=proposal.pk)
        appeals.lodge(refused, by=people[row["lead"]], ground=Ground.FACT, words=words)


EARLY = ("eligible", "in_review", "review_closed", "in_moderation")


def _in_judging(people: dict[str, User], rows: Lived) -> None:
    first = [pair for pair in rows if pair[0]["end"] not in EARLY]
    passed = _checked(people, first, 25)
    with days_ago(18):
        judged = [(row, acts.review(people, p, row["end"], place)) for place, (row, p) in enumerate(passed)]
    with days_ago(12):
        ranking.run(judged[0][1], by=people["secretariat"])
        for row, proposal in judged:
            acts.decide(people, proposal, row["end"])
    for place, (row, proposal) in enumerate(_checked(people, [p for p in rows if p[0]["end"] in EARLY], 9)):
        with days_ago(6):
            acts.review(people, proposal, row["end"], place)


def _open(people: dict[str, User], rows: Lived) -> None:
    _checked(people, rows, 4)


LIVED: dict[str, Any] = {
    "explore-2025-1": _long_ago,
    "explore-2026-1": _lately,
    "explore-2026-3": _in_judging,
    "explore-2026-2": _open,
}
