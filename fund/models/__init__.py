"""The room's tables."""

from .amendment import AgreementVersion, Amendment
from .bank import PaymentFile
from .budget import Transfer
from .call import Call, Criterion
from .call_parts import CallSector, CallVersion, Extension, Question, Subscription
from .closing import Asset, CloseOut
from .delivery import FieldNote, Milestone, Report
from .evidence import MilestoneFile
from .finding import Finding
from .following import Reading, StopAnswer
from .grant import Grant, Signature
from .ledger import BudgetLine, LedgerEntry
from .receipt import Receipt
from .tranche import Tranche
from .year_end import YearEndItem

__all__ = [
    "AgreementVersion",
    "Amendment",
    "Asset",
    "BudgetLine",
    "Call",
    "CallSector",
    "CallVersion",
    "CloseOut",
    "Criterion",
    "Extension",
    "FieldNote",
    "Finding",
    "Grant",
    "LedgerEntry",
    "Milestone",
    "MilestoneFile",
    "PaymentFile",
    "Question",
    "Reading",
    "Receipt",
    "Report",
    "Signature",
    "StopAnswer",
    "Subscription",
    "Tranche",
    "Transfer",
    "YearEndItem",
]
