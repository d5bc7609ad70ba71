"""Budget lines and the append-only ledger. All amounts are integer chhetrum."""

from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifecycle.fiscal import fiscal_label
from people.enums import Sector

from .. import balance
from ..closed_lines import lines_closed_to
from ..enums import EntryKind
from ..policies import sees_money

SHARE_LIMIT = 10_000  # basis points: 100 %


class BudgetLineQuerySet(models.QuerySet["BudgetLine"]):
    """Budget lines by what one may see."""

    def visible_to(self, user: Any) -> "BudgetLineQuerySet":
        """Return the lines to finance, secretariat, board and auditors without those closed to them, none to others."""
        if user is not None and user.is_authenticated and sees_money(None, user):
            return self.open_to(user)
        return self.none()

    def open_to(self, user: Any) -> "BudgetLineQuerySet":
        """Leave out the lines whose figures would tell the person of a decision before its day."""
        return self.exclude(pk__in=lines_closed_to(user))


class BudgetLine(models.Model):
    """The innovation budget of one agency (or of the fund) in one fiscal year, with running totals.

    The totals change only through `services.ledger`, with F() in the transaction of an entry.
    """

    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=150)
    agency = models.ForeignKey("people.Agency", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sector = models.CharField(max_length=20, choices=Sector, blank=True)
    fiscal_year = models.PositiveSmallIntegerField(help_text="The year it starts in.")
    target_share_bp = models.PositiveIntegerField(default=100, help_text="Basis points of the programme budget.")
    programme_budget = models.BigIntegerField(default=0)
    allocated = models.BigIntegerField(default=0)
    allocated_for_year = models.BigIntegerField(
        default=0, help_text="Allocations and transfers alone, without what is carried in or returned."
    )
    committed = models.BigIntegerField(default=0)
    released = models.BigIntegerField(default=0)
    disbursed = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)

    objects = BudgetLineQuerySet.as_manager()

    class Meta:
        ordering = ["-fiscal_year", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(programme_budget__gte=0, allocated__gte=0, disbursed__gte=0, spent__gte=0, refunded__gte=0),
                name="line_totals_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(released__gte=0, released__lte=F("committed")), name="line_released_within_committed"
            ),
            models.CheckConstraint(
                condition=Q(committed__lte=F("released") + F("allocated") + F("refunded")),
                name="line_committed_within_allocated",
            ),
            models.CheckConstraint(
                condition=Q(disbursed__lte=F("committed") - F("released")), name="line_disbursed_within_committed"
            ),
            models.CheckConstraint(
                condition=Q(disbursed__gte=F("spent") + F("refunded")), name="line_spent_within_disbursed"
            ),
            models.CheckConstraint(condition=Q(target_share_bp__lte=SHARE_LIMIT), name="line_target_share_percent"),
            models.CheckConstraint(condition=Q(sector__in=["", *Sector.values]), name="line_sector_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.year_label}"

    def get_absolute_url(self) -> str:
        """Return the line's page."""
        return reverse("budget_line", args=[self.code])

    @property
    def public_name(self) -> str:
        """Return what the public page calls the line: its agency, and a line of none by its own name."""
        return self.agency.name if self.agency else self.name

    @property
    def totals(self) -> dict[str, int]:
        """Return the running totals by name."""
        return {name: getattr(self, name) for name in balance.TOTALS}

    @property
    def available(self) -> int:
        """Return what may still be set aside."""
        return balance.available(self.totals)

    @property
    def open_commitments(self) -> int:
        """Return what is set aside: committed without what was set free again."""
        return self.committed - self.released

    @property
    def target(self) -> int:
        """Return the amount that the target share of the programme budget asks for, floored."""
        return self.programme_budget * self.target_share_bp // SHARE_LIMIT

    @property
    def meets_target(self) -> bool | None:
        """Tell whether the share is met; None where no programme budget is known."""
        return self.allocated_for_year >= self.target if self.programme_budget else None

    @property
    def share_reached(self) -> Decimal | None:
        """Return which part of the programme budget is allocated for the year, in percent to two places."""
        if not self.programme_budget:
            return None
        return (Decimal(self.allocated_for_year * 100) / self.programme_budget).quantize(Decimal("0.01"), ROUND_DOWN)

    @property
    def target_percent(self) -> Decimal:
        """Return the target share in percent."""
        return Decimal(self.target_share_bp) / 100

    @property
    def year_label(self) -> str:
        """Return the fiscal year as people write it, e.g. 2026-27."""
        return fiscal_label(self.fiscal_year)


class LedgerEntry(models.Model):
    """One movement of money; never updated, never deleted: a mistake is a reversal."""

    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=EntryKind)
    amount = models.BigIntegerField()
    source = models.CharField(max_length=120, help_text="What caused it, e.g. `case:act:n`.")
    case = models.UUIDField(null=True, db_index=True)
    balance_after = models.BigIntegerField()
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    at = models.DateTimeField()
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["line", "seq"]
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(fields=["line", "seq"], name="entry_seq_once"),
            models.UniqueConstraint(fields=["kind", "source"], name="entry_source_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="entry_amount_positive"),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="entry_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=EntryKind.REVERSAL, reverses__isnull=False)
                | ~Q(kind=EntryKind.REVERSAL) & Q(reverses=None),
                name="entry_reverses_iff_reversal",
            ),
        ]

    def moves(self) -> dict[str, int]:
        """Return total -> signed change; reads the reversed entry for a reversal."""
        return balance.moves_of(self.kind, self.amount, self.reverses.kind if self.reverses else None)
