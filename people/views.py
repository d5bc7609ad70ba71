"""Inbox, account, probes, and the one door for every lifecycle."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import ListView, TemplateView, View

from lifecycle.acts import find_act
from lifecycle.errors import NotPossible
from lifecycle.fields import LifecycleModel
from lifecycle.performing import asks_for_more, no_part_in, perform, refusal, rule_of

from . import queries
from .beforehand import beforehand_of
from .enums import SECOND_FACTOR_ROLES
from .forms import NoteForm
from .middleware import WANTED, WHY
from .models import Notification
from .paging import OpenPaginator
from .services import delegates, notify
from .services.register import may_import


def visible_or_404(model: type[models.Model], user: Any, *, joined: Sequence[str] = (), **lookup: Any) -> Any:
    """Load an object through its `visible_to`, with what is `joined`; what one may not see does not exist."""
    seen = model.objects.visible_to(user)  # type: ignore[attr-defined]
    return get_object_or_404(seen.select_related(*joined) if joined else seen, **lookup)


def whole(text: str | None) -> int:
    """Return a number as a form sends it, 0 for anything that is none or that no row could have."""
    return int(text) if text and text.isdecimal() and len(text) < 12 else 0


class Inbox(ListView[Notification]):
    """The person's messages, newest first."""

    template_name = "people/inbox.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[Notification]:
        """Return own messages only."""
        return queries.inbox(self.request.user)  # type: ignore[arg-type]


class OpenMessage(View):
    """Marks a message as read and goes where it points."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Open one own message."""
        message = get_object_or_404(queries.inbox(request.user), pk=pk)  # type: ignore[arg-type]
        notify.mark_read(by=request.user, pk=pk)  # type: ignore[arg-type]
        here = url_has_allowed_host_and_scheme(message.path, allowed_hosts=None)
        return redirect(message.path if message.path and here else reverse("inbox"))


class Account(TemplateView):
    """Who I am here: name, number, agency with source and date, roles, security."""

    template_name = "people/account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the register entry and the roles in force."""
        person: Any = self.request.user
        return super().get_context_data(
            post=queries.snapshot_of(person),
            grants=queries.roles_of(person),
            may_import=may_import(None, person),
            delegates=delegates.agencies_of(person).exists(),
            **kwargs,
        )


class SecondFactor(TemplateView):
    """Why a second factor is asked for, and what to do; afterwards the page that was wanted."""

    template_name = "people/second_factor.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the roles that demand it, and the page that waits."""
        person: Any = self.request.user
        demanding = [grant for grant in queries.roles_of(person) if grant.role in SECOND_FACTOR_ROLES]
        return super().get_context_data(
            demanding=demanding, wanted=self.request.session.get(WANTED, reverse("home")),
            why=self.request.session.get(WHY, ""), **kwargs,
        )  # fmt: skip


class Act(View):
    """One page and one POST for every transition: confirm, then the one door."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the object; refuse an unknown action, and who has no part in it, before anything looks at its state."""
        label, pk, name = kwargs["label"], kwargs["pk"], kwargs["name"]
        try:
            model = apps.get_model(label)
        except (LookupError, ValueError):
            raise Http404 from None
        if not issubclass(model, LifecycleModel):
            raise Http404
        self.object = visible_or_404(model, request.user, pk=pk)
        try:
            self.rule = rule_of(self.object, name)
        except NotPossible:
            raise Http404 from None
        stranger = no_part_in(self.object, self.rule, request.user)
        if stranger is not None:
            raise PermissionDenied(stranger.reason)
        if asks_for_more(self.object, self.rule) or (self.rule.page and request.method == "GET"):
            messages.info(request, "This step is taken on its own page.")
            return redirect(f"{self.object.get_absolute_url()}{self.rule.page}")
        self.beforehand = beforehand_of(self.object)
        asked = self.beforehand.ask(request, self.object)
        if asked is not None:
            return asked
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for confirmation and a reason."""
        no = refusal(self.object, self.rule, request.user)
        if no is not None:
            return self._refused(request, no)
        return self._page(request, NoteForm(required=self.rule.require_note))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Perform the action and return to the object's page."""
        form = NoteForm(request.POST, required=self.rule.require_note)
        if not form.is_valid():
            return self._page(request, form)
        act = find_act(self.rule.act) if self.rule.act else None
        try:
            if act is not None:
                act(self.object, by=request.user, note=form.cleaned_data["note"])
            else:
                perform(self.object, self.rule.name, by=request.user, note=form.cleaned_data["note"])
        except NotPossible as no:
            return self._refused(request, no)
        self.beforehand.write_down(request, self.object, self.rule.label)
        messages.success(request, f"Done: {self.rule.label.lower()}.")
        return redirect(self.object.get_absolute_url())

    def _page(self, request: HttpRequest, form: NoteForm) -> HttpResponse:
        context = {"object": self.object, "rule": self.rule, "form": form, "has_errors": bool(form.errors)}
        return render(request, "people/confirm_act.html", context, status=400 if form.errors else 200)

    def _refused(self, request: HttpRequest, no: NotPossible) -> HttpResponse:
        if no.unproved:
            request.session[WANTED], request.session[WHY] = request.get_full_path(), self.rule.label
            return redirect("second_factor")
        if no.forbidden:
            raise PermissionDenied(no.reason)
        messages.error(request, no.reason)
        return redirect(self.object.get_absolute_url())
