"""What applicants, officers, reviewers and the board do to one proposal of the demonstration fund."""

import re
from datetime import timedelta
from decimal import Decimal

from evaluation.enums import Choice, Interest
from evaluation.services import decide as board
from evaluation.services import moderating, reviewing
from evaluation.services.moderating import Words
from evaluation.services.reviewing import Draft
from fund.models import Call
from lifecycle import clock
from lifecycle.performing import perform
from people.models import User
from people.queries import snapshot_of
from proposals.enums import Direction, EligibilityRule, ProposalState, SectionKey
from proposals.models import Proposal
from proposals.services import drafting, endorsing, partners, screening, submitting, team

FIELDS = {
    SectionKey.PROBLEM: ("title", "problem", "idea"),
    SectionKey.MEASURE: (
        "hypothesis", "indicator", "unit", "direction", "baseline", "target", "target_date", "source", "method",
        "stop_rule", "stop_figure", "stop_date",
    ),
    SectionKey.PEOPLE: ("served", "consulted_1", "when_1", "changed_1"),
    SectionKey.BUDGET: ("item_1", "unit_1", "count_1", "cost_1", "item_2", "unit_2", "count_2", "cost_2"),
}  # fmt: skip
SPOKEN = {"one in five": "20", "one in ten": "10", "half": "50", "twice": "2", "four": "4", "six": "6", "ten": "10"}
APPROVERS = {"moh": "sponsor", "govtech": "sponsor2"}
GOOD = ("completed_met", "completed_partial", "stopped_early", "completed_not_met", "terminated", "active", "offered",
        "offer_declined", "offer_expired", "approved", "recommended", "decision_pending", "ranked",
        "reserved")  # fmt: skip
STRENGTHS = ("The need is shown with figures.", "The people concerned were asked first.", "It is small enough to try.")
WEAKNESSES = ("The numbers rest on one place.", "Little is said of the time after the pilot.", "One person carries it.")
CHANGES = ("Name who keeps it running afterwards.", "Measure in a second place.", "Ask the drivers too.")


def fresh(proposal: Proposal) -> Proposal:
    """Return the row as it is now."""
    return Proposal.objects.get(pk=proposal.pk)


def draft(people: dict[str, User], call: Call, row: dict[str, str]) -> Proposal:
    """Start, invite, join and write what the row holds."""
    lead, member = people[row["lead"]], people[row["member"]]
    proposal = drafting.start(by=lead, title=row["title"], call=call)
    team.invite(proposal, by=lead, person=member)
    if row["title"].startswith("One phone number"):
        return proposal
    team.join(proposal, by=member)
    said = row | _implied(row)
    versions = {section.key: section.version for section in proposal.sections.all()}
    for key, names in FIELDS.items():
        answers = {name: said.get(name, "") for name in names}
        if any(answers.values()):
            drafting.save_section(proposal, by=lead, key=key, version=versions.get(key, 0), answers=answers)
    return fresh(proposal)


def _implied(row: dict[str, str]) -> dict[str, str]:
    """Return what follows from the rest of a whole row."""
    if "indicator" not in row:
        return {}
    asked, _, changed = row["consulted"].rstrip(".").partition("; ")
    down = Decimal(row["target"]) < Decimal(row["baseline"])
    return {
        "direction": Direction.LOWER if down else Direction.HIGHER,
        "target_date": "2027-12-31",
        "stop_figure": _figure_in(row["stop_rule"]),
        "consulted_1": asked,
        "when_1": "In the month before we wrote this",
        "changed_1": changed or "Nothing yet",
        "unit_1": "whole", "cost_1": row["amount_1"], "unit_2": "whole", "cost_2": row.get("amount_2", ""),
        "hypothesis": f"{row['idea']} We believe that this brings “{row['indicator']}” from {row['baseline']} to "
        f"{row['target']}.",
        "source": "The office's own log, kept on paper and counted each month.",
        "method": "Counted in the month before the start and again in the last month, by two people.",
        "stop_date": "2027-06-30",
    }  # fmt: skip


def _figure_in(rule: str) -> str:
    """Return the figure that a stop rule of the story names, in digits or in words."""
    found = re.search(r"\d[\d,]*(?:\.\d+)?", rule)
    spoken = next((figure for words, figure in SPOKEN.items() if words in rule), "1")
    return found[0].replace(",", "") if found else spoken


def ask(people: dict[str, User], row: dict[str, str], proposal: Proposal) -> Proposal:
    """Name both agencies and ask them to agree."""
    lead = people[row["lead"]]
    partners.change(proposal.partners.get(), by=lead, days=6, contribution="Leads the work and tries it on the spot")
    post = snapshot_of(people[row["member"]])
    if post is None:
        raise ValueError(row["member"])
    partners.add(proposal, by=lead, agency=post.agency, days=4, contribution="Takes part and passes the data on")
    return endorsing.ask(fresh(proposal), by=lead)


def submit(people: dict[str, User], row: dict[str, str], proposal: Proposal) -> Proposal:
    """Let both approvers agree, then submit."""
    version = proposal.versions.last()
    for partner in proposal.partners.select_related("agency"):
        account = APPROVERS.get(partner.agency.code, f"sponsor-{partner.agency.code}")
        endorsing.agree(proposal, by=people[account], version=version.number if version else 0)
    return submitting.submit(fresh(proposal), by=people[row["lead"]])


def lapse() -> None:
    """End what was not submitted."""
    submitting.lapse_late()


def first_check(people: dict[str, User], proposal: Proposal, end: str) -> Proposal:
    """Claim and check; `screening` stays claimed, `ineligible` is confirmed by the head."""
    officer = people["secretariat"]
    held = screening.claim(proposal, by=officer)
    if end == "screening":
        return held
    failed = {EligibilityRule.PURPOSE: (False, "It buys what the ordinary budget pays for; nothing is tried.")}
    results = dict.fromkeys(EligibilityRule, (True, "")) | (failed if end == "ineligible" else {})
    screening.record_results(held, by=officer, results=results)
    if end == "ineligible":
        note = "The rule is clear. The ordinary budget may be asked."
        return screening.confirm_ineligible(fresh(held), by=people["head"], note=note)
    return perform(fresh(held), "find_eligible", by=officer)


def review(people: dict[str, User], proposal: Proposal, end: str, place: int) -> Proposal:
    """Assign three reviewers, let them write, and close the reviews, as far as `end` goes."""
    officer, chair = people["secretariat"], people["chair"]
    if end == "eligible":
        return proposal
    names = [f"reviewer{1 + (place + shift) % 4}" for shift in range(3)]
    for name in names:
        made = reviewing.assign(proposal, by=officer, reviewer=people[name])
        reviewing.declare(made, by=people[name], interest=Interest.NONE)
    proposal = perform(fresh(proposal), "begin_review", by=officer)
    for shift, name in enumerate(names[:1] if end == "in_review" else names):
        _write(people[name], proposal, _halves(end, place, shift), place + shift)
    if end == "in_review":
        return proposal
    proposal = perform(fresh(proposal), "close_review", by=chair)
    return perform(proposal, "moderate", by=chair) if end == "in_moderation" else proposal


def _halves(end: str, place: int, shift: int) -> list[int]:
    """Return five scores: good ones around 4, weak ones around 2.5, apart where talked over, lower for the reserve."""
    if end == "in_moderation":
        return [[4, 6, 7, 8, 7], [9, 8, 7, 8, 6], [8, 7, 8, 7, 7]][shift]
    if end == "reserved":
        return [[7, 7, 8, 7, 6], [7, 8, 7, 6, 7], [7, 7, 7, 7, 6]][shift]
    base = 8 if end in GOOD or end in ("deferred", "review_closed", "in_review") else 5
    return [base - (place + shift + column) % 2 for column in range(5)]


def _write(reviewer: User, proposal: Proposal, halves: list[int], turn: int) -> None:
    made = proposal.reviews.get(reviewer=reviewer)
    call = proposal.call
    if call is None:
        raise ValueError(proposal.title)
    keys = list(call.criteria.values_list("pk", "name"))
    scores = {
        key: (score, f"{name}: {'too little is shown for it' if score < 6 else 'well shown, down to the places'}."
              if score < 6 or score >= 9 else "")
        for (key, name), score in zip(keys, halves, strict=True)
    }  # fmt: skip
    chance = ("open", "open", "bold")[turn % 3] if halves[0] >= 7 else "open"
    whole = Draft(scores, STRENGTHS[turn % 3], WEAKNESSES[turn % 3], CHANGES[turn % 3], chance)  # type: ignore[arg-type]
    reviewing.submit(reviewing.save(made, by=reviewer, edit=0, draft=whole), by=reviewer)


def decide(people: dict[str, User], proposal: Proposal, end: str) -> Proposal:
    """Recommend or not, bring to the board, vote and decide, as far as `end` goes."""
    proposal, chair, officer = fresh(proposal), people["chair"], people["secretariat"]
    if end == "ranked":
        return proposal
    if end in GOOD or end == "deferred":
        proposal = perform(proposal, "recommend", by=chair)
    else:
        proposal = perform(proposal, "not_recommend", by=chair, note="It does not reach 65 percent.")
    if end in ("recommended", "not_recommended"):
        return proposal
    proposal = perform(proposal, "bring_to_board", by=officer)
    if end == "decision_pending":
        return proposal
    yes = [Choice.APPROVE] * 3
    mixed = {
        "deferred": [Choice.APPROVE, Choice.DECLINE, Choice.DEFER],
        "reserved": [Choice.RESERVE, Choice.APPROVE, Choice.RESERVE],
    }
    choices = mixed.get(end, yes if end in GOOD else [Choice.DECLINE] * 3)
    for name, choice in zip(("board1", "board2", "board3"), choices, strict=True):
        board.vote(proposal, by=people[name], choice=choice, reason="On the reviewers' reasons and the ranking.")
    if end == "deferred":
        return board.defer(fresh(proposal), by=people["board1"], until=clock.today() + timedelta(days=30))
    act = board.reserve if end == "reserved" else board.approve if end in GOOD else board.decline
    return act(fresh(proposal), by=people["board1"])


def certify(people: dict[str, User], proposal: Proposal) -> None:
    """Let the chair certify what a decided team will read in its letter."""
    if fresh(proposal).state not in (ProposalState.APPROVED, ProposalState.DECLINED, ProposalState.RESERVED):
        return
    first = proposal.reviews.order_by("pk")[0]
    words = Words({}, first.strength, first.weakness, first.change)
    moderating.write_feedback(fresh(proposal), by=people["chair"], number=0, words=words, certify=True)
