"""The room's tables."""

from .decision import Decision, Vote
from .limit import DecisionLimit
from .lottery import Departure, Lottery
from .ranking import Place, RankingRun
from .review import ConsensusScore, Review, Score

__all__ = [
    "ConsensusScore", "Decision", "DecisionLimit", "Departure", "Lottery", "Place", "RankingRun", "Review", "Score",
    "Vote",
]  # fmt: skip
