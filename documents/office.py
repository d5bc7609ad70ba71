"""Word, Excel and PowerPoint files: only text, numbers and pictures; written anew without anybody's name."""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from defusedxml.ElementTree import ParseError, iterparse

from .archives import check_archive, check_markup, is_markup
from .enums import FileFault
from .errors import FileRefused, TableError

MAIN = {
    "docx": "wordprocessingml.document.main+xml",
    "xlsx": "spreadsheetml.sheet.main+xml",
    "pptx": "presentationml.presentation.main+xml",
}
# Parts that act, reach outside or carry another file, by a piece of their name.
ACTING_PARTS = {
    "/activex/": "a control", "/ctrlprops/": "a control", "/webextensions/": "an add-in", "customui/": "own buttons",
    "userCustomization/": "own buttons",
}  # fmt: skip
CARRYING = ("/embeddings/", "oleobject", "/media/media", "afchunk")
REACHING = {"/externallinks/": "another workbook", "xl/connections.xml": "a data connection",
            "/querytables/": "a query", "/model/": "a data model"}  # fmt: skip
MACRO_PARTS = ("vbaproject", "vbadata", "/macrosheets/", "/dialogsheets/")
# Word fields that fetch or call when the text is opened or printed.
_FIELD = re.compile(r"\b(DDE(?:AUTO)?|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|DATABASE|MACROBUTTON)\b", re.IGNORECASE)
_CALL = re.compile(r"\|\s*'|\b(?:CALL|REGISTER\.ID|EXEC|WEBSERVICE|FILTERXML)\s*\(", re.IGNORECASE)
_HYPERLINK = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)
_FOREIGN = (
    b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"MZ", b"\x7fELF", b"%PDF-", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b",
)  # fmt: skip
_AUTHOR = re.compile(rb"(\b[\w]+:(?:author|initials|userId|providerId))(\s*=\s*)(?:\"[^\"]*\"|'[^']*')")
_COMMENT = re.compile(rb"(<(?:\w+:)?author>)[^<]*(</)|(\b(?:displayName|userId|initials|name))=\"[^\"]*\"")
# What the readers raise at damage; zipfile raises NotImplementedError at a compression that it does not know.
_DAMAGED = (BadZipFile, zlib.error, EOFError, OSError, ValueError, LookupError, NotImplementedError, ParseError)
EMPTY_PARTS = {
    "docprops/core.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp="http://'
    b'schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docprops/app.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.'
    b'openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docprops/custom.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.'
    b'openxmlformats.org/officeDocument/2006/custom-properties"/>',
}  # fmt: skip
NAMED_PARTS = ("comments", "people", "persons", "commentauthors", "threadedcomments", "authors")


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]


def _elements(archive: ZipFile, entry: ZipInfo) -> Iterator[Any]:
    """Yield each element of a part when it ends, and forget it, so that memory stays small."""
    with archive.open(entry) as part:
        for _, element in iterparse(part, events=("end",), forbid_dtd=True):
            yield element
            element.clear()


def _check_names(archive: ZipFile) -> None:
    for entry in archive.infolist():
        name = "/" + entry.filename.lower()
        if any(piece in name for piece in MACRO_PARTS):
            raise FileRefused(FileFault.MACROS)
        if any(piece in name for piece in CARRYING):
            raise FileRefused(FileFault.NESTED)
        for piece, words in ACTING_PARTS.items():
            if piece in name:
                raise FileRefused(FileFault.ACTIVE, words)
        for piece, words in REACHING.items():
            if piece in name:
                raise FileRefused(FileFault.LINKED, words)


def _check_types(archive: ZipFile, ending: str) -> None:
    """Compare what the file says it is with its ending."""
    if "[Content_Types].xml" not in archive.namelist():
        raise FileRefused(FileFault.MISMATCH)
    types = [
        element.get("ContentType", "").lower()
        for element in _elements(archive, archive.getinfo("[Content_Types].xml"))
        if _local(element.tag) in ("Override", "Default")
    ]
    if any("macroenabled" in said or "vba" in said for said in types):
        raise FileRefused(FileFault.MACROS)
    if any("oleobject" in said or "activex" in said for said in types):
        raise FileRefused(FileFault.NESTED)
    if not any(said.endswith(MAIN[ending]) for said in types):
        raise FileRefused(FileFault.MISMATCH)


def _check_links(archive: ZipFile, entry: ZipInfo) -> None:
    for element in _elements(archive, entry):
        kind = element.get("Type", "").lower()
        target = element.get("Target", "")
        if "attachedtoolbars" in kind or "vbaproject" in kind:
            raise FileRefused(FileFault.MACROS)
        if element.get("TargetMode", "").lower() != "external":
            continue
        if not kind.endswith("/hyperlink") or not _HYPERLINK.match(target):
            raise FileRefused(FileFault.LINKED, target[:60] or "an empty address")


def _check_part(archive: ZipFile, entry: ZipInfo) -> None:
    """Refuse fields and formulas that call or fetch."""
    fields: list[str] = []
    for element in _elements(archive, entry):
        name = _local(element.tag)
        if name == "instrText":
            fields.append(element.text or "")
        elif name == "fldSimple":
            fields.append(next((v for k, v in element.items() if _local(k) == "instr"), ""))
        elif name == "fldChar" and "begin" in element.attrib.values():
            fields.append(" \n")
        elif name == "f" and _CALL.search(element.text or ""):
            raise FileRefused(FileFault.ACTIVE, "a formula that calls another program")
        elif name in ("oleLink", "ddeLink", "OLEObject", "control", "altChunk"):
            raise FileRefused(FileFault.ACTIVE, "a part of another program")
    found = _FIELD.search("".join(fields))
    if found:
        raise FileRefused(FileFault.ACTIVE, f"the field {found[1].upper()}")


def _check_binary(archive: ZipFile, entry: ZipInfo) -> None:
    with archive.open(entry) as part:
        if part.read(8).startswith(_FOREIGN):
            raise FileRefused(FileFault.NESTED)


def _nameless(name: str, content: bytes) -> bytes:
    """Return a part without the people who wrote or commented."""
    lower = name.lower()
    if lower in EMPTY_PARTS:
        return EMPTY_PARTS[lower]
    if not lower.endswith(".xml"):
        return content
    content = _AUTHOR.sub(rb'\1\2"Author"', content)
    stem = lower.rpartition("/")[2]
    if stem.startswith(NAMED_PARTS):
        content = _COMMENT.sub(lambda m: m[1] + b"Author" + m[2] if m[1] else m[3] + b'="Author"', content)
    return content


def _written(archive: ZipFile) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            plain = ZipInfo(entry.filename, date_time=(1980, 1, 1, 0, 0, 0))
            plain.compress_type = ZIP_DEFLATED
            new.writestr(plain, _nameless(entry.filename, archive.read(entry)))
    return buffer.getvalue()


def _refuse_double(content: bytes) -> None:
    """Refuse bytes behind the directory's end: another kind of file may stand there."""
    end = content.rfind(b"PK\x05\x06")
    if end < 0:
        raise FileRefused(FileFault.DAMAGED)
    if len(content) != end + 22:
        raise FileRefused(FileFault.DOUBLE)


def clean_office(content: bytes, ending: str) -> bytes:
    """Return the file written anew without authors; raises FileRefused.

    Bombs are refused from the directory, before anything is unpacked.
    """
    _refuse_double(content)
    try:
        with ZipFile(BytesIO(content)) as archive:
            _check_names(archive)
            check_archive(archive)
            check_markup(archive)
            _check_types(archive, ending)
            for entry in archive.infolist():
                if entry.filename.lower().endswith(".rels"):
                    _check_links(archive, entry)
                elif is_markup(archive, entry):
                    _check_part(archive, entry)
                else:
                    _check_binary(archive, entry)
            return _written(archive)
    except TableError as error:
        raise FileRefused(error.cause or FileFault.DAMAGED, error.detail) from error
    except _DAMAGED as error:
        raise FileRefused(FileFault.DAMAGED) from error
