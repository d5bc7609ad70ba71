"""Reads beyond `.get`."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    CharField,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast, TruncDate
from django.urls import reverse
from django.utils import timezone

from lifecycle import clock
from lifecycle.fiscal import fiscal_bounds, fiscal_year
from lifecycle.prepared import prepared
from people.enums import LEAD_PARTS, TEAM_PARTS, Part, Role
from people.models import Agency, Involvement, User
from people.policies import in_force, parts_held
from people.queries import blocked_cases, role_names
from people.waiting import Waiting

from . import spent_queries
from .enums import (
    ACCOUNTS_OPEN,
    OPEN_MILESTONES,
    OPEN_REPORTS,
    RUNNING,
    AmendmentState,
    CloseOutState,
    FindingOffice,
    FindingState,
    GrantState,
    MilestoneState,
    ReportState,
    TrancheState,
)
from .ledger_queries import midnight
from .limits import RUNNING_GRANTS
from .models import (
    Amendment,
    CloseOut,
    Finding,
    Grant,
    Milestone,
    Reading,
    Report,
    Tranche,
)
from .models.finding import OFFICE_OF, OPEN_FINDINGS
from .office_waiting import for_the_checker, to_complete
from .payment_queries import too_early

ASKED = "asked"  # a reading past a stop rule that nobody has answered
# (kind, state) -> what to do, route of its page; an empty route is the grant's own page
TEAM_STEPS = {
    ("milestone", MilestoneState.IN_PROGRESS): ("Hand in milestone {}", "milestone_submit"),
    ("milestone", MilestoneState.RETURNED): ("Hand in milestone {} again", "milestone_submit"),
    ("report", ReportState.OPEN): ("Write the report on milestone {}", "report_submit"),
    ("report", ReportState.RETURNED): ("Improve the report on milestone {}", "report_submit"),
    ("quarter", ReportState.OPEN): ("Write quarterly report {}", "quarter_submit"),
    ("quarter", ReportState.RETURNED): ("Improve quarterly report {}", "quarter_submit"),
    ("tranche", TrancheState.RELEASED): ("Confirm that payment {} has arrived", "acknowledge"),
    ("tranche", TrancheState.ACKNOWLEDGED): ("Account for payment {}", "payment_account"),
    ("change", AmendmentState.MORE_INFO): ("Add what was asked to change {}", "change_more"),
    ("closing", CloseOutState.TO_DO): ("Close the grant: fill in the checklist", "closing"),
    ("reading", ASKED): ("Go on, change or stop?", "stop_answer"),
}
OFFICER_STEPS = {
    ("milestone", MilestoneState.SUBMITTED): (Role.SECRETARIAT, "Look at milestone {}", "accept"),
    ("report", ReportState.SUBMITTED): (Role.SECRETARIAT, "Look at the report on milestone {}", "accept"),
    ("quarter", ReportState.SUBMITTED): (Role.SECRETARIAT, "Look at quarterly report {}", "accept"),
    ("change", AmendmentState.SUBMITTED): (Role.SECRETARIAT, "Look at change {}", "grant_change"),
    ("closing", CloseOutState.HANDED_IN): (Role.CHECKER, "Close the accounts", "closing"),
    ("large_change", AmendmentState.SUBMITTED): (Role.BOARD, "Answer change {}", "grant_change"),
    ("tranche", TrancheState.RELEASABLE): (Role.MAKER, "Prepare payment {}", "prepare"),
    ("tranche", TrancheState.PREPARED): (Role.CHECKER, "Release payment {}", "pay"),
    ("receipts", TrancheState.ACKNOWLEDGED): (Role.MAKER, "Look at the receipts of payment {}", "payment_receipts"),
    ("rest", TrancheState.RELEASED): (Role.CHECKER, "Record what came back of payment {}", "payment_rest"),
    ("rest", TrancheState.ACKNOWLEDGED): (Role.CHECKER, "Record what came back of payment {}", "payment_rest"),
}
MODEL_OF = {"quarter": "report"}
OPEN_IN = {  # kind -> states of a grant in which its steps wait; else while it runs or stops
    **dict.fromkeys(("tranche", "receipts", "rest"), ACCOUNTS_OPEN),
    **dict.fromkeys(("milestone", "report", "quarter"), (GrantState.ACTIVE,)),
}
CLOSING_STEPS = {
    CloseOutState.TO_DO: "The lead fills in the close-out checklist",
    CloseOutState.HANDED_IN: "Finance closes the accounts",
}  # fmt: skip
NO_PLACE, NO_DAY = Value(0, output_field=IntegerField()), Cast(Value(None), DateField())
Cases = QuerySet[Involvement, UUID] | tuple[UUID, ...]
SIGN, CONFIRM = "Sign the agreement", "Confirm the early stop"


def _team(user: User, parts: Sequence[Part]) -> Cases:
    """Return the cases in which the person has one of the parts now, for a subquery."""
    return Involvement.objects.filter(in_force(), person=user, part__in=parts).values_list("case", flat=True)


def _states(table: dict[Any, Any], kind: str, role: Role | None = None) -> list[str]:
    return [state for (what, state), row in table.items() if what == kind and (role is None or row[0] == role)]


def _for_part(kind: str, cases: Cases, roles: frozenset[str]) -> Q | None:
    """Return the filter of one kind of part: the own team's steps, and those of each role held; None for none."""
    own = [] if cases == () else _states(TEAM_STEPS, kind)
    office = [state for role in roles for state in _states(OFFICER_STEPS, kind, Role(role))]
    wanted = Q(grant__case__in=cases, state__in=own) if own else None
    if not office:
        return wanted
    others = Q(state__in=office) & (Q() if cases == () else ~Q(grant__case__in=cases))
    return others if wanted is None else wanted | others


def _rows(found: Any, kind: str, place: Any, title: str, case: Any, due: Any) -> Any:
    """Return the rows of one model in the columns that all kinds share, for the union."""
    columns = {
        "row_kind": Value(kind, output_field=CharField()), "place": place, "step": Cast(F("state"), CharField()),
        "about": F(title), "of_case": F(case) if isinstance(case, str) else case, "day": due,
    }  # fmt: skip
    return found.annotate(**columns).order_by().values_list("pk", *columns, named=True)


def waiting_on(grant: Grant, user: User) -> list[Waiting]:
    """Return what waits for the person on a grant that they may read, without the grant's own buttons; one query."""
    parts = parts_held(grant.case, user)
    found = _waiting_in(
        grant.case, user, roles=frozenset(role_names(user)), leads=not parts.isdisjoint(LEAD_PARTS),
        in_team=not parts.isdisjoint(TEAM_PARTS), year=fiscal_year(clock.today()),
    )  # fmt: skip
    return _sorted([row for row in map(_row, found) if row.what not in (SIGN, CONFIRM)])


@prepared
def _waiting_in(
    case: UUID, user: User, *, roles: frozenset[str], leads: bool, in_team: bool, year: int
) -> Any:  # fmt: skip
    """Return what waits on one grant, which is one that no conflict keeps the person out of."""
    led, teams = (case,) if leads else (), (case,) if in_team else ()
    found = [_grants_waiting(user, roles, led), *_parts_waiting(user, roles, teams, led, year)]
    found = [rows.filter(of_case=case) for rows in (*found, _findings_waiting(user, roles, led))]
    return found[0].union(*found[1:], all=True)


def waiting_for(user: User) -> list[Waiting]:
    """Return what waits for the person on grants, soonest first, what has no day last; one query, and their roles."""
    roles, (led, teams) = frozenset(role_names(user)), (_team(user, parts) for parts in (LEAD_PARTS, TEAM_PARTS))
    found = [_grants_waiting(user, roles, led)]
    if Role.SECRETARIAT in roles:
        found.append(_rows(to_complete(user), "complete", NO_PLACE, "title", "case", NO_DAY))
    found += _parts_waiting(user, roles, teams, led, fiscal_year(clock.today()))
    found = [rows.exclude(of_case__in=blocked_cases(user)) for rows in found]
    rows = [_row(row) for row in found[0].union(*found[1:], _findings_waiting(user, roles, led), all=True)]
    return _sorted(rows + (for_the_checker(user) if Role.CHECKER in roles else []))


def _sorted(rows: list[Waiting]) -> list[Waiting]:
    return sorted(rows, key=lambda w: (w.due is None, w.due or date.min, w.what))


def _grants_waiting(user: User, roles: frozenset[str], led: Cases) -> Any:
    """Return the grants to sign, and for the secretariat those whose stop waits to be confirmed."""
    unsigned = Q(sponsor=user, signed_by_sponsor_at=None) | Q(signed_by_lead_at=None, case__in=led)
    wanted = Q(state=GrantState.OFFERED, offer_expires_at__gt=clock.now()) & unsigned
    if Role.SECRETARIAT in roles:
        wanted |= Q(state=GrantState.STOPPING)
    return _rows(Grant.objects.filter(wanted), "grant", NO_PLACE, "title", "case", TruncDate("offer_expires_at"))


def _parts_waiting(user: User, roles: frozenset[str], teams: Cases, led: Cases, year: int) -> list[Any]:
    """Return by kind the parts of grants with a step for the person, without the kinds that have none."""
    asking = Reading.objects.filter(stops=True, answer=None, grant__state=GrantState.ACTIVE, grant__case__in=led)
    found = []
    for kind, table, place, due in (
        ("change", Amendment.objects.filter(~Q(state=AmendmentState.SUBMITTED) | Q(small=True)), F("number"), NO_DAY),
        ("large_change", Amendment.objects.filter(small=False), F("number"), NO_DAY),
        ("closing", CloseOut.objects.all(), NO_PLACE, NO_DAY),
        ("reading", asking.annotate(state=Value(ASKED)), Cast(F("pk"), IntegerField()), F("measured_on")),
        ("milestone", Milestone.objects.all(), F("position"), F("due_on")),
        ("report", Report.objects.filter(quarter=None), F("milestone__position"), F("due_on")),
        ("quarter", Report.objects.filter(milestone=None), F("quarter"), F("due_on")),
        ("tranche", _payments_waiting(user, year), F("position"), NO_DAY),
        ("receipts", spent_queries.with_receipts_to_look_at(user), F("position"), NO_DAY),
        ("rest", spent_queries.with_a_rest_to_take_back(user), F("position"), NO_DAY),
    ):
        wanted = _for_part(kind, teams, roles)
        if wanted is None:
            continue
        parts = table.filter(wanted)
        parts = parts if kind == "closing" else parts.filter(grant__state__in=OPEN_IN.get(kind, RUNNING))
        found.append(_rows(parts, kind, place, "grant__title", "grant__case", due))
    return found


def _payments_waiting(user: User, year: int) -> QuerySet[Tranche]:
    """Return the payments that somebody can take a step with now, as far as their own row tells."""
    unsent = Q(state=TrancheState.RELEASED, in_file=None)  # it cannot have arrived before it went to the bank
    return spent_queries.payments_with_a_step(user).exclude(unsent | too_early(year))


def _findings_waiting(user: User, roles: frozenset[str], led: Cases) -> Any:
    """Return the findings that the person answers, and for an auditor those that were answered."""
    asked = Q(office=FindingOffice.TEAM, grant__case__in=led)
    asked |= Q(office__in={OFFICE_OF[Role(role)] for role in roles if role in OFFICE_OF})
    mine = Q(state=FindingState.RAISED) & asked
    if Role.HEAD in roles:
        mine |= Q(state=FindingState.ESCALATED)
    if Role.AUDITOR in roles:
        mine |= Q(state=FindingState.ANSWERED)
    kept_out = Grant.objects.filter(case__in=blocked_cases(user)).values("pk")
    found = Finding.objects.filter(mine).exclude(raised_by=user, state=FindingState.RAISED).exclude(grant__in=kept_out)
    return _rows(
        found, "finding", Cast(F("pk"), IntegerField()), "title", Cast(F("grant__case"), UUIDField()), F("due_on")
    )


def _row(row: Any) -> Waiting:
    if row.row_kind == "finding":
        answered = row.step == FindingState.ANSWERED
        words = "Look at the answer to a finding" if answered else "Answer a finding of the audit"
        part = Role.AUDITOR.label if answered else "Audit"
        return Waiting(words, row.about, reverse("finding", args=[row.place]), row.day, part=part)
    if row.row_kind == "grant":
        path = reverse("grant_detail", args=[row.of_case])
        offered = row.step == GrantState.OFFERED
        if offered:
            return Waiting(SIGN, row.about, path, row.day, part="Agreements to sign")
        return Waiting(CONFIRM, row.about, path, part=Role.SECRETARIAT.label)
    if row.row_kind == "complete":
        path = reverse("grant_detail", args=[row.of_case])
        return Waiting("Complete the grant", row.about, path, part=Role.SECRETARIAT.label)
    step = (row.row_kind, row.step)
    part, words, route = ("Team", *TEAM_STEPS[step]) if step in TEAM_STEPS else OFFICER_STEPS[step]
    if route == "closing":
        path = reverse(route, args=[row.of_case])
    elif "_" in route:
        path = reverse(route, args=[row.of_case, row.place])
    else:
        path = reverse("act", args=[f"fund.{MODEL_OF.get(row.row_kind, row.row_kind)}", row.pk, route])
    return Waiting(words.format(row.place), row.about, path, row.day, part=str(getattr(part, "label", part)))


DUE_WITHIN = {"late": -1, "week": 7, "month": 30}  # days from today; what is late was due yesterday
DUE_WORDS = {"late": "Late", "week": "Due within 7 days, or late", "month": "Due within 30 days, or late"}


def grants_for(
    user: User, words: str = "", state: str = "", agency: str = "", due: str = "", year: int | None = None
) -> QuerySet[Grant]:
    """Return visible grants for the list page with their open steps, narrowed by words, state, agency and what is due.

    `due` is a key of DUE_WITHIN: the team of a running grant has a milestone or a report to hand in by then. In a
    fiscal year are the grants whose money is set aside in it, and those that were paid from it before the carry.
    """
    steps = Milestone.objects.filter(state__in=OPEN_MILESTONES).order_by("due_on", "pk")
    reports = Report.objects.filter(state__in=OPEN_REPORTS).select_related("milestone").order_by("due_on", "pk")
    found = Grant.objects.visible_to(user).select_related("lead_agency", "lead", "close_out")
    found = found.prefetch_related(
        Prefetch("milestones", steps, to_attr="open_steps"), Prefetch("reports", reports, to_attr="open_reports")
    )
    if words:
        found = found.filter(title__icontains=words)
    if state in GrantState.values:
        found = found.filter(state=state)
    if agency:
        found = found.filter(lead_agency__code=agency)
    if year:
        paid = Tranche.objects.filter(grant=OuterRef("pk"), paid_from__fiscal_year=year)
        found = found.filter(Q(line__fiscal_year=year) | Exists(paid))
    if due in DUE_WITHIN:
        day = clock.today() + timedelta(days=DUE_WITHIN[due])
        own = {"grant": OuterRef("pk"), "due_on__lte": day}
        waits = Q(Exists(Milestone.objects.filter(state__in=OPEN_MILESTONES, **own)))
        waits |= Q(Exists(Report.objects.filter(state__in=OPEN_REPORTS, **own)))
        found = found.filter(waits, state=GrantState.ACTIVE)
    return found


def next_due(grant: Any) -> tuple[str, date | None, bool]:
    """Return what of a grant of `grants_for` is due next, by which day, and whether that is over; no query."""
    if grant.state == GrantState.OFFERED:
        last = timezone.localtime(grant.offer_expires_at - timedelta(seconds=1)).date()
        return "Both signatures", last, last < clock.today()
    if grant.state != GrantState.ACTIVE:
        close_out = getattr(grant, "close_out", None)
        return CLOSING_STEPS.get(close_out.state, "") if close_out else "", None, False
    coming = sorted([*grant.open_steps, *grant.open_reports], key=lambda part: part.due_on)
    if not coming:
        return "All handed in: the secretariat completes it", None, False
    return str(coming[0]), coming[0].due_on, coming[0].due_on < clock.today()


def agencies_with_grants(user: User) -> list[tuple[str, str]]:
    """Return (code, name) of the agencies that lead a grant which the user sees; one query."""
    known = Grant.objects.visible_to(user).order_by().values("lead_agency")
    return list(Agency.objects.filter(pk__in=known).order_by("name").values_list("code", "name"))


def findings_for(
    user: User, words: str = "", state: str = "", office: str = "", late: str = "", year: int | None = None
) -> QuerySet[Finding]:
    """Return visible findings for the list, narrowed by words of the title, state, office, lateness and fiscal year."""
    found = Finding.objects.visible_to(user).select_related("grant", "tranche", "line", "raised_by")
    found = found.filter(title__icontains=words) if words else found
    found = found.filter(state=state) if state else found
    found = found.filter(office=office) if office else found
    if year:
        first, last = fiscal_bounds(year)
        found = found.filter(raised_at__gte=midnight(first), raised_at__lt=midnight(last + timedelta(days=1)))
    return found.filter(state__in=OPEN_FINDINGS, due_on__lt=clock.today()) if late else found


def running_grants_of(people: list[User]) -> dict[int, int]:
    """Return person id -> how many grants they lead that are running; one query, people without one left out."""
    found = Grant.objects.filter(lead__in=people, state__in=RUNNING).order_by().values_list("lead")
    return dict(found.annotate(count=Count("pk")))


def has_room_for_grant(person: User) -> bool:
    """Tell whether the person could sign one more grant as lead."""
    return running_grants_of([person]).get(person.pk, 0) < RUNNING_GRANTS


PARTS = {
    "milestone": lambda grant: grant.milestones,
    "report": lambda grant: (
        grant.reports.filter(quarter=None).select_related("milestone").annotate(position=F("milestone__position"))
    ),
    "quarter": lambda grant: grant.reports.filter(milestone=None).annotate(position=F("quarter")),
    "payment": lambda grant: grant.tranches.select_related("after", "prepared_by", "released_by"),
}


def part_of(grant: Grant, kind: str, position: int) -> Any:
    """Return a milestone, report or payment of the grant by its place; ObjectDoesNotExist when there is none."""
    if kind not in PARTS:
        raise Grant.DoesNotExist
    part = PARTS[kind](grant).get(position=position)
    part.grant = grant
    return part


def readings_of(grant: Grant) -> QuerySet[Reading]:
    """Return the newest 50 readings, each with who wrote it and its answer."""
    return grant.readings.select_related("by", "answer__by")[:50]
