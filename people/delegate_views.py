"""An approver's own page: who answers for the agency while they are away."""

from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.generic import View

from lifecycle.errors import NotPossible

from .forms import DelegateForm
from .models import RoleGrant, User
from .queries import delegations_by
from .role_views import midnight
from .services import delegates


class ApproverView(View):
    """Base: whoever does not approve for an agency in person finds nothing here."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer 404 to everybody else, and 405 to what nobody can ask for."""
        self.agencies = delegates.agencies_of(cast(User, request.user))
        if hasattr(self, str(request.method).lower()) and not self.agencies.exists():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @property
    def by(self) -> User:
        """Return the approver."""
        return cast(User, self.request.user)


class Delegates(ApproverView):
    """Names a delegate, and shows whom one named."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show who stands in, and ask for one more."""
        return self._page(DelegateForm(agencies=self.agencies))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Name a delegate, or say why not."""
        form = DelegateForm(request.POST, agencies=self.agencies)
        if form.is_valid():
            said = form.cleaned_data
            first = said["since"]
            try:
                grant = delegates.name_delegate(
                    by=self.by, agency=said["agency"], person=said["who"], reason=said["reason"],
                    since=midnight(first) if first and first > timezone.localdate() else None,
                    until=midnight(said["until"] + timedelta(days=1)),
                )  # fmt: skip
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                messages.success(request, f"{grant.person.full_name} answers for {grant.agency} in these days.")
                return redirect("delegates")
        return self._page(form)

    def _page(self, form: DelegateForm) -> HttpResponse:
        context = {"form": form, "named": delegations_by(self.by), "has_errors": bool(form.errors)}
        return render(self.request, "people/delegates.html", context, status=400 if form.errors else 200)


class EndDelegate(ApproverView):
    """Ends a delegation that one made; naming the person again undoes it."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End it."""
        grant = get_object_or_404(RoleGrant.objects.select_related("person"), pk=pk, granted_by=self.by)
        try:
            delegates.end_delegation(grant, by=self.by)
        except NotPossible as no:
            messages.error(request, no.reason)
        else:
            messages.success(request, f"{grant.person.full_name} answers for you no more.")
        return redirect("delegates")
