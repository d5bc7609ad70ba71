"""Writing who is involved in a case."""

from uuid import UUID

from lifecycle import clock

from ..enums import Part
from ..models import Agency, Involvement, User
from ..toxic import refuse_clash


def involve(*, case: UUID, person: User, part: Part, agency: Agency | None = None) -> Involvement:
    """Give `person` a part in `case`; ConflictOfInterest when the pair is toxic. Call inside the fact's transaction."""
    refuse_clash(case, person, part)
    row, _ = Involvement.objects.get_or_create(
        case=case, person=person, part=part, until=None, defaults={"agency": agency, "since": clock.now()}
    )
    return row


def note_past_part(*, case: UUID, person: User, part: Part) -> None:
    """Note a part that ends with its only act: it opens nothing, and it still rules others out."""
    refuse_clash(case, person, part)
    now = clock.now()
    Involvement.objects.create(case=case, person=person, part=part, since=now, until=now)


def release(*, case: UUID, person: User, part: Part) -> None:
    """End a part; the row stays, because a past part still rules others out."""
    Involvement.objects.filter(case=case, person=person, part=part, until=None).update(until=clock.now())
