"""Appeals: what the team holds against a decision that it was told, and what an uninvolved officer found."""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import TEAM_PARTS, Role
from people.models import Involvement
from people.policies import holds, in_force
from people.queries import blocked_cases
from proposals.models.visible import of_own_agency

from .. import policies
from ..enums import HEARD, OPEN_APPEAL, TOLD_APPEAL, AppealState, Ground
from ..locks import proposal_of_appeal

S = AppealState


class AppealQuerySet(models.QuerySet["Appeal"]):
    """Appeals by what one may see."""

    def visible_to(self, user: Any) -> "AppealQuerySet":
        """Return those of one's own teams; to an appeals officer those of other agencies; to the office all."""
        if user is None or not user.is_authenticated:
            return self.none()
        seen = Q(case__in=Involvement.objects.filter(in_force(), person=user, part__in=TEAM_PARTS).values("case"))
        if holds(Role.APPEALS)(None, user):
            seen |= ~of_own_agency(user)
        if policies.sees_all_appeals(None, user):
            seen = Q()
        return self.filter(seen).exclude(case__in=blocked_cases(user))

    def of_practice(self, practice: bool) -> "AppealQuerySet":
        """Return the appeals about invented proposals, of which there are none, or all others: lists begin with it."""
        return self.filter(proposal__call__practice_of__isnull=not practice)


class Appeal(LifecycleModel):
    """One appeal against what was told at `told_at`: a decision, or the first check where none is named."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="appeals")
    case = models.UUIDField(db_index=True, editable=False)
    decision = models.ForeignKey("evaluation.Decision", null=True, on_delete=models.PROTECT, related_name="appeals")
    told_at = models.DateTimeField(help_text="When the team was told what it appeals against.")
    ground = models.CharField(max_length=10, choices=Ground)
    words = models.TextField(max_length=5000)
    file = models.OneToOneField("documents.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    lodged_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    lodged_at = models.DateTimeField()
    due_on = models.DateField(help_text="The day by which it is answered.")
    checked_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    check_reason = models.TextField(max_length=1000, blank=True)
    officer = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=5000, blank=True, help_text="Why it ended as it did.")
    ended_at = models.DateTimeField(null=True)
    state = StateField(choices=AppealState, default=AppealState.LODGED)

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            state_constraint(AppealState, "appeal_state_known"),
            models.CheckConstraint(condition=Q(ground__in=Ground.values), name="appeal_ground_known"),
            models.CheckConstraint(condition=~Q(words=""), name="appeal_says_why"),
            models.UniqueConstraint(
                fields=["proposal", "told_at"], condition=~Q(state=S.WITHDRAWN), name="appeal_once_against_one_thing"
            ),
            models.UniqueConstraint(fields=["proposal"], condition=Q(state__in=OPEN_APPEAL), name="appeal_open_once"),
            models.CheckConstraint(
                condition=~Q(state__in=[S.ADMISSIBLE, S.ASSIGNED, *TOLD_APPEAL])
                | Q(checked_by__isnull=False) & ~Q(check_reason=""),
                name="appeal_checked_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.ASSIGNED, *HEARD]) | Q(officer__isnull=False), name="appeal_heard_by_officer"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_APPEAL, ended_at=None)
                | ~Q(state__in=OPEN_APPEAL) & Q(ended_at__isnull=False),
                name="appeal_ended_iff_over",
            ),
            models.CheckConstraint(condition=~Q(state__in=HEARD) | ~Q(reason=""), name="appeal_outcome_says_why"),
        ]

    def __str__(self) -> str:
        return f"Appeal about “{self.proposal.title}”"

    def get_absolute_url(self) -> str:
        """Return the appeal's page."""
        return reverse("appeal", args=[self.pk])

    def is_late(self, today: date) -> bool:
        """Tell whether it should have been answered before `today`."""
        return self.state in OPEN_APPEAL and self.due_on < today

    @transition(
        state, source=S.LODGED, target=S.ADMISSIBLE, who=policies.may_check_appeal, label="It will be heard",
        act="evaluation.services.appeals.admit", require_note=True, order=10, style="primary",
    )  # fmt: skip
    def admit(self, *, checker: Any, reason: str) -> None:
        """Hear it: it rests on one of the grounds; whether it is right is looked into next."""
        self.checked_by, self.check_reason = checker, reason

    @transition(
        state, source=S.LODGED, target=S.INADMISSIBLE, who=policies.may_check_appeal, label="It cannot be heard",
        act="evaluation.services.appeals.turn_away", require_note=True, order=20,
    )  # fmt: skip
    def turn_away(self, *, checker: Any, reason: str, at: datetime) -> None:
        """End it: it rests on none of the grounds, and the reason says what is missing."""
        self.checked_by, self.check_reason, self.ended_at = checker, reason, at

    @transition(
        state, source=S.ADMISSIBLE, target=S.ASSIGNED, who=policies.may_check_appeal, label="Give it to an officer",
        act="evaluation.services.appeals.assign", page="assign/", order=10, style="primary",
    )  # fmt: skip
    def assign(self, *, officer: Any) -> None:
        """Name who looks into it."""
        self.officer = officer

    @transition(
        state, source=S.ASSIGNED, target=S.ADMISSIBLE, who=policies.may_check_appeal, label="Give it to somebody else",
        act="evaluation.services.appeals.hand_back", require_note=True, order=60,
    )  # fmt: skip
    def hand_back(self) -> None:
        """Take it from an officer who cannot go on."""
        self.officer = None

    @transition(
        state, source=S.ASSIGNED, target=S.UPHELD, who=policies.may_hear, label="Decide the appeal",
        act="evaluation.services.appeals.uphold", page="outcome/", require_note=True, order=10, style="primary",
        locks=proposal_of_appeal,
    )  # fmt: skip
    def uphold(self, *, reason: str, at: datetime) -> None:
        """Find it right: what it is about is judged again."""
        self.reason, self.ended_at = reason, at

    @transition(
        state, source=S.ASSIGNED, target=S.PARTLY, who=policies.may_hear, label="Right in part",
        act="evaluation.services.appeals.uphold_partly", page="outcome/", require_note=True, order=11,
        locks=proposal_of_appeal,
    )  # fmt: skip
    def uphold_partly(self, *, reason: str, at: datetime) -> None:
        """Say what was wrong; the decision does not hang on it."""
        self.reason, self.ended_at = reason, at

    @transition(
        state, source=S.ASSIGNED, target=S.DISMISSED, who=policies.may_hear, label="Do not uphold",
        act="evaluation.services.appeals.dismiss", page="outcome/", require_note=True, order=12,
        locks=proposal_of_appeal,
    )  # fmt: skip
    def dismiss(self, *, reason: str, at: datetime) -> None:
        """Find nothing against the decision."""
        self.reason, self.ended_at = reason, at

    @transition(
        state, source=OPEN_APPEAL, target=S.WITHDRAWN, who=policies.may_take_back, label="Take the appeal back",
        act="evaluation.services.appeals.take_back", ask_note=True, order=90, locks=proposal_of_appeal,
    )  # fmt: skip
    def withdraw(self, *, at: datetime) -> None:
        """End it at the wish of the team."""
        self.ended_at = at
