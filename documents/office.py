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
from .formulas import check_formula
from .word_fields import HYPERLINK, Fields, check_field

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
# The same by what the file says they are, since a part may lie under any name.
TYPES = {
    FileFault.MACROS: ("macroenabled", "vba", "macrosheet", "dialogsheet", "attachedtoolbars"),
    FileFault.NESTED: ("oleobject", "activex", "afchunk", "/package"),
    FileFault.LINKED: ("externallink", "connections+xml", "querytable", "/querytable", "subdocument"),
    FileFault.ACTIVE: ("webextension", "ctrlprop", "customui", "/control"),
}
TYPE_WORDS = {FileFault.LINKED: "another file", FileFault.ACTIVE: "an add-in"}
# Elements of another program, of a data source, of a macro.
ACTING_ELEMENTS = {
    "oleLink": "a part of another program", "ddeLink": "a part of another program", "script": "a script",
    "OLEObject": "a part of another program", "control": "a control", "altChunk": "another file inside",
}  # fmt: skip
LINKED_ELEMENTS = {"mailMerge": "a data source", "dbPr": "a data connection", "webPr": "a data connection"}
MACRO_ELEMENTS = ("macrosheet", "dialogsheet", "entryMacro", "exitMacro")
_FORMULA = re.compile(r"f|definedName|\w*formula\w*|fmla\w*", re.IGNORECASE)  # elements whose text is one
_FORMULA_ATTRIBUTE = re.compile(r"formula\d?|textlink|fmla(?:link|range|txbx|pict|group)", re.IGNORECASE)
_MACRO_ATTRIBUTE = re.compile(r"macro|fmlamacro|onaction", re.IGNORECASE)
_SLIDE_ACTIONS = ("", "noaction", "hlinksldjump", "hlinkshowjump", "customshow")
_SLIDE_ACTION = re.compile(r"ppaction://([a-z]*)", re.IGNORECASE)
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


def _check_type(said: str) -> None:
    """Refuse what a part says that it is, or what a relation says that it leads to."""
    for fault, pieces in TYPES.items():
        if any(piece in said for piece in pieces):
            raise FileRefused(fault, TYPE_WORDS.get(fault, ""))


def _check_types(archive: ZipFile, ending: str) -> None:
    """Compare what the file says it is with its ending."""
    if "[Content_Types].xml" not in archive.namelist():
        raise FileRefused(FileFault.MISMATCH)
    types = [
        element.get("ContentType", "").lower()
        for element in _elements(archive, archive.getinfo("[Content_Types].xml"))
        if _local(element.tag) in ("Override", "Default")
    ]
    for said in types:
        _check_type(said)
    if not any(said.endswith(MAIN[ending]) for said in types):
        raise FileRefused(FileFault.MISMATCH)


def _check_links(archive: ZipFile, entry: ZipInfo) -> None:
    for element in _elements(archive, entry):
        kind = element.get("Type", "").lower()
        target = element.get("Target", "")
        if element.get("TargetMode", "").lower() == "external":
            if not kind.endswith("/hyperlink") or not HYPERLINK.match(target):
                raise FileRefused(FileFault.LINKED, target[:60] or "an empty address")
        elif kind:
            _check_type("/" + kind.rpartition("/")[2])


def _check_attributes(element: Any) -> None:
    for key, value in element.items():
        name = _local(key)
        if _FORMULA_ATTRIBUTE.fullmatch(name):
            check_formula(value)
        elif _MACRO_ATTRIBUTE.fullmatch(name) and value.strip():
            raise FileRefused(FileFault.MACROS)
        elif name == "action":
            found = _SLIDE_ACTION.match(value)
            if found and found[1].lower() not in _SLIDE_ACTIONS:
                raise FileRefused(FileFault.ACTIVE, "a button that starts something")


def _check_element(name: str, element: Any, where: str) -> None:
    """Refuse an element of a macro or another program, and a formula that calls or fetches, wherever it stands."""
    if name in MACRO_ELEMENTS:
        raise FileRefused(FileFault.MACROS)
    if name in ACTING_ELEMENTS:
        raise FileRefused(FileFault.ACTIVE, ACTING_ELEMENTS[name])
    if name in LINKED_ELEMENTS:
        raise FileRefused(FileFault.LINKED, LINKED_ELEMENTS[name])
    if name == "definedName" and _is_macro_name(element):
        raise FileRefused(FileFault.MACROS)
    text = (element.text or "").strip()
    if text and _FORMULA.fullmatch(name):
        if name.lower() == "fmlamacro":
            raise FileRefused(FileFault.MACROS)
        check_formula(text, where or (f"in the name {element.get('name', '')[:40]}" if name == "definedName" else ""))
    if element.attrib:
        _check_attributes(element)


def _is_macro_name(element: Any) -> bool:
    """Tell whether a defined name runs by itself, or names a macro."""
    own = element.get("name", "").lower().removeprefix("_xlnm.")
    flags = (element.get(key, "0") for key in ("function", "vbProcedure", "xlm"))
    return own.startswith(("auto_open", "auto_close", "auto_activate")) or any(flag in ("1", "true") for flag in flags)


def _check_part(archive: ZipFile, entry: ZipInfo) -> None:
    """Refuse fields and formulas that call or fetch."""
    fields, cell = Fields(), ""
    with archive.open(entry) as part:
        for event, element in iterparse(part, events=("start", "end"), forbid_dtd=True):
            name = _local(element.tag)
            if event == "start":
                cell = element.get("r", "") if name == "c" else cell
                if name == "fldChar":
                    fields.mark(next((v for k, v in element.items() if _local(k) == "fldCharType"), ""))
                continue
            if name in ("instrText", "delInstrText"):
                fields.add(element.text or "")
            elif name == "fldSimple":
                check_field(next((v for k, v in element.items() if _local(k) == "instr"), ""))
            _check_element(name, element, f"in cell {cell}" if name == "f" and cell else "")
            cell = "" if name == "c" else cell
            element.clear()
    fields.finish()


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
