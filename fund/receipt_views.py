"""The page on which finance looks at the receipts of a payment."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from lifecycle.errors import NotPossible
from people.models import User
from people.views import visible_or_404

from .enums import ReceiptState
from .models import Grant, Receipt
from .policies import may_look_at_receipts
from .services.payments import accept_receipt
from .spent_forms import ChosenReceipts

MOST = 100  # receipts on one page; what is accepted makes room for the next


class LookAtReceipts(View):
    """All receipts of a payment that wait: some or all of them are accepted together, each can be returned."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the payment; let in who prepares payments, outside the team and its agencies."""
        grant = visible_or_404(Grant, request.user, case=kwargs["case"])
        payments = grant.tranches.select_related("grant")
        self.part = get_object_or_404(payments, position=kwargs["position"])
        if not may_look_at_receipts(self.part, request.user):
            raise PermissionDenied("Those who prepare payments look at receipts, but never at those of their agency.")
        return super().dispatch(request, *args, **kwargs)

    def waiting(self) -> QuerySet[Receipt]:
        """Return what nobody has looked at, oldest first."""
        found: QuerySet[Receipt] = self.part.receipts.filter(state=ReceiptState.WAITING)
        return found.select_related("by", "file")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show them."""
        return self._page(request)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Accept the ticked ones, or all that the page showed."""
        name = "shown" if "all" in request.POST else "receipts"
        form = ChosenReceipts({"receipts": request.POST.getlist(name)}, waiting=self.waiting())
        if not form.is_valid():
            return self._page(request, form)
        try:
            for receipt in form.cleaned_data["receipts"]:
                accept_receipt(receipt, by=cast(User, request.user))
        except NotPossible as no:
            form.add_error(None, no.reason)
            return self._page(request, form)
        messages.success(request, f"Accepted: {len(form.cleaned_data['receipts'])}.")
        return redirect("grant_part", case=self.part.case, kind="payment", position=self.part.position)

    def _page(self, request: HttpRequest, form: ChosenReceipts | None = None) -> HttpResponse:
        rows = list(self.waiting()[:MOST])
        context = {
            "grant": self.part.grant, "part": self.part, "rows": rows, "form": form, "has_errors": form is not None,
            "total": sum(row.amount for row in rows),
        }  # fmt: skip
        return render(request, "fund/receipts.html", context, status=400 if form is not None else 200)
