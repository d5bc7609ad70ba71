"""The room's tables."""

from .call import Call, Criterion

__all__ = ["Call", "Criterion"]
