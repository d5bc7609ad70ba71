"""Who may change calls."""

from typing import Any

from lifecycle.policies import policy
from people.enums import Role
from people.models import RoleGrant
from people.policies import holds, in_force, is_blocked, is_in_team, is_lead, is_system

sees_drafts = holds(Role.SECRETARIAT) | holds(Role.HEAD) | holds(Role.AUDITOR)


@policy("not its author")
def is_not_author(call: Any, user: Any) -> bool:
    """Nobody approves a call that they wrote."""
    return bool(call.created_by_id != user.pk)


may_approve = holds(Role.HEAD) & is_not_author
SEE_MONEY = (Role.MAKER, Role.CHECKER, Role.SECRETARIAT, Role.HEAD, Role.BOARD, Role.AUDITOR)


@policy("finance, secretariat, board or auditor")
def sees_money(_: Any, user: Any) -> bool:
    """Tell whether the user holds one of these roles; one query for all."""
    return RoleGrant.objects.filter(in_force(), person=user, role__in=SEE_MONEY).exists()


may_budget = holds(Role.HEAD) | holds(Role.MAKER) | is_system


@policy("the approver named in the agreement")
def is_named_sponsor(grant: Any, user: Any) -> bool:
    """Tell whether it is the named person, who may still sign for the agency."""
    may_sign = RoleGrant.objects.filter(in_force(), person=user, role=Role.SPONSOR, agency=grant.lead_agency_id)
    return bool(grant.sponsor_id == user.pk and may_sign.exists())


@policy("the one who prepared it")
def prepared_it(tranche: Any, user: Any) -> bool:
    """Nobody releases a payment that they prepared, whatever roles they hold."""
    return bool(tranche.prepared_by_id == user.pk)


is_outsider = ~is_in_team & ~is_blocked
may_lead_grant = is_lead & ~is_blocked
may_sign_as_sponsor = is_named_sponsor & ~is_blocked
may_work = is_in_team & ~is_blocked
may_oversee = holds(Role.SECRETARIAT) & is_outsider
may_hold_back = holds(Role.HEAD) & is_outsider
may_waive = holds(Role.BOARD) & is_outsider
may_prepare = holds(Role.MAKER) & is_outsider
may_release = holds(Role.CHECKER) & ~prepared_it & is_outsider
may_offer = holds(Role.SECRETARIAT) | holds(Role.HEAD) | is_system
