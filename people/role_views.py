"""Who holds which role: the administrator grants and ends, the auditor looks."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.generic import ListView, View

from lifecycle.errors import NotPossible

from .enums import GrantStanding, Role
from .forms import EndGrantForm, GrantForm
from .models import Agency, RoleGrant, User
from .policies import holds, is_administrator
from .queries import all_grants
from .services import grants

FILTERS = ("text", "role", "agency", "state")


def midnight(day: date) -> datetime:
    """Return the first moment of the day in the country's time."""
    return timezone.make_aware(datetime.combine(day, time.min))


class AdministratorView(View):
    """Base: 404 to all others, 403 to the auditor, who sees the list."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let the administrator in."""
        if not is_administrator(None, request.user):
            if holds(Role.AUDITOR)(None, request.user):
                raise PermissionDenied("Only the administrator grants and ends roles.")
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class RoleList(ListView[RoleGrant]):
    """Every grant, in force, to come and past."""

    template_name = "people/role_list.html"
    paginate_by = 25

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer 404 to all but administrator and auditor."""
        self.may_change = is_administrator(None, request.user)
        if not self.may_change and not holds(Role.AUDITOR)(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[RoleGrant]:
        """Return the grants that were asked for; those in force when nothing was."""
        asked = {name: self.request.GET.get(name, "").strip()[:100] for name in FILTERS}
        if not self.request.GET:
            asked["state"] = GrantStanding.NOW
        self.asked = asked
        return all_grants(**asked)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what can be chosen."""
        return super().get_context_data(
            asked=self.asked, roles=Role.choices, agencies=Agency.objects.values_list("code", "name"),
            standings=GrantStanding.choices, may_change=self.may_change, **kwargs,
        )  # fmt: skip


class AddGrant(AdministratorView):
    """Grants a role to one person."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask who, what, when and why."""
        return self._page(request, GrantForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Grant it, or say why not."""
        form = GrantForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        data = form.cleaned_data
        person, role = data["who"], Role(data["role"])
        try:
            grants.grant_role(
                by=cast(User, request.user), person=person, role=role, agency=data["agency"], reason=data["reason"],
                since=midnight(data["since"]) if data["since"] and data["since"] > timezone.localdate() else None,
                until=midnight(data["until"] + timedelta(days=1)) if data["until"] else None,
            )  # fmt: skip
        except NotPossible as no:
            form.add_error(None, no.reason)
            return self._page(request, form)
        messages.success(request, f"{person.full_name} ({person.employee_number}) is granted “{role.label}”.")
        return redirect("role_list")

    def _page(self, request: HttpRequest, form: GrantForm) -> HttpResponse:
        context = {"form": form, "has_errors": bool(form.errors)}
        return render(request, "people/role_grant.html", context, status=400 if form.errors else 200)


class EndGrant(AdministratorView):
    """Ends one grant after a confirmation, with a reason."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason."""
        return self._page(request, pk, EndGrantForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End it."""
        form = EndGrantForm(request.POST)
        if not form.is_valid():
            return self._page(request, pk, form)
        grant = get_object_or_404(all_grants(), pk=pk)
        try:
            grants.end_role(grant, by=cast(User, request.user), reason=form.cleaned_data["reason"])
        except NotPossible as no:
            messages.error(request, no.reason)
            return redirect("role_list")
        messages.success(request, f"Ended: “{grant.get_role_display()}” of {grant.person.full_name}.")
        return redirect("role_list")

    def _page(self, request: HttpRequest, pk: int, form: EndGrantForm) -> HttpResponse:
        grant = get_object_or_404(all_grants(), pk=pk)
        context = {"grant": grant, "form": form, "has_errors": bool(form.errors)}
        return render(request, "people/role_end.html", context, status=400 if form.errors else 200)
