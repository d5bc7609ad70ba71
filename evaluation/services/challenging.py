"""A lead objects to a named person; the office upholds it and keeps the person out, or dismisses it with a reason."""

from django.db import models

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.reactions import locks_of
from people.models import User
from people.services.notify import notify
from proposals.enums import JUDGING
from proposals.models import Proposal
from proposals.policies import may_lead

from ..enums import LIVE
from ..locks import field_of_review
from ..models import Challenge, PanelName, Review
from ..policies import may_answer_challenge
from . import excluding
from .conflicts import block
from .naming import DAYS, last_day


def challenge(proposal: Proposal, *, by: User, person: User, reason: str) -> Challenge:
    """Object to a named person. NotPossible for others than the lead, too late, twice, or without a reason."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        if not may_lead(proposal, by):
            raise NotPossible("Only the lead can object.", forbidden=True)
        if proposal.state not in JUDGING or proposal.released_at is not None:
            raise NotPossible("You can object while the proposal is being judged.")
        name = PanelName.objects.filter(call=proposal.call, person=person).first()
        if name is None:
            raise NotPossible("This person is not among the names of the panel.")
        ends = last_day(proposal, name.named_at)
        if ends is None or clock.today() > ends:
            raise NotPossible(f"The {DAYS} business days for this name are over.")
        if not reason.strip():
            raise NotPossible("Say why this person should not judge.")
        row, created = Challenge.objects.get_or_create(
            proposal=proposal, person=person, defaults={"reason": reason.strip(), "by": by, "at": clock.now()}
        )
        if not created:
            raise NotPossible(f"You have already objected to {person.full_name}.")
        trail.record(row, action="challenged", by=by)
        return row


@act
def answer(row: Challenge, *, by: User, upheld: bool, answer: str) -> Challenge:
    """Uphold: the person is kept out, and a review of theirs is excluded; or dismiss. Either way the lead is told why.

    NotPossible for others than the secretariat and its head, for the person itself, twice, and without a reason.
    """
    reviews = list(Review.objects.filter(proposal=row.proposal, reviewer=row.person, state__in=LIVE))
    rows: list[models.Model | None] = [row, row.proposal]
    for review in reviews if upheld else []:
        rows.extend(locks_of(review, "invalidate", field_of_review))
    with locked(rows):
        row = Challenge.objects.select_related("proposal", "person").get(pk=row.pk)
        if not may_answer_challenge(row.proposal, by) or by == row.person:
            raise NotPossible("Only the secretariat or its head answers an objection.", forbidden=True)
        if row.upheld is not None:
            raise NotPossible("This objection has been answered already.")
        if not answer.strip():
            raise NotPossible("Say why. The lead reads it.")
        Challenge.objects.filter(pk=row.pk).update(
            upheld=upheld, answer=answer.strip(), answered_by=by, answered_at=clock.now()
        )
        trail.record(row, action="challenge_answered", by=by, note=answer, changes={"upheld": [None, upheld]})
        if upheld:
            _keep_out(row, reviews, by, answer)
        _tell_lead(row, upheld, answer)
        return Challenge.objects.get(pk=row.pk)


def _keep_out(row: Challenge, reviews: list[Review], by: User, answer: str) -> None:
    reason = f"An objection of the applicant was upheld. {answer}"[:300]
    for review in reviews:
        excluding.invalidate(review, by=by, note=reason)
    if not reviews:
        block(row.proposal, row.person, reason=reason, by=by)


def _tell_lead(row: Challenge, upheld: bool, answer: str) -> None:
    said = "takes no part in judging it" if upheld else "may take part in judging it"
    notify(
        person=row.by, key=f"challenge:{row.pk}", subject="Your objection is answered",
        body=f"“{row.proposal.title}”: {row.person.full_name} {said}. The reason: {answer}",
        path=f"{row.proposal.get_absolute_url()}names/",
    )  # fmt: skip
