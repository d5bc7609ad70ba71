"""Who may judge."""

from typing import Any

from lifecycle.policies import policy
from people.enums import Part, Role
from people.policies import holds, is_blocked, is_in_team, is_of_another_agency, is_system
from people.toxic import acting_as
from proposals.policies import may_chair, may_run

from .enums import WRITING, ReviewState


@policy("the reviewer")
def is_the_reviewer(review: Any, user: Any) -> bool:
    """Tell whether the review is the user's own."""
    return bool(review.reviewer_id == user.pk)


@policy("permitted by the chair")
def is_permitted(review: Any, user: Any) -> bool:
    """Tell whether the chair permitted the user in writing to review in spite of a conflict."""
    return bool(review.proposal.permissions.filter(person=user, given=True).exists())


may_review = acting_as(
    is_the_reviewer & holds(Role.REVIEWER) & ~is_in_team & ~is_blocked & (is_of_another_agency | is_permitted),
    Part.REVIEWER,
)


@policy("still to hand in a review of it")
def has_own_to_write(proposal: Any, user: Any) -> bool:
    """Tell whether the person's own review of the proposal is not in yet, so that no other may be shown."""
    waiting = (ReviewState.ASSIGNED, *WRITING)
    return bool(proposal.reviews.filter(reviewer_id=user.pk, state__in=waiting).exists())


may_compare = may_chair & ~has_own_to_write
watches = holds(Role.SECRETARIAT, Role.AUDITOR) & ~is_in_team & ~is_blocked
reads_moderation = (may_compare | watches) & ~has_own_to_write
sees_queue = holds(Role.CHAIR, Role.SECRETARIAT, Role.AUDITOR)
may_return = may_chair
may_assign = may_run
may_exclude = may_answer_challenge = holds(Role.SECRETARIAT, Role.HEAD) & ~is_in_team & ~is_blocked
may_lock = is_system
