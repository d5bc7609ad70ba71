"""Sheets of money are handed out while their reader sees money, and no tie came up since they were asked for."""

from documents.models import StoredFile
from people.enums import TEAM_PARTS, Grade, Part
from people.handing_out import handed_out_while, job_of
from people.models import Block, Involvement, User

from .policies import sees_money

TIED = (*TEAM_PARTS, Part.SPONSOR)  # a sheet of before may tell them now of a decision that is theirs


@handed_out_while("money")
def money_sheet_holds(stored: StoredFile, reader: User) -> bool:
    """Tell whether the reader still sees money and what is in the sheet is still all theirs to read."""
    job = job_of(stored, reader)
    if job is None or not sees_money(None, reader):
        return False
    since = {"person": reader, "since__gte": job.created_at}
    kept_out = Block.objects.filter(grade=Grade.BLOCK, **since)
    joined = Involvement.objects.filter(part__in=TIED, **since)
    return not kept_out.exists() and not joined.exists()
