"""Who may act on results, learning and recognition."""

from typing import Any

from django.db.models import Q

from lifecycle import clock, trail
from lifecycle.models import TrailEntry
from lifecycle.policies import policy
from people.enums import TEAM_PARTS, Part, Role
from people.models import Involvement, RoleGrant
from people.policies import (
    agencies_of_case,
    has_part,
    holds,
    in_force,
    involved_in,
    is_blocked,
    is_in_team,
    is_lead,
    is_of_another_agency,
    is_system,
    parts_held,
    post_of,
    tree_of,
)
from people.queries import snapshot_of
from people.services.calendar import months_before
from people.toxic import acting_as

from .enums import CreditCode


@policy("the person")
def is_the_person(instance: Any, user: Any) -> bool:
    """Tell whether the row is about the user."""
    return bool(instance.person_id == user.pk)


@policy("the one who nominates")
def is_nominator(nomination: Any, user: Any) -> bool:
    """Tell whether the user, as line manager, wrote the nomination."""
    return bool(nomination.nominated_by_id == user.pk)


nominates = is_the_person | is_nominator


def holds_here(role: Role, name: str) -> Any:
    """Return the policy that the user holds an agency role where the register has the person of the row now."""

    @policy(name)
    def test(instance: Any, user: Any) -> bool:
        post = snapshot_of(instance.person)
        agency = post.agency_id if post else None
        return RoleGrant.objects.filter(in_force(), person=user, role=role, agency=agency).exists()

    return test


may_lead = acting_as(is_lead & ~is_blocked, *TEAM_PARTS)
RECIPROCITY_MONTHS = 24  # who verified each other's work within so long does not do so again
may_share = acting_as(is_in_team & ~is_blocked, *TEAM_PARTS)
may_settle = holds(Role.HEAD) & ~is_in_team & ~is_blocked
_outside = is_of_another_agency & ~is_in_team & ~is_blocked


@policy("verified by somebody of the team in the last 24 months")
def is_reciprocal(instance: Any, user: Any) -> bool:
    """Tell whether somebody of this team verified a case of the user's own in RECIPROCITY_MONTHS."""
    since = months_before(clock.today(), RECIPROCITY_MONTHS)
    team = Involvement.objects.filter(case=instance.case, part__in=TEAM_PARTS).values("person")
    own = Involvement.objects.filter(person=user, part__in=TEAM_PARTS).values("case")
    checks = Involvement.objects.filter(part=Part.VERIFIER, person__in=team, case__in=own, since__date__gte=since)
    return checks.exists()


may_verify = acting_as(holds(Role.VERIFIER) & ~has_part(Part.REVIEWER) & _outside & ~is_reciprocal, Part.VERIFIER)


@policy("not a verifier of an earlier check")
def checks_anew(outcome: Any, user: Any) -> bool:
    """Tell whether the user neither checked it before nor had the check and did not answer in time."""
    over = (row for row in involved_in(outcome.case) if row.person_id == user.pk and row.until is not None)
    return outcome.verified_by_id != user.pk and all(row.part != Part.VERIFIER for row in over)


def is_used_outside(outcome: Any) -> bool:
    """Tell whether the agency that is said to use the result is of no tree with a person in the team, now or before."""
    return tree_of(outcome.used_by_id) not in agencies_of_case(outcome.case)


is_verifier = has_part(Part.VERIFIER)
may_take_check = may_verify & checks_anew
may_record_check = may_verify & is_verifier & checks_anew
may_classify = acting_as(holds(Role.CLASSIFIER) & _outside, Part.CLASSIFIER)
may_act_as_system = is_system


def took(step: str, name: str) -> Any:
    """Return the policy that the user took the step of a nomination that the column `step` names."""

    @policy(name)
    def test(nomination: Any, user: Any) -> bool:
        return bool(getattr(nomination, f"{step}_id") == user.pk)

    return test


# Four eyes: nobody takes two following steps of a nomination, whatever roles they hold.
_elsewhere = ~is_the_person & ~is_nominator
handles_nomination = holds_here(Role.HR, "HR officer of the agency") & _elsewhere & ~took("answered_by", "who answered")
decides_nomination = (
    holds_here(Role.HRC, "HR committee member of the agency") & _elsewhere & ~took("brought_by", "who brought it")
)
records_result = holds(Role.RCSC) & ~is_the_person & ~took("forwarded_by", "who forwarded it")


@policy("not the first approver")
def is_not_first_approver(version: Any, user: Any) -> bool:
    """Nobody approves a version twice."""
    return bool(version.first_approver_id != user.pk)


@policy("HR officer of the person's agency, or RCSC, and not the person")
def may_evaluate(person: Any, user: Any) -> bool:
    """Tell whether `user` runs eligibility for `person` (by the register); nobody does so for themselves."""
    post = snapshot_of(person)
    if person.pk == user.pk:
        return False
    held = Q(role=Role.RCSC)
    if post is not None:
        held |= Q(role=Role.HR, agency=post.agency_id)
    return RoleGrant.objects.filter(in_force(), held, person=user).exists()


is_rcsc = holds(Role.RCSC)
is_second_rcsc = is_rcsc & is_not_first_approver


@policy("approver of an agency outside the team")
def is_other_approver(outcome: Any, user: Any) -> bool:
    """Tell whether the user approves for an agency without a person in the team, and may read the result."""
    return holds(Role.SPONSOR)(outcome, user) and _outside(outcome, user)


may_contest = (is_in_team | is_other_approver) & ~is_blocked


@policy("without an earlier act on the case")
def acted_never(contest: Any, user: Any) -> bool:
    """Tell whether the user has no part in the case but as officer of this contest, and did nothing to the result.

    Who takes or took another second look of the case has formed a view of it.
    """
    parts = {row for row in involved_in(contest.case) if row.person_id == user.pk}
    earlier = [row for row in parts if row.part != Part.APPEALS or row.since < contest.lodged_at]
    others = type(contest).objects.filter(case=contest.case, officer=user.pk).exclude(pk=contest.pk)
    if contest.officer_id == user.pk:  # what was taken up after this one is no earlier act
        others = others.exclude(ended_at=None)
    acted = TrailEntry.objects.filter(stream__key__in=streams_of(contest.outcome), actor_id=user.pk)
    return not earlier and not acted.exists() and not others.exists()


def streams_of(outcome: Any) -> list[str]:
    """Return the trails of all that an act on a result is written in."""
    grant = outcome.grant
    return [trail.stream_key(row) for row in (outcome, grant, grant.contribution)]


may_check_contest = acting_as(holds(Role.APPEALS) & _outside & acted_never, Part.APPEALS)


@policy("the officer of this second look")
def is_its_officer(contest: Any, user: Any) -> bool:
    """Tell whether it was given to the user."""
    return bool(contest.officer_id == user.pk)


may_hear_contest = is_its_officer & may_check_contest


@policy("the mentor")
def is_the_mentor(mentoring: Any, user: Any) -> bool:
    """Tell whether the user was asked to mentor."""
    return bool(mentoring.mentor_id == user.pk)


def was_in_team(case: Any, user: Any) -> bool:
    """Tell whether the user is or was in the team of a case."""
    return any(row.person_id == user.pk and row.part in TEAM_PARTS for row in involved_in(case))


def _gains(credit: Any, user: Any) -> bool:
    """Tell whether the user would be credited, alone or with a team, or stated it."""
    learned = credit.record is not None and was_in_team(credit.record.case, user)
    return learned or user.pk in (credit.person_id, credit.stated_by_id)


@policy("for the team that was helped, or a reviewer of the team that used it")
def may_second(credit: Any, user: Any) -> bool:
    """Tell whether the user confirms it for the other side; nobody does so for themselves."""
    if credit.grant is None or is_blocked(credit.grant, user) or user.is_staff:
        return False
    if credit.code == CreditCode.LEARNING:
        read = any(row.person_id == user.pk and row.part == Part.REVIEWER for row in involved_in(credit.grant.case))
        return read and not _gains(credit, user) and not was_in_team(credit.grant.case, user)
    leads = bool({Part.LEAD, Part.DEPUTY} & parts_held(credit.grant.case, user))
    return leads and credit.person_id != user.pk


@policy("the office that checks it, without a part in it")
def may_recognise(credit: Any, user: Any) -> bool:
    """Tell whether the user checks it: a verifier a removed rule, else the secretariat; of judging also the chair."""
    if user.is_staff or user.pk in (credit.seconded_by_id, credit.person_id):
        return False
    if credit.code != CreditCode.JUDGEMENT and _gains(credit, user):  # of judging the office itself makes the list
        return False
    if credit.grant is not None and (is_blocked(credit.grant, user) or was_in_team(credit.grant.case, user)):
        return False
    if credit.code == CreditCode.BARRIER:
        post = post_of(user)
        ours = {tree_of(credit.agency_id), tree_of(credit.owner_id)}
        return holds(Role.VERIFIER)(None, user) and post is not None and tree_of(post.agency_id) not in ours
    offices = (Role.SECRETARIAT, Role.CHAIR) if credit.code == CreditCode.JUDGEMENT else (Role.SECRETARIAT,)
    return holds(*offices)(None, user)


@policy("Head of secretariat without a part in it")
def may_take_back(credit: Any, user: Any) -> bool:
    """Tell whether the user, as head, takes back what proved wrong."""
    return holds(Role.HEAD)(None, user) and not _gains(credit, user) and not user.is_staff


@policy("who leads it at the adopting agency")
def is_adopter(adoption: Any, user: Any) -> bool:
    """Tell whether the user leads the adoption at their agency."""
    return bool(adoption.lead_id == user.pk)


@policy("outside the first team, now and before")
def is_outside_first_team(adoption: Any, user: Any) -> bool:
    """Tell whether the user never belonged to the team whose result or idea it was, at whatever agency they are now."""
    return not was_in_team(adoption.origin.case, user)


may_try = is_adopter & is_outside_first_team


@policy("approver of the adopting agency, not who leads it")
def may_sign_adoption(adoption: Any, user: Any) -> bool:
    """Tell whether the user approves for the adopting agency and neither leads it nor belongs to the first team."""
    if user.is_staff or adoption.lead_id == user.pk or was_in_team(adoption.origin.case, user):
        return False
    held = RoleGrant.objects.filter(in_force(), person=user, role=Role.SPONSOR, agency=adoption.agency_id)
    return held.exists() and not is_blocked(adoption.origin, user)


@policy("verifier outside both agencies and both teams")
def may_check_adoption(adoption: Any, user: Any) -> bool:
    """Tell whether the user checks it: who could verify the first team's result, of a third agency, owing neither side.

    Who reviewed the first team's proposal does not, nor whose own work one of the team or the adopter verified lately.
    """
    post = post_of(user)
    if post is None or user.is_staff or user.pk in (adoption.lead_id, adoption.signed_by_id, adoption.asked_by_id):
        return False
    now = post_of(adoption.lead)
    theirs = {tree_of(adoption.agency_id), tree_of(now.agency_id if now else None)}
    return (
        tree_of(post.agency_id) not in theirs
        and may_verify(adoption.origin, user)
        and not is_reciprocal(adoption, user)
    )


@policy("Head of secretariat outside both teams")
def may_revoke_adoption(adoption: Any, user: Any) -> bool:
    """Tell whether the user, as head, takes an adoption back."""
    return may_settle(adoption.origin, user) and user.pk not in (adoption.lead_id, adoption.signed_by_id)
