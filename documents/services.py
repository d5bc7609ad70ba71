"""Writing and reading stored files."""

import hashlib
import uuid

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from .errors import DamagedFile
from .models import StoredFile
from .names import safe_name


def store_file(
    *,
    content: bytes,
    name: str,
    content_type: str,
    kind: str,
    case: uuid.UUID | None = None,
    owner_id: int | None = None,
) -> StoredFile:
    """Write the bytes under a random name, then the row that points at them, and return the row.

    The file comes first: a row always has its bytes, and a rolled-back transaction leaves only an unnamed file.
    Raises OSError when the storage refuses.
    """
    stored = StoredFile(
        case=case,
        kind=kind,
        original_name=safe_name(name),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        stored_name=uuid.uuid4().hex,
        owner_id=owner_id,
    )
    written = default_storage.save(stored.path, ContentFile(content))
    if written != stored.path:
        default_storage.delete(written)
        raise FileExistsError(f"The storage renamed {stored.path}; the random name was already taken.")
    stored.save(force_insert=True)
    return stored


def read_file(stored: StoredFile) -> bytes:
    """Return the bytes after comparing their SHA-256; raises DamagedFile when missing or changed."""
    try:
        with default_storage.open(stored.path, "rb") as file:
            content: bytes = file.read()
    except FileNotFoundError as error:
        raise DamagedFile(f"The file '{stored.original_name}' is missing. Restore it from the backup.") from error
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise DamagedFile(f"The file '{stored.original_name}' was changed on disk. Restore it from the backup.")
    return content


def delete_file(stored: StoredFile) -> None:
    """Delete the row now and the bytes once the transaction has committed."""
    path = stored.path
    stored.delete()
    transaction.on_commit(lambda: default_storage.delete(path))
