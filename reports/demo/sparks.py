"""The small ideas of the demonstration fund: one rolling call, in it an idea in each state of the lane."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from evaluation.enums import Interest
from evaluation.services import limits, reviewing, small
from evaluation.services.reviewing import Draft
from fund.enums import CallKind, Stage
from fund.models import BudgetLine, Call
from fund.services import calls
from lifecycle import clock
from lifecycle.performing import perform
from people.models import User
from proposals.enums import SectionKey
from proposals.lane import SMALL_RULES
from proposals.models import Proposal
from proposals.services import drafting, information, screening, sparking, submitting

from . import grants

DaysAgo = Callable[[float], AbstractContextManager[None]]
FILE = Path(__file__).resolve().parents[1] / "demo_data" / "sparks.json"
OPENED = 60  # days back
LIMIT = 6_000_000  # chhetrum
ROWS = 3
FEW = "The fund is young: reviewers of more agencies are being named while the call is open."
REASONS = (
    "It is small, the people who need it are named, and a month shows whether it helps.",
    "Even if nothing changes, others learn something from it.",
    "They have the people and the place; nothing new has to be allowed.",
)
WEAK = (
    "It is not said what would be different for anybody.",
    "Whether people like it teaches nobody anything.",
    "It can be bought, but then nothing is tried.",
)
DOORWAY = ("draft", "submitted", "screening", "info_requested")


def tell(people: dict[str, User], line: BudgetLine, days_ago: DaysAgo) -> None:
    """Live through the rolling call."""
    with days_ago(OPENED + 2):
        call = calls.add_call(
            by=people["secretariat"], reference="spark", title="Small ideas: try something in 8 weeks",
            stage=Stage.SPARK, kind=CallKind.ROLLING, opens_at=clock.now(), closes_at=None, budget_line=line,
            purpose="You see every day what could be better. Tell us in three answers what you would like to try with "
            "the people around you. You have an answer within 10 business days; an honest failure is welcome.",
            who_can_apply="Every civil servant of any post, alone or with colleagues. No partner agency is needed.",
        )  # fmt: skip
        call = calls.approve(calls.hand_over(call, by=people["secretariat"]), by=people["head"], note=FEW)
        limit = limits.propose(by=people["board1"], amount=LIMIT, valid_from=clock.today())
        limits.confirm(limit, by=people["board2"])
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    for place, row in enumerate(sorted(rows, key=lambda row: -row["sent"])):
        _live(people, call, row, place, days_ago)


def _live(people: dict[str, User], call: Call, row: dict[str, Any], place: int, days_ago: DaysAgo) -> None:
    lead, end, sent = people[row["lead"]], row["end"], row["sent"]
    with days_ago(sent + 0.1):
        idea = _draft(lead, call, row)
        if end == "draft":
            return
        idea = submitting.send(idea, by=lead)
    with days_ago(sent * 0.8):
        if end in DOORWAY:
            _at_the_door(people, idea, end)
            return
        _check(people, idea)
    with days_ago(sent * 0.7):
        reviewers = _ask(people, idea, place)
        for person in reviewers[:1] if end == "in_review" else reviewers:
            _review(idea, person, 4 if end == "declined" else 8)
    if end in ("in_review", "decision_pending"):
        return
    with days_ago(sent * 0.6):
        _decide(people, idea, end)
    if end in ("offered", "active"):
        with days_ago(sent * 0.5):
            small.agree(idea, by=_approver(idea))
    if end == "active":
        grants.live(people, row | {"member": row["lead"]}, idea, days_ago)


def _draft(lead: User, call: Call, row: dict[str, Any]) -> Proposal:
    answers = {name: row[name] for name in ("title", "problem", "idea", "success")}
    idea = sparking.begin(by=lead, call=call, answers=answers)
    money = {f"{part}_{n}": "" for n in range(1, ROWS + 1) for part in ("item", "cost")}
    for n, (item, amount) in enumerate(row["money"], start=1):
        money |= {f"item_{n}": item, f"cost_{n}": amount}
    if row["money"]:
        drafting.save_section(idea, by=lead, key=SectionKey.BUDGET, version=0, answers=money)
    return Proposal.objects.get(pk=idea.pk)


def _approver(idea: Proposal) -> User:
    if idea.approver is None:
        raise ValueError(idea.title)
    return idea.approver


def _at_the_door(people: dict[str, User], idea: Proposal, end: str) -> None:
    if end == "submitted":
        return
    held = screening.claim(idea, by=people["secretariat"])
    if end == "info_requested":
        information.ask(
            held, by=people["secretariat"], fields=("spark.problem", "spark.success"), days=5,
            question="How many people over seventy come to the office now, and how do you count them on a Tuesday?",
        )  # fmt: skip


def _check(people: dict[str, User], idea: Proposal) -> None:
    officer = people["secretariat"]
    held = screening.claim(idea, by=officer)
    screening.record_results(held, by=officer, results=dict.fromkeys(SMALL_RULES, (True, "")))
    perform(held, "find_eligible", by=officer)


def _ask(people: dict[str, User], idea: Proposal, place: int) -> list[User]:
    reviewers = [people[f"reviewer{1 + (place + shift) % 4}"] for shift in range(2)]
    for person in reviewers:
        review = reviewing.assign(idea, by=people["secretariat"], reviewer=person)
        reviewing.declare(review, by=person, interest=Interest.NONE)
    return reviewers


def _review(idea: Proposal, reviewer: User, halves: int) -> None:
    review = idea.reviews.get(reviewer=reviewer)
    keys = list(review.proposal.call.criteria.values_list("pk", flat=True))  # type: ignore[union-attr]
    reasons = REASONS if halves >= 6 else WEAK
    scores = {key: (halves + (key + reviewer.pk) % 2, reason) for key, reason in zip(keys, reasons, strict=True)}
    saved = reviewing.save(review, by=reviewer, edit=0, draft=Draft(scores, "", "", "", "open"))  # type: ignore[arg-type]
    reviewing.submit(saved, by=reviewer)


def _decide(people: dict[str, User], idea: Proposal, end: str) -> None:
    member = people["board1"]
    if end == "declined":
        note = "The ordinary budget can buy it. Tell us instead what people do not understand while they wait."
        small.decline(idea, by=member, note=note)
        return
    small.approve(idea, by=member, note="Small, clear, and it can be stopped.")
    if end == "refused":
        note = "Our two clerks are both on leave until the end of January; send it again in February."
        small.refuse(idea, by=_approver(idea), note=note)
