"""The typed errors of a change. Views turn each into one clear sentence."""


class NotPossible(Exception):
    """The change is refused: wrong state, not this person, or a guard says no."""

    def __init__(self, reason: str, *, forbidden: bool = False, unproved: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.forbidden = forbidden
        self.unproved = unproved  # the person may, once they have proved who they are


class UndeclaredLock(RuntimeError):
    """A nested change needs a row that the outermost change did not lock."""


class WiringError(RuntimeError):
    """A need, an act or a reaction names something that does not exist."""
