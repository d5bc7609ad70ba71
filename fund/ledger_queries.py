"""Reads of budget lines and their ledger."""

from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum
from django.utils import timezone

from lifecycle.fiscal import fiscal_label
from people.models import User
from people.queries import blocked_cases

from . import balance
from .hidden import is_hidden_from
from .models import BudgetLine, Grant, LedgerEntry, Transfer
from .models.ledger import BudgetLineQuerySet


def entries_of(
    line: BudgetLine,
    reader: User,
    kind: str = "",
    since: date | None = None,
    until: date | None = None,
    words: str = "",
) -> QuerySet[LedgerEntry]:
    """Return the line's entries, newest first, with the `title` of the grant that moved the money.

    They are narrowed by kind, by days (both included, Thimphu time), and by words of that title. Of a grant that a
    conflict keeps the reader out of, an entry has no title and is `hidden`.
    """
    shown = Grant.objects.exclude(case__in=blocked_cases(reader))
    title = Subquery(shown.filter(case=OuterRef("case")).values("title")[:1])
    found = line.entries.select_related("line", "by", "reverses").annotate(title=title, hidden=is_hidden_from(reader))
    found = found.order_by("-seq")
    if words:
        found = found.filter(case__in=shown.filter(title__icontains=words).values("case"))
    if since:
        found = found.filter(at__gte=midnight(since))
    if until:
        found = found.filter(at__lt=midnight(until + timedelta(days=1)))
    return found.filter(kind=kind) if kind else found


def midnight(day: date) -> datetime:
    """Return the first moment of a day in Thimphu."""
    return datetime.combine(day, time.min, timezone.get_default_timezone())


def lines_of_year(year: int) -> BudgetLineQuerySet:
    """Return the budget lines of one fiscal year with their agencies."""
    return BudgetLine.objects.filter(fiscal_year=year).select_related("agency").order_by("code")


def years_known() -> list[int]:
    """Return the fiscal years that have a budget line, newest first."""
    return sorted(set(BudgetLine.objects.order_by().values_list("fiscal_year", flat=True).distinct()), reverse=True)


def years_to_choose(*also: int) -> list[tuple[int, str]]:
    """Return the fiscal years that have a budget line, and those given, newest first, each with its name."""
    return [(year, fiscal_label(year)) for year in sorted({*years_known(), *also}, reverse=True)]


def transfers_of(year: int | None = None, number: int = 0) -> QuerySet[Transfer]:
    """Return the transfers with lines and people, newest first, of one fiscal year or the one so numbered."""
    found = Transfer.objects.select_related("from_line", "to_line", "proposed_by", "decided_by")
    found = found.filter(from_line__fiscal_year=year) if year else found
    return found.filter(pk=number) if number else found


def sums_of(lines: QuerySet[BudgetLine]) -> dict[str, int]:
    """Return the totals of the lines by name, in chhetrum; `set_aside` is what is set aside now.

    Practice calls set nothing aside, so that nothing of them is in it. One query; fit for public pages.
    """
    sums = lines.order_by().aggregate(**{name: Sum(name) for name in balance.TOTALS})
    found = {name: sums[name] or 0 for name in balance.TOTALS}
    return found | {"set_aside": found["committed"] - found["released"]}


def not_yet_told(year: int) -> dict[int, int]:
    """Return line -> what is set aside for approvals that their teams have not been told of, in chhetrum.

    An approval sets its money aside at once, and becomes a grant when it is told. Public sums leave these out, as a
    rise would tell of the decision. One query.
    """
    told = Grant.objects.filter(case=OuterRef("case"))
    entries = LedgerEntry.objects.filter(~Exists(told), line__fiscal_year=year, case__isnull=False)
    found: dict[int, int] = {}
    for line, kind, amount, reverses in entries.values_list("line", "kind", "amount", "reverses__kind"):
        moves = balance.moves_of(kind, amount, reverses)
        found[line] = found.get(line, 0) + moves.get("committed", 0) - moves.get("released", 0)
    return found
