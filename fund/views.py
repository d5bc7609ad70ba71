"""Public pages of calls, and being told of new ones."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.generic import DetailView, ListView, View

from lifecycle.performing import available
from people.models import User
from people.paging import OpenPaginator
from people.queries import snapshot_of

from . import call_queries, set_up
from .call_forms import SubscriptionForm
from .enums import HIDDEN, Stage
from .models import Call, Question, Subscription
from .policies import may_set_up, sees_drafts
from .services import subscriptions


@method_decorator(login_not_required, name="dispatch")
class CallList(ListView[Call]):
    """All calls that one may see: open ones first, by the end that is next; filters stand in the address."""

    template_name = "fund/call_list.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[Call]:
        """Return visible calls, narrowed by what the address says."""
        asked = self.request.GET
        user = self.request.user
        post = snapshot_of(user) if user.is_authenticated and asked.get("mine") else None
        return call_queries.listed(
            user, words=asked.get("q", "").strip()[:100], stage=asked.get("stage", ""), state=asked.get("state", ""),
            sector=post.agency.sector if post else "",
        )  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter's values."""
        asked, user = self.request.GET, self.request.user
        return super().get_context_data(
            q=asked.get("q", "").strip()[:100], stage=asked.get("stage", ""), stages=Stage.choices,
            state=asked.get("state", ""), states=call_queries.STATES, mine=asked.get("mine", ""),
            prepares=may_set_up(None, user), **kwargs,
        )  # fmt: skip


class CallPage(DetailView[Call]):
    """One call: purpose, dates, money, criteria, and how to start."""

    template_name = "fund/call_detail.html"
    slug_field = slug_url_kwarg = "reference"
    preview = False

    def get_queryset(self) -> QuerySet[Call]:
        """Return visible calls."""
        return (
            Call.objects.visible_to(self.request.user)
            .select_related("budget_line")
            .prefetch_related("sectors", "criteria")
            .annotate(has_questions=Exists(Question.objects.filter(call=OuterRef("pk"))))
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what an applicant reads, and for the office its links and actions."""
        call, user = self.object, self.request.user
        signed_in = user.is_authenticated and not self.preview
        office = signed_in and sees_drafts(call, user)
        return super().get_context_data(
            criteria=call.criteria.all(),
            actions=available(call, user) if office or (signed_in and call.state in HIDDEN) else [],
            may_start=call.is_open and signed_in and cast(User, user).is_civil_servant,
            office=office,
            pays=set_up.money_of(call, cast(User, user)) if office else None,
            prepares=office and may_set_up(call, user),
            extensions=call.extensions.filter(person=None) if call.extended_to else [],
            own=call_queries.own_extension(call, user) if signed_in else None,
            countdown=call_queries.countdown(call),
            answer_by=call_queries.answer_by(call),
            length=set_up.length_in_words(call.length_weeks),
            sharing=set_up.sharing_of(call),
            least=set_up.halves(call.least_halves),
            hidden=call.state in HIDDEN,
            preview=self.preview,
            model_key="fund.call",
            **kwargs,
        )


@method_decorator(login_not_required, name="dispatch")
class CallDetail(CallPage):
    """The page for everybody."""


class CallPreview(CallPage):
    """The same page as an applicant will see it, without the office's links."""

    preview = True

    def get_queryset(self) -> QuerySet[Call]:
        """Return what the office sees; others find nothing here."""
        found = super().get_queryset()
        return found if sees_drafts(None, self.request.user) else found.none()


class Subscriptions(View):
    """Of which stages one wants to hear when a call opens."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what was chosen."""
        chosen = Subscription.objects.filter(person=cast(User, request.user)).values_list("stage", flat=True)
        return render(request, "fund/call_subscriptions.html", {"form": SubscriptionForm(chosen=chosen)})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the choice."""
        form = SubscriptionForm(request.POST)
        form.is_valid()  # boxes cannot be wrong
        subscriptions.choose_stages(by=cast(User, request.user), stages=form.stages())
        messages.success(request, "Saved. You get a message when a call of these stages opens.")
        return redirect("call_list")
