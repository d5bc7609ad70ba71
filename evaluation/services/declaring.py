"""Interests on a call that is read without names: declared once, against one mixed list of all its names."""

from collections.abc import Iterable

from django.db import models

from fund.models import Call
from lifecycle import clock
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.reactions import locks_of
from lifecycle.transitions import no_further_locks
from people.enums import Grade
from people.models import User
from proposals.enums import MemberState
from proposals.models import Proposal

from ..enums import OPEN, READING_ON, Interest
from ..models import Declaration, Review
from ..queries import mixed_names
from .conflicts import block
from .excluding import look_again
from .reviewing import declare


def names_of(proposal: Proposal) -> list[int]:
    """Return the keys of all whose names the list of the proposal's call shows now."""
    return sorted({int(row["pk"]) for row in mixed_names(proposal)})


def newest(call: Call | None, person: User) -> Declaration | None:
    """Return the person's newest declaration for the call."""
    return Declaration.objects.filter(call=call, person=person).last()


def is_to_declare(review: Review) -> bool:
    """Tell whether the reviewer has not declared against the call's list as it is now."""
    declared = newest(review.proposal.call, review.reviewer)
    return review.names_hidden and (declared is None or declared.names != names_of(review.proposal))


@act
def declare_names(
    review: Review, *, by: User, tied: Iterable[int], known: Iterable[int], interest: Interest | None, note: str = ""
) -> Review:
    """Declare for the whole call, and accept `review` if none of the names ticked is behind it.

    Whatever somebody of `tied` takes part in is closed to the reviewer, who recuses from what is open of it; whom the
    reviewer merely knows is noted. NotPossible for others, for names off the list, and for a tie without a kind.
    """
    call, ties, shown = review.proposal.call, sorted(set(tied)), names_of(review.proposal)
    knows = sorted(set(known) - set(ties))
    if call is None or by.pk != review.reviewer_id:
        raise NotPossible("Only the reviewer declares.", forbidden=True)
    if not {*ties, *knows} <= set(shown):
        raise NotPossible("Choose from the list.")
    if ties and (interest is None or interest in READING_ON):
        raise NotPossible("Say which interest it is.")
    kind = interest if ties and interest else None
    closed, noted = _with(call, ties), _with(call, knows)
    own = list(Review.objects.filter(reviewer=by, proposal__in=closed, state__in=OPEN))
    rows: list[models.Model | None] = [*closed, *noted]
    for row in own:
        rows.extend(locks_of(row, "recuse", no_further_locks))
    with locked(rows):
        Declaration.objects.create(
            call=call, person=by, names=shown, tied=ties, known=knows, interest=kind or "", note=note, at=clock.now()
        )
        for proposal in noted:
            _write(proposal, by, Interest.ACQUAINTED, note, Grade.NOTE)
        for proposal in closed:
            _write(proposal, by, kind or Interest.OTHER, note, Grade.BLOCK)
        for row in own:
            declare(row, by=by, interest=kind, note=note)
    for proposal in closed:
        look_again(proposal, reviewer=by)
    return Review.objects.get(pk=review.pk) if review in own else declare(review, by=by, interest=Interest.NONE)


def _with(call: Call, people: list[int]) -> list[Proposal]:
    """Return what was sent to the call by a team with one of the people."""
    sent = Proposal.objects.filter(call=call, submitted_at__isnull=False)
    joined = sent.filter(members__person__in=people, members__status=MemberState.JOINED)
    return list(joined.distinct().select_related("call").order_by("pk"))


def _write(proposal: Proposal, person: User, interest: Interest, note: str, grade: Grade) -> None:
    block(proposal, person, reason=f"{interest.label}. {note}".strip(), by=person, grade=grade)
