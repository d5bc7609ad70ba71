"""Facts about one proposal, each with the sentence shown while it does not hold."""

from datetime import datetime, timedelta
from typing import Any

from fund.enums import CallState, Stage
from lifecycle import clock
from lifecycle.guards import guard

from .enums import Answer, EligibilityRule, MemberState, SectionKey
from .forms import requested_in
from .sections import sections_of, stored_answers

UNDO = timedelta(days=14)  # a deleted draft can be brought back for so long


def answers_of(proposal: Any) -> dict[str, dict[str, str]]:
    """Return section key -> stored answers, every section named."""
    stored = {section.key: section.answers for section in proposal.sections.all()}
    return {str(key): stored.get(key, {}) for key in SectionKey}


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
    if proposal.call is not None and proposal.call.stage == Stage.SPARK:
        return True
    return len({partner.agency.sector for partner in proposal.partners.all()}) >= 2


@guard("Each agency needs a person of its own in the team who has joined.")
def working_members(proposal: Any) -> bool:
    """Tell whether every agency has a joined member."""
    joined = {member.agency_id for member in proposal.members.all() if member.status == MemberState.JOINED}
    return {partner.agency_id for partner in proposal.partners.all()} <= joined


@guard("Say for each agency how many days a month it gives.")
def days_named(proposal: Any) -> bool:
    """Tell whether no agency's days are empty."""
    return all(partner.days is not None for partner in proposal.partners.all())


@guard("The call has closed.")
def in_time(proposal: Any) -> bool:
    """Tell whether what arrived now is in time for the call."""
    return bool(proposal.call is not None and proposal.call.in_time(proposal.case))


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
    return {result.rule for result in proposal.rule_results.all()} == set(EligibilityRule.values)


@guard("A rule is not met. The head of secretariat decides.")
def every_rule_met(proposal: Any) -> bool:
    """Tell whether no rule failed."""
    return all(result.passed for result in proposal.rule_results.all())


@guard("Every rule is met, so there is nothing to refuse.")
def a_rule_failed(proposal: Any) -> bool:
    """Tell whether a rule failed."""
    return any(not result.passed for result in proposal.rule_results.all())
