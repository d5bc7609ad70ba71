"""The room's tables."""

from .around import Attachment, DataNeed, OutsidePartner
from .information import InfoRequest
from .parts import Member, Partner, RuleResult, Section
from .proposal import Proposal
from .version import Endorsement, Version

__all__ = [
    "Attachment",
    "DataNeed",
    "Endorsement",
    "InfoRequest",
    "Member",
    "OutsidePartner",
    "Partner",
    "Proposal",
    "RuleResult",
    "Section",
    "Version",
]
