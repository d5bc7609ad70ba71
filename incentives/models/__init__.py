"""The room's tables."""

from .contribution import Contribution, Share
from .holder import HrFact, RecordHolder, ShownToHr
from .learning import Classification, LearningRecord
from .nomination import Nomination
from .outcome import Outcome
from .record import EligibilityRun, PointEvent, PolicyVersion

__all__ = [
    "Classification",
    "Contribution",
    "EligibilityRun",
    "HrFact",
    "LearningRecord",
    "Nomination",
    "Outcome",
    "PointEvent",
    "PolicyVersion",
    "RecordHolder",
    "Share",
    "ShownToHr",
]
