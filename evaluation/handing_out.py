"""Sheets of the judging are handed out while their reader may see what is in them."""

import json

from django.db.models import Q

from documents.models import StoredFile
from fund.models import Call
from people.enums import Grade
from people.handing_out import handed_out_while, job_of
from people.models import Block, Involvement, User
from proposals.models import Proposal
from proposals.models.visible import OWN

from .enums import OPEN
from .models import Review
from .services.judging_sheets import may_have


@handed_out_while("judging")
def judging_sheet_holds(stored: StoredFile, reader: User) -> bool:
    """Tell whether the reader may still have such a sheet, and no tie or own review came since it was asked."""
    job = job_of(stored, reader)
    if job is None:
        return False
    _, kind, reference = json.loads(job.key)
    call = Call.objects.get(reference=reference)
    cases = Proposal.objects.filter(call=call).values("case")
    since = Q(person=reader, case__in=cases, since__gte=job.created_at)
    tied = Block.objects.filter(since, grade=Grade.BLOCK).exists()
    joined = Involvement.objects.filter(since, part__in=OWN).exists()
    reviews = Review.objects.filter(reviewer=reader, proposal__call=call, assigned_at__gte=job.created_at)
    return may_have(kind, call, reader) and not (tied or joined or reviews.filter(state__in=OPEN).exists())
