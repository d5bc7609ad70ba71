"""Facts about results, learning and shares."""

from typing import Any

from fund.enums import GrantState, MilestoneState
from lifecycle import clock
from lifecycle.guards import guard

from .enums import ContributionState, CreditCode, CreditState, OutcomeState

RUNNING = (GrantState.ACTIVE, GrantState.COMPLETED)


@guard("Everybody in the team agrees first to who did how much.")
def shares_are_agreed(row: Any) -> bool:
    """Tell whether the shares of the case are agreed."""
    return row.grant.contribution.state in (ContributionState.SHARES_AGREED, ContributionState.REVERSED)


@guard("No second look found these points counted wrongly, or they were given anew already.")
def found_wrongly_counted(contribution: Any) -> bool:
    """Tell whether a second look at the points was upheld and waits to be carried out."""
    return bool(contribution.grant.outcome.contests.to_carry_out().exists())


@guard("The grant is not running.")
def grant_is_running(outcome: Any) -> bool:
    """Tell whether the grant is active or completed."""
    return outcome.grant.state in RUNNING


@guard("Answer every question first.")
def learning_is_whole(record: Any) -> bool:
    """Tell whether each of the five questions has an answer."""
    return all(getattr(record, name).strip() for name in ("believed", "did", "saw", "why", "others"))


@guard("Two classifiers have not agreed yet, or a verifier has not confirmed the facts.")
def classification_is_settled(record: Any) -> bool:
    """Tell whether a kind is settled and the facts are confirmed."""
    return bool(record.settled_kind and record.facts_confirmed_at)


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


@guard("The record is held while somebody looks at it.")
def is_not_held(outcome: Any) -> bool:
    """Tell whether no integrity hold is open."""
    return not outcome.holds.filter(until=None).exists()


@guard("It is not published. Hold the record first, and say what you look into.")
def is_published_or_held(outcome: Any) -> bool:
    """Tell whether others read it, or an integrity hold is open."""
    return bool(outcome.state == OutcomeState.PUBLISHED or outcome.holds.filter(until=None).exists())


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
