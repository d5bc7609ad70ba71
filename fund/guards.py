"""Facts about one call."""

from typing import Any

from lifecycle import clock
from lifecycle.guards import guard


@guard("The weights of the criteria must add up to 100.")
def weights_sum(call: Any) -> bool:
    """Weights are whole percent."""
    return bool(sum(call.criteria.values_list("weight", flat=True)) == 100)


@guard("The closing date must lie in the future.")
def closes_later(call: Any) -> bool:
    """Tell whether the closing lies ahead."""
    return bool(call.closes_at > clock.now())
