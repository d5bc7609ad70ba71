"""PDF files of others: nothing that acts by itself, nothing packed inside, nobody's name in the properties."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import is_zipfile

import pikepdf

from .enums import FileFault
from .errors import FileRefused
from .pdf_actions import MARKED, check_actions

OBJECTS = 300_000  # a scanned book has some ten thousand
DEPTH = 60  # nesting inside one object; real files reach about ten
_BROKEN = (pikepdf.PdfError, ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError, RuntimeError)
KEYS = {
    "/JS": "a script", "/AA": "an automatic action", "/XFA": "an old kind of form", "/RichMediaContent": "a film",
    "/OnInstantiate": "a script",
}  # fmt: skip
REMARKS = (
    "/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline",
    "/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/Redact",
)  # fmt: skip
FILES = ("/EF", "/EmbeddedFiles", "/EmbeddedFile", "/Filespec", "/FileAttachment")


def _walk(found: Any, depth: int = 0) -> Iterator[Any]:
    """Yield every dictionary that is written into one object, without following references."""
    if depth > DEPTH:
        raise FileRefused(FileFault.UNSAFE, "deep nesting")
    if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
        yield found
        parts = [value for _, value in found.items()]
    elif isinstance(found, pikepdf.Array):
        parts = list(found)
    else:
        return
    for part in parts:
        if isinstance(part, pikepdf.Object) and not part.is_indirect:
            yield from _walk(part, depth + 1)


def _check(entry: Any) -> None:
    for key in map(str, entry.keys()):
        if key in KEYS:
            raise FileRefused(FileFault.ACTIVE, KEYS[key])
        if key in FILES:
            raise FileRefused(FileFault.NESTED)
    for key in ("/S", "/Type", "/Subtype"):
        value = entry.get(key)
        words = str(value) if isinstance(value, pikepdf.Name) else ""
        if words in FILES:
            raise FileRefused(FileFault.NESTED)
        if words in MARKED:
            raise FileRefused(FileFault.ACTIVE, MARKED[words])
    check_actions(entry)


def _refuse_double(content: bytes) -> None:
    """Refuse another kind of file before, behind or around the PDF."""
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise FileRefused(FileFault.DAMAGED)
    before = content[: content.find(b" obj") if b" obj" in content else 1024].lower()
    marks = (b"<html", b"<script", b"<!doctype", b"<svg", b"<?php", b"pk\x03\x04")
    if content[end + 5 :].strip(b"\r\n\t \x00") or any(mark in before for mark in marks):
        raise FileRefused(FileFault.DOUBLE)
    if is_zipfile(BytesIO(content)):
        raise FileRefused(FileFault.DOUBLE)


def _signed(pdf: pikepdf.Pdf) -> bool:
    form = pdf.Root.get("/AcroForm")
    return isinstance(form, pikepdf.Dictionary) and bool(int(form.get("/SigFlags", 0)) & 1)


def _unsign(pdf: pikepdf.Pdf) -> None:
    """Take the signatures away, with the boxes that show who signed."""
    for key in ("/Perms", "/DSS"):
        if key in pdf.Root:
            del pdf.Root[key]
    for found in pdf.objects:
        for entry in _walk(found):
            for key in ("/Annots", "/Fields", "/Kids"):
                if isinstance(entry.get(key), pikepdf.Array):
                    entry[key] = pikepdf.Array([part for part in entry[key] if not _is_signature(part)])
    pdf.Root.AcroForm.SigFlags = 0


def _is_signature(part: Any) -> bool:
    """Tell whether a field, or a box of a field, holds a signature."""
    if not isinstance(part, pikepdf.Dictionary):
        return False
    above = part.get("/Parent")
    fields = [part, above] if isinstance(above, pikepdf.Dictionary) else [part]
    return any(str(field.get("/FT", "")) == "/Sig" for field in fields)


def _without_names(pdf: pikepdf.Pdf) -> None:
    """Take away the properties of the file, of each part in it, and who wrote a remark."""
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for found in pdf.objects:
        for entry in _walk(found):
            for key in ("/Metadata", "/PieceInfo"):
                if key in entry:
                    del entry[key]
            if "/T" in entry and str(entry.get("/Subtype", "/Widget")) in REMARKS:
                del entry["/T"]


def clean_pdf(content: bytes, *, unsigned: bool = False) -> bytes:
    """Return the PDF written anew without properties; raises FileRefused.

    A signed one is returned byte by byte, since writing it anew would break the signature; or, where it shall be
    `unsigned`, written anew without any.
    """
    _refuse_double(content)
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise FileRefused(FileFault.PROTECTED)
            if len(pdf.objects) > OBJECTS or not len(pdf.pages):
                raise FileRefused(FileFault.DAMAGED)
            for found in pdf.objects:
                for entry in _walk(found):
                    _check(entry)
            for entry in _walk(pdf.trailer):
                _check(entry)
            if _signed(pdf) and not unsigned:
                return content
            if _signed(pdf):
                _unsign(pdf)
            _without_names(pdf)
            buffer = BytesIO()
            pdf.save(buffer, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
            return buffer.getvalue()
    except pikepdf.PasswordError as error:
        raise FileRefused(FileFault.PROTECTED) from error
    except _BROKEN as error:
        raise FileRefused(FileFault.DAMAGED) from error
