"""The room's tables."""

from .decision import Decision, Vote
from .ranking import Place, RankingRun
from .review import ConsensusScore, Review, Score

__all__ = ["ConsensusScore", "Decision", "Place", "RankingRun", "Review", "Score", "Vote"]
