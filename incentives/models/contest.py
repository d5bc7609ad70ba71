"""A second look: what somebody holds against a checked result or its points, and what an uninvolved officer found."""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import TEAM_PARTS, Role
from people.models import Involvement
from people.policies import holds, in_force
from people.queries import blocked_cases

from .. import guards, policies
from ..enums import OPEN_CONTEST, RIGHT, ContestAbout, ContestState, ContributionState
from .outcome import CHECKED_ANEW, contribution_of

S = ContestState


class ContestQuerySet(models.QuerySet["Contest"]):
    """Contests by what one may see."""

    def visible_to(self, user: Any) -> "ContestQuerySet":
        """Return one's own and one's teams'; to appeals officers, the head, the protection officer and auditors all."""
        if user is None or not user.is_authenticated:
            return self.none()
        mine = Involvement.objects.filter(in_force(), person=user, part__in=TEAM_PARTS).values("case")
        seen = Q(case__in=mine) | Q(lodged_by=user)
        if holds(Role.APPEALS, Role.HEAD, Role.PROTECTION, Role.AUDITOR)(None, user):
            seen = Q()
        return self.filter(seen).exclude(case__in=blocked_cases(user))

    def open(self) -> "ContestQuerySet":
        """Return those that are not answered yet."""
        return self.filter(state__in=OPEN_CONTEST)

    def to_carry_out(self) -> "ContestQuerySet":
        """Return those that found points counted wrongly, while these points stand: the head gives them anew."""
        stand = ContributionState.VERIFIED
        return self.filter(
            about=ContestAbout.POINTS, state__in=RIGHT, carried_out_at=None, outcome__grant__contribution__state=stand
        )

    def to_check(self) -> "ContestQuerySet":
        """Return those that found a result wrongly checked, which no other verifier has checked since."""
        found = self.filter(about=ContestAbout.RESULT, state__in=RIGHT)
        return found.filter(outcome__state__in=CHECKED_ANEW, ended_at__gte=F("outcome__verified_at"))

    def unsettled(self) -> "ContestQuerySet":
        """Return those because of which a record stands under a second look."""
        return self.open() | self.to_carry_out()


def outcome_of(contest: Any) -> list[models.Model | None]:
    """Return the result, which a contest that is upheld opens again."""
    return [contest.outcome, *contribution_of(contest.outcome)]


class Contest(LifecycleModel):
    """One request for a second look at what stands on a record."""

    outcome = models.ForeignKey("incentives.Outcome", on_delete=models.PROTECT, related_name="contests")
    case = models.UUIDField(db_index=True, editable=False)
    about = models.CharField(max_length=8, choices=ContestAbout)
    words = models.TextField(max_length=5000)
    lodged_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    lodged_at = models.DateTimeField()
    due_on = models.DateField(help_text="The day by which it is answered.")
    officer = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=5000, blank=True, help_text="Why it ended as it did.")
    ended_at = models.DateTimeField(null=True)
    no_officer = models.BooleanField(default=False, help_text="Nobody may hear it: the head finds an officer.")
    carried_out_at = models.DateTimeField(null=True, help_text="When the points that were wrong were given anew.")
    state = StateField(choices=ContestState, default=ContestState.LODGED)

    objects = ContestQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            state_constraint(ContestState, "contest_state_known"),
            models.CheckConstraint(condition=Q(about__in=ContestAbout.values), name="contest_about_known"),
            models.UniqueConstraint(
                fields=["outcome", "about"], condition=Q(state__in=OPEN_CONTEST), name="contest_one_open_per_matter"
            ),
            models.CheckConstraint(
                condition=Q(carried_out_at=None) | Q(state__in=RIGHT, about=ContestAbout.POINTS),
                name="contest_carried_out_when_upheld",
            ),
        ]

    def __str__(self) -> str:
        return f"Second look at “{self.outcome.grant.title}”"

    def get_absolute_url(self) -> str:
        """Return the page of the second look."""
        return reverse("contest", args=[self.pk])

    def is_late(self, today: date) -> bool:
        """Tell whether the day of the answer has passed without one."""
        return self.ended_at is None and self.due_on < today

    @transition(
        state, source=S.LODGED, target=S.ADMISSIBLE, who=policies.may_check_contest, label="It can be heard",
        act="incentives.services.contests.admit", require_note=True, style="primary", order=10,
    )  # fmt: skip
    def admit(self) -> None:
        """Find that there is something to look at."""
        self.no_officer = False

    @transition(
        state, source=S.LODGED, target=S.INADMISSIBLE, who=policies.may_check_contest, label="It cannot be heard",
        act="incentives.services.contests.turn_away", require_note=True, order=20,
    )  # fmt: skip
    def turn_away(self, *, reason: str, at: datetime) -> None:
        """Find that there is nothing to look at, with the reason."""
        self._end(reason, at)

    @transition(
        state, source=S.ADMISSIBLE, target=S.ASSIGNED, who=policies.may_check_contest, label="Take it",
        act="incentives.services.contests.assign", style="primary", order=10,
    )  # fmt: skip
    def assign(self, *, officer: Any) -> None:
        """Give it to an officer without an earlier act in the case."""
        self.officer, self.no_officer = officer, False

    @transition(
        state, source=S.ASSIGNED, target=S.ADMISSIBLE, who=policies.may_check_contest | policies.may_act_as_system,
        label="Give it to somebody else", act="incentives.services.contests.hand_back", require_note=True, order=60,
    )  # fmt: skip
    def hand_back(self) -> None:
        """Take it from an officer who cannot go on."""
        self.officer = None

    def _end(self, reason: str, at: datetime) -> None:
        self.reason, self.ended_at, self.no_officer = reason, at, False

    @transition(
        state, source=S.ASSIGNED, target=S.UPHELD, who=policies.may_hear_contest, label="Uphold it",
        act="incentives.services.contests.uphold", require_note=True, locks=outcome_of, order=10,
        guards=[guards.is_not_revoked],
    )  # fmt: skip
    def uphold(self, *, reason: str, at: datetime) -> None:
        """Find it right."""
        self._end(reason, at)

    @transition(
        state, source=S.ASSIGNED, target=S.PARTLY, who=policies.may_hear_contest, label="Uphold it in part",
        act="incentives.services.contests.uphold_partly", require_note=True, locks=outcome_of, order=20,
        guards=[guards.is_not_revoked],
    )  # fmt: skip
    def uphold_partly(self, *, reason: str, at: datetime) -> None:
        """Find it right in part: it is carried out as well, by what is said to be wrong."""
        self._end(reason, at)

    @transition(
        state, source=S.ASSIGNED, target=S.DISMISSED, who=policies.may_hear_contest, label="Do not uphold it",
        act="incentives.services.contests.dismiss", require_note=True, order=30,
    )  # fmt: skip
    def dismiss(self, *, reason: str, at: datetime) -> None:
        """Find nothing against the record."""
        self._end(reason, at)
