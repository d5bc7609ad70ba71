"""The room's tables."""

from .decision import Decision, Vote
from .limit import DecisionLimit
from .moderation import Feedback, FeedbackReason, ModerationNote, ReviewVersion
from .ranking import Place, RankingRun
from .review import ConsensusScore, Review, Score

__all__ = [
    "ConsensusScore", "Decision", "DecisionLimit", "Feedback", "FeedbackReason", "ModerationNote", "Place",
    "RankingRun", "Review", "ReviewVersion", "Score", "Vote",
]  # fmt: skip
