"""A nomination's way to HRC and RCSC. The fund shows evidence; it decides nothing."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.urls import reverse

from lifecycle import clock
from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import Role
from people.models import EmploymentSnapshot
from people.policies import holds
from people.queries import agencies_for

from .. import guards, policies
from ..enums import NominationState, Wish
from .record import EligibilityRun, PointEvent

S = NominationState
OPEN = (S.DRAFTED, S.SUBMITTED, S.HRC_REVIEW, S.DEFERRED)
# Who took a step, and who takes the one that follows: never the same person.
FOUR_EYES = (
    ("nominated_by", "brought_by"), ("brought_by", "answered_by"), ("answered_by", "forwarded_by"),
    ("forwarded_by", "recorded_by"),
)  # fmt: skip
RUNNING = (S.SUBMITTED, S.HRC_REVIEW, S.DEFERRED, S.ENDORSED, S.FORWARDED)
FROM_FORWARDED = (S.FORWARDED, S.RESULT_RECORDED, S.REVOKED)  # what the RCSC and auditors see


def changed_since_check(person: str) -> Exists:
    """Return whether something of the person in the column `person` was taken back since their newest check."""
    runs = EligibilityRun.objects.filter(person=OuterRef("person"))
    taken = PointEvent.objects.filter(person=OuterRef(person), reverses__isnull=False)
    earlier, later = runs.filter(at__lt=OuterRef("at")), runs.filter(at__gte=OuterRef("at"))
    return Exists(taken.filter(Exists(earlier), ~Exists(later)))


def ground_is_gone() -> Exists:
    """Return whether what supports a grant was taken back, and the RCSC has not let it stand since."""
    gone = Support.objects.filter(nomination=OuterRef("pk"), until=None, event__reversal__isnull=False)
    since = OuterRef("stands_since")
    return Exists(gone.filter(Q(event__reversal__at__gt=since) | Q(nomination__stands_since=None)))


class NominationQuerySet(models.QuerySet["Nomination"]):
    """Nominations by what one may see."""

    def visible_to(self, user: Any) -> "NominationQuerySet":
        """Return one's own; to HR and HRC those of people at their agency by the register; RCSC: forwarded ones."""
        if user is None or not user.is_authenticated:
            return self.none()
        newest = EmploymentSnapshot.objects.filter(person=OuterRef("person")).order_by("-as_of")
        found = self.alias(agency_now=Subquery(newest.values("agency")[:1]))
        own = Q(agency_now__in=agencies_for(user, Role.HR)) | Q(agency_now__in=agencies_for(user, Role.HRC))
        seen = Q(person=user) | own & ~Q(state=S.DRAFTED)
        if holds(Role.RCSC, Role.AUDITOR)(None, user):
            seen |= Q(state__in=FROM_FORWARDED)
        return found.filter(seen)

    def running(self) -> "NominationQuerySet":
        """Return those that are on their way."""
        return self.filter(state__in=RUNNING)

    def overtaken(self) -> "NominationQuerySet":
        """Return those whose person's rules were checked before something of theirs was taken back."""
        return self.filter(changed_since_check("person"))

    def without_a_ground(self) -> "NominationQuerySet":
        """Return grants of which a ground was taken back, and nobody has said yet what follows."""
        return self.filter(ground_is_gone(), state=S.RESULT_RECORDED)


class Nomination(LifecycleModel):
    """One person asks, or is asked for, to be considered.

    `agency` repeats the register, for lists; `incentives.keep_holders` lets it follow a transfer.
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
    forwarded_on = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    stands_since = models.DateTimeField(
        null=True, help_text="When the RCSC let the grant stand though a ground of it was taken back."
    )
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
            models.CheckConstraint(
                condition=Q(decided_on=None) | Q(forwarded_on__isnull=False, decided_on__gte=F("forwarded_on")),
                name="nomination_decided_after_forwarded",
            ),
            models.UniqueConstraint(
                fields=["person", "wish"], condition=Q(state__in=RUNNING), name="nomination_one_running_per_wish"
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
        label="Bring to the HR committee", style="primary", order=10, guards=[guards.check_still_holds], explain=True,
    )  # fmt: skip
    def bring_to_committee(self) -> None:
        """Put it before the committee."""

    @transition(
        state, source=S.HRC_REVIEW, target=S.ENDORSED, who=policies.decides_nomination, label="Endorse",
        style="primary", order=10, require_note=True, guards=[guards.check_still_holds], explain=True,
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
        """Take it up again at the next meeting; the days for comments begin anew when it is brought there."""
        self.comment_by = None

    @transition(
        state, source=S.ENDORSED, target=S.FORWARDED, who=policies.handles_nomination, label="Forward to the RCSC",
        style="primary", order=10, guards=[guards.check_still_holds], explain=True,
    )  # fmt: skip
    def forward(self) -> None:
        """Send the file on."""
        self.forwarded_on = clock.today()

    @transition(
        state, source=S.FORWARDED, target=S.RESULT_RECORDED, who=policies.records_result,
        label="Record the RCSC's result", style="primary", order=10,
        act="incentives.services.nominations.record_result", page="result/",
    )  # fmt: skip
    def record_result(self, *, granted: str, decided_on: date, result: str) -> None:
        """Note what the RCSC decided, and on which day."""
        self.granted, self.decided_on, self.result, self.stands_since = granted, decided_on, result, None

    @transition(
        state, source=S.RESULT_RECORDED, target=S.FORWARDED, who=policies.records_result,
        label="Correct the result: it was entered wrongly", order=70, require_note=True,
        guards=[guards.no_other_of_the_wish],
    )  # fmt: skip
    def correct_result(self) -> None:
        """Take a result that was entered wrongly out, so that it is recorded anew; the history keeps it."""
        self.granted, self.decided_on, self.result = "", None, ""

    @transition(
        state, source=S.RESULT_RECORDED, target=S.RESULT_RECORDED, who=policies.records_result,
        label="Let it stand without this ground", order=60, require_note=True, guards=[guards.a_ground_is_gone],
    )  # fmt: skip
    def let_stand(self) -> None:
        """Say, with the reason, that what was granted stands though a ground of it was taken back."""
        self.stands_since = clock.now()

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


class Support(models.Model):
    """One point event behind what was granted; while the grant stands it supports no second one of the kind."""

    nomination = models.ForeignKey(Nomination, on_delete=models.PROTECT, related_name="supports")
    event = models.ForeignKey("incentives.PointEvent", on_delete=models.PROTECT, related_name="supports")
    kind = models.CharField(max_length=12, choices=Wish)
    until = models.DateTimeField(null=True, help_text="When what was granted was revoked, or corrected.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "kind"], condition=Q(until=None), name="support_of_a_kind_once"),
            models.CheckConstraint(condition=Q(kind__in=Wish.values), name="support_kind_known"),
        ]
