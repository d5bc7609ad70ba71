"""Who may act on results, learning and recognition."""

from typing import Any

from lifecycle.policies import policy
from people.enums import TEAM_PARTS, Part, Role
from people.models import RoleGrant
from people.policies import (
    has_part,
    holds,
    in_force,
    is_blocked,
    is_in_team,
    is_lead,
    is_of_another_agency,
    is_system,
)
from people.queries import snapshot_of
from people.toxic import acting_as


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
    """Return the policy that the user holds an agency role for the agency of the row."""

    @policy(name)
    def test(instance: Any, user: Any) -> bool:
        return RoleGrant.objects.filter(in_force(), person=user, role=role, agency=instance.agency_id).exists()

    return test


may_lead = acting_as(is_lead & ~is_blocked, *TEAM_PARTS)
may_share = acting_as(is_in_team & ~is_blocked, *TEAM_PARTS)
may_settle = holds(Role.HEAD) & ~is_in_team & ~is_blocked
_outside = is_of_another_agency & ~is_in_team & ~is_blocked
may_verify = acting_as(holds(Role.VERIFIER) & ~has_part(Part.REVIEWER) & _outside, Part.VERIFIER)
is_verifier = has_part(Part.VERIFIER)
may_classify = acting_as(holds(Role.CLASSIFIER) & _outside, Part.CLASSIFIER)
may_act_as_system = is_system
handles_nomination = holds_here(Role.HR, "HR officer of the agency") & ~is_the_person
decides_nomination = holds_here(Role.HRC, "HR committee member of the agency") & ~is_the_person
records_result = holds(Role.RCSC) & ~is_the_person


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
    held = RoleGrant.objects.filter(in_force(), person=user)
    return held.filter(role=Role.RCSC).exists() or (
        post is not None and held.filter(role=Role.HR, agency=post.agency).exists()
    )


is_rcsc = holds(Role.RCSC)
is_second_rcsc = is_rcsc & is_not_first_approver
