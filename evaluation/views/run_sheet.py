"""What to do today for one call."""

from collections import Counter
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from fund.call_queries import WORDS
from fund.models import Call
from fund.policies import sees_drafts
from lifecycle.performing import available
from people.models import User
from people.timeline import timeline_of
from people.views import visible_or_404

from .. import run_sheet
from ..policies import sees_queue
from ..queries import sees_panel


class RunSheet(View):
    """The steps from closing to release with their days; for the fund's office."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the sheet of the call."""
        call = visible_or_404(Call, request.user, reference=kwargs["reference"])
        if not sees_drafts(call, request.user):
            raise Http404
        user = cast(User, request.user)
        places = {"panel": sees_panel, "queue": sees_queue}
        steps = run_sheet.steps_of(call, run_sheet.counts_of(user).get(call.pk, Counter()))
        context = {
            "call": call, "steps": steps, "last_day": run_sheet.last_day_of(call), "object": call,
            "actions": available(call, user), "model_key": "fund.call",
            "timeline": timeline_of(call, WORDS), "closed": [p for p, sees in places.items() if not sees(None, user)],
        }  # fmt: skip
        return render(request, "evaluation/run_sheet.html", context)
