"""Attaching files to a draft. A file that a frozen version names is never deleted."""

import hashlib
from typing import Any

from documents.kinds import Inspected
from documents.models import StoredFile
from documents.services import delete_file, store_file
from documents.uploads import received
from lifecycle import trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.models import User

from ..lane import is_spark
from ..models import Attachment, Proposal, Version
from . import parts
from .drafting import refuse_unless_writable

KIND = "attachment"
MOST = 10
TOTAL = 40 * 1024 * 1024  # bytes; what a reviewer on a slow line can still load in an evening


def _refuse_unless_open(proposal: Proposal, by: User) -> None:
    """Refuse others, other states, and what arrived when the call was over; a slow line counts from its start."""
    refuse_unless_writable(proposal, by)
    if is_spark(proposal):
        raise NotPossible("A small idea takes no attachments. Its three answers are all that is asked.")
    if proposal.call is not None and not proposal.call.in_time(proposal.case):
        raise NotPossible("The call has closed.")


def _refuse_too_many(proposal: Proposal, found: Inspected, without: Attachment | None = None) -> None:
    others = list(proposal.attachments.select_related("file"))
    if without is not None:
        others.remove(without)
    digest = hashlib.sha256(found.content).hexdigest()
    for other in others:
        if other.file.sha256 == digest:
            raise NotPossible(f"This file is already attached, as “{other.file.original_name}”.")
    if len(others) >= MOST:
        raise NotPossible(f"A proposal can have {MOST} files. Remove one first.")
    if sum(other.file.size for other in others) + len(found.content) > TOTAL:
        raise NotPossible(f"All files together can have {TOTAL // 1024**2} MB. Remove one, or make one smaller.")


def _stored(proposal: Proposal, found: Inspected, name: str, by: User) -> StoredFile:
    return store_file(
        content=found.content, name=name, content_type=found.content_type, kind=KIND, case=proposal.case, owner_id=by.pk
    )


def _forget(proposal: Proposal, stored: StoredFile) -> None:
    """Delete a file that no frozen version names."""
    if not Version.objects.filter(proposal=proposal, content__contains=str(stored.pk)).exists():
        delete_file(stored)


def add(proposal: Proposal, *, by: User, upload: Any, description: str) -> Attachment:
    """Check the upload, store the cleaned copy and attach it. NotPossible says which file and what to do."""
    _refuse_unless_open(proposal, by)
    found = received(upload)
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        _refuse_unless_open(proposal, by)
        _refuse_too_many(proposal, found)
        stored = _stored(proposal, found, upload.name, by)
        made = Attachment.objects.create(proposal=proposal, file=stored, description=description, added_by=by)
        trail.record(proposal, action="attached", by=by, changes={"file": [None, stored.original_name]})
        return made


def change(attachment: Attachment, *, by: User, upload: Any | None, description: str) -> None:
    """Change what is said of a file, and replace the file itself when another is given; Overtaken when it changed."""
    _refuse_unless_open(attachment.proposal, by)
    found = received(upload) if upload is not None else None
    with locked([attachment.proposal]):
        proposal = Proposal.objects.get(pk=attachment.proposal_id)
        _refuse_unless_open(proposal, by)
        fresh = _still_there(proposal, attachment)
        old = fresh.file
        changes: dict[str, Any] = {"description": [fresh.description, description]}
        values: dict[str, Any] = {"description": description}
        if found is not None:
            parts.refuse_stale(attachment)
            _refuse_too_many(proposal, found, without=fresh)
            values |= {"file": _stored(proposal, found, upload.name, by), "added_by": by}  # type: ignore[union-attr]
            changes["file"] = [old.original_name, values["file"].original_name]
        if not parts.write(attachment, by=by, values=values):
            return
        if found is not None:
            _forget(proposal, old)
        trail.record(proposal, action="attachment_changed", by=by, changes=changes)


def remove(attachment: Attachment, *, by: User) -> None:
    """Take a file out of a draft; its bytes go with it unless an agency was already asked about them."""
    with locked([attachment.proposal]):
        proposal = Proposal.objects.get(pk=attachment.proposal_id)
        refuse_unless_writable(proposal, by)
        fresh = _still_there(proposal, attachment)
        parts.refuse_stale(attachment)
        stored = fresh.file
        fresh.delete()
        _forget(proposal, stored)
        trail.record(proposal, action="attachment_removed", by=by, changes={"file": [stored.original_name, None]})


def _still_there(proposal: Proposal, attachment: Attachment) -> Attachment:
    found = Attachment.objects.filter(proposal=proposal, pk=attachment.pk).select_related("file").first()
    if found is None:
        raise NotPossible("Somebody has already removed this file.")
    return found
