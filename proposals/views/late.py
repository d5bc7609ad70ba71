"""Answers that are later than was promised, for the board and those who run the fund."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.views.generic import ListView

from people.models import User
from people.paging import OpenPaginator

from .. import queries
from ..models import Proposal


class LateDecisions(ListView[Proposal]):
    """What is promised for an earlier day and not answered, the longest first."""

    template_name = "proposals/late_decisions.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """For others the page does not exist."""
        if not queries.sees_late(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Proposal]:
        """Return the late ones without the reader's conflicts."""
        return queries.late_decisions(cast(User, self.request.user))
