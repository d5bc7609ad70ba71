"""The room's tables."""

from .appeal import Appeal
from .decision import Decision, Vote
from .letter import Letter
from .limit import DecisionLimit
from .ranking import Place, RankingRun
from .review import ConsensusScore, Review, Score

__all__ = [
    "Appeal", "ConsensusScore", "Decision", "DecisionLimit", "Letter", "Place", "RankingRun", "Review", "Score", "Vote",
]  # fmt: skip
