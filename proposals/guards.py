"""Facts about one proposal, each with the sentence shown while it does not hold."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from fund.enums import CallState
from fund.models.call import GRACE
from lifecycle import clock
from lifecycle.guards import guard

from .enums import Answer, MemberState, ProposalState, SectionKey
from .forms import requested_in
from .lane import is_practice, is_spark, keys_of, rules_of
from .sections import sections_of, stored_answers

UNDO = timedelta(days=14)  # a deleted draft can be brought back for so long


def answers_of(proposal: Any) -> dict[str, dict[str, str]]:
    """Return section key -> stored answers, every section of its lane named."""
    stored = {section.key: section.answers for section in proposal.sections.all()}
    return {str(key): stored.get(key, {}) for key in keys_of(proposal)}


@guard("Some questions still need an answer. “Check your answers” lists them.")
def answers_complete(proposal: Any) -> bool:
    """Tell whether every section could be sent."""
    stored = stored_answers(proposal)
    return not any(section.problems(stored.get(section.key, {})) for section in sections_of(proposal))


@guard("Somebody you invited has not joined yet. Remind them, or take the invitation back.")
def everyone_joined(proposal: Any) -> bool:
    """Tell whether no invitation is open."""
    return all(member.status != MemberState.INVITED for member in proposal.members.all())


@guard("The budget is empty or asks for more than this call gives to one proposal.")
def within_ceiling(proposal: Any) -> bool:
    """Tell whether the request is positive and at most the call's ceiling."""
    wanted = requested_in(answers_of(proposal)[SectionKey.BUDGET])
    return bool(proposal.call is not None and 0 < wanted <= proposal.call.ceiling)


@guard("Add a partner agency of another sector.")
def two_sectors(proposal: Any) -> bool:
    """From Explore up, the agencies come from at least two sectors."""
    if is_spark(proposal):
        return True
    return len({partner.agency.sector for partner in proposal.partners.all()}) >= 2


@guard("Each agency needs a person of its own in the team who has joined.")
def working_members(proposal: Any) -> bool:
    """Tell whether every agency has a joined member whose account is open; members may be prefetched with people."""
    joined = {m.agency_id for m in proposal.members.all() if m.status == MemberState.JOINED and m.person.is_active}
    return {partner.agency_id for partner in proposal.partners.all()} <= joined


@guard("Say for each agency how many days a month it gives.")
def days_named(proposal: Any) -> bool:
    """Tell whether no agency's days are empty."""
    return all(partner.days is not None for partner in proposal.partners.all())


@guard("The call has closed.")
def in_time(proposal: Any) -> bool:
    """Tell whether what arrived now is in time for the call."""
    return bool(proposal.call is not None and proposal.call.in_time(proposal.case))


@guard("Only a practice call takes invented proposals.")
def call_is_practice(proposal: Any) -> bool:
    """Tell whether the proposal is invented."""
    return is_practice(proposal)


@guard("A practice ends with the decisions: the team is invented, so nobody is asked and nothing is offered.")
def team_is_real(proposal: Any) -> bool:
    """Tell whether there is a team that could answer."""
    return not is_practice(proposal)


@guard("The call has not closed yet.")
def call_is_over(proposal: Any) -> bool:
    """Tell whether the call was cancelled or its end for this proposal and grace are past."""
    return bool(proposal.call is not None and proposal.call.is_over_for(proposal.case))


@guard("The call was not cancelled.")
def call_is_cancelled(proposal: Any) -> bool:
    """Tell whether the head ended the call without a decision."""
    return bool(proposal.call is not None and proposal.call.state == CallState.CANCELLED)


@guard("Not every agency has agreed to this exact version yet.")
def every_agency_agreed(proposal: Any) -> bool:
    """Tell whether each agency agreed to the newest version."""
    version = proposal.versions.last()
    if version is None:
        return False
    agreed = set(version.endorsements.filter(answer=Answer.AGREED).values_list("agency", flat=True))
    return {partner.agency_id for partner in proposal.partners.all()} <= agreed


@guard("Agencies have already been asked about it. Withdraw it instead; then the answers stay on record.")
def never_asked(proposal: Any) -> bool:
    """Tell whether no version was ever frozen."""
    return not proposal.versions.exists()


def undo_ends_before() -> datetime:
    """Return the moment before which a deletion can no longer be undone."""
    return clock.now() - UNDO


@guard("The time to undo the deletion is over.")
def undo_in_time(proposal: Any) -> bool:
    """Tell whether the draft was deleted lately enough."""
    return bool(proposal.deleted_at and proposal.deleted_at > undo_ends_before())


@guard("Every rule of the first check needs a result.")
def every_rule_checked(proposal: Any) -> bool:
    """Tell whether each rule has a result."""
    return {result.rule for result in proposal.rule_results.all()} == set(rules_of(proposal))


@guard("A rule is not met. The head of secretariat decides.")
def every_rule_met(proposal: Any) -> bool:
    """Tell whether no rule failed."""
    return all(result.passed for result in proposal.rule_results.all())


@guard("An agency is asked again after the change and has not agreed yet.")
def agreements_stand(proposal: Any) -> bool:
    """Tell whether no agency's answer to the version it was asked about last is open or against it.

    A newer version that nobody was asked about does not take a no away. A small idea waits for no agency.
    """
    version = None if is_spark(proposal) else asked_version(proposal)
    return version is None or not version.endorsements.exclude(answer=Answer.AGREED).exists()


def asked_version(proposal: Any) -> Any:
    """Return the newest version that was put to the agencies, or None."""
    return proposal.versions.filter(endorsements__isnull=False).order_by("number").last()


@guard("The agency of this small idea has not said yes yet.")
def agency_said_yes(proposal: Any) -> bool:
    """Tell whether the agency of a small idea agreed; other proposals had every agreement before they came in."""
    if not is_spark(proposal):
        return True
    version = asked_version(proposal)
    return version is not None and not version.endorsements.exclude(answer=Answer.AGREED).exists()


@guard("The day for your answer is over.")
def answer_in_time(proposal: Any) -> bool:
    """Tell whether what arrived now is within the last day of the open request."""
    request = proposal.info_requests.filter(answered_at=None).first()
    return request is not None and timezone.localtime(clock.arrival()).date() <= request.due_on


@guard("The day for the answer is not over yet.")
def answer_is_overdue(proposal: Any) -> bool:
    """Tell whether the last day of the open request, and the grace after it, are over."""
    request = proposal.info_requests.filter(answered_at=None).first()
    return request is not None and timezone.localtime(clock.now() - GRACE).date() > request.due_on


@guard("The result was told already.")
def refusal_not_told(proposal: Any) -> bool:
    """Tell whether no refusal was told; until then the team can withdraw as at any time, so that it learns nothing."""
    return not (proposal.state == ProposalState.DECLINED and proposal.released_at)


@guard("The day that the board named has not come yet.")
def day_has_come(proposal: Any) -> bool:
    """Tell whether the day to which the board put it off has come, in the country's time."""
    return proposal.deferred_until is not None and clock.today() >= proposal.deferred_until


@guard("The team was told already.")
def reserve_not_told(proposal: Any) -> bool:
    """Tell whether the team does not know yet that it is on the reserve list."""
    return proposal.released_at is None


@guard("Its time on the reserve list is over.")
def reserve_in_time(proposal: Any) -> bool:
    """Tell whether its last day on the reserve list is not over; before the team is told no day is set."""
    return proposal.reserved_until is None or clock.today() <= proposal.reserved_until


@guard("Its time on the reserve list is not over yet.")
def reserve_is_over(proposal: Any) -> bool:
    """Tell whether its last day on the reserve list, which the team was told, is over."""
    return proposal.reserved_until is not None and clock.today() > proposal.reserved_until


@guard("Every rule is met and no agency said no, so there is nothing to refuse.")
def a_rule_failed(proposal: Any) -> bool:
    """Tell whether a rule failed, or an agency does not agree to what the first check changed."""
    return any(not result.passed for result in proposal.rule_results.all()) or bool(refusals_in_check(proposal))


def refusals_in_check(proposal: Any) -> list[Any]:
    """Return the agencies' no to the version that they were asked about last in the first check."""
    checked = proposal.state == ProposalState.SCREENING and not is_spark(proposal)
    version = asked_version(proposal) if checked else None
    if version is None:
        return []
    return list(version.endorsements.filter(answer=Answer.RETURNED).select_related("agency", "answered_by"))
