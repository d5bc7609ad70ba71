"""The room's tables."""

from .call import Call, Criterion
from .ledger import BudgetLine, LedgerEntry

__all__ = ["BudgetLine", "Call", "Criterion", "LedgerEntry"]
