"""Take-up by dzongkhag, level and gender, and what was promised against what was granted."""

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import TemplateView

from people.enums import Role
from people.models import User
from people.policies import holds

from .. import takeup
from ..disclosure import HOW
from ..services import files
from .purpose import AsksPurpose

sees_take_up = holds(Role.RCSC, Role.AUDITOR)


class TakeUp(AsksPurpose, TemplateView):
    """Who is reached, without anybody's name or a figure that shows one person."""

    template_name = "incentives/take_up.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Exists only for the RCSC and auditors."""
        if not sees_take_up(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the tables."""
        return super().get_context_data(
            columns=takeup.COLUMNS, groupings=takeup.take_up(), promised=takeup.promised_and_granted(),
            promised_columns=takeup.PROMISED, how=HOW, **kwargs,
        )  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for the tables as an Excel file."""
        return redirect("job", pk=files.ask_for_take_up(by=cast(User, request.user)).pk)
