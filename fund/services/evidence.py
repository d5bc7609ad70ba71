"""Files that show that a milestone is reached: checked before anything is handed in, kept with it."""

import hashlib
from collections.abc import Sequence
from typing import Any

from documents.kinds import Inspected
from documents.services import store_file
from documents.uploads import received
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from people.models import User

from ..models import Milestone, MilestoneFile

MOST = 10  # files of one milestone, over all the times it is handed in


def looked_at(uploads: Sequence[Any]) -> list[tuple[str, Inspected]]:
    """Return each file's name and cleaned copy; NotPossible names the first that is refused, and none is kept."""
    if len(uploads) > MOST:
        raise NotPossible(f"A milestone can have {MOST} files; you chose {len(uploads)}.")
    return [(str(upload.name), received(upload)) for upload in uploads]


def keep(milestone: Milestone, found: Sequence[tuple[str, Inspected]], *, by: User) -> None:
    """Keep the files with a milestone whose family is locked; one that it already has is not kept twice.

    NotPossible beyond MOST files.
    """
    held = set(milestone.files.values_list("file__sha256", flat=True))
    for name, inspected in found:
        digest = hashlib.sha256(inspected.content).hexdigest()
        if digest in held:
            continue
        held.add(digest)
        if len(held) > MOST:
            raise NotPossible(f"A milestone can have {MOST} files, and it has {milestone.files.count()}. Choose fewer.")
        stored = store_file(
            content=inspected.content, name=name, content_type=inspected.content_type, kind="milestone",
            case=milestone.case, owner_id=by.pk,
        )  # fmt: skip
        MilestoneFile.objects.create(milestone=milestone, file=stored, by=by, at=clock.now())
        trail.record(milestone, action="attached", by=by, changes={"file": [None, stored.original_name]})
