"""The room's tables."""

from .around import Attachment, DataNeed, OutsidePartner
from .parts import Member, Partner, RuleResult, Section
from .proposal import Proposal
from .version import Endorsement, Version

__all__ = [
    "Attachment",
    "DataNeed",
    "Endorsement",
    "Member",
    "OutsidePartner",
    "Partner",
    "Proposal",
    "RuleResult",
    "Section",
    "Version",
]
