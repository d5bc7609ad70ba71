"""A contribution beside one's own result: stated, confirmed by the other side, checked by an office.

A rule that was removed (B1), learning that another team used (F2), mentoring (M1), a judgement for others (V1),
work in a sprint (S1).
"""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import LEAD_PARTS, TEAM_PARTS, Part, Role
from people.models import Involvement
from people.policies import in_force, post_of
from people.queries import blocked_cases, role_names

from .. import guards, policies
from ..enums import CreditCode, CreditState, MentoringState

S = CreditState
OPEN_CREDIT = (S.STATED, S.SECONDED)
OFFICES = {Role.SECRETARIAT, Role.HEAD, Role.AUDITOR}


class CreditQuerySet(models.QuerySet["Credit"]):
    """Stated contributions by what one may see."""

    def visible_to(self, user: Any) -> "CreditQuerySet":
        """Return one's own, those one is asked about, a verifier's of other agencies; to the offices all."""
        if user is None or not user.is_authenticated:
            return self.none()
        roles = role_names(user)
        if roles & OFFICES:
            return self.exclude(grant__case__in=blocked_cases(user))
        seen = Q(person=user) | Q(stated_by=user) | self._asks(user)
        if Role.VERIFIER in roles:
            post = post_of(user)
            ours = post.agency_id if post else None
            elsewhere = ~Q(owner=ours) & ~Q(agency=ours)
            seen |= Q(code=CreditCode.BARRIER) & elsewhere
        return self.filter(seen).exclude(grant__case__in=blocked_cases(user))

    @staticmethod
    def _asks(user: Any) -> Q:
        """Return those that the user confirms for the other side: a lead of the team, or who reviewed its design."""
        mine = Involvement.objects.filter(in_force(), person=user)
        led = mine.filter(part__in=LEAD_PARTS).values("case")
        read = Involvement.objects.filter(person=user, part=Part.REVIEWER).values("case")
        by_lead = Q(code__in=(CreditCode.MENTORING, CreditCode.SPRINT), grant__case__in=led)
        return by_lead | Q(code=CreditCode.LEARNING, grant__case__in=read)

    def of_same_rule(self, credit: "Credit") -> "CreditQuerySet":
        """Return other statements that name the rule of this one, or the place where its change is read."""
        named = Q(rule_key=credit.rule_key) | Q(source_key=credit.source_key)
        return self.filter(named, code=CreditCode.BARRIER).exclude(pk=credit.pk)

    def open(self) -> "CreditQuerySet":
        """Return those that wait for somebody."""
        return self.filter(state__in=OPEN_CREDIT)


class Credit(LifecycleModel):
    """One stated contribution. `person` is credited, or the team of the learning `record`; `case` is its own."""

    code = models.CharField(max_length=4, choices=CreditCode)
    case = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="credits")
    agency = models.ForeignKey("people.Agency", null=True, on_delete=models.PROTECT, related_name="+")
    grant = models.ForeignKey("fund.Grant", null=True, on_delete=models.PROTECT, related_name="credits")
    record = models.ForeignKey(
        "incentives.LearningRecord", null=True, on_delete=models.PROTECT, related_name="citations"
    )
    owner = models.ForeignKey("people.Agency", null=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=200, help_text="The amended rule, the sprint, or the key of the work.")
    rule_key = models.CharField(max_length=200, blank=True, help_text="The name of the rule, for comparing.")
    source_key = models.CharField(max_length=200, blank=True, help_text="Where its change is read, for comparing.")
    words = models.TextField(max_length=2000)
    happened_on = models.DateField(null=True)
    stated_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField()
    seconded_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    seconded_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    reason = models.TextField(max_length=1000, blank=True, help_text="Why it was turned down or taken back.")
    state = StateField(choices=CreditState, default=CreditState.STATED)

    objects = CreditQuerySet.as_manager()

    class Meta:
        ordering = ["-stated_at", "-pk"]
        constraints = [
            state_constraint(CreditState, "credit_state_known"),
            models.CheckConstraint(
                condition=Q(code=CreditCode.BARRIER, owner__isnull=False, happened_on__isnull=False)
                & ~Q(rule_key="")
                & ~Q(source_key="")
                | Q(code=CreditCode.LEARNING, record__isnull=False, grant__isnull=False, person=None)
                | Q(code__in=[CreditCode.MENTORING, CreditCode.SPRINT], grant__isnull=False, person__isnull=False)
                | Q(code=CreditCode.JUDGEMENT, person__isnull=False),
                name="credit_fits_its_code",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.RECOGNISED, S.TAKEN_BACK])
                | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="credit_checked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(person=None) | Q(checked_by=None) | ~Q(person=models.F("checked_by")),
                name="credit_never_of_oneself",
            ),
            models.UniqueConstraint(
                fields=["code", "person", "reference"], condition=~Q(state=S.TURNED_DOWN), name="credit_once"
            ),
            models.UniqueConstraint(
                fields=["person", "rule_key", "source_key"],
                condition=Q(code=CreditCode.BARRIER) & ~Q(state=S.TURNED_DOWN),
                name="credit_rule_once",
            ),
            models.UniqueConstraint(
                fields=["owner", "rule_key"],
                condition=Q(code=CreditCode.BARRIER, state=S.RECOGNISED),
                name="credit_rule_recognised_once",
            ),
            models.UniqueConstraint(
                fields=["owner", "source_key"],
                condition=Q(code=CreditCode.BARRIER, state=S.RECOGNISED),
                name="credit_source_recognised_once",
            ),
            models.UniqueConstraint(
                fields=["person", "grant"],
                condition=Q(code=CreditCode.SPRINT) & ~Q(state=S.TURNED_DOWN),
                name="credit_sprint_once",
            ),
            models.UniqueConstraint(
                fields=["record", "grant"], condition=~Q(state=S.TURNED_DOWN), name="credit_cited_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()}: {self.heading}"

    @property
    def heading(self) -> str:
        """Return what it is about in words; the reference of work for others is the key of its row."""
        return self.words if self.code == CreditCode.JUDGEMENT else self.reference

    def get_absolute_url(self) -> str:
        """Return the page of the stated contribution."""
        return reverse("credit", args=[self.pk])

    @transition(
        state, source=S.STATED, target=S.SECONDED, who=policies.may_second, label="Confirm it",
        act="incentives.services.credits.bear_out", style="primary", order=10, ask_note=True,
    )  # fmt: skip
    def bear_out(self, *, person: Any, at: datetime) -> None:
        """Confirm, for the team that was helped or that used it, that it was so."""
        self.seconded_by, self.seconded_at = person, at

    @transition(
        state, source=OPEN_CREDIT, target=S.RECOGNISED, who=policies.may_recognise, label="Recognise it",
        guards=[guards.other_side_confirmed, guards.rule_counts_once], act="incentives.services.credits.recognise",
        style="primary", order=20, ask_note=True,
    )  # fmt: skip
    def recognise(self, *, person: Any, at: datetime) -> None:
        """Check it and let it count."""
        self.checked_by, self.checked_at = person, at

    @transition(
        state, source=OPEN_CREDIT, target=S.TURNED_DOWN, who=policies.may_second | policies.may_recognise,
        label="Turn it down", act="incentives.services.credits.refuse", require_note=True, order=30,
    )  # fmt: skip
    def refuse_credit(self, *, reason: str) -> None:
        """Say that it was not so, with the reason."""
        self.reason = reason

    @transition(
        state, source=S.RECOGNISED, target=S.TAKEN_BACK, who=policies.may_take_back, label="Take it back",
        act="incentives.services.credits.take_back_credit", require_note=True, style="warning", order=90,
    )  # fmt: skip
    def undo_credit(self, *, reason: str) -> None:
        """Reverse its points, because it proved wrong."""
        self.reason = reason


class MentoringQuerySet(models.QuerySet["Mentoring"]):
    """Mentoring by what one may see."""

    def visible_to(self, user: Any) -> "MentoringQuerySet":
        """Return those one mentors, those of one's teams, and to the offices all."""
        if user is None or not user.is_authenticated:
            return self.none()
        if role_names(user) & OFFICES:
            return self.exclude(grant__case__in=blocked_cases(user))
        mine = Involvement.objects.filter(in_force(), person=user, part__in=TEAM_PARTS).values("case")
        return self.filter(Q(mentor=user) | Q(grant__case__in=mine)).exclude(grant__case__in=blocked_cases(user))


class Mentoring(LifecycleModel):
    """One person helps one team on its way to a milestone."""

    grant = models.ForeignKey("fund.Grant", on_delete=models.PROTECT, related_name="mentorings")
    case = models.UUIDField(db_index=True, editable=False)
    mentor = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="mentorings")
    words = models.TextField(max_length=1000)
    asked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    milestone = models.ForeignKey("fund.Milestone", null=True, on_delete=models.PROTECT, related_name="+")
    state = StateField(choices=MentoringState, default=MentoringState.ASKED)

    objects = MentoringQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            state_constraint(MentoringState, "mentoring_state_known"),
            models.UniqueConstraint(
                fields=["grant", "mentor"], condition=Q(state__in=[MentoringState.ASKED, MentoringState.ACCEPTED]),
                name="mentoring_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=MentoringState.CONFIRMED) | Q(milestone__isnull=False),
                name="mentoring_confirmed_at_milestone",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Mentoring of “{self.grant.title}”"

    def get_absolute_url(self) -> str:
        """Return the page of the mentoring."""
        return reverse("mentoring", args=[self.pk])

    @transition(
        state, source=MentoringState.ASKED, target=MentoringState.ACCEPTED, who=policies.is_the_mentor,
        label="Yes, I help this team", act="incentives.services.mentoring.agree_to_mentor", style="primary", order=10,
    )  # fmt: skip
    def agree_to_mentor(self, *, at: datetime) -> None:
        """Take it on."""
        self.answered_at = at

    @transition(
        state, source=MentoringState.ASKED, target=MentoringState.DECLINED, who=policies.is_the_mentor,
        label="No, I cannot", act="incentives.services.mentoring.say_no", ask_note=True, order=20,
    )  # fmt: skip
    def say_no(self, *, at: datetime) -> None:
        """Leave it to somebody else."""
        self.answered_at = at

    @transition(
        state, source=MentoringState.ACCEPTED, target=MentoringState.CONFIRMED, who=policies.may_lead,
        label="Confirm that it helped us to a milestone", guards=[guards.milestone_after_mentoring],
        act="incentives.services.mentoring.confirm_help", style="primary", order=10, ask_note=True, explain=True,
    )  # fmt: skip
    def confirm_help(self, *, milestone: Any) -> None:
        """Say, at an accepted milestone, that the mentor helped."""
        self.milestone = milestone
