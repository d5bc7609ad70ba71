"""Votes as rows, and the decisions that follow from them."""

from django.db import models
from django.db.models import F, Q

from ..enums import Choice


class Vote(models.Model):
    """One board member's vote; a further round follows a deferral, a further sitting an excluded review."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="votes")
    member = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    sitting = models.PositiveSmallIntegerField(default=1)
    round = models.PositiveSmallIntegerField()
    choice = models.CharField(max_length=8, choices=Choice)
    reason = models.TextField(max_length=1000)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "member", "sitting", "round"], name="vote_once"),
            models.CheckConstraint(condition=Q(choice__in=Choice.values), name="vote_choice_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="vote_says_why"),
        ]


class Decision(models.Model):
    """What the board decided in one round; `ambition` is the median of the reviewers' chance marks, frozen here."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="decisions")
    round = models.PositiveSmallIntegerField()
    choice = models.CharField(max_length=8, choices=Choice)
    amount = models.BigIntegerField(default=0, help_text="Chhetrum set aside.")
    ambition = models.CharField(max_length=10, blank=True)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    counted = models.TextField(default="{}", help_text="Votes and chance marks that counted, canonical JSON.")
    replaces = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by",
        help_text="The decision that an appeal overturned; it stays as it was.",
    )  # fmt: skip

    class Meta:
        ordering = ["round"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "round"], name="decision_once_a_round"),
            models.UniqueConstraint(fields=["proposal"], condition=Q(choice=Choice.APPROVE), name="decision_one_award"),
            models.CheckConstraint(
                condition=~Q(choice=Choice.APPROVE) & Q(amount=0) | Q(choice=Choice.APPROVE, amount__gt=0),
                name="decision_amount_iff_approved",
            ),
            models.CheckConstraint(condition=~Q(replaces=F("id")), name="decision_replaces_another"),
        ]
