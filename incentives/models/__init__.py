"""The room's tables."""

from .contribution import Contribution, Share
from .learning import Classification, LearningRecord
from .nomination import Nomination
from .outcome import Outcome
from .record import EligibilityRun, PointEvent, PolicyVersion

__all__ = [
    "Classification",
    "Contribution",
    "EligibilityRun",
    "LearningRecord",
    "Nomination",
    "Outcome",
    "PointEvent",
    "PolicyVersion",
    "Share",
]
