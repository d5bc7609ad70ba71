"""Releasing a call's results as one batch: offers to the approved, the reserve list, a letter to each team."""

from datetime import date, timedelta
from typing import Any

from fund.enums import Stage
from fund.models import Call
from fund.services.grants import offer
from lifecycle import clock
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import perform
from people.enums import Part
from people.models import Involvement, User
from people.policies import in_force
from proposals.enums import Direction, ProposalState, SectionKey
from proposals.guards import team_is_real
from proposals.lane import is_spark
from proposals.models import Proposal
from proposals.policies import may_begin
from proposals.services.team import leads_of

from ..enums import Choice
from ..feedback import certified_for
from ..models import Decision
from ..reserving import last_day_from
from . import letters, lots

MEASURE = (
    "hypothesis", "indicator", "unit", "direction", "baseline", "target", "target_date", "source", "method",
    "stop_rule", "stop_figure", "stop_date",
)  # fmt: skip
SECOND_RULE = ("second_rule", "second_figure", "second_date")
# Payments in percent and the days after which their milestones are due (Explore runs six months).
PLANS = {
    Stage.SPARK: ((100, 56),),
    Stage.EXPLORE: ((40, 60), (40, 120), (20, 180)),
    Stage.BUILD: ((30, 120), (40, 240), (30, 360)),
    Stage.SCALE: ((30, 180), (40, 360), (30, 540)),
}
STEPS = ("Ready to try", "Tried with the first people", "Measured and written down")


@act
def release(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Release every decided proposal of the call together. NotPossible while one is not decided.

    A small idea has no batch: it was told when it was decided, and is offered by itself once its agency agreed.
    """
    call = proposal.call
    if call is None:
        raise NotPossible("An idea without a call has no batch.")
    _refuse_others(may_begin(proposal, by))
    if not team_is_real.holds(proposal):
        raise NotPossible(team_is_real.reason)
    batch = _batch(proposal)
    _refuse_undecided(proposal, batch, by)
    with locked([call.budget_line, call, *batch]):
        _refuse_early(call, by, batch)
        now = clock.now()
        for row in batch:
            if row.state == ProposalState.APPROVED or is_spark(row):
                _offer(perform(row, "offer", by=by, note=note, at=now), by)
            elif row.state == ProposalState.RESERVED:
                perform(row, "tell_reserve", by=by, note=note, at=now, until=last_day_from(clock.today(), call))
            else:
                perform(row, "tell_refusal", by=by, note=note, at=now)
            if not is_spark(row):  # a small idea was told when it was decided, with the one reason there is
                letters.write(Proposal.objects.get(pk=row.pk), by=by, lots=lots.receipt_of(row))
        return Proposal.objects.get(pk=proposal.pk)


def _batch(proposal: Proposal) -> list[Proposal]:
    if is_spark(proposal):
        return [Proposal.objects.get(pk=proposal.pk)]
    decided = (ProposalState.APPROVED, ProposalState.DECLINED, ProposalState.RESERVED)
    return list(Proposal.objects.filter(call=proposal.call, state__in=decided, released_at=None).order_by("pk"))


def _refuse_others(allowed: bool) -> None:
    if not allowed:
        raise NotPossible("Only the secretariat, without a conflict, releases the batch.", forbidden=True)


def _refuse_undecided(proposal: Proposal, batch: list[Proposal], by: User) -> None:
    fresh = Proposal.objects.get(pk=proposal.pk)
    if fresh not in batch and fresh.released_at is not None:
        raise NotPossible("The results were told already.")
    if fresh not in batch:
        raise NotPossible(f"There is no decision on it to release: it is now “{fresh.state_for(by)}”.")


def _refuse_early(call: Call, by: User, batch: list[Proposal]) -> None:
    _refuse_others(all(may_begin(row, by) for row in batch))
    if call.stage == Stage.SPARK:
        return
    if call.still_receives():
        raise NotPossible(lots.STILL_OPEN)
    open_states = (
        ProposalState.SUBMITTED, ProposalState.SCREENING, ProposalState.INFO_REQUESTED, ProposalState.ELIGIBLE,
        ProposalState.IN_REVIEW, ProposalState.REVIEW_CLOSED, ProposalState.IN_MODERATION, ProposalState.RANKED,
        ProposalState.RECOMMENDED, ProposalState.NOT_RECOMMENDED, ProposalState.DECISION_PENDING,
    )  # fmt: skip
    waiting = Proposal.objects.filter(call=call, state__in=open_states).count()
    if waiting:
        raise NotPossible(f"{waiting} proposals of the call are not decided yet. The batch is released as one.")
    silent = _without_feedback(batch)
    if silent:
        raise NotPossible(
            f"Every team reads what the reviewers say: the chair certifies the feedback for {', '.join(silent)} first."
        )


def _without_feedback(batch: list[Proposal]) -> list[str]:
    """Return the references of those for which the chair has certified nothing that their letters can say."""
    rows = Proposal.objects.filter(pk__in=[row.pk for row in batch]).exclude(certified_for())
    return [row.reference or row.title for row in rows.order_by("number")]


def _offer(proposal: Proposal, by: User) -> None:
    version, decision = proposal.versions.last(), Decision.objects.get(proposal=proposal, choice=Choice.APPROVE)
    call = proposal.call
    if version is None or call is None or call.budget_line is None:
        raise NotPossible("There is nothing to offer.")
    lead, sponsor = leads_of(proposal)[0], _sponsor_of(proposal)
    today = clock.today()
    plan = PLANS[Stage(call.stage)]
    steps = STEPS if len(plan) > 1 else (STEPS[-1],)
    offer(
        by=by, case=proposal.case, reference=(proposal.reference or "").lower(), title=proposal.title,
        line=call.budget_line, amount=decision.amount, lead=lead, sponsor=sponsor, lead_agency=proposal.lead_agency,
        milestones=[
            (name, today + timedelta(days=days), share)
            for name, (share, days) in zip(steps, plan, strict=True)
        ],
        terms={"stage": call.stage, "ceiling": str(call.ceiling), "ambition": decision.ambition}
        | promise_of(version.facts, steps_end(plan)),
        budget=[(item["item"], item["total"]) for item in version.facts["budget"]["items"]],
    )  # fmt: skip


def steps_end(plan: tuple[tuple[int, int], ...]) -> date:
    """Return the day on which a plan that begins today ends."""
    return clock.today() + timedelta(days=plan[-1][1])


def promise_of(content: dict[str, Any], ends_on: date) -> dict[str, str]:
    """Return the promised measure and the stop rules of a version for the agreement; a second rule where there is one.

    A small idea promises one thing: that what the applicant named shows after it. It is checked as yes (1) or no (0),
    or half of the way.
    """
    said = content["sections"].get(SectionKey.MEASURE)
    if said is not None:
        return _promised(said)
    small, day = content["sections"][SectionKey.SPARK], ends_on.isoformat()
    return {
        "hypothesis": small["idea"], "indicator": "It worked in the way that was named before",
        "unit": "no (0) or yes (1)", "direction": Direction.HIGHER, "baseline": "0", "target": "1", "target_date": day,
        "source": "The one-page report and who was there", "method": small["success"], "stop_rule": small["success"],
        "stop_date": day,
    }  # fmt: skip


def _promised(said: dict[str, str]) -> dict[str, str]:
    return {key: said[key] for key in MEASURE} | {key: said[key] for key in SECOND_RULE if said.get(key)}


def _sponsor_of(proposal: Proposal) -> User:
    """Return the approver who agreed for the lead agency."""
    rows = Involvement.objects.filter(in_force(), case=proposal.case, part=Part.SPONSOR, agency=proposal.lead_agency)
    row = rows.select_related("person").order_by("pk").last()
    if row is None:
        raise NotPossible(f"{proposal.lead_agency.name} has no approver on record for “{proposal.title}”.")
    return row.person
