"""The room's tables."""

from .adoption import Adoption
from .consultation import PolicyComment
from .contest import Contest
from .contribution import Contribution, Share, WorkConfirmation
from .credit import Credit, Mentoring
from .followup import FollowUp
from .holder import HrFact, RecordHolder, ShownToHr
from .integrity import IntegrityHold, SignalReview
from .learning import Classification, LearningRecord
from .nomination import Nomination, Support
from .outcome import Outcome
from .record import EligibilityRun, PointEvent, PolicyVersion, Simulation
from .retention import LegalHold

__all__ = [
    "Adoption",
    "Classification",
    "Contest",
    "Contribution",
    "Credit",
    "EligibilityRun",
    "FollowUp",
    "HrFact",
    "IntegrityHold",
    "LearningRecord",
    "LegalHold",
    "Mentoring",
    "Nomination",
    "Outcome",
    "PointEvent",
    "PolicyComment",
    "PolicyVersion",
    "RecordHolder",
    "Share",
    "ShownToHr",
    "SignalReview",
    "Simulation",
    "Support",
    "WorkConfirmation",
]
