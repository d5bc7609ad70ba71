"""Who may change a proposal."""

from typing import Any

from lifecycle.policies import policy
from people.enums import Part, Role
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
)

may_write = is_in_team & ~is_blocked
may_lead = is_lead & ~is_blocked
holds_lead = has_part(Part.LEAD) & ~is_blocked
may_start = is_civil_servant
may_lapse = is_system


@policy("approver of an agency that is asked")
def is_asked_approver(proposal: Any, user: Any) -> bool:
    """Tell whether the user approves now for one of the proposal's agencies."""
    agencies = proposal.partners.values("agency")
    return RoleGrant.objects.filter(in_force(), person=user, role=Role.SPONSOR, agency__in=agencies).exists()


may_endorse = is_asked_approver & ~is_in_team & ~is_blocked
is_outside = is_of_another_agency & ~is_in_team & ~is_blocked
may_run = holds(Role.SECRETARIAT) & ~is_in_team & ~is_blocked
may_chair = holds(Role.CHAIR) & is_outside
may_decide = holds(Role.BOARD) & is_outside
is_screener = has_part(Part.SCREENER)
may_claim = holds(Role.SECRETARIAT) & ~is_in_team & ~is_blocked
may_screen = holds(Role.SECRETARIAT) & is_screener & ~is_blocked
may_refuse = holds(Role.HEAD) & ~is_screener & ~is_in_team & ~is_blocked
