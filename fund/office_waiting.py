"""What waits for the offices beside single steps of a grant: grants to complete, transfers, the year end, the bank."""

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast
from django.urls import reverse

from people.enums import Role
from people.models import User
from people.queries import blocked_cases
from people.templatetags.fund import money
from people.waiting import Waiting

from .enums import (
    NOT_SENT,
    SETTLED,
    UNPAID,
    GrantState,
    MilestoneState,
    ReportState,
    TrancheState,
    TransferState,
    YearEndState,
)
from .models import Grant, Milestone, Report, Tranche, Transfer, YearEndItem
from .payment_queries import free_for

DONE = (TrancheState.ACCOUNTED, TrancheState.CANCELLED)
QUIET = (ReportState.ACCEPTED, ReportState.SKIPPED, ReportState.SCHEDULED)


def to_complete(user: User) -> QuerySet[Grant]:
    """Return the running grants in which nothing is left but the secretariat's word that they are completed."""
    own = {"grant": OuterRef("pk")}
    later = Tranche.objects.filter(grant=OuterRef("grant"), position__gt=OuterRef("position"))
    open_part = Tranche.objects.filter(**own).exclude(state__in=DONE)
    waits = Q(state__in=UNPAID, position__gt=1) & ~Exists(later)  # the last of several waits for the close-out
    found = Grant.objects.filter(state=GrantState.ACTIVE, disbursed=F("spent") + F("refunded"))
    found = found.filter(Exists(Milestone.objects.filter(state=MilestoneState.ACCEPTED, **own)))
    found = found.exclude(Exists(Milestone.objects.filter(**own).exclude(state__in=SETTLED)))
    found = found.exclude(Exists(Report.objects.filter(**own).exclude(state__in=QUIET)))
    return found.exclude(Exists(open_part.exclude(waits))).exclude(case__in=blocked_cases(user))


def for_the_checker(user: User) -> list[Waiting]:
    """Return transfers, items of a year end and payments for the bank that wait for a second person; one query."""
    transfers = Transfer.objects.filter(state=TransferState.PROPOSED).exclude(proposed_by=user)
    items = YearEndItem.objects.visible_to(user).filter(state=YearEndState.PREPARED).exclude(prepared_by=user)
    unsent = free_for(user).filter(state=TrancheState.RELEASED, in_file=None).exclude(grant__state__in=NOT_SENT)
    kinds = (("transfers", transfers, Value("")), ("year_end", items, Cast("line__fiscal_year", CharField())),
             ("bank", unsent, Value("")))  # fmt: skip
    parts = [
        rows.order_by().annotate(kind=Value(kind, output_field=CharField()), about=Cast(about, CharField()))
        .values("kind", "about").annotate(count=Count("pk"), total=Sum("amount"))
        .values_list("kind", "about", "count", "total")
        for kind, rows, about in kinds
    ]  # fmt: skip
    found = parts[0].union(*parts[1:], all=True)
    return [_line(*row) for row in sorted(found)]


def _line(kind: str, about: str, count: int, total: int) -> Waiting:
    said = f"{count}, {money(total)} together"
    if kind == "transfers":
        words, path = "Decide on transfers between budget lines", reverse("transfers")
    elif kind == "year_end":
        words, path = f"Confirm the year end of {about}", reverse("year_end", args=[about])
    else:
        words, path = "Send released payments to the bank", reverse("bank")
    return Waiting(words, said, path, part=Role.CHECKER.label)
