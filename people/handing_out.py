"""Files made for one person: a room may say that a kind is handed out only while something still holds."""

from collections.abc import Callable

from documents.models import StoredFile
from lifecycle.models import Job

from .models import User

Check = Callable[[StoredFile, User], bool]
_checks: dict[str, Check] = {}


def handed_out_while(kind: str) -> Callable[[Check], Check]:
    """Register the check of a kind of file: whether its owner may still have it."""

    def register(check: Check) -> Check:
        _checks[kind] = check
        return check

    return register


def job_of(stored: StoredFile, reader: User) -> Job | None:
    """Return the job that made the file for the reader."""
    return Job.objects.filter(requested_by_id=reader.pk, result=str(stored.pk)).first()


def may_have(stored: StoredFile, person: User) -> bool:
    """Tell whether the person owns the file, and what its kind depends on still holds."""
    check = _checks.get(stored.kind)
    return stored.owner_id == person.pk and (check is None or check(stored, person))
