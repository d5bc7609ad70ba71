"""Bringing a small idea to a stage, only through the services, as people would."""

from evaluation.enums import Interest
from evaluation.services import limits, reviewing, small
from evaluation.services.reviewing import Draft
from fund.enums import CallKind, Stage
from fund.services import call_setup, calls
from lifecycle import clock
from lifecycle.performing import perform
from proposals.enums import SectionKey
from proposals.lane import SMALL_RULES
from proposals.models import Proposal
from proposals.services import drafting, screening, sparking, submitting

from . import factories

IDEA = {
    "title": "A stool at the vaccine fridge",
    "problem": "Our two nurses open the fridge 40 times a day because nobody can see the list.",
    "idea": "We hang the list outside and mark each door opening for 8 weeks.",
    "success": "Half as many openings. We stop if nothing changes after 4 weeks.",
}
MONEY = {"item_1": "A board and pens", "cost_1": "12500", "item_2": "", "cost_2": "", "item_3": "", "cost_3": ""}
ASKED_FOR = 1_250_000  # chhetrum
LIMIT = 6_000_000


def spark_call(cast, line, **fields):
    """An approved rolling Spark call up to Nu. 100,000 on a budget line."""
    values = {
        "reference": "spark", "title": "Small ideas", "stage": Stage.SPARK, "ceiling": 10_000_000, "budget_line": line,
        "kind": CallKind.ROLLING, "closes_at": None,
    }  # fmt: skip
    return factories.open_call(cast["secretariat"], cast["head"], **(values | fields))


def asking_call(cast, line, **question):
    """An approved Spark call that asks one question more, of a village where nothing else is said."""
    made = factories.make_call(
        cast["secretariat"], reference="asking", title="Small ideas of the north", stage=Stage.SPARK,
        ceiling=10_000_000, budget_line=line, kind=CallKind.ROLLING, closes_at=None,
    )  # fmt: skip
    values = question or {"kind": "text", "text": "Which village?", "limit": 20}
    call_setup.save_question(made, by=cast["secretariat"], question=None, values=values)
    call_setup.save_task(made, by=cast["secretariat"], task="questions", values={}, done=True)
    handed = calls.hand_over(made, by=cast["secretariat"])
    return calls.approve(handed, by=cast["head"], note="Few people in a test.")


def fresh(proposal):
    return Proposal.objects.get(pk=proposal.pk)


def draft(call, lead, **answers):
    """A whole draft."""
    made = sparking.begin(by=lead, call=call, answers=IDEA | answers)
    drafting.save_section(made, by=lead, key=SectionKey.BUDGET, version=0, answers=MONEY)
    return fresh(made)


def sent(call, lead, **answers):
    return submitting.send(draft(call, lead, **answers), by=lead)


def checked(proposal, officer):
    held = screening.claim(proposal, by=officer)
    screening.record_results(held, by=officer, results=dict.fromkeys(SMALL_RULES, (True, "")))
    return perform(held, "find_eligible", by=officer)


def asked(proposal, officer, reviewers):
    """Both reviewers accept: the reviews begin by themselves."""
    for person in reviewers:
        review = reviewing.assign(proposal, by=officer, reviewer=person)
        reviewing.declare(review, by=person, interest=Interest.NONE)
    return fresh(proposal)


def write(proposal, reviewer, halves=8):
    """One reviewer answers the three questions and hands in."""
    review = proposal.reviews.get(reviewer=reviewer)
    keys = list(proposal.call.criteria.values_list("pk", flat=True))
    each = halves if isinstance(halves, tuple) else (halves,) * 3
    said = Draft({key: (score, "Because.") for key, score in zip(keys, each, strict=True)}, "", "", "", "open")
    return reviewing.submit(reviewing.save(review, by=reviewer, edit=review.edit, draft=said), by=reviewer)


def judged(proposal, officer, reviewers, scores=(8, 8)):
    """Both reviews are in: it waits for its decision by itself."""
    proposal = asked(checked(proposal, officer), officer, reviewers)
    for person, halves in zip(reviewers, scores, strict=True):
        write(proposal, person, halves)
    return fresh(proposal)


def set_limit(board, amount=LIMIT):
    limits.confirm(limits.propose(by=board[0], amount=amount, valid_from=clock.today()), by=board[1])


def approved(proposal, board):
    return small.approve(proposal, by=board[2])
