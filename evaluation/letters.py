"""What a letter to the team says: plain values, without names of people, with days and never times of the judging."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.template.defaultfilters import floatformat
from django.utils import timezone

from fund.models import Grant
from people.enums import Grade, Role
from people.models import Block, RoleGrant
from people.templatetags.fund import money
from proposals.enums import ProposalState
from proposals.lane import is_spark
from proposals.models import Proposal

from . import hanging
from .appealing import DAYS, in_words, last_day
from .enums import AppealState, Choice
from .feedback import released_feedback
from .models import Appeal, Decision, RankingRun, Vote

FORMAT = 1  # raised when the parts of the content change


NO_LETTER = {
    ProposalState.WITHDRAWN: "This proposal was withdrawn, so nothing is decided on it and no letter comes.",
    ProposalState.INELIGIBLE: "This proposal did not pass the first check, so the board does not decide on it and no "
    "letter comes. The reason is on the proposal's page.",
    ProposalState.LAPSED: "The time of this proposal was over before a decision, so no letter comes.",
}
TOLD_AT_ONCE = "A small idea has no letter about the decision: the team is told at once, on the idea's page."
STILL_TO_COME = "There is no letter yet. It comes with the decision, on one day for the whole call."


def why_no_letter(proposal: Proposal) -> str:
    """Return what is true of a proposal without a letter; nothing of it tells how far the judging is."""
    ended = NO_LETTER.get(ProposalState(proposal.state))
    return ended or (TOLD_AT_ONCE if is_spark(proposal) else STILL_TO_COME)


Part = dict[str, Any]


def part(title: str, *lines: str, items: Sequence[str] = ()) -> Part:
    """Return one part of a letter: a heading, paragraphs, and a list."""
    return {"title": title, "lines": [line for line in lines if line], "items": list(items)}


def day_of(moment: datetime) -> str:
    """Return the day of a moment in the country's time zone; the time of day is nobody's business."""
    return in_words(timezone.localtime(moment).date())


OUTCOMES: dict[str, str] = {Choice.APPROVE: "to be funded", Choice.RESERVE: "on the reserve list"}


def about_decision(proposal: Proposal, decision: Decision, *, lots: Sequence[str] = ()) -> dict[str, Any]:
    """Return the letter about a released decision; `lots` are the lines of a lottery receipt, where lots were drawn."""
    title = f"The fund's decision: {OUTCOMES.get(decision.choice, 'not funded this time')}"
    parts = [
        _decision(proposal, decision), _reasons(decision), _place(proposal),
        *([part("How the lot fell", items=lots)] if lots else []),
        *_feedback(proposal), _next(proposal, decision), _appeal(proposal, decision),
    ]  # fmt: skip
    return _letter(proposal, title, parts)


def _letter(proposal: Proposal, title: str, parts: list[Part]) -> dict[str, Any]:
    return {
        "format": FORMAT, "title": title, "reference": proposal.reference or "", "proposal": proposal.title,
        "call": proposal.call.title if proposal.call else "", "agency": proposal.lead_agency.name, "parts": parts,
    }  # fmt: skip


def _decision(proposal: Proposal, decision: Decision) -> Part:
    day = day_of(decision.at)
    if decision.choice == Choice.APPROVE:
        said = f"On {day} the board of the fund decided to fund “{proposal.title}”."
        money_words = f"{money(decision.amount)} is set aside for it."
    elif decision.choice == Choice.RESERVE:
        said = f"On {day} the board of the fund decided to put “{proposal.title}” on the reserve list."
        money_words = f"No money is set aside for it now: it waits for {money(proposal.waits_for or 0)} to become free."
    else:
        said = f"On {day} the board of the fund decided not to fund “{proposal.title}” this time."
        money_words = "No money is set aside for it."
    old = decision.replaces
    again = f"It takes the place of the decision of {day_of(old.at)}, after your appeal." if old else ""
    return part("The decision", said, again, money_words)


def deciding_votes(decision: Decision) -> list[Vote]:
    """Return the votes that the decision followed: its round, the last sitting of it, by who was entitled then."""
    found = Vote.objects.filter(proposal=decision.proposal_id, round=decision.round)
    blocked = Block.objects.filter(case=decision.proposal.case, grade=Grade.BLOCK).values("person")
    then = Q(since__lte=decision.at) & (Q(until=None) | Q(until__gt=decision.at))
    board = RoleGrant.objects.filter(then, role=Role.BOARD).values("person")
    votes = list(found.filter(member__in=board).exclude(member__in=blocked))
    last = max((vote.sitting for vote in votes), default=0)
    return [vote for vote in votes if vote.sitting == last]


def _reasons(decision: Decision) -> Part:
    """Return the reasons of the votes for what was decided, by the alphabet, so that no order tells who they are from.

    The other votes stay out: beside them it could be counted who voted how.
    """
    votes = deciding_votes(decision)
    counts = (Choice.RESERVE, Choice.APPROVE) if decision.choice == Choice.RESERVE else (decision.choice,)
    carried = [vote.reason for vote in votes if vote.choice in counts]
    tie = decision.choice == Choice.DECLINE and 2 * len(carried) <= len(votes)
    words = "The votes were equal for a second time; by the rules of the fund that is a refusal." if tie else ""
    return part("The board's reasons", words, items=sorted(set(carried)))


def _place(proposal: Proposal) -> Part:
    places = proposal.places.select_related("run").only("place", "meets", "run__results_sha256")
    place = places.order_by("run").last()
    if place is None:
        return part("Where it stood", "It took no place in a ranking.")
    count = place.run.places.count()
    words = f"Place {place.place} of {count} in the official ranking of the call."
    if count == 1:
        words = "It was ranked alone, so its place says nothing."
    least = "" if place.meets else "It did not reach the least that the call asks for."
    likely = likely_place(place.run, proposal.reference or "") if count > 1 else ()
    return part("Where it stood", words, least, *likely)


def likely_place(run: RankingRun, reference: str) -> Sequence[str]:
    """Return how sure the place is, in the calibrated figures of the run; nothing where it has none for the proposal.

    They come from all scores of the call together, and tell of no single review.
    """
    advice, leans, moved = _figures(run.pk, run.results_sha256)
    found = next((row for row in advice.get("proposals", ()) if row["id"] == reference), None)
    if found is None:
        return ()
    reviews = "its one review" if found["n"] == 1 else f"its {found['n']} reviews"
    half, most = (_span(found[low], found[high]) for low, high in (("rank_q25", "rank_q75"), ("rank_q05", "rank_q95")))
    return (
        f"The mean of {reviews} is {percent(found['raw_mean'])}. Once strict and mild reviewers, and how few reviews "
        f"there are, are allowed for, the estimate is {percent(found['merit'])}.",
        f"Other reviewers of the same kind would likely have put it at about place {found['expected_rank']:.0f}: in "
        f"half of all cases {half}, in nine of ten {most}. The money pays for {_places(advice['places'])}.",
        *(words for words in (moved.get(reference, ""), leans.get(reference, "")) if words),
    )


def percent(value: float) -> str:
    """Return a percentage as every page shows it: at most two decimals."""
    return f"{floatformat(value, '-2u')} %"


def _places(count: int) -> str:
    return f"{count} place{'' if count == 1 else 's'}"


def _span(low: float, high: float) -> str:
    return f"at {low:.0f}" if f"{low:.0f}" == f"{high:.0f}" else f"between {low:.0f} and {high:.0f}"


@lru_cache(maxsize=4)
def _figures(run: int, digest: str) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """Return the calibrated figures of a run, and by proposal how it leans on single reviews and what was allowed for.

    They never change, and are read once for all letters of a batch.
    """
    row = RankingRun.objects.get(pk=run, results_sha256=digest)
    said = row.said
    leans = {name: hanging.leaning(found) for name, found in hanging.without_one(said).items()}
    return said["advice"] or {}, leans, hanging.allowed_for(row)


def _feedback(proposal: Proposal) -> list[Part]:
    """Return what was released of the reviews, and nothing else of them."""
    found = released_feedback(proposal)
    if found is None:
        return [part("What the reviewers say", "No reasons of the reviewers were released with this letter.")]
    day = day_of(found.certified_at)
    whole = (
        f"One strength: {found.strength}", f"One weakness: {found.weakness}", f"One thing to change: {found.change}",
    )  # fmt: skip
    return [
        part("What the reviewers say", f"Released by the chair of the panel on {day}.", items=whole),
        *(part(criterion.name, items=reasons) for criterion, reasons in found.criteria if reasons),
    ]


def _next(proposal: Proposal, decision: Decision) -> Part:
    title = "What happens next"
    if decision.choice == Choice.RESERVE and proposal.reserved_until:
        return part(
            title, f"If money of this call becomes free until {in_words(proposal.reserved_until)}, it goes down the "
            "reserve list in its order, and the board decides again. You are then told by a letter.",
            "If none becomes free by then, a letter tells you so. You need not do anything. If you no longer want the "
            "money, withdraw the proposal, so that the next on the list comes earlier.",
        )  # fmt: skip
    if decision.choice != Choice.APPROVE:
        return part(
            title, "You need not do anything. What you wrote stays readable, and can be copied into a new draft for "
            "another call. A refusal counts against nobody, now or later.",
        )  # fmt: skip
    grant = Grant.objects.filter(case=proposal.case).first()
    until = f" by {in_words(_day_before(grant.offer_expires_at))}" if grant else ""
    return part(
        title, f"The lead and the approver of {proposal.lead_agency.name} sign the agreement{until}; it stands under "
        "“Grants”. The first payment follows both signatures. If you do not want the money, say so there; then it is "
        "free for others.",
    )  # fmt: skip


def _day_before(end: datetime) -> date:
    """Return the last day before an exclusive end."""
    return timezone.localtime(end - timedelta(minutes=1)).date()


def _appeal(proposal: Proposal, decision: Decision) -> Part:
    title = "If you think that this is wrong"
    if decision.choice == Choice.APPROVE:
        return part(title, "Tell the secretariat. There is no appeal against a decision to fund.")
    if decision.choice == Choice.RESERVE:
        return part(
            title, "Tell the secretariat. The lead can appeal if the time on the reserve list ends without money; the "
            "letter that you get then says until when.",
        )  # fmt: skip
    return _way_to_appeal(proposal)


def about_end_of_reserve(proposal: Proposal, decision: Decision) -> dict[str, Any]:
    """Return the letter about a time on the reserve list, where `decision` put it, that ended without money."""
    parts = [
        part(
            "The decision",
            f"On {day_of(decision.at)} the board of the fund put “{proposal.title}” on the reserve list.",
            "Its time there is over, and no money became free for it. So it is not funded.",
        ),
        *_feedback(proposal),
        part(
            "What happens next", "You need not do anything. What you wrote stays readable, and can be copied into a "
            "new draft for another call. That no money was left counts against nobody, now or later.",
        ),
        _way_to_appeal(proposal),
    ]  # fmt: skip
    return _letter(proposal, "The time on the reserve list is over: not funded", parts)


def _way_to_appeal(proposal: Proposal) -> Part:
    if proposal.released_at is None:  # only what was released has a letter
        raise AssertionError("unreachable")
    return part(
        "If you think that this is wrong",
        f"The lead can appeal until {in_words(last_day(proposal.released_at))}, {DAYS} days from the day of this "
        "letter, on the page of the proposal under “Letters and appeal”.",
        "An appeal can say that the rules were not kept, that a fact was read wrongly, that somebody had an interest "
        "in it, or that there is new evidence. Somebody who had no part in it before looks into it.",
        "An appeal harms nobody: neither you, nor your agency, nor what you propose later.",
    )


HOW = {
    AppealState.INADMISSIBLE: "Your appeal cannot be heard",
    AppealState.UPHELD: "Your appeal is upheld",
    AppealState.PARTLY: "Your appeal is right in part",
    AppealState.DISMISSED: "Your appeal is not upheld",
}
THEN = {
    AppealState.INADMISSIBLE: "The decision stands. That your appeal was not heard counts against nobody.",
    AppealState.PARTLY: "What was wrong is written above and kept with the proposal. The decision does not hang on it, "
    "so it stands.",
    AppealState.DISMISSED: "The decision stands. That you appealed counts against nobody, now or later.",
}


def about_appeal(appeal: Appeal) -> dict[str, Any]:
    """Return the letter about how an appeal ended."""
    state, proposal = AppealState(appeal.state), appeal.proposal
    said = f"You appealed on {day_of(appeal.lodged_at)}: {_lower(appeal.get_ground_display())}."
    reason = appeal.check_reason if state == AppealState.INADMISSIBLE else appeal.reason
    parts = [
        part("Your appeal", said),
        part("The reasons", *reason.splitlines()),
        part("What happens next", THEN.get(state) or _again(appeal)),
    ]
    return _letter(proposal, HOW[state], parts)


def _again(appeal: Appeal) -> str:
    if appeal.decision_id is None:
        return (
            "The first check is taken again. You read on the page of the proposal how it goes on. The earlier result "
            "stays on record, with this letter beside it."
        )
    return (
        "The board decides again; votes of before do not count. Until you are told, the page says that it is being "
        "judged. You need not do anything. The earlier decision stays on record, with this letter beside it."
    )


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
