"""A nomination's way to HRC and RCSC. The fund shows evidence; it decides nothing."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import Role
from people.policies import holds
from people.queries import agencies_for

from .. import guards, policies
from ..enums import NominationState, Wish

S = NominationState
OPEN = (S.DRAFTED, S.SUBMITTED, S.HRC_REVIEW, S.DEFERRED)
# Who took a step, and who takes the one that follows: never the same person.
FOUR_EYES = (
    ("nominated_by", "brought_by"), ("brought_by", "answered_by"), ("answered_by", "forwarded_by"),
    ("forwarded_by", "recorded_by"),
)  # fmt: skip
RUNNING = (S.SUBMITTED, S.HRC_REVIEW, S.DEFERRED, S.ENDORSED, S.FORWARDED)


class NominationQuerySet(models.QuerySet["Nomination"]):
    """Nominations by what one may see."""

    def visible_to(self, user: Any) -> "NominationQuerySet":
        """Return one's own, and those of one's agency to HR and HRC; RCSC sees what was forwarded."""
        if user is None or not user.is_authenticated:
            return self.none()
        own = Q(agency__in=agencies_for(user, Role.HR)) | Q(agency__in=agencies_for(user, Role.HRC))
        seen = Q(person=user) | own & ~Q(state=S.DRAFTED)
        if holds(Role.RCSC, Role.AUDITOR)(None, user):
            seen |= Q(state__in=[S.FORWARDED, S.RESULT_RECORDED, S.REVOKED])
        return self.filter(seen)


class Nomination(LifecycleModel):
    """One person asks, or is asked for, to be considered.

    `supports` names the point events that stood behind what was granted: none supports two benefits of a kind.
    """

    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="nominations")
    agency = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    wish = models.CharField(max_length=12, choices=Wish)
    statement = models.TextField(max_length=2000)
    nominated_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    brought_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    answered_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+", help_text="For the HR committee."
    )
    forwarded_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    effective_on = models.DateField(null=True, help_text="First day of the promotion cycle it was sent in time for.")
    comment_by = models.DateField(null=True, help_text="The day by which the HR committee comments.")
    granted = models.CharField(max_length=12, choices=Wish, blank=True, help_text="Empty: nothing, or not decided.")
    decided_on = models.DateField(null=True)
    supports = models.JSONField(default=list)
    result = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    state = StateField(choices=NominationState, default=NominationState.DRAFTED)

    objects = NominationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            state_constraint(NominationState, "nomination_state_known"),
            models.CheckConstraint(condition=Q(wish__in=Wish.values), name="nomination_wish_known"),
            models.CheckConstraint(
                condition=Q(granted="") | Q(granted__in=Wish.values, decided_on__isnull=False),
                name="nomination_granted_known_and_dated",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(state__in=OPEN), name="nomination_one_open_per_person"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{first: None}) | Q(**{then: None}) | ~Q(**{first: F(then)}),
                    name=f"nomination_{then}_another",
                )
                for first, then in FOUR_EYES
            ),
        ]

    def __str__(self) -> str:
        return f"Nomination of {self.person.full_name}"

    def get_absolute_url(self) -> str:
        """Return the nomination's page."""
        return reverse("nomination", args=[self.pk])

    @transition(
        state, source=S.DRAFTED, target=S.SUBMITTED, who=policies.nominates, label="Send the nomination",
        act="incentives.services.nominations.nominate",
    )  # fmt: skip
    def submit(self) -> None:
        """Send it to the agency's HR officer."""

    @transition(
        state, source=(S.SUBMITTED, S.DEFERRED), target=S.HRC_REVIEW, who=policies.handles_nomination,
        label="Bring to the HR committee", style="primary", order=10,
    )  # fmt: skip
    def bring_to_committee(self) -> None:
        """Put it before the committee."""

    @transition(
        state, source=S.HRC_REVIEW, target=S.ENDORSED, who=policies.decides_nomination, label="Endorse",
        style="primary", order=10, require_note=True,
    )  # fmt: skip
    def endorse(self) -> None:
        """Recommend it to the RCSC."""

    @transition(
        state, source=S.HRC_REVIEW, target=S.NOT_ENDORSED, who=policies.decides_nomination, label="Do not endorse",
        order=30, require_note=True,
    )  # fmt: skip
    def turn_down(self) -> None:
        """Say no, with the reason."""

    @transition(
        state, source=S.HRC_REVIEW, target=S.DEFERRED, who=policies.decides_nomination, label="Defer", order=20,
        require_note=True,
    )  # fmt: skip
    def defer(self) -> None:
        """Take it up again at the next meeting."""

    @transition(
        state, source=S.ENDORSED, target=S.FORWARDED, who=policies.handles_nomination, label="Forward to the RCSC",
        style="primary", order=10,
    )  # fmt: skip
    def forward(self) -> None:
        """Send the file on."""

    @transition(
        state, source=S.FORWARDED, target=S.RESULT_RECORDED, who=policies.records_result,
        label="Record the RCSC's result", style="primary", order=10,
        act="incentives.services.nominations.record_result", page="result/",
    )  # fmt: skip
    def record_result(self, *, granted: str, decided_on: date, result: str, supports: list[str]) -> None:
        """Note what the RCSC decided, on which day, and on which contributions it rests."""
        self.granted, self.decided_on, self.result, self.supports = granted, decided_on, result, supports

    @transition(
        state, source=S.RESULT_RECORDED, target=S.REVOKED, who=policies.records_result,
        label="Revoke: a ground proved false", style="warning", order=80, require_note=True,
        guards=[guards.something_was_granted],
    )  # fmt: skip
    def revoke(self) -> None:
        """Take back what was granted; it is shown as revoked, never removed."""

    @transition(
        state, source=OPEN, target=S.WITHDRAWN, who=policies.is_the_person, label="Withdraw the nomination", order=90,
        ask_note=True,
    )  # fmt: skip
    def withdraw(self) -> None:
        """End it at the person's own wish."""
