"""What the votes of a quorum say. Pure, so that whoever checks a decision offline counts in the same way."""

from collections.abc import Sequence

LEAST_QUORUM = 3  # votes without a conflict; a call may ask for more
APPROVE, DECLINE, RESERVE = "approve", "decline", "reserve"


def carried(votes: Sequence[str]) -> str:
    """Return what more than half of the votes carry, or nothing: then they are tied.

    Who would approve would also rather wait for money than refuse. So where neither approval nor refusal has more than
    half, a vote to approve counts for the reserve list, if anybody voted for it.
    """
    for choice in (APPROVE, DECLINE):
        if 2 * votes.count(choice) > len(votes):
            return choice
    waits = votes.count(APPROVE) + votes.count(RESERVE)
    return RESERVE if RESERVE in votes and 2 * waits > len(votes) else ""
