"""What the chair adds to the reviews: notes, and the feedback that the applicants will receive. Only ever added."""

from typing import Any

from django.db import models
from django.db.models import Q

from ..enums import Handling


class ModerationNote(models.Model):
    """What the chair wrote down about a proposal while its reviews were compared."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="moderation_notes")
    text = models.TextField(max_length=2000)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="moderation_note_says_something")]


class Feedback(models.Model):
    """The words for the applicants; each save is a row, and the newest certified one of the present sitting counts."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="feedback")
    sitting = models.PositiveSmallIntegerField(default=1)
    number = models.PositiveSmallIntegerField()
    strength = models.TextField(max_length=1000, blank=True)
    weakness = models.TextField(max_length=1000, blank=True)
    change = models.TextField(max_length=1000, blank=True)
    certified = models.BooleanField(default=False)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="feedback_number_once"),
            models.CheckConstraint(
                condition=Q(certified=False) | ~Q(strength="") & ~Q(weakness="") & ~Q(change=""),
                name="feedback_certified_whole",
            ),
        ]


class FeedbackReason(models.Model):
    """What becomes of one reviewer's reason on one criterion; the reviewer's own words stay as they are."""

    feedback = models.ForeignKey(Feedback, on_delete=models.PROTECT, related_name="reasons")
    criterion = models.ForeignKey("fund.Criterion", on_delete=models.PROTECT, related_name="+")
    review = models.ForeignKey("evaluation.Review", on_delete=models.PROTECT, related_name="+")
    handling = models.CharField(max_length=8, choices=Handling)
    text = models.TextField(max_length=1000, blank=True, help_text="What is released; nothing where it is left out.")

    class Meta:
        ordering = ["criterion__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["feedback", "criterion", "review"], name="feedback_reason_once"),
            models.CheckConstraint(condition=Q(handling__in=Handling.values), name="feedback_reason_handling_known"),
            models.CheckConstraint(
                condition=Q(handling=Handling.LEFT_OUT, text="") | ~Q(handling=Handling.LEFT_OUT) & ~Q(text=""),
                name="feedback_reason_blank_iff_left_out",
            ),
        ]


class ReviewVersion(models.Model):
    """A review as it was handed in once; after a return by the chair a further one follows."""

    review = models.ForeignKey("evaluation.Review", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content: Any = models.JSONField(help_text="Label -> text, in the order of the form.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["review", "number"], name="review_version_once")]
