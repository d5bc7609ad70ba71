"""The room's tables."""

from .assigning import Challenge, Expertise, MatchingRun, PanelName, Permission
from .decision import Decision, Vote
from .limit import DecisionLimit
from .lottery import Departure, Lottery
from .ranking import Place, RankingRun
from .review import ConsensusScore, Review, Score

__all__ = [
    "Challenge", "ConsensusScore", "Decision", "DecisionLimit", "Departure", "Expertise", "Lottery", "MatchingRun",
    "PanelName", "Permission", "Place", "RankingRun", "Review", "Score", "Vote",
]  # fmt: skip
