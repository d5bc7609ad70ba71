"""Who may change calls."""

from typing import Any

from lifecycle.policies import policy
from people.enums import Role
from people.policies import holds

sees_drafts = holds(Role.SECRETARIAT, Role.HEAD, Role.AUDITOR)


@policy("not its author")
def is_not_author(call: Any, user: Any) -> bool:
    """Nobody approves a call that they wrote."""
    return bool(call.created_by_id != user.pk)


may_approve = holds(Role.HEAD) & is_not_author
