"""How far the reader's own review of a proposal is: told by the room that judges, so that no text is read too early."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from people.enums import Part
from people.models import User
from people.queries import parts_in


@dataclass(frozen=True)
class OwnReview:
    """The page of one's own review, whether interests were declared there, and whether it was handed in."""

    path: str
    declared: bool
    handed_in: bool


Finding = Callable[[Any, Any], OwnReview | None]
_finding: list[Finding] = []


def finds_own_review(find: Finding) -> Finding:
    """Register the function of (proposal, reader) that finds the review, or None where the reader has none."""
    _finding.append(find)
    return find


def own_review(proposal: Any, user: Any, parts: set[str]) -> OwnReview | None:
    """Return the review of a reader who has `parts` in the case; only who is a reviewer of it is asked about."""
    if Part.REVIEWER not in parts:
        return None
    return next((found for find in _finding if (found := find(proposal, user))), None)


def declares_first(proposal: Any, user: User) -> str:
    """Return the page on which the reader declares interests before reading any of the text; "" when none is due."""
    own = own_review(proposal, user, parts_in(proposal.case, user))
    return own.path if own and not own.declared else ""
