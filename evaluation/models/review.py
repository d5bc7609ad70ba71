"""Reviews: one person's scores with reasons, and the consensus that may replace a criterion's mean."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import Role
from people.policies import holds
from people.queries import blocked_cases
from proposals.models.visible import of_own_agency

from .. import guards, policies
from ..enums import LIVE, OPEN, WRITING, Chance, ReviewState
from ..locks import field_of_review, proposal_of

S = ReviewState
NOT_APPLICABLE = "Does not apply"
SCORE = Q(halves__gte=0, halves__lte=10)
SCORED = SCORE & Q(halves__isnull=False)  # a CHECK lets through what compares with NULL


def still_to_review(user: Any) -> "models.QuerySet[Any, Any]":
    """Return the keys of the proposals on which the person's own review is not in yet, for a subquery."""
    own = Review.objects.filter(reviewer=user, state__in=(S.ASSIGNED, *WRITING)).order_by()
    return own.values("proposal")


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews by what one may see."""

    def visible_to(self, user: Any) -> "ReviewQuerySet":
        """Return one's own; to the chair those of other agencies; to the secretariat and an auditor all.

        Whoever also reviews a proposal sees no other review of it before their own is in, whatever else they are.
        """
        if user is None or not user.is_authenticated:
            return self.none()
        own = Q(reviewer=user)
        seen = own
        if holds(Role.CHAIR)(None, user):
            seen |= ~of_own_agency(user)
        if holds(Role.SECRETARIAT, Role.AUDITOR)(None, user):
            seen = Q()
        before_own = ~own & Q(proposal__in=still_to_review(user))
        return self.filter(seen).exclude(before_own).exclude(case__in=blocked_cases(user))

    def of_practice(self, practice: bool) -> "ReviewQuerySet":
        """Return the reviews of invented proposals, or all others: every list and every figure takes the others."""
        return self.filter(proposal__call__practice_of__isnull=not practice)


class Review(LifecycleModel):
    """One reviewer's judgement of one exact version."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="reviews")
    version = models.ForeignKey("proposals.Version", on_delete=models.PROTECT, related_name="+")
    case = models.UUIDField(db_index=True, editable=False)
    reviewer = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="reviews")
    assigned_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()
    edit = models.PositiveIntegerField(default=0, help_text="Compared in the UPDATE, so that no save is lost.")
    strength = models.TextField(max_length=1000, blank=True)
    weakness = models.TextField(max_length=1000, blank=True)
    change = models.TextField(max_length=1000, blank=True)
    chance = models.CharField(max_length=6, choices=Chance, blank=True)
    short = models.BooleanField(default=False, help_text="Of a small idea: one reason for each question.")
    unscored: Any = models.JSONField(default=dict, help_text="Criterion -> reason written before its score.")
    saved_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    ranked_in = models.ForeignKey(
        "evaluation.RankingRun", null=True, on_delete=models.PROTECT, related_name="excluded",
        help_text="The ranking that fell because the review, which it holds, was excluded.",
    )  # fmt: skip
    state = StateField(choices=ReviewState, default=ReviewState.ASSIGNED)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            state_constraint(ReviewState, "review_state_known"),
            models.CheckConstraint(condition=Q(chance="") | Q(chance__in=Chance.values), name="review_chance_known"),
            models.UniqueConstraint(
                fields=["proposal", "reviewer"], condition=Q(state__in=LIVE), name="review_live_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.SUBMITTED, S.LOCKED])
                | Q(submitted_at__isnull=False)
                & ~Q(chance="")
                & (Q(short=True) | ~Q(strength="") & ~Q(weakness="") & ~Q(change="")),
                name="review_submitted_whole",
            ),
            models.CheckConstraint(
                condition=Q(ranked_in=None) | Q(state=S.INVALIDATED), name="review_fells_a_ranking_when_excluded"
            ),
        ]

    def __str__(self) -> str:
        return f"Review of “{self.subject}”"

    @property
    def subject(self) -> str:
        """Return what the reviewer calls it: the title, or the reference where names are hidden."""
        if not self.names_hidden:
            return self.proposal.title
        return f"{'Small idea' if self.short else 'Proposal'} {self.proposal.reference}"

    @property
    def names_hidden(self) -> bool:
        """Tell whether it is read without names, as its call says."""
        return bool(self.proposal.call and self.proposal.call.names_hidden)

    def get_absolute_url(self) -> str:
        """Return the review's page."""
        return reverse("review", args=[self.pk])

    @transition(
        state, source=S.ASSIGNED, target=S.ACCEPTED, who=policies.may_review, label="Accept the review",
        act="evaluation.services.reviewing.declare", order=10, style="primary",
    )  # fmt: skip
    def accept(self) -> None:
        """Take it, having declared no interest."""

    @transition(
        state, source=(S.ASSIGNED, *WRITING), target=S.RECUSED, who=policies.is_the_reviewer,
        label="Recuse myself: I have an interest", act="evaluation.services.reviewing.declare", order=20,
        page="recuse/",
    )  # fmt: skip
    def recuse(self) -> None:
        """Step aside because of an interest."""

    @transition(
        state, source=S.ASSIGNED, target=S.REFUSED, who=policies.is_the_reviewer, label="Refuse: no time", order=30,
        ask_note=True,
    )  # fmt: skip
    def refuse(self) -> None:
        """Decline the task."""

    @transition(
        state, source=WRITING, target=S.ABSTAINED, who=policies.is_the_reviewer, label="Withdraw: I cannot judge this",
        guards=[guards.reviews_are_open], order=35, require_note=True,
    )  # fmt: skip
    def abstain(self) -> None:
        """Step back after accepting, without a conflict; somebody else is asked."""

    @transition(
        state, source=S.ACCEPTED, target=S.IN_PROGRESS, who=policies.may_review, label="Begin to write",
        act="evaluation.services.reviewing.save", locks=proposal_of,
    )  # fmt: skip
    def begin(self) -> None:
        """Keep the first draft."""

    @transition(
        state, source=WRITING, target=S.SUBMITTED, who=policies.may_review, label="Submit the review",
        guards=[guards.review_is_whole, guards.reviews_are_open], act="evaluation.services.reviewing.submit",
    )  # fmt: skip
    def submit(self, *, at: datetime) -> None:
        """Hand it in."""
        self.submitted_at = at

    @transition(
        state, source=S.SUBMITTED, target=S.IN_PROGRESS, who=policies.may_return, label="Return to the reviewer",
        guards=[guards.reviews_are_open], act="evaluation.services.reviewing.give_back", order=40, require_note=True,
        page="return/",
    )  # fmt: skip
    def send_back(self) -> None:
        """Ask for a missing reason, or for words without abuse."""

    @transition(
        state, source=OPEN, target=S.REASSIGNED, who=policies.may_assign, label="Take the review back",
        act="evaluation.services.reviewing.reassign", order=80, require_note=True,
    )  # fmt: skip
    def reassign(self) -> None:
        """Let somebody else have it; what was written is kept and does not count."""

    @transition(state, source=S.SUBMITTED, target=S.LOCKED, who=policies.may_lock, label="Lock")
    def lock(self) -> None:
        """Fix it in the ranking."""

    @transition(
        state, source=LIVE, target=S.INVALIDATED, who=policies.may_exclude | policies.may_lock,
        label="Exclude: conflict found", guards=[guards.not_decided_yet],
        act="evaluation.services.excluding.invalidate", order=90, require_note=True, locks=field_of_review,
    )  # fmt: skip
    def invalidate(self, *, ranked_in: Any) -> None:
        """Keep it, and leave it out; the ranking that holds its scores falls."""
        self.ranked_in = ranked_in


class Score(models.Model):
    """Half points on one criterion, with the reason; none where the criterion does not apply, which is never a zero."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey("fund.Criterion", on_delete=models.PROTECT, related_name="+")
    halves = models.PositiveSmallIntegerField(null=True)
    not_applicable = models.BooleanField(default=False)
    reason = models.TextField(max_length=1000, blank=True)

    class Meta:
        ordering = ["criterion__position"]
        constraints = [
            models.UniqueConstraint(fields=["review", "criterion"], name="score_once"),
            models.CheckConstraint(
                condition=Q(not_applicable=False) & SCORED | Q(not_applicable=True, halves=None), name="score_range"
            ),
        ]

    @property
    def points(self) -> str:
        """Return the score as people read it, e.g. "3.5 of 5"."""
        return NOT_APPLICABLE if self.halves is None else f"{self.halves / 2:g} of 5"


class ConsensusScore(models.Model):
    """What the panel agreed on one criterion; append-only, the newest row of the present sitting stands."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="consensus")
    criterion = models.ForeignKey("fund.Criterion", on_delete=models.PROTECT, related_name="+")
    sitting = models.PositiveSmallIntegerField(default=1)
    before = models.CharField(max_length=20, help_text="The official score before, in half points.")
    halves = models.PositiveSmallIntegerField()
    reason = models.TextField(max_length=1000)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=SCORE, name="consensus_range"),
            models.CheckConstraint(condition=~Q(reason=""), name="consensus_says_why"),
        ]
