"""What earlier, funded proposals of the same agencies hold and nobody has to type again, each with its source."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils import timezone

from .enums import ProposalState
from .forms import BudgetForm
from .models import Proposal, Version

FUNDED = (
    ProposalState.OFFERED, ProposalState.FUNDED, ProposalState.COMPLETED, ProposalState.STOPPED_EARLY,
    ProposalState.TERMINATED,
)  # fmt: skip
LOOKED_THROUGH = 30  # proposals
OFFERED = 20  # rows of one kind


@dataclass(frozen=True)
class UnitCost:
    """What one piece cost; money in chhetrum. `key` names the row, `source` the proposal and the day of its text."""

    key: str
    item: str
    unit: str
    cost: int
    source: str


@dataclass(frozen=True)
class Gift:
    """What one agency gave: working days a month, and for what."""

    key: str
    code: str
    agency: str
    days: int
    contribution: str
    source: str


def _versions(proposal: Proposal) -> Iterator[Version]:
    """Yield the newest text of each funded proposal that an agency of this one leads, the newest first."""
    agencies = proposal.partners.values("agency")
    newer = Version.objects.filter(proposal=OuterRef("proposal"), number__gt=OuterRef("number"))
    earlier = Proposal.objects.of_practice(False).filter(state__in=FUNDED, lead_agency__in=agencies)
    found = Version.objects.filter(proposal__in=earlier.exclude(pk=proposal.pk)).exclude(Exists(newer))
    yield from found.select_related("proposal").order_by("-frozen_at")[:LOOKED_THROUGH]


def _source(version: Version) -> str:
    day = timezone.localtime(version.frozen_at)
    return f"{version.proposal.reference or version.proposal.title}, {day.day} {day:%B %Y}"


def unit_costs_for(proposal: Proposal) -> list[UnitCost]:
    """Return unit costs, newest first, each item once; one query."""
    found: dict[tuple[str, str], UnitCost] = {}
    for version in _versions(proposal):
        for place, item in enumerate(version.facts["budget"]["items"]):
            cost = UnitCost(f"{version.pk}-{place}", item["item"], item["unit"], item["cost"], _source(version))
            found.setdefault((cost.item.casefold(), cost.unit.casefold()), cost)
    return list(found.values())[:OFFERED]


def gifts_for(proposal: Proposal, codes: set[str]) -> list[Gift]:
    """Return what the agencies of these codes gave, newest first, each of their gifts once; one query."""
    found: dict[tuple[str, str], Gift] = {}
    for version in _versions(proposal):
        for place, row in enumerate(version.facts["partners"]):
            if row["agency"] in codes and row["days"]:
                key = f"{version.pk}-{place}"
                gift = Gift(key, row["agency"], row["name"], row["days"], row["contribution"], _source(version))
                found.setdefault((gift.code, gift.contribution.casefold()), gift)
    return list(found.values())[:OFFERED]


def with_cost(said: QueryDict, cost: UnitCost) -> QueryDict:
    """Return what was typed with the cost in the first empty row; unchanged where no row is left."""
    names = BudgetForm().row_fields(1)
    empty = (row for row in range(1, BudgetForm.most + 1) if not any(said.get(f"{name}_{row}") for name in names))
    row = next(empty, None)
    if row is None:
        return said
    filled = said.copy()
    ngultrum = f"{cost.cost // 100}.{cost.cost % 100:02d}" if cost.cost % 100 else str(cost.cost // 100)
    values = {"item": cost.item, "unit": cost.unit, "cost": ngultrum, "source": cost.source}
    for name in names:
        filled[f"{name}_{row}"] = values.get(name, "")
    return filled


def row_of(answers: dict[str, str], cost: UnitCost) -> int:
    """Return the last row that holds the cost; 1 where none does."""
    rows = range(1, BudgetForm.most + 1)
    return max((row for row in rows if answers.get(f"item_{row}") == cost.item), default=1)
