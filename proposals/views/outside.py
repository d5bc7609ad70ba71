"""Partners outside government, and data that other agencies hold."""

from typing import Any

from django import forms
from django.shortcuts import get_object_or_404

from .. import queries
from ..part_forms import DataNeedForm, OutsideForm
from ..services import outside
from .base import PartForm


class EditOutside(PartForm):
    """One partner outside government."""

    title = "A partner outside government"

    def load(self, pk: Any) -> Any:
        """Return the partner."""
        return get_object_or_404(self.proposal.outside_partners, pk=pk) if pk else None

    def form(self, data: Any = None, files: Any = None) -> forms.Form:
        """Return the form with the proposal's own files as letters."""
        names = ("name", "kind", "contribution", "interests", "letter")
        initial = {name: getattr(self.part, name) for name in names} if self.part else {}
        return OutsideForm(data, initial=initial, attachments=self.proposal.attachments.select_related("file"))

    def save(self, form: forms.Form) -> None:
        """Add or change."""
        outside.save_partner(self.proposal, by=self.by, partner=self.part, **form.cleaned_data)

    def remove(self) -> None:
        """Take out."""
        outside.remove(self.part, by=self.by)


class EditDataNeed(PartForm):
    """Data of one agency."""

    title = "Data of another agency"

    def load(self, pk: Any) -> Any:
        """Return the entry."""
        return get_object_or_404(self.proposal.data_needs, pk=pk) if pk else None

    def form(self, data: Any = None, files: Any = None) -> forms.Form:
        """Return the form with the agencies that may hold data."""
        initial = {name: getattr(self.part, name) for name in ("dataset", "owner", "answer")} if self.part else {}
        return DataNeedForm(data, initial=initial, agencies=queries.agencies_with_data(self.proposal))

    def save(self, form: forms.Form) -> None:
        """Add or change."""
        outside.save_data_need(self.proposal, by=self.by, need=self.part, **form.cleaned_data)

    def remove(self) -> None:
        """Take out."""
        outside.remove(self.part, by=self.by)
