"""Who may change a proposal."""

from typing import Any

from lifecycle.policies import policy
from people.enums import TEAM_PARTS, Part, Role
from people.models import RoleGrant
from people.policies import (
    has_part,
    holds,
    in_force,
    is_blocked,
    is_civil_servant,
    is_in_team,
    is_lead,
    is_of_another_agency,
    is_system,
    is_tied,
    roles_held,
)
from people.toxic import acting_as

from .lane import is_spark


@policy("a small idea")
def is_small(proposal: Any, _: Any) -> bool:
    """Tell whether the proposal goes through the Spark lane."""
    return is_spark(proposal)


may_write = acting_as(is_in_team & ~is_blocked, *TEAM_PARTS)
may_lead = acting_as(is_lead & ~is_blocked, *TEAM_PARTS)
holds_lead = acting_as(has_part(Part.LEAD) & ~is_blocked, *TEAM_PARTS)
may_start = is_civil_servant
may_lapse = is_system


@policy("approver of an agency that is asked")
def is_asked_approver(proposal: Any, user: Any) -> bool:
    """Tell whether the user approves now for one of the proposal's agencies."""
    agencies = proposal.partners.values("agency")
    asked = RoleGrant.objects.filter(in_force(), person=user, role=Role.SPONSOR, agency__in=agencies)
    return Role.SPONSOR in roles_held(user) and asked.exists()


may_endorse = acting_as(is_asked_approver & ~is_in_team & ~is_blocked, Part.SPONSOR)
is_outside = is_of_another_agency & ~is_in_team & ~is_blocked
may_run = holds(Role.SECRETARIAT) & ~is_in_team & ~is_blocked
may_invent = is_system
may_begin = may_run | is_system  # a small idea moves by itself
may_chair = acting_as(holds(Role.CHAIR) & is_outside & ~is_tied, Part.CHAIR)  # also not with a permission
may_decide = acting_as(holds(Role.BOARD) & is_outside, Part.BOARD)
is_screener = has_part(Part.SCREENER)
may_claim = acting_as(holds(Role.SECRETARIAT) & ~is_in_team & ~is_blocked, Part.SCREENER)
may_screen = acting_as(holds(Role.SECRETARIAT) & is_screener & ~is_blocked, Part.SCREENER)
may_lead_full, may_lead_small = ~is_small & may_lead, is_small & may_lead
may_decide_full, may_decide_small = ~is_small & may_decide, is_small & may_decide
may_refuse_small = is_small & may_endorse
may_refuse = holds(Role.HEAD) & ~is_screener & ~is_in_team & ~is_blocked
may_uphold = acting_as(holds(Role.APPEALS) & is_outside, Part.APPEALS)
