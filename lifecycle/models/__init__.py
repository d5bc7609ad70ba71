"""The room's tables: the trail and background jobs."""

from .job import Job
from .trail import Checkpoint, TrailEntry, TrailPayload, TrailStream

__all__ = ["Checkpoint", "Job", "TrailEntry", "TrailPayload", "TrailStream"]
