"""Who may change calls."""

from typing import Any

from lifecycle.policies import policy
from people.enums import Role
from people.policies import holds, is_system

sees_drafts = holds(Role.SECRETARIAT) | holds(Role.HEAD) | holds(Role.AUDITOR)


@policy("not its author")
def is_not_author(call: Any, user: Any) -> bool:
    """Nobody approves a call that they wrote."""
    return bool(call.created_by_id != user.pk)


may_approve = holds(Role.HEAD) & is_not_author
sees_money = (
    holds(Role.MAKER) | holds(Role.CHECKER) | holds(Role.SECRETARIAT) | holds(Role.HEAD) | holds(Role.BOARD)
    | holds(Role.AUDITOR)
)  # fmt: skip
may_budget = holds(Role.HEAD) | holds(Role.MAKER) | is_system
