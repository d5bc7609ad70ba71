"""Ranking a call: immutable, with inputs, results and their hashes, so that a stranger can recompute it."""

import hashlib
from collections.abc import Iterable

from fund.models import Call
from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import perform
from lifecycle.trail import canonical
from people.enums import Role
from people.models import User
from people.policies import holds
from people.services.accounts import system_user
from proposals.enums import ProposalState
from proposals.models import Proposal
from proposals.models.proposal import REOPENABLE
from proposals.policies import may_run

from ..engine.line import DRAW
from ..enums import ReviewState
from ..inputs import inputs_of
from ..locks import READY, field_of
from ..models import Place, RankingRun, Review
from ..needs import to_be_judged_again
from .lots import STILL_OPEN

STANDS = (
    ProposalState.DECLINED, ProposalState.OFFERED, ProposalState.FUNDED, ProposalState.COMPLETED,
    ProposalState.STOPPED_EARLY, ProposalState.TERMINATED, ProposalState.RESERVED,
)  # fmt: skip
CODE_VERSION = "ranking-4"  # raised whenever `recompute` computes something else


@act
def run(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Rank all that compete in the call; those whose reviews are closed take their place.

    What was ranked before is ranked again with them, so that places stay places in one field. NotPossible while a
    proposal is still with reviewers, or has to be judged again.
    """
    call = proposal.call
    if not may_run(proposal, by):
        raise NotPossible("Only the secretariat, without a conflict, ranks the call.", forbidden=True)
    if call is None:
        raise NotPossible("An idea without a call is not ranked.")
    if call.still_receives():
        raise NotPossible(STILL_OPEN)
    field = list(field_of(call))
    ready = [row for row in field if row.state in READY]
    reviews = list(Review.objects.filter(proposal__in=ready, state=ReviewState.SUBMITTED).order_by("pk"))
    with locked([call, call.budget_line, *field, *reviews]):
        if _states(field_of(call)) != _states(field):
            raise NotPossible("A proposal of the call moved at the same moment. Try again.")
        waiting = waiting_in(call, field)
        if waiting:
            raise NotPossible(waiting)
        for row in ready:
            perform(row, "rank", by=by, note=note)
        _write(call, [*field, *told_beside(field)], by)
        for review in reviews:
            perform(review, "lock", by=system_user())
        return Proposal.objects.get(pk=proposal.pk)


def _states(rows: Iterable[Proposal]) -> list[tuple[int, str]]:
    return [(row.pk, row.state) for row in rows]


def waiting_in(call: Call, field: list[Proposal]) -> str:
    """Return what keeps the call from being ranked, or nothing."""
    early = Proposal.objects.filter(call=call, state__in=(ProposalState.ELIGIBLE, ProposalState.IN_REVIEW)).count()
    if early:
        return f"{early} proposal{' of the call is' if early == 1 else 's of the call are'} still with the reviewers."
    again = [row for row in field if row.state in REOPENABLE and to_be_judged_again(row)]
    return f"Open the reviews of {again[0].reference} again first: one was excluded." if again else ""


def run_again(proposal: Proposal, *, by: User) -> RankingRun | None:
    """Rank the field anew after a review of `proposal`, which has a place, was excluded; the caller holds its locks.

    Nothing is ranked while something waits: the run that follows then covers this proposal as well.
    """
    call, field = proposal.call, list(field_of(proposal.call))
    ready = any(row.state in READY for row in field)
    if call is None or ready or not proposal.places.exists() or waiting_in(call, field):
        return None
    row = _write(call, [*field, *told_beside(field)], by)
    trail.record(proposal, action="ranked_again", by=by)
    return row


@act
def rank_anew(call: Call, *, by: User) -> RankingRun:
    """Rank the field of a call anew whose newest ranking fell with an excluded review.

    NotPossible while the ranking stands, or while something waits that is ranked with the others in its own step.
    """
    field = list(field_of(call))
    with locked([call, call.budget_line, *field]):
        if _states(field_of(call)) != _states(field):
            raise NotPossible("A proposal of the call moved at the same moment. Try again.")
        fallen = Proposal.objects.filter(reviews__ranked_in__call=call, reviews__ranked_in__replaced_by=None).distinct()
        if not holds(Role.SECRETARIAT)(None, by) or not all(may_run(row, by) for row in fallen):
            raise NotPossible("Only the secretariat, without a conflict, ranks the call.", forbidden=True)
        if not fallen or not field:
            raise NotPossible("The newest ranking holds no excluded review: it stands.")
        if any(row.state in READY for row in field):
            raise NotPossible(
                "Reviews of the call were closed since. Press “Rank the call” on the page of one of them."
            )
        waiting = waiting_in(call, field)
        if waiting:
            raise NotPossible(waiting)
        run = _write(call, [*field, *told_beside(field)], by)
        for row in fallen:
            trail.record(row, action="ranked_again", by=by)
        return run


def told_beside(field: list[Proposal]) -> list[Proposal]:
    """Return those that stood in the newest ranking of one of the field and whose decision, told since, still stands.

    What comes back after an appeal is so compared with what it was compared with before.
    """
    runs = dict(Place.objects.filter(proposal__in=field).order_by("run").values_list("proposal", "run"))
    told = Proposal.objects.filter(places__run__in=set(runs.values()), state__in=STANDS, released_at__isnull=False)
    return list(told.exclude(pk__in=[row.pk for row in field]).distinct().order_by("pk"))


def newest_of(call: Call) -> RankingRun | None:
    """Return the newest ranking of the call, without its long texts."""
    short = [field.name for field in RankingRun._meta.concrete_fields if field.name not in ("inputs", "results")]
    return RankingRun.objects.filter(call=call).only(*short).last()


def _write(call: Call, field: list[Proposal], by: User) -> RankingRun:
    from ..recompute import results_of  # noqa: PLC0415  # the engine loads numpy and scipy, which serving does without

    inputs = inputs_of(call, field)
    results = results_of(inputs)
    asked, said = canonical(inputs), canonical(results)
    row = RankingRun.objects.create(
        call=call, replaces=newest_of(call), by=by, at=clock.now(), code_version=CODE_VERSION, inputs=asked,
        sha256=hashlib.sha256(asked.encode()).hexdigest(), results=said,
        results_sha256=hashlib.sha256(said.encode()).hexdigest(),
        draws=list(results["line"]["fates"].values()).count(DRAW),
    )  # fmt: skip
    by_reference = {p.reference: p for p in field}
    Place.objects.bulk_create(
        Place(
            run=row, proposal=by_reference[found["id"]], place=found["place"], total=found["percent"],
            meets=found["meets"],
        )
        for found in results["official"]
    )  # fmt: skip
    return row
