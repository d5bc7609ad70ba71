"""What stands around the written sections: attached files, partners outside government, data of other agencies."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from lifecycle import clock

from ..enums import DataAnswer, OutsideKind
from .parts import Edited


class Attachment(Edited):
    """One attached file; the frozen version holds its digest."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.CASCADE, related_name="attachments")
    file = models.OneToOneField("documents.StoredFile", on_delete=models.PROTECT, related_name="+")
    description = models.CharField(max_length=200, blank=True)
    added_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return self.file.original_name

    def get_absolute_url(self) -> str:
        """Return where the file is downloaded."""
        return reverse("proposal_attachment", args=[self.proposal.case, self.pk])


class OutsidePartner(Edited):
    """A firm, civil society organisation, university or community that gives something; it gets no money."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.CASCADE, related_name="outside_partners")
    name = models.CharField(max_length=600)
    kind = models.CharField(max_length=10, choices=OutsideKind)
    contribution = models.CharField(max_length=900)
    interests = models.CharField(max_length=900)
    letter = models.ForeignKey(Attachment, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "name"], name="outside_partner_once"),
            models.CheckConstraint(condition=Q(kind__in=OutsideKind.values), name="outside_partner_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class DataNeed(Edited):
    """Data that the proposal needs from the agency that holds it."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.CASCADE, related_name="data_needs")
    dataset = models.CharField(max_length=600)
    owner = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=8, choices=DataAnswer)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "owner", "dataset"], name="data_need_once"),
            models.CheckConstraint(condition=Q(answer__in=DataAnswer.values), name="data_need_answer_known"),
        ]

    def __str__(self) -> str:
        return self.dataset
