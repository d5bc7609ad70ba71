"""The room's tables."""

from .appeal import Appeal
from .assigning import Challenge, Declaration, Expertise, MatchingRun, PanelName, Permission
from .decision import Decision, Vote
from .letter import Letter
from .limit import DecisionLimit
from .lottery import Departure, Lottery
from .moderation import Feedback, FeedbackReason, ModerationNote, ReviewVersion
from .ranking import Place, RankingRun
from .review import ConsensusScore, Review, Score
from .training import ExampleScored

__all__ = [
    "Appeal", "Challenge", "ConsensusScore", "Decision", "DecisionLimit", "Declaration", "Departure", "ExampleScored",
    "Expertise", "Feedback", "FeedbackReason", "Letter", "Lottery", "MatchingRun", "ModerationNote", "PanelName",
    "Permission", "Place", "RankingRun", "Review", "ReviewVersion", "Score", "Vote",
]  # fmt: skip
