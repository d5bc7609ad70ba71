"""The one way in for a file that somebody attaches, and the bounded handler that takes it from the line."""

import json
import logging
import subprocess  # the inspector is our own module in our own interpreter
import sys
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from lifecycle.errors import NotPossible

from .enums import FileFault
from .errors import FileRefused
from .kinds import Inspected, check_start, kind_of
from .models import StoredFile
from .scanning import scan
from .services import read_file

logger = logging.getLogger(__name__)
MAX_BYTES = 10 * 1024 * 1024
SECONDS = 30


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes at most the permitted bytes of a file to disk and counts the rest, so that its size can be told."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.kept = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep the chunk while there is room."""
        if self.kept <= MAX_BYTES:
            self.kept += len(raw_data)
            self.file.write(raw_data)


def receive(upload: Any, name: str | None = None) -> Inspected:
    """Return what may be kept of an upload; raises FileRefused with the reason.

    Name and size are judged first, then the virus scanner (where one is set up) reads the original, then a process
    of its own with bounded memory and time looks into it and writes it anew.
    """
    if upload is None:
        raise FileRefused(FileFault.NONE)
    shown = name if name is not None else str(upload.name)
    kind = kind_of(shown)
    if upload.size is None or upload.size > MAX_BYTES:
        raise FileRefused(FileFault.TOO_BIG)
    content = upload.read(MAX_BYTES + 1)
    check_start(kind, content)
    if settings.CLAMD:
        scan(content, settings.CLAMD)
    return _inspected(content, shown)


def received(upload: Any) -> Inspected:
    """Return what may be kept of an upload; NotPossible with the sentence that names the file and says what to do."""
    try:
        return receive(upload)
    except FileRefused as no:
        raise NotPossible(no.message(str(upload.name) if upload else "")) from no


def unsigned_copy(stored: StoredFile) -> bytes:
    """Return a kept PDF without its signatures and without whoever they name; raises FileRefused, DamagedFile."""
    return _inspected(read_file(stored), stored.original_name, "unsigned").content


def _inspected(content: bytes, name: str, *asked: str) -> Inspected:
    """Let the inspector look; whatever stops it refuses the file."""
    command = [sys.executable, "-m", "documents.inspector", name, *asked]
    try:
        done = subprocess.run(  # noqa: S603  # a list, no shell; the name is one argument
            command, input=content, capture_output=True, timeout=SECONDS, cwd=settings.BASE_DIR, check=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise FileRefused(FileFault.UNSCANNED) from error
    if done.stderr:
        logger.warning("The inspector of files: %s", done.stderr.decode(errors="replace"))
    head, _, clean = done.stdout.partition(b"\n")
    said = json.loads(head)
    if "fault" in said:
        raise FileRefused(FileFault(said["fault"]), said["detail"])  # type: ignore[call-arg]  # a look-up, not a making
    return Inspected(clean, said["content_type"])
