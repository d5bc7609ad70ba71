"""The register import: check a file, look at what it would do, then import all or nothing."""

from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from documents.errors import TableError
from documents.models import StoredFile
from documents.reading import MAX_BYTES
from documents.services import read_file, store_file
from lifecycle.enums import JobState
from lifecycle.errors import NotPossible

from .forms import RegisterForm
from .models import User
from .services import register, register_jobs
from .services.register_jobs import CHECK, IMPORT, KIND, SHOWN

AT_ONCE = 15_000  # bytes: a few hundred rows; a longer file is checked and imported by a worker


class RegisterView(View):
    """Base: whoever may not import finds nothing here."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer 404 to everybody else."""
        if not register.may_import(None, request.user):
            raise Http404
        self.person = cast(User, request.user)
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

    def own_file(self, pk: Any) -> StoredFile:
        """Return the register file that this person sent."""
        return get_object_or_404(StoredFile, pk=pk, kind=KIND, owner_id=self.person.pk)


class CheckRegister(RegisterView):
    """Takes the file and shows what an import would do; writes no person."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the file."""
        return self.page(request, RegisterForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check a short file at once; let a worker check a long one."""
        form = RegisterForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, form)
        upload, as_of = form.cleaned_data["file"], form.cleaned_data["as_of"]
        content = upload.read(MAX_BYTES + 1)
        if AT_ONCE < len(content) <= MAX_BYTES:
            stored = self._store(content, upload.name)
            register_jobs.ask(CHECK, stored, by=self.person, as_of=as_of)
            return redirect("register_file", pk=stored.pk)
        try:
            plan = register.look(register_jobs.table_of(content, upload.name), as_of)
        except TableError as error:
            form.add_error("file", error.message)
            return self.page(request, form)
        if plan.errors:
            return self.page(request, form, errors=plan.errors[:SHOWN], error_count=len(plan.errors))
        return self.page(request, form, plan=plan, stored=self._store(content, upload.name), as_of=as_of)

    def _store(self, content: bytes, name: str) -> StoredFile:
        kind = "application/octet-stream"
        return store_file(content=content, name=name, content_type=kind, kind=KIND, owner_id=self.person.pk)


class RegisterFile(RegisterView):
    """How far the check or the import of a long file is, and what came of it."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Show the import if there is one, else the check."""
        stored = self.own_file(pk)
        job = register_jobs.job_of(IMPORT, stored) or register_jobs.job_of(CHECK, stored)
        if job is None:
            raise Http404
        report = register_jobs.report_of(job)
        context = {
            "stored": stored, "job": job, "report": report, "importing": job.name == IMPORT,
            "failed": job.state == JobState.FAILED, "as_of": date.fromisoformat(job.key.partition(":")[2]),
        }  # fmt: skip
        return render(request, "people/register_file.html", context)


class ImportRegister(RegisterView):
    """Imports a file that the same person has checked."""

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Import all rows or none, a long file by a worker."""
        stored = self.own_file(pk)
        try:
            as_of = date.fromisoformat(request.POST.get("as_of", ""))
            if stored.size > AT_ONCE:
                register_jobs.ask(IMPORT, stored, by=self.person, as_of=as_of)
                return redirect("register_file", pk=stored.pk)
            table = register_jobs.table_of(read_file(stored), stored.original_name)
            plan = register.apply(table, by=self.person, as_of=as_of, source=register_jobs.source_of(stored))
        except ValueError:
            messages.error(request, "The day is missing. Check the file again.")
            return redirect("register")
        except NotPossible as no:
            messages.error(request, f"{no.reason} Check the file again.")
            return redirect("register")
        messages.success(request, f"Imported: {plan.new} new people, {plan.current} brought up to date.")
        return redirect("register")
