"""Partners outside government, and data that other agencies hold."""

from typing import Any

from django import forms

from .. import queries
from ..part_forms import DataNeedForm, OutsideForm
from ..services import outside
from .parts import PartForm


class EditOutside(PartForm):
    """One partner outside government."""

    title, add = "A partner outside government", "proposal_outside_add"

    def load(self, pk: Any) -> Any:
        """Return the partner."""
        return self.find(self.proposal.outside_partners.select_related("edited_by", "proposal", "letter"), pk)

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

    title, add = "Data of another agency", "proposal_data_add"

    def load(self, pk: Any) -> Any:
        """Return the entry."""
        return self.find(self.proposal.data_needs.select_related("edited_by", "proposal", "owner"), pk)

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
