"""What the room's pages share."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import View

from fund.models import Grant
from lifecycle.errors import NotPossible
from people.enums import LEAD_PARTS
from people.models import Involvement, User
from people.policies import in_force
from people.views import visible_or_404

from ..guards import RUNNING


def led_by(user: Any) -> QuerySet[Grant]:
    """Return the running grants that the person leads."""
    led = Involvement.objects.filter(in_force(), person=user, part__in=LEAD_PARTS).values("case")
    return Grant.objects.visible_to(user).filter(case__in=led, state__in=RUNNING)


class OfCase(View):
    """Base: loads the row of a case that one may see."""

    model: Any
    key = "case"
    joined: tuple[str, ...] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the row; what one may not see does not exist."""
        self.object = visible_or_404(self.model, request.user, joined=self.joined, **{self.key: kwargs["case"]})
        return super().dispatch(request, *args, **kwargs)

    def refused(self, no: NotPossible) -> HttpResponse:
        """Answer a refusal: 403 for a person, else the reason on the object's page."""
        if no.forbidden:
            raise PermissionDenied(no.reason)
        messages.error(self.request, no.reason)
        return redirect(self.object)


class StateIt(View):
    """Base: one form, one act, then the page of what was stated."""

    form_class: type[Form]
    heading = ""
    lead = ""
    button = "Send it"
    template_name = "incentives/state_it.html"
    done = "Written down. You find it under “What else counts” and are told when it moves."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load what the address names."""
        self.find(**kwargs)
        return super().dispatch(request, *args, **kwargs)

    def find(self, **kwargs: Any) -> None:
        """Load what the address names."""

    def make_form(self, data: Any = None) -> Form:
        """Return the form."""
        return self.form_class(data)

    def more(self) -> dict[str, Any]:
        """Return what else the page shows."""
        return {}

    def act(self, user: User, said: dict[str, Any]) -> Any:
        """Write it down."""
        raise NotImplementedError  # each page has its own

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask."""
        return self._page(request, self.make_form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write it down, or say what is wrong."""
        form = self.make_form(request.POST)
        if form.is_valid():
            try:
                row = self.act(cast(User, request.user), form.cleaned_data)
            except NotPossible as no:
                if no.forbidden:
                    raise PermissionDenied(no.reason) from None
                form.add_error(None, no.reason)
            else:
                messages.success(request, self.done)
                return redirect(row)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: Form) -> HttpResponse:
        context = {
            "form": form, "has_errors": bool(form.errors), "heading": self.heading, "lead": self.lead,
            "button": self.button, **self.more(),
        }  # fmt: skip
        return render(request, self.template_name, context, status=400 if form.errors else 200)
