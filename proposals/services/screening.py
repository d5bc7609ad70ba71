"""The first check: one officer looks, a second person confirms a refusal."""

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.enums import Part
from people.models import User
from people.services.involvement import involve
from people.services.notify import notify

from ..enums import EligibilityRule, ProposalState
from ..guards import refusals_in_check
from ..models import Proposal, RuleResult
from ..policies import may_screen
from .team import leads_of


@act
def claim(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Take the first check; who takes it cannot decide an appeal about it later."""
    with changing(proposal, "claim") as fresh:
        fresh = perform(fresh, "claim", by=by, note=note)
        involve(case=fresh.case, person=by, part=Part.SCREENER)
        return fresh


def record_results(proposal: Proposal, *, by: User, results: dict[EligibilityRule, tuple[bool, str]]) -> None:
    """Store what was found: rule -> (met, why not). NotPossible unless `by` holds this first check."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        if not may_screen(proposal, by):
            raise NotPossible("Only the officer who took this first check can record it.", forbidden=True)
        if proposal.state != ProposalState.SCREENING:
            raise NotPossible("The first check is over.")
        now = clock.now()
        rows = [
            RuleResult(proposal=proposal, rule=rule, passed=passed, note=note, checked_by=by, checked_at=now)
            for rule, (passed, note) in results.items()
        ]
        RuleResult.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["proposal", "rule"],
            update_fields=["passed", "note", "checked_by", "checked_at"],
        )
        changes = {str(rule): [None, f"{'met' if passed else 'not met'} {note}".strip()]
                   for rule, (passed, note) in results.items()}  # fmt: skip
        trail.record(proposal, action="checked", by=by, changes=changes)


@act
def confirm_ineligible(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Confirm, as a second person, that a rule is not met, and tell the lead which and why."""
    with changing(proposal, "find_ineligible") as fresh:
        against = refusals_in_check(fresh)
        fresh = perform(fresh, "find_ineligible", by=by, note=note, at=clock.now())
        failed = [f"{r.get_rule_display()}: {r.note}" for r in fresh.rule_results.filter(passed=False)]
        failed += [f"{row.agency.name} does not agree to the change: {row.reason}" for row in against]
        for person in leads_of(fresh):
            notify(
                person=person,
                key=f"ineligible:{fresh.case}:{fresh.released_at}:{person.pk}",
                subject=f"Your proposal did not pass the first check: {fresh.reference}",
                body="Not met: " + "; ".join(failed) + f". The head of secretariat adds: {note}",
                path=f"/proposals/{fresh.case}/",
            )
        return fresh
