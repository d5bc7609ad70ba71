"""Facts about one call."""

from typing import Any

from lifecycle import clock
from lifecycle.guards import guard

from .enums import CallKind


@guard("A task of the set-up is not completed. “Check the call” lists what is missing.")
def set_up_is_whole(call: Any) -> bool:
    """Tell whether every task was marked as completed; a task is marked only when nothing is missing in it."""
    return not call.open_tasks()


@guard("The weights of the criteria must add up to 100.")
def weights_sum(call: Any) -> bool:
    """Weights are whole percent."""
    return bool(sum(call.criteria.values_list("weight", flat=True)) == 100)


@guard("The closing date must lie in the future.")
def closes_later(call: Any) -> bool:
    """Tell whether the closing lies ahead; a rolling call has none yet."""
    return call.closes_at is None or bool(call.closes_at > clock.now())


@guard("The call is not an urgent one.")
def is_urgent(call: Any) -> bool:
    """Tell whether it is to be declared."""
    return bool(call.kind == CallKind.URGENT)


@guard("A board member has declared it already.")
def is_undeclared(call: Any) -> bool:
    """One board member is enough."""
    return call.declared_by_id is None


@guard("An urgent call needs a board member who declares, beside the head, that it is urgent.")
def urgency_is_declared(call: Any) -> bool:
    """Tell whether the call is not urgent, or somebody of the board stands for it."""
    return bool(call.kind != CallKind.URGENT or call.declared_by_id is not None)


@guard("This is not a practice call.")
def is_practice(call: Any) -> bool:
    """Tell whether its proposals are invented."""
    return bool(call.is_practice)


@guard("The call has an end already.")
def is_without_end(call: Any) -> bool:
    """Tell whether it is a rolling call that nobody has closed."""
    return call.closes_at is None


@guard("Somebody can still submit: the call, or an extension, is not over yet.")
def nobody_can_submit(call: Any) -> bool:
    """Tell whether end, every extension and grace are past."""
    return bool(call.is_past())
