"""Before the reviews: what reviewers know, names told to applicants, challenges, permissions, assignments."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from ..enums import Interest

ANSWERED = Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(answer="")


def answered_whole(field: str, name: str) -> models.CheckConstraint:
    """Return the constraint that a yes or no in `field` has its person, its time and its reason, and nothing else."""
    waiting = Q(**{field: None}, answered_by=None, answered_at=None, answer="")
    return models.CheckConstraint(condition=waiting | Q(**{f"{field}__isnull": False}) & ANSWERED, name=name)


class Expertise(models.Model):
    """What a reviewer says they know about (sectors) and read (languages)."""

    person = models.OneToOneField("people.User", on_delete=models.PROTECT, related_name="expertise")
    sectors = models.JSONField(default=list, help_text="Of `people.enums.Sector`.")
    languages = models.JSONField(default=list, help_text="Of `Language`.")
    updated_at = models.DateTimeField()


class Declaration(models.Model):
    """What a reviewer declared against the mixed list of all names of a call that is read without names; only added.

    The newest one counts for the whole call while the list has no other names. All lists are of people's keys.
    """

    call = models.ForeignKey("fund.Call", on_delete=models.PROTECT, related_name="declarations")
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    names = models.JSONField(help_text="All that the list showed.")
    tied = models.JSONField(default=list, help_text="With whom an interest keeps the person from judging.")
    known = models.JSONField(default=list, help_text="Whom the person knows without being swayed.")
    interest = models.CharField(max_length=10, blank=True, choices=Interest)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(tied=[], interest="") | ~Q(tied=[]) & ~Q(interest=""),
                name="declaration_says_which_interest",
            )
        ]


class PanelName(models.Model):
    """One person named to the applicants of a call as somebody who may judge; never who judges what."""

    call = models.ForeignKey("fund.Call", on_delete=models.PROTECT, related_name="panel_names")
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    named_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()

    class Meta:
        ordering = ["person__full_name", "person__employee_number"]
        constraints = [models.UniqueConstraint(fields=["call", "person"], name="panel_name_once")]


class Challenge(models.Model):
    """A lead asks that a named person takes no part; `upheld` is empty until the office has answered."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="challenges")
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=1000)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    upheld = models.BooleanField(null=True)
    answer = models.TextField(max_length=1000, blank=True)
    answered_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "person"], name="challenge_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="challenge_says_why"),
            answered_whole("upheld", "challenge_answered_whole"),
        ]


class Permission(models.Model):
    """The chair's written answer whether a person may review in spite of a conflict that can be lived with."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="permissions")
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    given = models.BooleanField(null=True)
    answer = models.TextField(max_length=1000, blank=True)
    answered_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "person"], name="permission_once"),
            models.CheckConstraint(condition=~Q(person=models.F("answered_by")), name="permission_by_another"),
            answered_whole("given", "permission_answered_whole"),
        ]


class MatchingRun(models.Model):
    """One computed assignment of a call's reviewers: its settings, then its result; asked at most once."""

    call = models.ForeignKey("fund.Call", on_delete=models.PROTECT, related_name="matching_runs")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    load_min = models.PositiveSmallIntegerField(default=0)
    load_max = models.PositiveSmallIntegerField()
    preferred = models.PositiveSmallIntegerField(help_text="Least expertise wished for each review.")
    maximin = models.BooleanField(default=True, help_text="The worst served proposal first.")
    result = models.JSONField(null=True)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(load_min__lte=models.F("load_max")), name="matching_loads_in_order"),
            models.CheckConstraint(
                condition=Q(asked_at=None) | Q(result__isnull=False), name="matching_asked_has_result"
            ),
        ]

    def get_absolute_url(self) -> str:
        """Return the page of the result."""
        return reverse("assignment", args=[self.pk])

    @property
    def said(self) -> dict[str, Any]:
        """Return the result, empty before it is computed."""
        return dict(self.result or {})
