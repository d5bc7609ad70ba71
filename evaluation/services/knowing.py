"""What a reviewer says they know about."""

from collections.abc import Sequence

from django.db import transaction

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from people.enums import Role, Sector
from people.models import User
from people.policies import holds

from ..enums import Language
from ..models import Expertise

is_reviewer = holds(Role.REVIEWER)


def save(*, by: User, sectors: Sequence[str], languages: Sequence[str]) -> Expertise:
    """Keep one's own sectors and languages. NotPossible for others than reviewers, unknown words, and no language."""
    if not is_reviewer(None, by):
        raise NotPossible("Only reviewers say what they know about.", forbidden=True)
    if not languages:
        raise NotPossible("Choose at least one language.")
    if not set(sectors) <= set(Sector.values) or not set(languages) <= set(Language.values):
        raise NotPossible("Choose from the list.")
    with transaction.atomic():
        row, _ = Expertise.objects.update_or_create(
            person=by,
            defaults={"sectors": sorted(sectors), "languages": sorted(languages), "updated_at": clock.now()},
        )
        trail.record(row, action="expertise_saved", by=by, changes={"sectors": [None, sorted(sectors)]})
        return row
