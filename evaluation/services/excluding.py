"""A tie that is found late: the review is kept and excluded, and what leaned on it falls until it is made anew."""

from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, explain, perform
from people.enums import Grade, Part
from people.models import User
from people.services.accounts import system_user
from people.services.involvement import release
from people.services.notify import notify
from proposals.enums import JUDGING
from proposals.lane import is_practice
from proposals.models import Proposal

from ..enums import LIVE, VALID
from ..guards import counted
from ..models import RankingRun, Review
from .conflicts import Conflict, block, conflicts_among, is_permitted, write_down
from .ranking import newest_of, run_again

TIED = "A conflict of interest of a reviewer came up while you decided. Nothing was decided: look at it again."


@act
def invalidate(review: Review, *, by: User, note: str = "", grade: Grade = Grade.BLOCK) -> Review:
    """Exclude a review because a conflict was found late; it is kept, and from a blocking one its reviewer is kept out.

    Agreed scores and votes that leaned on it fall, and a ranked field is ranked again; where too few reviews are left,
    the secretariat opens them again.
    """
    with changing(review, "invalidate") as fresh:
        fresh = perform(fresh, "invalidate", by=by, note=note, ranked_in=_newest_with(fresh))
        release(case=fresh.case, person=fresh.reviewer, part=Part.REVIEWER)
        block(fresh.proposal, fresh.reviewer, reason=note, by=by, grade=grade)
        run_again(fresh.proposal, by=by)
        return fresh


def _newest_with(review: Review) -> RankingRun | None:
    """Return the newest ranking of the call if the proposal stands in it: it then holds the review's scores."""
    if review.state not in VALID:
        return None
    newest = newest_of(review.proposal.call) if review.proposal.call else None
    return newest if newest and newest.places.filter(proposal=review.proposal).exists() else None


def tied_reviews(proposal: Proposal, *, reviewer: User | None = None) -> list[tuple[Review, Conflict]]:
    """Return the live reviews whose reviewers are tied to the proposal now, each with the strongest tie.

    Of those tied with a grade that can be lived with only whom the chair did not permit.
    """
    found = proposal.reviews.filter(state__in=LIVE).select_related("reviewer", "assigned_by")
    reviews = list(found.filter(reviewer=reviewer) if reviewer else found)
    conflicts = conflicts_among(proposal, [review.reviewer for review in reviews]) if reviews else {}
    tied = []
    for review in reviews:
        ties = conflicts[review.reviewer_id]
        lived_with = ties and ties[0].grade == Grade.MITIGATE and is_permitted(proposal, review.reviewer)
        if ties and ties[0].grade != Grade.NOTE and not lived_with:
            tied.append((review, ties[0]))
    return tied


def look_again(proposal: Proposal, *, reviewer: User | None = None) -> None:
    """Exclude, as the system, the reviews of those who are tied to the proposal now (of one person: `reviewer`).

    A tie that can be lived with is written down: it leaves what is not handed in to the chair's permission. What is
    decided stays. Who asked for the review is told once of each. Called before others act on the reviews, in a
    transaction of its own, so that what is found stays when the act is refused.
    """
    for review, tie in tied_reviews(proposal, reviewer=reviewer):
        reason = tie.reason.removeprefix("On record: ")
        if tie.lasting:
            block(proposal, review.reviewer, reason=reason, by=system_user(), grade=tie.grade)
        if (tie.grade == Grade.BLOCK or review.state in VALID) and not explain(review, "invalidate"):
            invalidate(review, by=system_user(), note=reason[:300], grade=tie.grade)
        _tell(review, reason)


def _tell(review: Review, reason: str) -> None:
    proposal = review.proposal
    if is_practice(proposal):
        return
    decided = explain(review, "invalidate")
    then = "It was decided before: the decision stands." if decided else "Ask another reviewer if too few are left."
    notify(
        person=review.assigned_by, key=f"tied:{review.pk}",
        subject=f"A conflict of interest was found: {proposal.reference}",
        body=f"{review.reviewer.full_name} cannot judge “{proposal.title}”: {reason.removesuffix('.')}. {then}",
        path=f"{proposal.get_absolute_url()}reviewers/", case=proposal.case,
    )  # fmt: skip


def refuse_tied(proposal: Proposal) -> None:
    """Raise NotPossible when a review that counts is by somebody tied to the proposal; under the lock of the act."""
    counting = set(counted(proposal).values_list("pk", flat=True))
    if any(review.pk in counting for review, _ in tied_reviews(proposal)):
        raise NotPossible(TIED)


def look_everywhere() -> int:
    """Write down what has come up since on everything that is judged, and exclude; returns how many were new."""
    judged = Proposal.objects.of_practice(False).filter(state__in=JUDGING, released_at=None)
    new = 0
    for row in judged.select_related("call"):
        new += write_down(row, by=system_user())
        look_again(row)
    return new
