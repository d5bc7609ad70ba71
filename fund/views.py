"""Public pages of calls."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.utils.decorators import method_decorator
from django.views.generic import DetailView, ListView

from lifecycle.performing import available
from people.paging import OpenPaginator

from .models import Call


@method_decorator(login_not_required, name="dispatch")
class CallList(ListView[Call]):
    """All calls that one may see, latest closing first."""

    template_name = "fund/call_list.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[Call]:
        """Return visible calls, narrowed by the words searched for."""
        words = self.request.GET.get("q", "").strip()[:100]
        found = Call.objects.visible_to(self.request.user)
        return found.filter(title__icontains=words) if words else found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the search words."""
        return super().get_context_data(q=self.request.GET.get("q", "").strip()[:100], **kwargs)


@method_decorator(login_not_required, name="dispatch")
class CallDetail(DetailView[Call]):
    """One call: purpose, dates, money, criteria, and how to start."""

    template_name = "fund/call_detail.html"
    slug_field = slug_url_kwarg = "reference"

    def get_queryset(self) -> QuerySet[Call]:
        """Return visible calls."""
        return Call.objects.visible_to(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add criteria, the actions given, and whether the person may start a draft."""
        user = self.request.user
        actions = available(self.object, user) if user.is_authenticated else []
        may_start = self.object.is_open and user.is_authenticated and user.is_civil_servant
        return super().get_context_data(
            criteria=self.object.criteria.all(), actions=actions, may_start=may_start, model_key="fund.call", **kwargs
        )
