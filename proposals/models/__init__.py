"""The room's tables."""

from .parts import Member, Partner, RuleResult, Section
from .proposal import Proposal
from .version import Endorsement, Version

__all__ = ["Endorsement", "Member", "Partner", "Proposal", "RuleResult", "Section", "Version"]
