"""Sheets of money are handed out while their reader sees money, and no conflict came up since they were asked for."""

from documents.models import StoredFile
from people.enums import Grade
from people.handing_out import handed_out_while, job_of
from people.models import Block, User

from .policies import sees_money


@handed_out_while("money")
def money_sheet_holds(stored: StoredFile, reader: User) -> bool:
    """Tell whether the reader still sees money and what is in the sheet is still all theirs to read."""
    job = job_of(stored, reader)
    if job is None or not sees_money(None, reader):
        return False
    return not Block.objects.filter(person=reader, grade=Grade.BLOCK, since__gte=job.created_at).exists()
