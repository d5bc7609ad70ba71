"""What happens to money that is left at the end of a fiscal year: prepared by one person, confirmed by another."""

from typing import Any, cast
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.models import User
from people.queries import blocked_cases

from .. import money_guards as facts
from ..enums import YearEndAct, YearEndState
from ..locks import year_end_rows
from ..policies import may_confirm_year_end, may_prepare_item
from .budget import MoneyQuerySet
from .grant import Grant
from .ledger import BudgetLine


class YearEndQuerySet(MoneyQuerySet):
    """Items of the year end by what one may see."""

    def visible_to(self, user: Any) -> "YearEndQuerySet":
        """Return all to those who see money, none past a conflict."""
        kept_out = Grant.objects.filter(case__in=blocked_cases(user)).values("pk")
        return cast(YearEndQuerySet, super().visible_to(user)).exclude(grant__in=kept_out)


class YearEndItem(LifecycleModel):
    """One open commitment or the rest of one line, with what is to become of it. Amounts are integer chhetrum."""

    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="year_end")
    grant = models.ForeignKey(Grant, null=True, on_delete=models.PROTECT, related_name="year_end")
    into = models.ForeignKey(BudgetLine, null=True, on_delete=models.PROTECT, related_name="+")
    does = models.CharField(max_length=7, choices=YearEndAct)
    amount = models.BigIntegerField()
    fiscal_year = models.PositiveSmallIntegerField(help_text="Of its line: voucher numbers are unique in it.")
    voucher = models.CharField(max_length=40, help_text="Number of the voucher in the government's accounts.")
    prepared_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = StateField(choices=YearEndState, default=YearEndState.PREPARED)

    objects = YearEndQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["state"], name="year_end_state")]
        constraints = [
            state_constraint(YearEndState, "year_end_state_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="year_end_amount_positive"),
            models.CheckConstraint(condition=Q(does__in=YearEndAct.values), name="year_end_act_known"),
            models.CheckConstraint(condition=~Q(prepared_by=F("confirmed_by")), name="year_end_four_eyes"),
            models.CheckConstraint(
                condition=~Q(state=YearEndState.DONE) | Q(confirmed_by__isnull=False), name="year_end_done_by_two"
            ),
            models.CheckConstraint(
                condition=Q(does=YearEndAct.LAPSE, grant=None) | ~Q(does=YearEndAct.LAPSE) & Q(grant__isnull=False),
                name="year_end_lapse_iff_no_grant",
            ),
            models.CheckConstraint(
                condition=Q(does=YearEndAct.CARRY, into__isnull=False) | ~Q(does=YearEndAct.CARRY) & Q(into=None),
                name="year_end_into_iff_carry",
            ),
            models.UniqueConstraint(
                fields=["line", "grant"], condition=Q(state=YearEndState.PREPARED), name="year_end_grant_once",
            ),
            models.UniqueConstraint(
                fields=["fiscal_year", "voucher"], condition=~Q(state=YearEndState.WITHDRAWN),
                name="year_end_voucher_once",
            ),
            models.UniqueConstraint(
                fields=["line"], condition=Q(state=YearEndState.PREPARED, grant=None), name="year_end_line_once"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_does_display()}: {self.grant.title if self.grant else self.line}"

    @property
    def case(self) -> UUID | None:
        """Return the grant's case, which policies read; None for the rest of a line."""
        return self.grant.case if self.grant else None

    def get_absolute_url(self) -> str:
        """Return the page of the year."""
        return reverse("year_end", args=[self.line.fiscal_year])

    @transition(
        state, source=YearEndState.PREPARED, target=YearEndState.DONE, who=may_confirm_year_end, label="Confirm",
        guards=[facts.year_is_ending], locks=year_end_rows, act="fund.services.year_end.confirm", order=10,
        style="primary",
    )  # fmt: skip
    def confirm(self, confirmed_by: User) -> None:
        """Do it."""
        self.confirmed_by = confirmed_by

    @transition(
        state, source=YearEndState.PREPARED, target=YearEndState.WITHDRAWN,
        who=may_prepare_item | may_confirm_year_end, label="Take back", order=20, require_note=True,
    )  # fmt: skip
    def withdraw(self) -> None:
        """Prepare it anew."""
