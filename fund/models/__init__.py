"""The room's tables."""

from .call import Call, Criterion
from .call_parts import CallSector, CallVersion, Extension, Question, Subscription
from .delivery import FieldNote, Milestone, Report
from .grant import Grant, Signature
from .ledger import BudgetLine, LedgerEntry
from .tranche import Tranche

__all__ = [
    "BudgetLine",
    "Call",
    "CallSector",
    "CallVersion",
    "Criterion",
    "Extension",
    "FieldNote",
    "Grant",
    "LedgerEntry",
    "Milestone",
    "Question",
    "Report",
    "Signature",
    "Subscription",
    "Tranche",
]
