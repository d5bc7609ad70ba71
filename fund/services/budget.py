"""Setting up budget lines."""

from typing import Any

from django.db import transaction

from lifecycle import trail
from lifecycle.errors import NotPossible
from people.models import User

from ..models import BudgetLine
from ..policies import may_budget


def add_line(*, by: User, code: str, name: str, fiscal_year: int, **fields: Any) -> BudgetLine:
    """Add an empty budget line (fields: agency, target_share_bp). NotPossible unless `by` may set up budgets."""
    if not may_budget(None, by):
        raise NotPossible("Only the head of secretariat or finance sets up budget lines.", forbidden=True)
    with transaction.atomic():
        line = BudgetLine.objects.create(code=code, name=name, fiscal_year=fiscal_year, **fields)
        trail.record(line, action="line_added", by=by)
    return line
