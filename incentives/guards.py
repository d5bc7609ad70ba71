"""Facts about results, learning and shares."""

from typing import Any

from fund.enums import GrantState, MilestoneState
from lifecycle import clock
from lifecycle.guards import guard
from lifecycle.remembering import remembered
from people.policies import tree_of

from .enums import ContributionState, CreditCode, CreditState, LearningState, OutcomeState
from .services.good_faith import checks_of

RUNNING = (GrantState.ACTIVE, GrantState.COMPLETED)
WITH_OTHERS = (OutcomeState.CLAIMED, OutcomeState.VERIFYING, OutcomeState.CONTESTED)


@guard("Everybody in the team agrees first to who did how much.")
def shares_are_agreed(row: Any) -> bool:
    """Tell whether the shares of the case are agreed."""
    return row.grant.contribution.state in (ContributionState.SHARES_AGREED, ContributionState.REVERSED)


@guard("No second look found these points counted wrongly, or they were given anew already.")
def found_wrongly_counted(contribution: Any) -> bool:
    """Tell whether a second look found the points wrong, at least in part, and waits to be carried out."""
    return bool(contribution.grant.outcome.contests.to_carry_out().exists())


@guard("The grant is not running.")
def grant_is_running(outcome: Any) -> bool:
    """Tell whether the grant is active or completed."""
    return outcome.grant.state in RUNNING


@guard("Answer every question first.")
def learning_is_whole(record: Any) -> bool:
    """Tell whether each of the five questions has an answer."""
    return all(getattr(record, name).strip() for name in ("believed", "did", "saw", "why", "others"))


@guard("Another check found the result reached, or it was revoked. This record need not be sent.")
def learning_still_counts(record: Any) -> bool:
    """Tell whether the record is what can count: its result neither does nor was taken back."""
    grant = record.grant
    counts = grant.contribution.state == ContributionState.VERIFIED
    return not counts and grant.outcome.state != OutcomeState.REVOKED


@guard("Two classifiers have not agreed yet, or a verifier has not confirmed the facts.")
def classification_is_settled(record: Any) -> bool:
    """Tell whether a kind is settled and the facts are confirmed."""
    return bool(record.settled_kind and record.facts_confirmed_at)


@guard("Something of the good-faith list is not known yet. It can be done once that is settled.")
def good_faith_is_known(record: Any) -> bool:
    """Tell whether each check of good faith is passed or not passed."""
    return all(check.passed is not None for check in checks_of(record))


@guard("The claim is made. Who did how much stands as everybody agreed to it.")
def claim_is_open(contribution: Any) -> bool:
    """Tell whether neither the result nor the learning record that follows it was claimed with these shares."""
    grant = contribution.grant
    record = getattr(grant, "learning_record", None)
    if record is None:
        return bool(grant.outcome.state == OutcomeState.PRE_REGISTERED)
    return bool(record.state == LearningState.DRAFT and grant.outcome.state not in WITH_OTHERS)


@guard("Not everybody has agreed yet.")
def every_holder_agreed(contribution: Any) -> bool:
    """Tell whether each holder of a share agreed."""
    holders = [share for share in contribution.shares.all() if share.percent]
    return bool(holders) and all(share.agreed_at for share in holders)


@guard("Its first day has passed. A version is never dated back.")
def not_back_dated(version: Any) -> bool:
    """Tell whether the first day is today or later."""
    return bool(version.valid_from >= clock.today())


@guard("Its first day has not come yet.")
def day_has_come(version: Any) -> bool:
    """Tell whether the first day is today or earlier."""
    return bool(version.valid_from <= clock.today())


@guard("Nothing was granted, so there is nothing to revoke.")
def something_was_granted(nomination: Any) -> bool:
    """Tell whether the RCSC granted anything."""
    return bool(nomination.granted)


@guard("The record has changed since the rules were checked. HR or the RCSC checks them again first.")
@remembered
def check_still_holds(nomination: Any) -> bool:
    """Tell whether nothing of the person was taken back since their rules were last checked."""
    return not bool(type(nomination).objects.overtaken().filter(pk=nomination.pk).exists())


@guard("Nothing that it rests on was taken back.")
def a_ground_is_gone(nomination: Any) -> bool:
    """Tell whether a contribution that supports what was granted was taken back, and nobody has said what follows."""
    return bool(type(nomination).objects.without_a_ground().filter(pk=nomination.pk).exists())


@guard("Another nomination for the same is on its way.")
def no_other_of_the_wish(nomination: Any) -> bool:
    """Tell whether the person has no other nomination of this wish on its way."""
    others = type(nomination).objects.running().exclude(pk=nomination.pk)
    return not bool(others.filter(person=nomination.person_id, wish=nomination.wish).exists())


@guard("The record is held while somebody looks at it.")
def is_not_held(outcome: Any) -> bool:
    """Tell whether no integrity hold is open."""
    return not outcome.holds.filter(until=None).exists()


@guard("The result was revoked, so neither it nor its points can change. Do not uphold it, and say so.")
def is_not_revoked(contest: Any) -> bool:
    """Tell whether the result of a second look was not revoked meanwhile."""
    return bool(contest.outcome.state != OutcomeState.REVOKED)


@guard("Hold the record first, and look into it. Only a result that is held is revoked.")
def is_held(outcome: Any) -> bool:
    """Tell whether an integrity hold is open."""
    return bool(outcome.holds.filter(until=None).exists())


@guard("The result that this repeats was revoked, so it goes no further.")
def result_stands(adoption: Any) -> bool:
    """Tell whether what was taken up is not a revoked result."""
    return adoption.outcome is None or adoption.outcome.state != OutcomeState.REVOKED


@guard("The verifier still has time.")
def check_is_late(outcome: Any) -> bool:
    """Tell whether the day by which the verifier answers has passed."""
    return bool(outcome.check_by and outcome.check_by < clock.today())


@guard("Its day has not come yet.")
def look_back_is_due(follow_up: Any) -> bool:
    """Tell whether 6 or 12 months are over."""
    return bool(follow_up.due_on <= clock.today())


@guard("It was read anew once already. What the second readers found stands.")
def read_once(record: Any) -> bool:
    """Tell whether the reading was not contested before."""
    return record.contested_at is None


ALONE = (CreditCode.BARRIER, CreditCode.JUDGEMENT)  # codes that nobody but the office confirms


@guard("The other side has not confirmed it yet.")
def other_side_confirmed(credit: Any) -> bool:
    """Tell whether the team that was helped, or a reviewer of the team that used it, said that it was so."""
    return credit.code in ALONE or credit.state == CreditState.SECONDED


RULE_COUNTED = (
    "This rule, or this change of it, was recognised already for another statement. A removed rule counts once. "
    "For another rule of the same circular, name its paragraph where the change can be read."
)


@guard(RULE_COUNTED)
def rule_counts_once(credit: Any) -> bool:
    """Tell whether no other statement of the same removed rule is recognised, whoever stated it."""
    if credit.code != CreditCode.BARRIER:
        return True
    rows = type(credit).objects.of_same_rule(credit).filter(state=CreditState.RECOGNISED)
    return not any(_is_same_rule(credit, row) for row in rows)


def _is_same_rule(one: Any, other: Any) -> bool:
    """Tell whether name and source agree, or one of them under the same ministry or other head."""
    both = one.rule_key == other.rule_key and one.source_key == other.source_key
    return both or tree_of(one.owner_id) == tree_of(other.owner_id)


def milestone_for(mentoring: Any) -> Any:
    """Return the first accepted milestone that was handed in after the mentor said yes, not confirmed before."""
    said = mentoring.answered_at
    if said is None:
        return None
    used = type(mentoring).objects.filter(mentor=mentoring.mentor_id).exclude(milestone=None).values("milestone")
    found = mentoring.grant.milestones.filter(state=MilestoneState.ACCEPTED, submitted_at__gte=said)
    return found.exclude(pk__in=used).order_by("position").first()


@guard("No milestone that was handed in since the mentor said yes is accepted yet.")
def milestone_after_mentoring(mentoring: Any) -> bool:
    """Tell whether the team reached a milestone with the mentor."""
    return milestone_for(mentoring) is not None
