"""The register import: check a file, look at what it would do, then import all or nothing."""

from datetime import date
from io import BytesIO
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from documents.errors import TableError
from documents.models import StoredFile
from documents.reading import MAX_BYTES, Table, read_table
from documents.services import read_file, store_file
from lifecycle.errors import NotPossible

from .forms import RegisterForm
from .models import User
from .services import register

KIND = "register"
SHOWN = 200  # errors on the page; the rest shows after these are corrected


class RegisterView(View):
    """Base: whoever may not import finds nothing here."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer 404 to everybody else."""
        if not register.may_import(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def page(self, request: HttpRequest, form: RegisterForm, **extra: Any) -> HttpResponse:
        """Return the page; 400 when something has to be corrected."""
        bad = bool(form.errors) or bool(extra.get("errors"))
        context = {
            "form": form,
            "has_errors": bad,
            "columns": register.REQUIRED,
            "optional": register.OPTIONAL,
            **extra,
        }
        return render(request, "people/register.html", context, status=400 if bad else 200)

    def table(self, content: bytes, name: str) -> Table:
        """Read the file; raises TableError."""
        return read_table(BytesIO(content), name=name, required=register.REQUIRED, optional=register.OPTIONAL)


class CheckRegister(RegisterView):
    """Takes the file and shows what an import would do; writes no person."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the file."""
        return self.page(request, RegisterForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check the file and offer the import when it is free of errors."""
        form = RegisterForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, form)
        upload = form.cleaned_data["file"]
        content = upload.read(MAX_BYTES + 1)
        try:
            plan = register.look(self.table(content, upload.name))
        except TableError as error:
            form.add_error("file", error.message)
            return self.page(request, form)
        if plan.errors:
            return self.page(request, form, errors=plan.errors[:SHOWN], error_count=len(plan.errors))
        stored = store_file(
            content=content, name=upload.name, content_type="application/octet-stream", kind=KIND,
            owner_id=cast(User, request.user).pk,
        )  # fmt: skip
        return self.page(request, form, plan=plan, stored=stored, as_of=form.cleaned_data["as_of"])


class ImportRegister(RegisterView):
    """Imports a file that the same person has checked."""

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Import all rows or none."""
        stored = get_object_or_404(StoredFile, pk=pk, kind=KIND, owner_id=request.user.pk)
        try:
            as_of = date.fromisoformat(request.POST.get("as_of", ""))
            table = self.table(read_file(stored), stored.original_name)
            source = f"HR register, file {stored.original_name}"
            plan = register.apply(table, by=cast(User, request.user), as_of=as_of, source=source)
        except ValueError:
            messages.error(request, "The day is missing. Check the file again.")
            return redirect("register")
        except NotPossible as no:
            messages.error(request, f"{no.reason} Check the file again.")
            return redirect("register")
        messages.success(request, f"Imported: {plan.new} new people, {plan.known} brought up to date.")
        return redirect("register")
