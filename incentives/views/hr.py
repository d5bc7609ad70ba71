"""What HR sees: verified records of its own people, met or not met, never a number."""

from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import ListView

from lifecycle.errors import NotPossible
from people.enums import Role
from people.models import Agency, User
from people.paging import OpenPaginator
from people.policies import holds
from people.services.access import log_look, log_looks

from .. import hr_queries, marks, queries
from ..enums import Answer, FactKind, FactValue
from ..forms import FactForm
from ..models import Nomination
from ..models.nomination import changed_since_check
from ..policies import may_evaluate
from ..services import checking, eligibility, facts, files, grounds
from .purpose import AsksPurpose

sees_records = holds(Role.HR, Role.HRC, Role.RCSC, Role.AUDITOR)
checks_rules = holds(Role.HR, Role.RCSC)


class ForHr(AsksPurpose):
    """Base: exists only for those who may see verified records, and asks once a session why they look."""

    asked_on = ("GET", "HEAD", "POST")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer others as if there were no such page; ask for the purpose before anything is shown."""
        if not sees_records(None, request.user):
            raise Http404
        self.find(**kwargs)
        return super().dispatch(request, *args, **kwargs)

    def says_purpose(self) -> bool:
        """Everybody who sees verified records says why."""
        return True

    def find(self, **kwargs: Any) -> None:
        """Load what the address names; Http404 when there is none for this user."""


class People(ForHr, ListView[User]):
    """The people with verified records, by name, with which rules are met."""

    template_name = "incentives/people.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[User]:
        """Return own people, narrowed by the filters of the address."""
        self.own = hr_queries.hr_agencies(self._user)
        found = hr_queries.listed_for_hr(self._user, hr_queries.Wanted.from_query(self.request.GET), self.own)
        return found.select_related("record_holder__run").annotate(changed=changed_since_check("pk"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add filters and purpose; write down whose standing is being looked at, once a day each."""
        context = super().get_context_data(**kwargs)
        what = f"List of verified records: {self.why}"
        people = hr_queries.still_there(context["object_list"], self.own)
        log_looks(viewer=self._user, people=hr_queries.not_yet_logged(self._user, people, what), what=what)
        everywhere = self.own is None
        return context | {
            "people": people, "contested": marks.under_second_look(person.pk for person in people), "why": self.why,
            "wanted": hr_queries.Wanted.from_query(self.request.GET), "notice": files.NOTICE,
            "answers": Answer.choices, "words": files.ANSWERS, "everywhere": everywhere,
            "agencies": Agency.objects.filter(until=None).values_list("code", "name") if everywhere else [],
            "checks": checks_rules(None, self._user),
        }  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for the xlsx of this list, or for a check of the rules for everybody."""
        if "check" in request.POST and checks_rules(None, self._user):
            try:
                return redirect("job", pk=checking.ask_for_all(by=self._user, why=self.why).pk)
            except NotPossible as no:
                messages.error(request, no.reason)
                return redirect("hr_people")
        wanted = hr_queries.Wanted.from_query(request.GET)
        return redirect("job", pk=files.ask_for_cohort(by=self._user, wanted=wanted, why=self.why).pk)

    @property
    def _user(self) -> User:
        return cast(User, self.request.user)


class OfPerson(ForHr):
    """Base: one of one's own people, on the list or nominated."""

    person: User

    def find(self, **kwargs: Any) -> None:
        """Load the person."""
        people = queries.files_for(cast(User, self.request.user))
        self.person = get_object_or_404(people, employee_number=kwargs["number"])


class PersonFile(OfPerson):
    """One person's file; each look is logged and shown to the person."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show verified records with their evidence, and met / not met."""
        viewer = cast(User, request.user)
        log_look(viewer=viewer, person=self.person, what=f"File for the HR committee: {self.why}")
        file = hr_queries.hr_file(self.person)
        context = {
            "person": self.person, "file": file, "notice": files.NOTICE, "why": self.why,
            "since": grounds.since_check(self.person, file.checked_at),
            "answers": files.ANSWERS, "marks": files.MARKS, "notes_facts": may_evaluate(self.person, viewer),
            "nominations": Nomination.objects.visible_to(viewer).filter(person=self.person),
        }  # fmt: skip
        return render(request, "incentives/person_file.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Check the rules as of today, or ask for the PDF annex."""
        viewer = cast(User, request.user)
        if "annex" in request.POST:
            return redirect("job", pk=files.ask_for_annex(by=viewer, person=self.person, why=self.why).pk)
        try:
            eligibility.run(by=viewer, person=self.person)
        except NotPossible as no:
            messages.error(request, no.reason)
        else:
            log_look(viewer=viewer, person=self.person, what=f"Rules checked: {self.why}")
            messages.success(request, "The rules were checked as of today.")
        return redirect("person_file", number=self.person.employee_number)


class NoteFact(OfPerson):
    """A fact that only HR knows, with its source and day."""

    def find(self, **kwargs: Any) -> None:
        """Load the person; the HR committee and auditors only read."""
        super().find(**kwargs)
        if not may_evaluate(self.person, self.request.user):
            raise Http404

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask; the look is logged and shown to the person."""
        log_look(viewer=cast(User, request.user), person=self.person, what=f"File for the HR committee: {self.why}")
        return self._page(request, FactForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Note it."""
        form = FactForm(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            try:
                facts.record_fact(
                    by=cast(User, request.user), person=self.person, kind=FactKind(said["kind"]),
                    value=FactValue(said["value"]), as_of=said["as_of"], source=said["source"],
                )  # fmt: skip
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                viewer = cast(User, request.user)
                log_look(viewer=viewer, person=self.person, what=f"A fact of HR noted: {self.why}")
                messages.success(request, "Noted. Check the rules again to see what it changes.")
                return redirect("person_file", number=self.person.employee_number)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: FactForm) -> HttpResponse:
        context = {"person": self.person, "form": form, "has_errors": bool(form.errors)}
        return render(request, "incentives/fact_form.html", context, status=400 if form.errors else 200)
