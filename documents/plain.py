"""Plain text and CSV files: what is really something else, or would run in a spreadsheet, is refused."""

import re

from .enums import FileFault
from .errors import FileRefused

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_MARKUP = re.compile(r"<\s*(?:!doctype|html|head|body|script|svg|iframe|\?xml|\?php)\b", re.IGNORECASE)
_MAIL = re.compile(r"^(?:mime-version|content-type|from)\s*:", re.IGNORECASE | re.MULTILINE)
# A cell that asks another program: =cmd|' /C calc'!A0
_CALLS = re.compile(r"(?:^|[,;\t\"'])\s*[\"']*[=+\-@][^\n]{0,200}\|[^\n]{0,200}!", re.MULTILINE)
_STARTS = ("%PDF-", "{\\rtf", "PK\x03\x04", "#!", "MZ")


def check_text(content: bytes) -> bytes:
    """Return the text as it is; raises FileRefused."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused(FileFault.ENCODING) from error
    head = text.lstrip()[:4096]
    if not head:
        raise FileRefused(FileFault.EMPTY)
    if head.startswith(("<", *_STARTS)) or _MARKUP.search(text) or _MAIL.search(head[:500]):
        raise FileRefused(FileFault.MISMATCH)
    if _CONTROL.search(text):
        raise FileRefused(FileFault.ENCODING)
    if _CALLS.search(text):
        raise FileRefused(FileFault.ACTIVE, "a formula that calls another program")
    return content
