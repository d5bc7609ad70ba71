"""Facts about one proposal, each with the sentence shown while it does not hold."""

from typing import Any

from fund.enums import CallState, Stage
from fund.models.call import GRACE
from lifecycle import clock
from lifecycle.guards import guard

from .enums import Answer, EligibilityRule, MemberState, SectionKey
from .forms import frame_of, problems_in, requested_in


def answers_of(proposal: Any) -> dict[str, dict[str, str]]:
    """Return section key -> stored answers, every section named."""
    stored = {section.key: section.answers for section in proposal.sections.all()}
    return {str(key): stored.get(key, {}) for key in SectionKey}


@guard("Some questions still need an answer. “Check your answers” lists them.")
def answers_complete(proposal: Any) -> bool:
    """Tell whether every section could be sent."""
    frame = frame_of(proposal)
    return not any(problems_in(key, answers, frame) for key, answers in answers_of(proposal).items())


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
    return bool(proposal.call is not None and proposal.call.in_time())


@guard("The call has not closed yet.")
def call_is_over(proposal: Any) -> bool:
    """Tell whether the call was cancelled or its closing and grace are past."""
    call = proposal.call
    return call is not None and (call.state == CallState.CANCELLED or clock.now() >= call.closes_at + GRACE)


@guard("Not every agency has agreed to this exact version yet.")
def every_agency_agreed(proposal: Any) -> bool:
    """Tell whether each agency agreed to the newest version."""
    version = proposal.versions.last()
    if version is None:
        return False
    agreed = set(version.endorsements.filter(answer=Answer.AGREED).values_list("agency", flat=True))
    return {partner.agency_id for partner in proposal.partners.all()} <= agreed


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
