"""Pages of the bank: payment files, and taking the bank's answer after a look."""

import io
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import ListView, View

from documents.errors import TableError
from documents.models import StoredFile
from documents.reading import Table, read_table
from documents.responses import attachment_response
from documents.services import read_file, store_file
from lifecycle.errors import NotPossible
from people.models import User
from people.paging import OpenPaginator

from . import queries
from .budget_views import MOST_ROWS, SHOWN
from .forms import BankFileForm
from .models import PaymentFile
from .money_views import PAGE, ForFinance
from .policies import may_make_payment_file, sees_money
from .services import bank


class Bank(ForFinance, ListView[PaymentFile]):
    """The files that went to the bank, and the payments that wait for the next one."""

    template_name = "fund/bank.html"
    paginate_by = PAGE
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[PaymentFile]:
        """Return all files, each with how many payments wait for an answer."""
        return queries.payment_files()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what waits."""
        may_send = may_make_payment_file(None, self.request.user)
        return super().get_context_data(may_send=may_send, waiting=queries.waiting_for_bank()[:PAGE], **kwargs)

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
        """Hand it out."""
        return attachment_response(get_object_or_404(PaymentFile.objects.select_related("file"), number=number).file)


class BankAnswer(ForFinance, View):
    """Checks the bank's answer, shows what it would do, then takes all of it or nothing."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Keep out who sees money and does not release payments."""
        user = request.user
        if user.is_authenticated and sees_money(None, user) and not may_make_payment_file(None, user):
            raise PermissionDenied("Those who release payments take the bank's answer.")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the file."""
        return self._page(request, BankFileForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the answer that was checked, or check the one that is sent."""
        user = cast(User, request.user)
        if "stored" in request.POST:
            return self._take(request, user)
        form = BankFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form)
        upload = form.cleaned_data["file"]
        content = upload.read()
        try:
            found = bank.look(self._table(content, upload.name))
        except TableError as error:
            form.add_error("file", error.message)
            return self._page(request, form)
        if found.errors:
            return self._page(request, form, errors=found.errors[:SHOWN], error_count=len(found.errors))
        stored = store_file(
            content=content, name=upload.name, content_type="application/octet-stream", kind="bank", owner_id=user.pk
        )
        return self._page(request, form, found=found, stored=stored)

    def _take(self, request: HttpRequest, user: User) -> HttpResponse:
        try:
            key = UUID(request.POST["stored"])
        except ValueError as error:
            raise Http404 from error
        stored = get_object_or_404(StoredFile, pk=key, kind="bank", owner_id=user.pk)
        try:
            found = bank.apply(self._table(read_file(stored), stored.original_name), by=user)
        except NotPossible as no:
            messages.error(request, f"{no.reason} Check the file again.")
            return redirect("bank_answer")
        messages.success(request, f"Taken: {found.paid} paid, {found.rejected} rejected.")
        return redirect("bank")

    def _table(self, content: bytes, name: str) -> Table:
        return read_table(io.BytesIO(content), name=name, required=bank.REQUIRED, max_rows=MOST_ROWS)

    def _page(self, request: HttpRequest, form: BankFileForm, **extra: Any) -> HttpResponse:
        bad = bool(form.errors) or bool(extra.get("errors"))
        context = {"form": form, "has_errors": bad, "columns": bank.REQUIRED, **extra}
        return render(request, "fund/bank_answer.html", context, status=400 if bad else 200)
