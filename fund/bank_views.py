"""Pages of the bank: payment files, and taking the bank's answer after a look."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import ListView, View

from documents.models import StoredFile
from documents.reading import Table
from documents.responses import attachment_response
from lifecycle.errors import NotPossible
from people.models import User
from people.paging import OpenPaginator

from . import payment_queries
from .checked_files import CheckedFile
from .hidden import files_hidden_from
from .models import PaymentFile
from .money_views import PAGE, ForFinance
from .policies import may_make_payment_file
from .services import bank


class Bank(ForFinance, ListView[PaymentFile]):
    """The files that went to the bank, and the payments that wait for the next one."""

    template_name = "fund/bank.html"
    paginate_by = PAGE
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[PaymentFile]:
        """Return all files, each with how many payments wait for an answer."""
        return payment_queries.payment_files()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what waits."""
        reader = cast(User, self.request.user)
        may_send, waiting = may_make_payment_file(None, reader), payment_queries.waiting_for_bank(reader)[:PAGE]
        kept = payment_queries.kept_from_bank(reader)[:PAGE]
        context = super().get_context_data(may_send=may_send, waiting=waiting, kept=kept, **kwargs)
        return context | {"hidden": files_hidden_from(reader, context["object_list"])}

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make the next file."""
        try:
            made = bank.make_file(by=cast(User, request.user))
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            messages.error(request, no.reason)
        else:
            messages.success(request, f"{made} is ready. Download it below.")
        return redirect("bank")


class PaymentFileDownload(ForFinance, View):
    """The file as it went out."""

    def get(self, request: HttpRequest, number: int) -> HttpResponse:
        """Hand it out; to who is kept out of a grant that it names, it does not exist."""
        made = get_object_or_404(PaymentFile.objects.select_related("file"), number=number)
        if files_hidden_from(cast(User, request.user), [made]):
            raise Http404
        return attachment_response(made.file)


class BankAnswer(CheckedFile):
    """Checks the bank's answer, shows what it would do, then takes all of it or nothing."""

    may, refusal = may_make_payment_file, "Those who release payments take the bank's answer."
    kind, label, required = "bank", "The bank's answer", bank.REQUIRED
    template_name, again, after = "fund/bank_answer.html", "bank_answer", "bank"

    def look(self, table: Table) -> bank.Answer:
        """Count what is paid and rejected."""
        return bank.look(table, by=cast(User, self.request.user))

    def take(self, table: Table, stored: StoredFile) -> str:
        """Note what is paid and undo what is rejected."""
        found = bank.apply(table, by=cast(User, self.request.user))
        return f"Taken: {found.paid} paid, {found.rejected} rejected."
