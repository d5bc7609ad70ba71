"""What the pages of one proposal have in common: loading it, refusals, and the parts of a draft."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.generic import View

from lifecycle.errors import NotPossible
from people.models import User

from .. import writing_queries
from ..enums import CallSection, ProposalState, SectionKey
from ..lane import is_spark
from ..models import Proposal
from ..services import drafting
from . import rescue

OWN_PAGES: dict[str, str] = {  # of the sections of a small idea
    SectionKey.SPARK: "spark_idea", SectionKey.BUDGET: "spark_money", CallSection.QUESTIONS: "spark_questions",
}  # fmt: skip


def page_of(proposal: Proposal, key: str) -> str:
    """Return the address on which a section of this proposal is written."""
    if is_spark(proposal):
        return reverse(OWN_PAGES[key], args=[proposal.case])
    return reverse("section", args=[proposal.case, key])


def wants_json(request: HttpRequest) -> bool:
    """Tell whether the page's own script asks."""
    return request.headers.get("Accept") == "application/json"


class OfProposal(View):
    """Base: loads the proposal that one may see."""

    proposal: Proposal
    related: tuple[str, ...] = ("call", "lead_agency")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the proposal; go on unless the page turns one away."""
        seen = Proposal.objects.visible_to(request.user).select_related(*self.related)
        found = seen.filter(case=kwargs["case"]).first()
        if found is None:
            return self.unseen()
        self.proposal = found
        away = self.turned_away()
        return super().dispatch(request, *args, **kwargs) if away is None else away

    def turned_away(self) -> HttpResponse | None:
        """Return where to go instead of this page, or None; raise for whom the page does not exist or is closed."""
        return None

    def unseen(self) -> HttpResponse:
        """Answer who may not read the proposal: it does not exist."""
        raise Http404

    def refused(self, no: NotPossible) -> HttpResponse:
        """Answer a refusal: 403 for a person; else the reason, with what was typed or on the proposal's page."""
        if no.forbidden:
            raise PermissionDenied(no.reason)
        shown = self.not_taken(no.reason)
        if shown is not None:
            return shown
        messages.error(self.request, no.reason)
        return redirect(self.proposal)

    def not_taken(self, reason: str, follows: str = "") -> HttpResponse | None:
        """Return the page with what was typed and cannot be taken, or None where nobody typed anything."""
        said = self.typed()
        pieces = rescue.typed_in(said, self.labels()) if said else []
        if not pieces:
            return None
        self.proposal.refresh_from_db(fields=["state"])
        return rescue.page(self.request, self.proposal, reason, pieces, follows)

    def typed(self) -> QueryDict | None:
        """Return what the form of this page sent, or None."""
        return self.request.POST if self.request.method == "POST" else None

    def labels(self) -> dict[str, str]:
        """Return field -> label of the page's form, so that what was typed into it can be shown."""
        return {}

    @property
    def by(self) -> User:
        """Return the person who asks."""
        return cast(User, self.request.user)


class OfLongForm(OfProposal):
    """Base of the pages that a small idea does not have: for it they do not exist."""

    def turned_away(self) -> HttpResponse | None:
        """Refuse a small idea."""
        if is_spark(self.proposal):
            raise Http404
        return None


class DraftPart(OfLongForm):
    """Loads a proposal that one may write in; others are refused, and a proposal no longer a draft leads back."""

    part: Any = None

    def turned_away(self) -> HttpResponse | None:
        """Load the part; refuse a small idea, and who may not write."""
        super().turned_away()
        self.part = self.load(self.kwargs.get("pk"))
        try:
            drafting.refuse_unless_writable(self.proposal, self.by)
        except NotPossible as no:
            return self.refused(no)
        return None

    def sure(self, request: HttpRequest, words: str) -> HttpResponse | None:
        """Return the page that says which agreements fall by a change, or None when none does or one is sure."""
        at_stake = writing_queries.agreements_at_stake(self.proposal)
        if not at_stake or "sure" in request.GET:
            return None
        context = {"proposal": self.proposal, "words": words, "at_stake": at_stake}
        return render(request, "proposals/agreement_falls.html", context)

    def moved_on(self) -> bool:
        """Tell whether it stopped being a draft while this page was being answered."""
        return not Proposal.objects.filter(pk=self.proposal.pk, state=ProposalState.DRAFT).exists()

    def load(self, pk: Any) -> Any:
        """Return the part that the page is about, or None for a new one."""
        return None
