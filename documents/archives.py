"""Looking into a zip file before anything is unpacked."""

import stat
import zlib
from zipfile import BadZipFile, ZipFile, ZipInfo

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from .enums import FileFault, TableFault
from .errors import TableError

MAX_ENTRIES = 1_000  # a workbook of 50 sheets has about 150
MAX_UNPACKED = 64 * 1024 * 1024  # bytes; 50,000 rows of 15 columns take about 35 MB
MAX_RATIO = 100  # unpacked / packed; real sheets reach about 40
RATIO_COUNTS_FROM = 1024 * 1024  # bytes; tiny repetitive files may be denser
ARCHIVES = (".zip", ".gz", ".7z", ".rar", ".jar", ".xlsx", ".xlsm", ".docx", ".docm", ".pptx")
UNSAFE = "The file is built in a way that no spreadsheet needs ({}). Save it again in Excel as .xlsx and upload that."


def _refuse(detail: str, cause: FileFault = FileFault.UNSAFE) -> TableError:
    return TableError(TableFault.UNSAFE, UNSAFE.format(detail), cause=cause, detail=detail)


def _check_entry(entry: ZipInfo) -> None:
    """Refuse one entry by its declared facts."""
    name = entry.filename.lower()
    if entry.flag_bits & 1:
        words = "The file has a password. Remove the password, save, and upload again."
        raise TableError(TableFault.PROTECTED, words, cause=FileFault.PROTECTED)
    if name.endswith("vbaproject.bin"):
        words = "The file holds macros. Save it as .xlsx without macros and upload that."
        raise TableError(TableFault.MACROS, words, cause=FileFault.MACROS)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _refuse("a link")
    if name.startswith("/") or "\\" in name or ".." in name.split("/"):
        raise _refuse("a path outside the file")
    if name.endswith(ARCHIVES):
        raise _refuse("a file packed inside the file", FileFault.NESTED)


def check_archive(archive: ZipFile) -> None:
    """Refuse bombs, links, macros, passwords and nested archives from the directory alone; raises TableError.

    Python never unpacks more of an entry than the directory declares, so the declared sizes can be trusted.
    """
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise _refuse("too many parts")
    if len({entry.filename.lower() for entry in entries}) != len(entries):
        raise _refuse("two parts with one name")
    for entry in entries:
        _check_entry(entry)
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise _refuse(f"it unpacks to more than {MAX_UNPACKED // 1024**2} MB", FileFault.BOMB)
    if unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * packed:
        raise _refuse("it unpacks to more than a hundred times its size", FileFault.BOMB)


def is_markup(archive: ZipFile, entry: ZipInfo) -> bool:
    """Tell whether a part is XML by its name or by how it begins, in any encoding that a parser would accept."""
    if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
        return True
    with archive.open(entry) as part:
        head = part.read(64)
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \r\n\t").startswith(b"<")


def check_markup(archive: ZipFile) -> None:
    """Refuse every XML part with a document type; raises TableError.

    A document type can only stand before the first element, so one event a part is enough.
    """
    for entry in archive.infolist():
        try:
            if not is_markup(archive, entry):
                continue
            with archive.open(entry) as part:
                next(iterparse(part, events=("start",), forbid_dtd=True), None)
        except DefusedXmlException as error:
            raise _refuse("a document type declaration", FileFault.MARKUP) from error
        # zipfile raises NotImplementedError at a compression that it does not know
        except (ParseError, BadZipFile, zlib.error, EOFError, ValueError, LookupError, NotImplementedError) as error:
            raise TableError(
                TableFault.DAMAGED, "The file is damaged. Open it in Excel, save it again, and upload that."
            ) from error
