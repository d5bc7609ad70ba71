"""What a section said before, word by word, and bringing an earlier text back."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lifecycle.errors import NotPossible
from people.models import User
from people.templatetags.fund import moment
from people.views import whole

from .. import writing_queries as queries
from ..enums import CallSection, ProposalState, SectionKey
from ..policies import may_write
from ..sections import section_named
from ..services import drafting
from .base import OfProposal, page_of

PAGE = 20


class History(OfProposal):
    """Who changed what in one section, newest first; the team's own."""

    @property
    def key(self) -> SectionKey | CallSection:
        """Return the key of the section that was asked for; Http404 when this proposal has none of the name."""
        found = section_named(self.proposal, self.kwargs["key"])
        if found is None:
            raise Http404
        return found.key

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show a page of the history."""
        if not may_write(self.proposal, request.user):
            raise PermissionDenied
        section = queries.section_of(self.proposal, self.key)
        lines = queries.history_of(self.proposal, section) if section else []
        page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
        context = {
            "proposal": self.proposal, "key": self.key, "section": section, "page_obj": page,
            "paginator": page.paginator, "is_paginated": page.has_other_pages(),
            "writable": self.proposal.state == ProposalState.DRAFT, "back": page_of(self.proposal, self.key),
        }  # fmt: skip
        return render(request, "proposals/section_history.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Bring an earlier text back as a new save, if nobody saved since the page was opened."""
        if not may_write(self.proposal, request.user):
            raise PermissionDenied
        section = queries.section_of(self.proposal, self.key)
        lines = queries.history_of(self.proposal, section) if section else []
        chosen = whole(request.POST.get("restore"))
        old = next((line.entry.last for line in lines if line.entry.last.seq == chosen), None)
        if old is None:
            raise Http404
        try:
            drafting.save_section(
                self.proposal, by=cast(User, request.user), key=self.key, answers=old.after,
                version=whole(request.POST.get("version")), note=f"Brought back the text of {moment(old.at)}.",
            )  # fmt: skip
        except drafting.Clash as clash:
            who = clash.theirs.edited_by.full_name
            messages.error(request, f"{who} saved this section in the meantime. Nothing was brought back; look again.")
        except NotPossible as no:
            return self.refused(no)
        else:
            messages.success(request, f"The text of {moment(old.at)} is back. The text before it stays in the history.")
        return redirect("section_history", case=self.proposal.case, key=self.key)
