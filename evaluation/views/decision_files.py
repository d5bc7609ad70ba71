"""The decision file's page: ask for it, see how far it is, download what was made."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from documents.models import StoredFile
from documents.responses import attachment_response
from proposals.views.base import OfProposal

from ..policies import reads_decision_file
from ..services import decision_files


class OfDecisionFile(OfProposal):
    """Base: exists for those alone who look into a decision."""

    def turned_away(self) -> None:
        """Answer others as if there were no such page."""
        if self.proposal.submitted_at is None or not reads_decision_file(self.proposal, self.request.user):
            raise Http404


class DecisionFile(OfDecisionFile):
    """What was made so far, and one more."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the files and how far the one being made is."""
        context = {
            "proposal": self.proposal, "files": decision_files.files_of(self.proposal),
            "job": decision_files.going_on(self.proposal, self.by),
        }  # fmt: skip
        return render(request, "evaluation/decision_file.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the file of today."""
        decision_files.ask(self.proposal, by=self.by)
        return redirect("decision_file", case=self.proposal.case)


class DecisionFilePdf(OfDecisionFile):
    """One file that was made."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand it out."""
        files = StoredFile.objects.filter(case=self.proposal.case, kind=decision_files.KIND)
        return attachment_response(get_object_or_404(files, pk=kwargs["pk"]))
