"""What HR sees: verified records of its own people, met or not met, never a number."""

from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import ListView, View

from lifecycle.errors import NotPossible
from people.enums import Role
from people.models import User
from people.paging import OpenPaginator
from people.policies import holds
from people.services.access import log_look

from .. import queries
from ..models import Nomination
from ..services import eligibility, files

sees_records = holds(Role.HR, Role.HRC, Role.RCSC, Role.AUDITOR)


class ForHr(View):
    """Base: exists only for those who may see verified records."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer others as if there were no such page."""
        if not sees_records(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class People(ForHr, ListView[User]):
    """The people with verified records, by name."""

    template_name = "incentives/people.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[User]:
        """Return own people, narrowed by the words searched for."""
        return queries.people_for_hr(cast(User, self.request.user), self.request.GET.get("q", "").strip()[:100])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the search words."""
        return super().get_context_data(q=self.request.GET.get("q", "").strip()[:100], notice=files.NOTICE, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for the xlsx of this list."""
        job = files.ask_for_cohort(by=cast(User, request.user), words=request.POST.get("q", "").strip()[:60])
        return redirect("job", pk=job.pk)


class PersonFile(ForHr):
    """One person's file; each look is logged and shown to the person."""

    person: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load one of one's own people."""
        if not sees_records(None, request.user):
            raise Http404
        people = queries.people_for_hr(cast(User, request.user))
        self.person = get_object_or_404(people, employee_number=kwargs["number"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show verified records and met / not met."""
        viewer = cast(User, request.user)
        log_look(viewer=viewer, person=self.person, what="File for the HR committee")
        context = {
            "person": self.person, "file": queries.hr_file(self.person), "notice": files.NOTICE,
            "answers": files.ANSWERS, "marks": files.MARKS,
            "nominations": Nomination.objects.visible_to(viewer).filter(person=self.person),
        }  # fmt: skip
        return render(request, "incentives/person_file.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Check the rules as of today, or ask for the PDF annex."""
        viewer = cast(User, request.user)
        if "annex" in request.POST:
            return redirect("job", pk=files.ask_for_annex(by=viewer, person=self.person).pk)
        try:
            eligibility.run(by=viewer, person=self.person)
        except NotPossible as no:
            messages.error(request, no.reason)
        else:
            messages.success(request, "The rules were checked as of today.")
        return redirect("person_file", number=self.person.employee_number)
