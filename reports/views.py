"""The home page and the help page."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

import evaluation.run_sheet
import evaluation.waiting
import fund.call_queries
import fund.queries
import incentives.waiting
import proposals.queries
from lifecycle import clock
from people.enums import Role
from people.queries import role_names
from people.waiting import Waiting

SHOWN = 10  # in progress; the rest is one click away


# Pages that belong to a role: words, name of the route, who
TOOLS: tuple[tuple[str, str, set[str]], ...] = (
    ("My reviews", "my_reviews", {Role.REVIEWER}),
    ("Prepare a call", "call_new", {Role.SECRETARIAT}),
    (
        "Practice: judge invented proposals", "practices",
        {Role.SECRETARIAT, Role.HEAD, Role.AUDITOR, Role.REVIEWER, Role.CHAIR, Role.BOARD},
    ),
    (
        "Money and budget lines", "money",
        {Role.MAKER, Role.CHECKER, Role.SECRETARIAT, Role.HEAD, Role.BOARD, Role.AUDITOR},
    ),
    ("What one board member may decide", "board_limit", {Role.BOARD}),
    ("Appeals", "appeals", {Role.APPEALS, Role.HEAD, Role.SECRETARIAT, Role.AUDITOR}),
    ("Late answers to applicants", "late_decisions", {Role.HEAD, Role.SECRETARIAT, Role.BOARD}),
    ("Verified records", "hr_people", {Role.HR, Role.HRC, Role.RCSC, Role.AUDITOR}),
    ("Points policy", "policy_list", {Role.RCSC}),
    ("Nominations", "nomination_list", {Role.HR, Role.HRC, Role.RCSC}),
    ("Take-up of recognition", "take_up", {Role.RCSC}),
    ("Records to look at", "integrity", {Role.HEAD, Role.AUDITOR}),
    ("Contributions to recognise", "credit_list", {Role.SECRETARIAT, Role.HEAD, Role.AUDITOR}),
    ("Reviews and checks in time: let them count", "judging_work", {Role.SECRETARIAT, Role.CHAIR}),
    ("What is kept, and for how long", "keeping", {Role.HEAD, Role.AUDITOR}),
    ("Roles and who holds them", "role_list", {Role.ADMINISTRATOR, Role.AUDITOR}),
    ("Audit findings", "finding_list", {Role.AUDITOR}),
    ("Import the HR register", "register", {Role.ADMINISTRATOR, Role.RCSC}),
)  # fmt: skip


def _waiting(user: Any, roles: set[str]) -> list[Waiting]:
    """Return what waits in every room; a plain list of calls, no registry."""
    return [
        *proposals.queries.waiting_for(user, roles),
        *(replace(row, what=f"{row.what}: “{row.about}”", about="") for row in fund.queries.waiting_for(user)),
        *fund.call_queries.waiting_for(user, roles),
        *evaluation.waiting.waiting_for(user, roles),
        *evaluation.run_sheet.waiting_for(user, roles),
        *incentives.waiting.waiting_for(user, roles),
    ]


class Home(TemplateView):
    """My work: what waits for me across all roles, soonest first, and what I have in progress."""

    template_name = "reports/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Ask each room what waits for the person."""
        user: Any = self.request.user
        roles = role_names(user)
        waiting = sorted(_waiting(user, roles), key=lambda row: row.due or date.max)
        counts = Counter(row.part for row in waiting)
        part = self.request.GET.get("as", "")
        return super().get_context_data(
            waiting=[row for row in waiting if part not in counts or row.part == part],
            counts=counts.most_common() if len(counts) > 1 else [],
            part=part if part in counts else "",
            total=len(waiting),
            today=clock.today(),
            tools=[(words, route) for words, route, holders in TOOLS if roles & holders],
            in_progress=proposals.queries.in_progress_of(user, roles)[:SHOWN],
            open_calls=[call for call in fund.call_queries.going_on() if call.is_open][:50],
            **kwargs,
        )


@method_decorator(login_not_required, name="dispatch")
class Help(TemplateView):
    """How the fund works, in short, and whom to ask."""

    template_name = "reports/help.html"
