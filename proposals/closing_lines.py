"""The budget lines that pay for what a person waits for: their figures would tell the decision before it is told."""

from typing import Any

from django.db.models import Q, QuerySet

from fund.closed_lines import closes_lines
from people.models import Involvement
from people.queries import blocked_cases

from .enums import JUDGING
from .models import Proposal
from .models.visible import OWN, asked_of


@closes_lines
def lines_waited_for(person: Any) -> QuerySet[Any, int]:
    """Return the lines of calls that judge what is the person's own, an agency's of theirs, or kept from them.

    One query. Who once was in the team stays tied; a practice has no money.
    """
    own = Q(case__in=Involvement.objects.filter(person=person, part__in=OWN).values("case"))
    tied = own | Q(pk__in=asked_of(person)) | Q(case__in=blocked_cases(person))
    waiting = Proposal.objects.of_practice(False).filter(tied, state__in=JUDGING, released_at=None)
    return waiting.filter(call__budget_line__isnull=False).order_by().values_list("call__budget_line", flat=True)
