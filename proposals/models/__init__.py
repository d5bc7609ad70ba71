"""The room's tables."""

from .information import InfoRequest
from .parts import Member, Partner, RuleResult, Section
from .proposal import Proposal
from .version import Endorsement, Version

__all__ = ["Endorsement", "InfoRequest", "Member", "Partner", "Proposal", "RuleResult", "Section", "Version"]
