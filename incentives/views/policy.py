"""The points policy: all versions, one version in words, what differs, and a new draft."""

import json
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import ListView, View

from lifecycle.errors import NotPossible
from lifecycle.performing import available
from people.enums import Role
from people.models import User
from people.paging import OpenPaginator
from people.policies import holds
from people.timeline import timeline_of
from people.views import visible_or_404

from ..disclosure import HOW
from ..enums import PolicyState
from ..forms import CommentForm, PolicyForm
from ..models import PolicyVersion
from ..policies import is_rcsc
from ..rules.differences import differences
from ..rules.loading import PolicyFault
from ..rules.steps import in_points
from ..services import simulation, versions

COMMENTS = 20  # on a page
sees_simulations = holds(Role.RCSC, Role.AUDITOR)

WORDS = {
    "policy_added": "prepared it", "commented": "said something about it",
    "consult": "approved it after the consultation",
    "approve": "approved it as second person", "take_effect": "let it take effect", "give_way": "let it give way",
    "suspend_policy": "suspended it", "resume_policy": "let it hold again", "withdraw_version": "withdrew it",
}  # fmt: skip


class PolicyList(ListView[PolicyVersion]):
    """Every version that one may read, the newest first."""

    template_name = "incentives/policy_list.html"

    def get_queryset(self) -> QuerySet[PolicyVersion]:
        """Return what the reader may see."""
        return PolicyVersion.objects.visible_to(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether the reader prepares versions."""
        return super().get_context_data(prepares=is_rcsc(None, self.request.user), **kwargs)


class PolicyDetail(View):
    """One version of the points policy, in words, and what people say about it while it is a draft."""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show codes, limits and rules."""
        return self._page(request, visible_or_404(PolicyVersion, request.user, name=name), CommentForm())

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        """Say something about a draft."""
        row, form = visible_or_404(PolicyVersion, request.user, name=name), CommentForm(request.POST)
        if form.is_valid():
            try:
                versions.comment(row, by=cast(User, request.user), text=form.cleaned_data["text"])
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                messages.success(request, "Sent. The RCSC reads it before two people approve the version.")
                return redirect(row)
        return self._page(request, row, form)

    def _page(self, request: HttpRequest, row: PolicyVersion, form: CommentForm) -> HttpResponse:
        rules = row.rules
        page = OpenPaginator(row.comments.all(), COMMENTS).get_page(request.GET.get("page"))
        codes = [(code.label, in_points(rules.base(key, "explore", "open")), code.evidence, code.verified_by)
                 for key, code in rules.codes.items()]  # fmt: skip
        context = {
            "version": row, "rules": rules, "codes": codes, "actions": available(row, request.user),
            "model_key": "incentives.policyversion", "year_cap": in_points(rules.year_cap_tenths),
            "others": PolicyVersion.objects.visible_to(request.user).standing().exclude(pk=row.pk),
            "simulates": sees_simulations(None, request.user),
            "earn": versions.earnings(rules), "timeline": timeline_of(row, WORDS, without=("commented",)),
            "comments": list(page), "page_obj": page, "is_paginated": page.has_other_pages(), "form": form,
            "has_errors": bool(form.errors), "open": row.state == PolicyState.DRAFT,
        }  # fmt: skip
        return render(request, "incentives/policy_detail.html", context, status=400 if form.errors else 200)


class PolicyDifferences(View):
    """Every key that differs between two versions."""

    def get(self, request: HttpRequest, name: str, other: str) -> HttpResponse:
        """Show both values of each."""
        new, old = (visible_or_404(PolicyVersion, request.user, name=one) for one in (name, other))
        found = differences(json.loads(old.data), json.loads(new.data))
        return render(request, "incentives/policy_differences.html", {"new": new, "old": old, "found": found})


class Simulate(View):
    """What a version would change, by group, and what each kind of project can earn: against the one in force."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Exists only for the RCSC and auditors."""
        if not sees_simulations(None, request.user):
            raise Http404
        self.version = visible_or_404(PolicyVersion, request.user, name=kwargs["name"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the newest answer."""
        found = simulation.newest(self.version)
        context = {
            "version": self.version, "simulation": found, "job": simulation.running(self.version),
            "columns": simulation.COLUMNS, "how": HOW,
            "rule_columns": simulation.RULE_COLUMNS, "asks": is_rcsc(None, request.user),
            "earn": simulation.earnings_beside(self.version, found.against) if found else [],
        }  # fmt: skip
        return render(request, "incentives/policy_simulation.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for it; it runs in the background with progress."""
        try:
            simulation.ask(self.version, by=cast(User, request.user))
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from None
            messages.error(request, no.reason)
        return redirect("policy_simulation", name=self.version.name)


class NewPolicy(View):
    """A draft, as text of its data; every fault is named by its key."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Exists only for the RCSC."""
        if not is_rcsc(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the newest version as a start."""
        newest = PolicyVersion.objects.standing().first()
        data = json.loads(newest.data) if newest else versions.standard_policy()
        text = json.dumps(data, indent=1, ensure_ascii=False)
        return self._page(request, PolicyForm(initial={"rules": text}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check and store it."""
        form = PolicyForm(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            try:
                with transaction.atomic():
                    row = versions.add_draft(
                        by=cast(User, request.user), data=said["rules"], valid_from=said["valid_from"]
                    )
            except PolicyFault as no:
                for fault in no.faults:
                    form.add_error("rules", fault)
            except NotPossible as no:
                form.add_error("valid_from", no.reason)
            except IntegrityError:  # two drafts at the same moment
                form.add_error(None, "A version of this name, or one that begins on this day, exists already.")
            else:
                messages.success(
                    request, "The draft is stored and can be read by all. Two people approve it before it takes effect."
                )
                return redirect(row)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: PolicyForm) -> HttpResponse:
        context = {"form": form, "has_errors": bool(form.errors)}
        return render(request, "incentives/policy_form.html", context, status=400 if form.errors else 200)
