"""What was believed, done, seen and learned where a result was not reached."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import Part, Role
from people.queries import blocked_cases

from .. import guards, policies
from ..enums import Kind, LearningState, Opened, Reach
from .outcome import OfCaseQuerySet, contribution_of

S = LearningState
NEEDED = 2  # classifiers who agree; a third is asked if they differ


class LearningQuerySet(OfCaseQuerySet):
    """Learning records by what one may see: the team's own by default."""

    def visible_to(self, user: Any) -> "LearningQuerySet":
        """Return own teams' records, the offices' view, and to classifiers and verifiers what waits for them."""
        waiting = (S.SUBMITTED, S.CLASSIFYING, S.CONTESTED)
        seen = self.of_case_visible_to(user, Role.CLASSIFIER, Part.CLASSIFIER, waiting)
        checks = self.of_case_visible_to(user, Role.VERIFIER, Part.VERIFIER, waiting)
        own = Q(pk__in=seen.values("pk")) | Q(pk__in=checks.values("pk"))
        told = Q(state=S.PUBLISHED, reach__in=self._reaching(user)) & ~Q(case__in=blocked_cases(user))
        return self.filter(own | told) if user is not None and user.is_authenticated else self.published(user)

    def _reaching(self, user: Any) -> list[str]:
        signed_in = user is not None and user.is_authenticated and user.is_civil_servant
        return [Reach.PUBLIC, Reach.GOVERNMENT] if signed_in else [Reach.PUBLIC]

    def published(self, user: Any) -> "LearningQuerySet":
        """Return what was shared with everybody, or with everybody in government where the user is; newest first."""
        return self.filter(state=S.PUBLISHED, reach__in=self._reaching(user)).order_by("-published_at", "-pk")


class LearningRecord(LifecycleModel):
    """One record per case; a failure that is written down counts."""

    grant = models.OneToOneField("fund.Grant", on_delete=models.PROTECT, related_name="learning_record")
    case = models.UUIDField(unique=True, editable=False)
    opened_because = models.CharField(max_length=14, choices=Opened)
    opened_at = models.DateTimeField()
    believed = models.TextField(max_length=3000, blank=True)
    did = models.TextField(max_length=3000, blank=True)
    saw = models.TextField(max_length=3000, blank=True)
    why = models.TextField(max_length=3000, blank=True)
    others = models.TextField(max_length=3000, blank=True)
    version = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True)
    facts_confirmed_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    facts_confirmed_at = models.DateTimeField(null=True)
    contested_at = models.DateTimeField(null=True, help_text="Readings after this day are those that stand.")
    reach = models.CharField(max_length=10, choices=Reach, default=Reach.TEAM)
    with_names = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True)
    settled_kind = models.CharField(max_length=12, choices=Kind, blank=True)
    state = StateField(choices=LearningState, default=LearningState.DRAFT)

    objects = LearningQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            state_constraint(LearningState, "learning_state_known"),
            models.CheckConstraint(condition=Q(opened_because__in=Opened.values), name="learning_opened_known"),
            models.CheckConstraint(
                condition=Q(settled_kind="") | Q(settled_kind__in=Kind.values), name="learning_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[S.DRAFT, S.SUBMITTED, S.CLASSIFYING, S.CONTESTED]) | ~Q(settled_kind=""),
                name="learning_shown_only_settled",
            ),
            models.CheckConstraint(
                condition=Q(state=S.PUBLISHED, published_at__isnull=False, reach__in=Reach.values)
                | ~Q(state=S.PUBLISHED) & Q(reach=Reach.TEAM, with_names=False),
                name="learning_reach_only_published",
            ),
        ]

    def __str__(self) -> str:
        return f"What we learned from “{self.grant.title}”"

    def get_absolute_url(self) -> str:
        """Return the record's page."""
        return reverse("learning_detail", args=[self.case])

    @transition(
        state, source=S.DRAFT, target=S.SUBMITTED, who=policies.may_lead, label="Send the learning record",
        guards=[guards.learning_still_counts, guards.learning_is_whole, guards.shares_are_agreed],
        locks=contribution_of, act="incentives.services.learning.submit", order=10, style="primary", explain=True,
    )  # fmt: skip
    def submit(self, *, at: datetime) -> None:
        """Hand it to two classifiers; it is the claim."""
        self.submitted_at = at

    @transition(
        state, source=(S.SUBMITTED, S.CONTESTED), target=S.CLASSIFYING, who=policies.may_classify,
        label="Begin to classify",
        act="incentives.services.learning.classify", page="classify/", order=20, style="primary",
    )  # fmt: skip
    def begin_classifying(self) -> None:
        """Take in the first classification."""

    @transition(
        state, source=S.CLASSIFYING, target=S.SHOWN, who=policies.may_act_as_system, label="Show to the team",
        guards=[guards.classification_is_settled], order=30,
    )  # fmt: skip
    def show(self) -> None:
        """Let the team see it before anybody else."""

    @transition(
        state, source=S.SUBMITTED, target=S.DRAFT, who=policies.may_classify, label="Send back to the team",
        require_note=True, order=30,
    )  # fmt: skip
    def send_back(self) -> None:
        """Ask the team to say more, with the reason; the day that counts becomes that of the new sending."""
        self.submitted_at = None

    @transition(
        state, source=S.SHOWN, target=S.CONTESTED, who=policies.may_share, label="Ask others to read it again",
        guards=[guards.read_once], act="incentives.services.learning.contest", require_note=True, order=20,
    )  # fmt: skip
    def contest(self, *, at: datetime) -> None:
        """Disagree with the reading before anybody else sees it."""
        self.contested_at, self.settled_kind = at, ""

    @transition(
        state, source=S.ACCEPTED, target=S.PUBLISHED, who=policies.may_lead, label="Share it beyond the team",
        act="incentives.services.learning.publish", page="share/", order=20,
    )  # fmt: skip
    def publish(self, *, reach: str, with_names: bool, at: datetime) -> None:
        """Let others read it, as far as the person chooses."""
        self.reach, self.with_names, self.published_at = reach, with_names, at

    @transition(
        state, source=S.SHOWN, target=S.ACCEPTED, who=policies.may_lead, label="Accept the classification",
        guards=[guards.good_faith_is_known], locks=contribution_of, act="incentives.services.learning.accept", order=10,
        style="primary", explain=True,
    )  # fmt: skip
    def accept(self) -> None:
        """Agree with how it was read."""


class Classification(models.Model):
    """What one classifier says, independently of the others."""

    record = models.ForeignKey(LearningRecord, on_delete=models.PROTECT, related_name="classifications")
    classifier = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    reason = models.TextField(max_length=1000)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["record", "classifier"], name="classification_once"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="classification_kind_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="classification_says_why"),
        ]
