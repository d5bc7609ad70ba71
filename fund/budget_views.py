"""Pages of budgets: the year at a glance, the public share, import, transfers, sheets."""

from typing import Any, cast
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.generic import ListView, TemplateView, View

from documents.models import StoredFile
from documents.reading import Table
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.fiscal import fiscal_label, fiscal_year
from lifecycle.performing import available
from people.enums import Part
from people.models import User
from people.paging import OpenPaginator
from people.queries import blocked_cases
from people.toxic import closed_cases
from people.views import whole

from . import ledger_queries
from .bars import bars_of, public_bars
from .checked_files import CheckedFile
from .closed_lines import lines_closed_to
from .forms import TransferForm
from .models import BudgetLine, Transfer, YearEndItem
from .money_guards import ends_soon
from .money_views import PAGE, ForFinance, closed_among, fiscal_year_of, year_asked
from .policies import is_open_rest, may_budget, may_prepare_year_end, may_propose_transfer, sees_money
from .services import budget, money_sheets, year_end
from .services.money_rows import TABLES
from .spent_forms import key_in


def asked_year(request: HttpRequest) -> int:
    """Return the fiscal year that the address asks for, else the present one."""
    return year_asked(request) or fiscal_year(clock.today())


def year_context(request: HttpRequest) -> dict[str, Any]:
    """Return the year asked for, and the years to choose from."""
    year = asked_year(request)
    return {"year": year, "year_label": fiscal_label(year), "years": ledger_queries.years_to_choose(year)}


class Budget(ForFinance, TemplateView):
    """All budget lines of a fiscal year: what was to be, what is allocated, set aside, paid and spent."""

    template_name = "fund/budget.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the year's lines, without those that are closed to the reader."""
        context, user = year_context(self.request), cast(User, self.request.user)
        of_year = ledger_queries.lines_of_year(context["year"])
        shown = of_year.open_to(user)
        lines = list(shown)
        return context | {
            "lines": lines, "bars": bars_of(lines), "sums": ledger_queries.sums_of(shown),
            "may_import": may_budget(None, user), "closed": closed_among(of_year, user),
        }  # fmt: skip


@method_decorator(login_not_required, name="dispatch")
class InnovationShare(TemplateView):
    """Public: which agencies met their innovation share, and what the fund has set aside this year."""

    template_name = "fund/innovation_share.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the year, without what is set aside for decisions that nobody has been told yet."""
        context = year_context(self.request)
        hidden = ledger_queries.not_yet_told(context["year"])
        of_year = ledger_queries.lines_of_year(context["year"])
        lines = list(of_year)
        told = {line.pk: line.open_commitments - hidden.get(line.pk, 0) for line in lines}
        bars = public_bars(lines, told)
        rows = [(line, told[line.pk], bars[line.pk]) for line in lines]
        return context | {"rows": rows, "set_aside": sum(told.values()), "sums": ledger_queries.sums_of(of_year)}


class ImportBudget(CheckedFile):
    """Checks a table of budget lines, shows what it would do, then imports all of it or nothing."""

    may, refusal = may_budget, "Only the head of secretariat or finance imports budgets."
    kind, label, required, optional = "budget", "Budget file", budget.REQUIRED, budget.OPTIONAL
    template_name, again, after = "fund/budget_import.html", "budget_import", "budget"

    def look(self, table: Table) -> budget.Plan:
        """Return each line with what it grows by."""
        return budget.look(table)

    def take(self, table: Table, stored: StoredFile) -> str:
        """Add lines and let budgets grow."""
        plan = budget.apply(table, by=cast(User, self.request.user), source=f"budget:{stored.pk}")
        new = sum(not row.known for row in plan.rows)
        moved = sum(bool(row.known and (row.changes or row.programme or row.allocated)) for row in plan.rows)
        return f"Imported: {new} new lines, {moved} brought up to date, {len(plan.rows) - new - moved} unchanged."


class Transfers(ForFinance, ListView[Transfer]):
    """Transfers between lines, newest first, each with what I may do."""

    template_name = "fund/transfers.html"
    paginate_by = PAGE
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[Transfer]:
        """Return all of them, those of a year, or the one that an entry of the ledger leads to."""
        return ledger_queries.transfers_of(year_asked(self.request), whole(self.request.GET.get("number")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the actions of each row."""
        context = super().get_context_data(**kwargs)
        user = self.request.user
        rows = [(row, available(row, user)) for row in context["object_list"]]
        return context | {
            "rows": rows, "year": year_asked(self.request), "years": ledger_queries.years_to_choose(),
            "number": whole(self.request.GET.get("number")), "may_propose": may_propose_transfer(None, user),
        }  # fmt: skip


class NewTransfer(ForFinance, View):
    """Proposes a transfer."""

    may, refusal = may_propose_transfer, "Finance proposes transfers."

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self._page(request, self._form())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Propose it."""
        form = self._form(request.POST)
        if form.is_valid():
            try:
                budget.propose_transfer(by=cast(User, request.user), key=key_in(request.POST), **form.cleaned_data)
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                messages.success(request, "Proposed. Another person of finance approves or refuses it.")
                return redirect("transfers")
        return self._page(request, form)

    def _form(self, data: Any = None) -> TransferForm:
        lines = BudgetLine.objects.visible_to(self.request.user)
        return TransferForm(data, lines=lines.filter(fiscal_year__gte=fiscal_year(clock.today())))

    def _page(self, request: HttpRequest, form: TransferForm) -> HttpResponse:
        context = {"form": form, "has_errors": bool(form.errors), "once": uuid4()}
        return render(request, "fund/transfer_new.html", context, status=400 if form.errors else 200)


class AskForSheet(View):
    """Asks for a sheet of a year or of one line; whoever does not see money finds nothing here."""

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Ask, and show how far it is."""
        about = request.POST.get("about", "")
        if kind not in money_sheets.KINDS or not sees_money(None, request.user):
            raise Http404
        if kind == "ledger":
            about = get_object_or_404(BudgetLine.objects.visible_to(request.user), code=about).code
        elif not fiscal_year_of(about) and (about or kind not in TABLES):
            raise Http404
        job = money_sheets.ask(kind, about, by=cast(User, request.user), filters=request.POST)
        return redirect("job", pk=job.pk)


class YearEnd(ForFinance, View):
    """One page: what is left of a fiscal year, what is proposed, what is prepared, what is done."""

    def get(self, request: HttpRequest, year: int) -> HttpResponse:
        """Show it."""
        return self._page(request, year)

    def post(self, request: HttpRequest, year: int) -> HttpResponse:
        """Prepare what was given a voucher number."""
        said = request.POST
        choices = {name.removeprefix("does-"): said[name] for name in said if name.startswith("does-")}
        vouchers = {name.removeprefix("voucher-"): said[name] for name in said if name.startswith("voucher-")}
        amounts = {name.removeprefix("amount-"): said[name] for name in said if name.startswith("amount-")}
        seen = {key: int(amount) for key, amount in amounts.items() if amount.isdecimal() and len(amount) < 20}
        try:
            count = year_end.prepare(
                by=cast(User, request.user), year=year, choices=choices, vouchers=vouchers, seen=seen
            )
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            return self._page(request, year, no.reason, choices, vouchers)
        if not count:
            return self._page(request, year, "Write the voucher number of each item that you prepare.")
        messages.success(request, f"Prepared: {count}. Another person of finance confirms each.")
        return redirect("year_end", year=year)

    def _page(
        self, request: HttpRequest, year: int, fault: str = "", choices: Any = None, vouchers: Any = None
    ) -> HttpResponse:
        if not 2000 <= year <= 2100:
            raise Http404
        user = cast(User, request.user)
        hidden = set(blocked_cases(user))
        still_open = [one for one in year_end.open_items(year) if is_open_rest(one, user)]
        items = YearEndItem.objects.filter(line__fiscal_year=year).exclude(grant=None, line__in=lines_closed_to(user))
        items = items.select_related("line", "grant", "into", "prepared_by", "confirmed_by")
        context = {
            "year": year, "year_label": fiscal_label(year), "open": still_open, "fault": fault,
            "choices": choices, "vouchers": vouchers, "has_errors": bool(fault),
            "rows": [(item, () if item.case in hidden else available(item, user)) for item in items],
            "hidden": hidden, "closed": closed_cases(user, Part.MAKER),
            "prepares": may_prepare_year_end(None, user), "ends_soon": ends_soon(year),
            "closed_lines": closed_among(ledger_queries.lines_of_year(year), user),
        }  # fmt: skip
        return render(request, "fund/year_end.html", context, status=400 if fault else 200)
