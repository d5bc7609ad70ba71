"""Attached files: list and add, change or remove, download."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from documents.responses import attachment_response
from lifecycle.errors import NotPossible
from people.models import User
from people.views import visible_or_404

from .. import writing_queries
from ..lane import is_spark
from ..models import Proposal
from ..own_review import declares_first
from ..part_forms import AttachmentForm
from ..policies import may_write
from ..services import attachments
from .base import OfProposal, wants_json
from .parts import Opened, PartForm


class Attachments(OfProposal):
    """The files of a proposal, and one more; a small idea has none."""

    def turned_away(self) -> None:
        """Keep the page to the team: others find the files in the frozen text."""
        if is_spark(self.proposal):
            raise Http404
        if not may_write(self.proposal, self.request.user):
            raise PermissionDenied

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the files."""
        return self._page(request, AttachmentForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Attach one file, or say why it was refused."""
        form = AttachmentForm(request.POST, request.FILES)
        if form.is_valid():
            data, by = form.cleaned_data, cast(User, request.user)
            try:
                made = attachments.add(self.proposal, by=by, upload=data["file"], description=data["description"])
            except NotPossible as no:
                form.add_error("file", no.reason)
            else:
                messages.success(request, f"Attached: {made.file.original_name}")
                if wants_json(request):  # a redirect would be followed unseen, and take the message with it
                    return JsonResponse({"address": request.path})
                return redirect("proposal_attachments", case=self.proposal.case)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: forms.Form) -> HttpResponse:
        files = list(self.proposal.attachments.select_related("file", "added_by"))
        context = {
            "proposal": self.proposal, "form": form, "has_errors": bool(form.errors), "files": files,
            "most": attachments.MOST, "total": sum(found.file.size for found in files), "limit": attachments.TOTAL,
            "writable": self.proposal.state == "draft",
            "at_stake": writing_queries.agreements_at_stake(self.proposal) if self.proposal.state == "draft" else [],
        }  # fmt: skip
        return render(request, "proposals/attachments.html", context, status=400 if form.errors else 200)


class EditAttachment(PartForm):
    """One file: what it shows, another file in its place, or taking it out."""

    title, back, add = "An attached file", "proposal_attachments", "proposal_attachments"

    def load(self, pk: Any) -> Any:
        """Return the attachment."""
        return self.find(self.proposal.attachments.select_related("file", "proposal", "edited_by"), pk)

    def form(self, data: Any = None, files: Any = None) -> forms.Form:
        """Return the form; an empty file keeps the present one."""
        if self.part is None:
            return AttachmentForm(data, files)
        form = AttachmentForm(data, files, initial={"description": self.part.description})
        form.fields["file"].label = f"Another file in place of “{self.part.file.original_name}” (optional)"
        return form

    def held(self) -> dict[str, str]:
        """Say which file it is too."""
        return super().held() | {"stored": str(self.part.file_id)}

    def must_be_sent_again(self, opened: Opened) -> str:
        """Ask again for a file that would take the place of one that its sender has not seen."""
        other = str(self.part.file_id) != opened.was.get("stored")
        return "file" if other and self.request.FILES.get("file") else ""

    def save(self, form: forms.Form) -> None:
        """Change."""
        said = form.cleaned_data
        attachments.change(self.part, by=self.by, upload=said["file"] or None, description=said["description"])

    def remove(self) -> None:
        """Take out."""
        attachments.remove(self.part, by=self.by)


class Download(View):
    """The file itself, to whoever may read the proposal; a reviewer first declares interests."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand it out as a download."""
        proposal, by = visible_or_404(Proposal, request.user, case=kwargs["case"]), cast(User, request.user)
        if first := declares_first(proposal, by):
            return redirect(first)
        found = get_object_or_404(proposal.attachments.select_related("file"), pk=kwargs["pk"])
        return attachment_response(found.file)
