"""The room's tables."""

from .proposal import Member, Proposal, Section

__all__ = ["Member", "Proposal", "Section"]
