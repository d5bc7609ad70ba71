"""The typed errors of the room."""

from lifecycle.errors import NotPossible
from people.templatetags.fund import money


class InsufficientFunds(NotPossible):
    """There is less money than wanted; nothing was moved."""

    def __init__(self, line: str, *, left: int, wanted: int, what: str = "available") -> None:
        super().__init__(f"Budget line {line} has {money(left)} {what}; {money(wanted)} is wanted.")
        self.left, self.wanted = left, wanted
