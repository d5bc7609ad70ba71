"""The room's tables."""

from .call import Call, Criterion
from .delivery import FieldNote, Milestone, Report
from .grant import Grant, Signature
from .ledger import BudgetLine, LedgerEntry
from .tranche import Tranche

__all__ = [
    "BudgetLine",
    "Call",
    "Criterion",
    "FieldNote",
    "Grant",
    "LedgerEntry",
    "Milestone",
    "Report",
    "Signature",
    "Tranche",
]
