"""What the room's pages share."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import View

from fund.models import Grant
from lifecycle.errors import NotPossible
from people.enums import Part
from people.models import Involvement
from people.policies import in_force
from people.views import visible_or_404

from ..guards import RUNNING


def led_by(user: Any) -> QuerySet[Grant]:
    """Return the running grants that the person leads."""
    led = Involvement.objects.filter(in_force(), person=user, part__in=(Part.LEAD, Part.DEPUTY)).values("case")
    return Grant.objects.visible_to(user).filter(case__in=led, state__in=RUNNING)


class OfCase(View):
    """Base: loads the row of a case that one may see."""

    model: Any
    key = "case"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the row; what one may not see does not exist."""
        self.object = visible_or_404(self.model, request.user, **{self.key: kwargs["case"]})
        return super().dispatch(request, *args, **kwargs)

    def refused(self, no: NotPossible) -> HttpResponse:
        """Answer a refusal: 403 for a person, else the reason on the object's page."""
        if no.forbidden:
            raise PermissionDenied(no.reason)
        messages.error(self.request, no.reason)
        return redirect(self.object)
