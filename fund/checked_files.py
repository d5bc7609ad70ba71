"""A table that finance sends: checked, shown with what it would do, then taken whole or not at all."""

import io
from collections.abc import Sequence
from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from documents.errors import TableError
from documents.models import StoredFile
from documents.reading import MAX_BYTES, Table, read_table
from documents.services import read_file, store_file
from lifecycle.errors import NotPossible
from people.models import User

from .forms import TableFileForm
from .money_views import ForFinance

MOST_ROWS = 2_000  # of one file; a government has some hundred agencies
SHOWN = 200  # errors on the page


class CheckedFile(ForFinance, View):
    """Base: `look` finds the errors of a table and what it would do, `take` does it and returns what to say."""

    kind: ClassVar[str]  # of the stored file
    label: ClassVar[str]
    template_name: ClassVar[str]
    required: ClassVar[Sequence[str]]
    optional: ClassVar[Sequence[str]] = ()
    again: ClassVar[str]  # route of this page
    after: ClassVar[str]  # route of the page that shows the result

    def look(self, table: Table) -> Any:
        """Return what it would do, with its `errors`; writes nothing."""
        raise NotImplementedError  # each kind of file has its own

    def take(self, table: Table, stored: StoredFile) -> str:
        """Do it, all or nothing, and return the sentence for the next page. NotPossible when it no longer fits."""
        raise NotImplementedError  # each kind of file has its own

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the file."""
        return self._page(request, TableFileForm(label=self.label))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the file that was checked, or check the one that is sent."""
        if "stored" in request.POST:
            return self._take(request)
        form = TableFileForm(request.POST, request.FILES, label=self.label)
        if not form.is_valid():
            return self._page(request, form)
        upload = form.cleaned_data["file"]
        content = upload.read(MAX_BYTES + 1)
        try:
            found = self.look(self._table(content, upload.name))
        except TableError as error:
            form.add_error("file", error.message)
            return self._page(request, form)
        if found.errors:
            return self._page(request, form, errors=found.errors[:SHOWN], error_count=len(found.errors))
        stored = store_file(
            content=content, name=upload.name, content_type="application/octet-stream", kind=self.kind,
            owner_id=cast(User, request.user).pk,
        )  # fmt: skip
        return self._page(request, form, found=found, stored=stored)

    def _take(self, request: HttpRequest) -> HttpResponse:
        try:
            key = UUID(request.POST["stored"])
        except ValueError as error:
            raise Http404 from error
        stored = get_object_or_404(StoredFile, pk=key, kind=self.kind, owner_id=cast(User, request.user).pk)
        try:
            said = self.take(self._table(read_file(stored), stored.original_name), stored)
        except NotPossible as no:
            messages.error(request, f"{no.reason} Check the file again.")
            return redirect(self.again)
        messages.success(request, said)
        return redirect(self.after)

    def _table(self, content: bytes, name: str) -> Table:
        return read_table(
            io.BytesIO(content), name=name, required=self.required, optional=self.optional, max_rows=MOST_ROWS
        )

    def _page(self, request: HttpRequest, form: TableFileForm, **extra: Any) -> HttpResponse:
        bad = bool(form.errors) or bool(extra.get("errors"))
        context = {"form": form, "has_errors": bad, "columns": self.required, "optional": self.optional, **extra}
        return render(request, self.template_name, context, status=400 if bad else 200)
