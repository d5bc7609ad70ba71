"""Assigning by hand, declaring interests, writing, handing in and returning reviews."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.enums import Grade, Part, Role
from people.models import User
from people.policies import holds
from people.services.involvement import involve, release
from people.services.notify import notify
from people.toxic import ConflictOfInterest
from proposals.enums import ProposalState
from proposals.lane import is_practice, is_spark
from proposals.models import Proposal

from ..enums import LIVE, READING_ON, Fault, Interest, ReviewState
from ..guards import reviews_are_open
from ..models import Review, ReviewVersion, Score
from ..models.review import NOT_APPLICABLE
from ..policies import may_assign, may_review
from .conflicts import block, refuse_conflicted
from .excluding import look_again
from .naming import may_be_asked

ASSIGNING = (ProposalState.ELIGIBLE, ProposalState.IN_REVIEW)


def assign(proposal: Proposal, *, by: User, reviewer: User) -> Review:
    """Ask a reviewer. ConflictOfInterest with the reason for a blocking or mitigating conflict."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        refuse_unassignable(proposal, by=by)
        refuse_unfit(proposal, reviewer)
        return add_review(proposal, reviewer, by=by)


def add_review(proposal: Proposal, reviewer: User, *, by: User) -> Review:
    """Write the review of one whom `assign` or a whole assignment has looked at, under the proposal's lock."""
    if proposal.reviews.filter(reviewer=reviewer, state__in=LIVE).exists():
        raise NotPossible(f"{reviewer.full_name} is already assigned.")
    involve(case=proposal.case, person=reviewer, part=Part.REVIEWER)
    version = proposal.versions.last()
    if version is None:
        raise NotPossible("The proposal has no frozen version.")
    review = Review.objects.create(
        proposal=proposal, version=version, case=proposal.case, reviewer=reviewer, assigned_by=by,
        assigned_at=clock.now(), short=is_spark(proposal),
    )  # fmt: skip
    trail.record(review, action="assigned", by=by)
    words = f"“{review.subject}”. Declare your interests first, then accept or refuse."
    _tell(review, f"review:{review.pk}", "You are asked to review a proposal", words)
    return review


def refuse_unassignable(proposal: Proposal, *, by: User) -> None:
    """Raise NotPossible when `by` may not assign here, or nobody can be assigned now."""
    if not may_assign(proposal, by):
        raise NotPossible("Only the secretariat assigns reviewers.", forbidden=True)
    if proposal.state not in ASSIGNING:
        raise NotPossible("Reviewers are assigned after the first check and before the reviews are closed.")


def _tell(review: Review, key: str, subject: str, body: str) -> None:
    """Send the reviewer a message; a practice sends none."""
    if not is_practice(review.proposal):
        path = review.get_absolute_url()
        notify(person=review.reviewer, key=key, subject=subject, body=body, path=path, case=review.case)


def refuse_unfit(proposal: Proposal, reviewer: User) -> None:
    """Raise NotPossible for who is no reviewer or was not named, ConflictOfInterest for who is tied to it."""
    if not holds(Role.REVIEWER)(None, reviewer) or not reviewer.is_active:
        raise NotPossible(f"{reviewer.full_name} is not a reviewer of the fund.")
    if not may_be_asked(proposal, reviewer):
        raise NotPossible(
            f"{reviewer.full_name} is not among the names that the applicants of this call were told. Add the name on "
            "the page “Names of the panel” first; the applicants can then object to it."
        )
    refuse_conflicted(proposal, reviewer)


@act
def declare(review: Review, *, by: User, note: str = "", interest: Interest | None = None) -> Review:
    """Declare an interest before reading.

    None, or an acquaintance that is noted, accepts the review, if no conflict was found since it was assigned; any
    other recuses and blocks.
    """
    if interest is None:
        raise NotPossible("Say which interest it is, on the review's own page.")
    if interest in READING_ON:
        with _keeping_what_is_found(review, by):
            return _accept(review, by, interest, note)
    with changing(review, "recuse") as fresh:
        fresh = perform(fresh, "recuse", by=by, note=note)
        release(case=fresh.case, person=by, part=Part.REVIEWER)
        block(fresh.proposal, by, reason=f"{interest.label}. {note}".strip(), by=by)
        return fresh


NOT_YOURS = "You cannot judge this one. The secretariat knows it and asks somebody else."


@contextmanager
def _keeping_what_is_found(review: Review, by: User) -> Iterator[None]:
    """Write down the tie that stops an act, when the act is undone; read without names, the words tell no name."""
    try:
        yield
    except ConflictOfInterest as no:
        look_again(review.proposal, reviewer=by)
        if review.names_hidden:
            raise ConflictOfInterest(NOT_YOURS) from None
        raise no from None


def _accept(review: Review, by: User, interest: Interest, note: str) -> Review:
    with changing(review, "accept") as fresh:
        accepted = perform(fresh, "accept", by=by, note=note)
        refuse_conflicted(fresh.proposal, by, acting=True)
        if interest == Interest.ACQUAINTED:
            block(fresh.proposal, by, reason=f"{interest.label}. {note}".strip(), by=by, grade=Grade.NOTE)
        return accepted


@dataclass(frozen=True)
class Draft:
    """What a reviewer wrote so far: criterion pk -> (half points or None, reason), and the whole.

    None is not scored yet, unless the criterion is among those that do not apply.
    """

    scores: dict[int, tuple[int | None, str]]
    strength: str
    weakness: str
    change: str
    chance: str
    not_applicable: frozenset[int] = frozenset()


class Stale(Exception):
    """The review was saved from another page in the meantime; nothing was written."""


@act
def save(review: Review, *, by: User, note: str = "", edit: int = 0, draft: Draft | None = None) -> Review:
    """Keep a draft if the review is still at `edit`. Stale otherwise."""
    if draft is None:
        raise NotPossible("Write the review on its own page.")
    with _keeping_what_is_found(review, by), changing(review, "begin") as fresh:
        if not may_review(fresh, by):
            raise NotPossible("You may not do this.", forbidden=True)
        if not reviews_are_open.holds(fresh):
            raise NotPossible(reviews_are_open.reason)
        refuse_conflicted(fresh.proposal, by, acting=True)
        if fresh.state == ReviewState.ACCEPTED:
            fresh = perform(fresh, "begin", by=by)
        if fresh.state != ReviewState.IN_PROGRESS:
            raise NotPossible("This review has been handed in.")
        _write(fresh, edit, draft)
        trail.record(fresh, action="review_saved", by=by, changes={"scores": [None, _plain(draft)]})
        return Review.objects.get(pk=fresh.pk)


def _plain(draft: Draft) -> dict[str, Any]:
    said = {key: NOT_APPLICABLE if key in draft.not_applicable else halves for key, (halves, _) in draft.scores.items()}
    return {str(key): [said[key], reason] for key, (_, reason) in draft.scores.items()}


def _write(review: Review, edit: int, draft: Draft) -> None:
    left_out = draft.not_applicable
    waiting = {
        str(key): reason
        for key, (halves, reason) in draft.scores.items()
        if halves is None and key not in left_out and reason
    }
    changed = Review.objects.filter(pk=review.pk, edit=edit).update(
        edit=edit + 1, strength=draft.strength, weakness=draft.weakness, change=draft.change, chance=draft.chance,
        unscored=waiting, saved_at=clock.now(),
    )  # fmt: skip
    if not changed:
        raise Stale
    kept = {key: said for key, said in draft.scores.items() if said[0] is not None or key in left_out}
    Score.objects.filter(review=review, criterion__in=draft.scores.keys() - kept.keys()).delete()
    rows = [
        Score(
            review=review, criterion_id=key, halves=None if key in left_out else halves,
            not_applicable=key in left_out, reason=reason,
        )
        for key, (halves, reason) in kept.items()
    ]  # fmt: skip
    Score.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["review", "criterion"],
        update_fields=["halves", "not_applicable", "reason"],
    )


@act
def submit(review: Review, *, by: User, note: str = "") -> Review:
    """Hand the review in; conflicts are looked at again."""
    with _keeping_what_is_found(review, by), changing(review, "submit") as fresh:
        fresh = perform(fresh, "submit", by=by, note=note, at=clock.now())
        refuse_conflicted(fresh.proposal, by, acting=True)
        _keep_version(fresh)
        return fresh


def _keep_version(review: Review) -> None:
    """Keep what was handed in, so that a later return loses nothing; its reader needs no other table."""
    scores = list(review.scores.select_related("criterion"))
    content = [[score.criterion.name, score.points] for score in scores]
    content += [[f"{score.criterion.name}: why", score.reason] for score in scores]
    if not review.short:
        content += [
            ["Strength", review.strength], ["Weakness", review.weakness], ["To change", review.change],
            ["Chance that the target is met", review.get_chance_display()],
        ]  # fmt: skip
    ReviewVersion.objects.create(
        review=review, number=review.versions.count() + 1, content=content, at=review.submitted_at or clock.now()
    )


@act
def give_back(review: Review, *, by: User, note: str = "", fault: Fault | None = None) -> Review:
    """Return a review for a missing reason or abusive words, never for its scores."""
    with changing(review, "send_back") as fresh:
        fresh = perform(fresh, "send_back", by=by, note=f"{fault.label}: {note}" if fault and note.strip() else note)
        if fault is None:
            raise NotPossible("Return the review on its own page, and say what is wrong with its words.")
        refuse_conflicted(fresh.proposal, by, Part.CHAIR, acting=True)
        involve(case=fresh.case, person=by, part=Part.CHAIR)
        key = f"returned:{fresh.pk}:{fresh.edit}"
        _tell(fresh, key, "The chair returned your review", f"“{fresh.subject}”: {fault.label}. {note}")
        return fresh


@act
def reassign(review: Review, *, by: User, note: str = "") -> Review:
    """Take a review back that is not handed in; the reviewer no longer reads the proposal and is told why."""
    with changing(review, "reassign") as fresh:
        fresh = perform(fresh, "reassign", by=by, note=note)
        release(case=fresh.case, person=fresh.reviewer, part=Part.REVIEWER)
        if not is_practice(fresh.proposal):
            body = f"“{fresh.subject}”: you need not review it any more. {note}"
            notify(
                person=fresh.reviewer, key=f"reassigned:{fresh.pk}", subject="A review was taken back", body=body,
                path="/reviews/", case=fresh.case,
            )  # fmt: skip
        return fresh
