"""Which rows a change of a proposal holds besides the proposal itself."""

from typing import Any

from django.db import models


def line_of(proposal: Any) -> list[models.Model | None]:
    """Return the budget line on which an approval set money aside."""
    return [proposal.call.budget_line] if proposal.call else []


def line_and_call_of(proposal: Any) -> list[models.Model | None]:
    """Return the budget line and the call: money is set aside while both stand still."""
    return [*line_of(proposal), proposal.call]


def call_of(proposal: Any) -> list[models.Model | None]:
    """Return the call, whose row is locked while its deadline decides."""
    return [proposal.call]
