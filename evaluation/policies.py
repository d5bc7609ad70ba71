"""Who may judge, and who decides on appeals."""

from typing import Any

from lifecycle import trail
from lifecycle.models import TrailEntry
from lifecycle.policies import policy
from lifecycle.remembering import remembered
from people.enums import TEAM_PARTS, Part, Role
from people.policies import has_part, holds, involved_in, is_blocked, is_in_team, is_of_another_agency, is_system
from people.toxic import acting_as
from proposals.policies import is_asked_approver, is_outside, may_chair, may_lead, may_run

from .enums import WRITING, ReviewState

LOOKED = "decision_file_asked"  # who reads the decision file has looked, not acted


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
    return _has_to_write(proposal, user.pk)


@remembered
def _has_to_write(proposal: Any, reviewer: int) -> bool:
    waiting = (ReviewState.ASSIGNED, *WRITING)
    return bool(proposal.reviews.filter(reviewer_id=reviewer, state__in=waiting).exists())


may_compare = may_chair & ~has_own_to_write
watches = holds(Role.SECRETARIAT, Role.AUDITOR) & ~is_in_team & ~is_blocked
reads_moderation = (may_compare | watches) & ~has_own_to_write
sees_queue = holds(Role.CHAIR, Role.SECRETARIAT, Role.AUDITOR)
may_return = may_chair
may_assign = may_run
may_exclude = may_answer_challenge = holds(Role.SECRETARIAT, Role.HEAD) & ~is_in_team & ~is_blocked
may_lock = is_system


@policy("the officer of this appeal")
def is_the_officer(appeal: Any, user: Any) -> bool:
    """Tell whether the appeal was given to the user."""
    return bool(appeal.officer_id == user.pk)


@remembered
def actors_in(appeal: Any) -> frozenset[int]:
    """Return the ids of all who did anything in the case, this appeal apart; three queries, once on a page.

    The trail of the proposal, of its reviews and of other appeals is asked, so that an act that leaves no part on
    record, such as assigning a reviewer, rules out as well; and every part, past ones too.
    """
    proposal = appeal.proposal
    reviews, others = proposal.reviews.values_list("pk", flat=True), proposal.appeals.exclude(pk=appeal.pk)
    keys = [trail.stream_key(proposal), *(f"evaluation.Review:{pk}" for pk in reviews)]
    keys += [f"evaluation.Appeal:{pk}" for pk in others.values_list("pk", flat=True)]
    entries = TrailEntry.objects.filter(stream__key__in=keys).exclude(action=LOOKED)
    acted = set(entries.values_list("actor_id", flat=True).distinct())
    parts = {
        row.person_id for row in involved_in(appeal.case) if row.part != Part.APPEALS or row.since < appeal.lodged_at
    }
    return frozenset({pk for pk in acted if pk} | parts)


@policy("without an earlier act on the case")
def acted_never(appeal: Any, user: Any) -> bool:
    """Tell whether nothing that the user did stands behind what is appealed."""
    return user.pk not in actors_in(appeal)


may_check_appeal = acting_as(holds(Role.APPEALS) & is_outside & acted_never, Part.APPEALS)
may_hear = is_the_officer & may_check_appeal
may_take_back = may_lead
sees_all_appeals = holds(Role.HEAD, Role.SECRETARIAT, Role.AUDITOR)
reads_letters = (
    has_part(*TEAM_PARTS, Part.SPONSOR, Part.APPEALS) | is_asked_approver | sees_all_appeals
) & ~is_blocked  # fmt: skip


@policy("after the team was told")
def team_was_told(proposal: Any, _: Any) -> bool:
    """Tell whether a result was released, the present one or one before it."""
    return bool(proposal.released_at or proposal.letters.exists())


# An auditor may look at any time; who runs the judging, and an appeals officer, once nothing of it is secret any more.
reads_decision_file = (
    (holds(Role.AUDITOR) | (holds(Role.SECRETARIAT) | has_part(Part.APPEALS)) & team_was_told)
    & ~is_in_team
    & ~is_blocked
)
