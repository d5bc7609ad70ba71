"""The letters to a team: the list with the appeal, one letter as a page, and as a PDF."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from documents.responses import attachment_response
from lifecycle.models import Job
from people.policies import is_in_team
from proposals.policies import may_lead
from proposals.views.base import OfProposal

from ..appealing import APPEALABLE, last_day, lodged_against, obstacle
from ..letters import why_no_letter
from ..models import Letter
from ..policies import reads_letters, sees_all_appeals


class OfLetters(OfProposal):
    """Base: a proposal that was sent, to those who may read its letters; for others there is no such page."""

    def turned_away(self) -> None:
        """Answer others as if there were nothing."""
        if self.proposal.submitted_at is None or not reads_letters(self.proposal, self.request.user):
            raise Http404

    def letter(self) -> Letter:
        """Return the letter that the address names."""
        found = self.proposal.letters.select_related("proposal", "file")
        return get_object_or_404(found, pk=self.kwargs["pk"])


class Letters(OfLetters):
    """All letters, the appeals, and how to lodge one."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show them, the newest first."""
        proposal = self.proposal
        told = proposal.released_at if proposal.state in APPEALABLE else None
        context = {
            "proposal": proposal, "letters": list(proposal.letters.order_by("-at", "-pk")),
            "appeals": list(proposal.appeals.order_by("-lodged_at", "-pk")), "until": last_day(told) if told else None,
            "obstacle": obstacle(proposal) if told else "", "lodged": lodged_against(proposal) if told else None,
            "why_none": why_no_letter(proposal),
            "leads": may_lead(proposal, request.user),
            "opens": is_in_team(proposal, request.user) or sees_all_appeals(proposal, request.user),
        }  # fmt: skip
        return render(request, "evaluation/letters.html", context)


class OneLetter(OfLetters):
    """One letter as a page, for a slow line and for who cannot open a PDF."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the letter."""
        letter = self.letter()
        context = {"proposal": self.proposal, "letter": letter, "said": letter.said}
        return render(request, "evaluation/letter.html", context)


class LetterPdf(OfLetters):
    """The PDF of a letter, or how far it is."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand out the file when it is ready."""
        letter = self.letter()
        if letter.file is not None:
            return attachment_response(letter.file)
        job = Job.objects.filter(name="evaluation.make_letter", key=str(letter.pk)).first()
        return render(
            request, "evaluation/letter_waiting.html", {"proposal": self.proposal, "letter": letter, "job": job}
        )
