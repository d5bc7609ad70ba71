"""Which files may be attached: the ending, the type it is sent as, and how its first bytes look."""

import re
import unicodedata
from dataclasses import dataclass

from .enums import FileFault
from .errors import FileRefused
from .names import HIDDEN

LONGEST = 150  # characters of a name; longer ones break on older Windows machines once they lie in a folder
_OFFICE = "application/vnd.openxmlformats-officedocument."
OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # old Office files, and new ones with a password
ZIP = b"PK\x03\x04"
# Endings that a machine would run; one inside a name is there to mislead.
RUNNING = {
    "exe", "com", "bat", "cmd", "scr", "pif", "msi", "lnk", "hta", "js", "jse", "vbs", "vbe", "wsf", "ps1", "sh", "jar",
    "php", "py", "html", "htm", "xhtml", "mht", "mhtml", "svg", "xml", "docm", "xlsm", "pptm", "zip", "iso",
}  # fmt: skip
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    """One kind of file that is accepted."""

    ending: str
    content_type: str
    starts: tuple[bytes, ...] = ()  # empty: text, which has no mark of its own


@dataclass(frozen=True)
class Inspected:
    """What is kept of an upload."""

    content: bytes
    content_type: str


KINDS = {
    kind.ending: kind
    for kind in (
        Kind("pdf", "application/pdf", (b"%PDF-",)),
        Kind("docx", f"{_OFFICE}wordprocessingml.document", (ZIP,)),
        Kind("xlsx", f"{_OFFICE}spreadsheetml.sheet", (ZIP,)),
        Kind("pptx", f"{_OFFICE}presentationml.presentation", (ZIP,)),
        Kind("png", "image/png", (b"\x89PNG\r\n\x1a\n",)),
        Kind("jpg", "image/jpeg", (b"\xff\xd8\xff",)),
        Kind("jpeg", "image/jpeg", (b"\xff\xd8\xff",)),
        Kind("txt", "text/plain"),
        Kind("csv", "text/csv"),
    )
}
ACCEPTED = ",".join(f".{ending}" for ending in KINDS)  # what a browser offers to choose


def _name_fault(name: str) -> str:
    """Return what is wrong with a name, or nothing."""
    if len(name) > LONGEST:
        return f"it has more than {LONGEST} characters"
    if any(unicodedata.category(sign) in HIDDEN for sign in name):
        return "it holds invisible characters"
    if re.search(r"[/\\:*?\"<>|]", name) or name.startswith(".") or name != name.strip(" ."):
        return "it holds a sign that file names may not have"
    if _DEVICE.fullmatch(name):
        return "it is a word that Windows keeps for itself"
    if {part.strip().lower() for part in name.split(".")[1:-1]} & RUNNING:
        return "it has a second ending in the middle"
    return ""


def kind_of(name: str) -> Kind:
    """Return the kind that the name promises; raises FileRefused for a bad name or an ending not on the list."""
    fault = _name_fault(name)
    if fault:
        raise FileRefused(FileFault.NAME, fault)
    stem, _, ending = name.rpartition(".")
    kind = KINDS.get(ending.lower())
    if kind is None or not stem:
        ending = ending.lower()
        raise FileRefused(FileFault.MACROS if ending in ("docm", "xlsm", "pptm", "dotm", "xlam") else FileFault.TYPE)
    return kind


def check_start(kind: Kind, content: bytes) -> None:
    """Refuse bytes that do not begin as the kind does; raises FileRefused."""
    if not content:
        raise FileRefused(FileFault.EMPTY)
    if content.startswith(OLE) and ZIP in kind.starts:
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise FileRefused(FileFault.PROTECTED if locked else FileFault.MISMATCH)
    if kind.starts and not content.startswith(kind.starts):
        inside = kind.ending == "pdf" and b"%PDF-" in content[:2048]
        raise FileRefused(FileFault.DOUBLE if inside else FileFault.MISMATCH)
