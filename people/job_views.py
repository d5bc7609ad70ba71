"""Background work as its requester sees it, and the files made for one person."""

from typing import cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import View

from documents.models import StoredFile
from documents.responses import attachment_response
from lifecycle.models import Job

from .handing_out import may_have
from .models import User


class JobProgress(View):
    """How far a piece of work is; when it is ready, the file."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show one's own job."""
        person = cast(User, request.user)
        job = get_object_or_404(Job, pk=pk, requested_by_id=person.pk)
        stored = StoredFile.objects.filter(pk=job.result, owner_id=person.pk).first() if job.result else None
        gone = stored is not None and not may_have(stored, person)
        return render(request, "people/job.html", {"job": job, "stored": stored, "gone": gone})


class OwnFile(View):
    """A file that was made for this person."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Hand it out to its owner alone, while what it depends on still holds."""
        person = cast(User, request.user)
        stored = get_object_or_404(StoredFile, pk=pk, owner_id=person.pk)
        if not may_have(stored, person):
            raise Http404
        return attachment_response(stored)
