"""Pages of finance: budget lines, the ledger, payments to prepare and to release."""

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.views.generic import DetailView, ListView, TemplateView

from lifecycle import clock
from lifecycle.fiscal import fiscal_year
from lifecycle.policies import Policy
from people.enums import Role
from people.models import User
from people.paging import OpenPaginator
from people.policies import holds

from . import ledger_queries, payment_queries
from .bars import bars_of
from .closed_lines import CLOSED, lines_closed_to
from .enums import EntryKind, TrancheState
from .forms import LedgerFilter
from .models import BudgetLine
from .policies import sees_money
from .sources import sources_of

PAGE = 50
YEARS = range(2000, 2101)


class ForFinance:
    """Lets in who sees money; to others the page does not exist. `may` narrows it, and `refusal` says to whom."""

    may: Policy | None = None
    refusal = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer 404 like any missing page, and 403 to who sees money and may not do this."""
        if request.user.is_authenticated:
            if not sees_money(None, request.user):
                raise Http404
            if self.may is not None and not self.may(None, request.user):
                raise PermissionDenied(self.refusal)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


def closed_among(lines: QuerySet[BudgetLine], reader: User) -> list[BudgetLine]:
    """Return those of the lines that are named to the reader without what they have."""
    return list(lines.filter(pk__in=lines_closed_to(reader)))


def year_asked(request: HttpRequest) -> int | None:
    """Return the fiscal year that the address narrows a list to, None for all."""
    return fiscal_year_of(request.GET.get("year", ""))


def fiscal_year_of(text: str) -> int | None:
    """Return the fiscal year that a text names, None where it names none that a budget can be of."""
    return int(text) if text.isdecimal() and len(text) == 4 and int(text) in YEARS else None


class Money(ForFinance, TemplateView):
    """Payments to prepare and to release."""

    template_name = "fund/money.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add both lists."""
        user = cast(User, self.request.user)
        return super().get_context_data(
            to_prepare=payment_queries.payments_for(user, TrancheState.RELEASABLE)[:PAGE],
            to_release=payment_queries.payments_for(user, TrancheState.PREPARED)[:PAGE],
            to_look_at=payment_queries.payments_to_look_at(user)[:PAGE],
            on_hold=payment_queries.payments_on_hold(user)[:PAGE],
            too_early=payment_queries.payments_too_early(user)[:PAGE],
            year=fiscal_year(clock.today()),
            years=ledger_queries.years_to_choose(fiscal_year(clock.today())),
            **kwargs,
        )


class BudgetLineList(ForFinance, ListView[BudgetLine]):
    """All budget lines, newest year first."""

    template_name = "fund/budgetline_list.html"
    paginate_by = PAGE
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[BudgetLine]:
        """Return visible lines."""
        return BudgetLine.objects.visible_to(self.request.user).select_related("agency")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the lines that are closed to the reader, by their names."""
        closed = closed_among(BudgetLine.objects.all(), cast(User, self.request.user))
        return super().get_context_data(closed=closed, **kwargs)


class BudgetLineDetail(ForFinance, DetailView[BudgetLine]):
    """One line: its totals, and its ledger with the balance after each entry."""

    template_name = "fund/budgetline_detail.html"
    slug_field = slug_url_kwarg = "code"

    def get_queryset(self) -> QuerySet[BudgetLine]:
        """Return visible lines; refuse one that is closed to the reader, with the reason."""
        if closed_among(BudgetLine.objects.filter(code=self.kwargs["code"]), cast(User, self.request.user)):
            raise PermissionDenied(CLOSED)
        return BudgetLine.objects.visible_to(self.request.user).select_related("agency")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the bars and one page of entries of the wanted kind."""
        line, query, reader = self.object, self.request.GET, cast(User, self.request.user)
        kind = query.get("kind", "") if query.get("kind", "") in EntryKind.values else ""
        form = LedgerFilter(query)
        form.is_valid()  # a day that is none narrows nothing, and the form says so
        days = {name: form.cleaned_data.get(name) for name in ("since", "until")}
        words = query.get("q", "").strip()[:100]
        entries = ledger_queries.entries_of(line, reader, kind, words=words, **days)
        page = OpenPaginator(entries, PAGE).get_page(query.get("page"))
        bars = [
            ("Set aside", line.open_commitments), ("Paid out", line.disbursed), ("Spent", line.spent),
            ("Paid back", line.refunded), ("Still available", line.available),
        ]  # fmt: skip
        return super().get_context_data(
            findings=line.findings.visible_to(self.request.user)[:20],
            may_audit=holds(Role.AUDITOR)(None, self.request.user), bars=bars,
            drawn=bars_of([line])[0][1], page_obj=page, rows=sources_of(page, reader),
            is_paginated=page.has_other_pages(), kind=kind, kinds=EntryKind.choices, days_form=form, q=words,
            narrowed=bool(kind or words or any(days.values())), **kwargs,
        )  # fmt: skip
