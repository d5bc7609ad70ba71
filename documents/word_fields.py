"""Fields of Word documents: only those that reckon with what the document itself holds."""

import re

from .enums import FileFault
from .errors import FileRefused

# Left out on purpose: what fetches or calls (DDE, LINK, INCLUDETEXT, INCLUDEPICTURE, IMPORT, DATABASE, RD,
# MACROBUTTON) and what can write another field's name in numbers (QUOTE).
FIELDS = frozenset(
    """
    = ADDIN ADDRESSBLOCK ADVANCE AUTHOR AUTONUM AUTONUMLGL AUTONUMOUT AUTOTEXT AUTOTEXTLIST BARCODE BIBLIOGRAPHY
    BIDIOUTLINE CITATION COMMENTS COMPARE CREATEDATE DATE DISPLAYBARCODE DOCPROPERTY DOCVARIABLE EDITTIME EQ FILENAME
    FILESIZE FORMCHECKBOX FORMDROPDOWN FORMTEXT FORMULA GOTOBUTTON GREETINGLINE HYPERLINK IF INDEX INFO KEYWORDS
    LASTSAVEDBY LISTNUM MERGEFIELD MERGEREC MERGESEQ NEXT NEXTIF NOTEREF NUMCHARS NUMPAGES NUMWORDS PAGE PAGEREF
    PRINTDATE PRIVATE REF REVNUM SAVEDATE SECTION SECTIONPAGES SEQ SET SHAPE SKIPIF STYLEREF SUBJECT SYMBOL TA TC
    TEMPLATE TIME TITLE TOA TOC USERADDRESS USERINITIALS USERNAME XE
    """.split()
)
HYPERLINK = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)
_NAME = re.compile(r"\s*(=|[^\s\\\"=]+)")
_ANOTHER = "{another}"  # stands where a field lies inside, whose result nobody knows
_WORD = re.compile(r"\\\w|\"[^\"]*\"?|\S+")
_WITH_VALUE = ("\\l", "\\o", "\\t")


def _check_hyperlink(words: str) -> None:
    said = iter(_WORD.findall(words))
    for word in said:
        if word.lower() in _WITH_VALUE:
            next(said, None)
        elif not word.startswith("\\") or word.startswith("\\\\"):
            address = word.strip('"')
            if address and not HYPERLINK.match(address):
                raise FileRefused(FileFault.LINKED, address[:60])


def check_field(words: str) -> None:
    """Refuse a field that is not on the list, or a link that leads elsewhere than to the web; raises FileRefused."""
    found = _NAME.match(words)
    if found is None:
        if words.strip():
            raise FileRefused(FileFault.ACTIVE, "a field without a name")
        return  # an empty one does nothing
    name = found[1].upper()
    if name not in FIELDS:
        raise FileRefused(FileFault.ACTIVE, f"the field {name[:40]}")
    if name == "HYPERLINK":
        _check_hyperlink(words[found.end() :])


class Fields:
    """Collects the fields of one part as its elements end; a field may stand inside another."""

    def __init__(self) -> None:
        self.stray: list[str] = []  # words that no beginning announced
        self.open: list[list[str]] = []

    def mark(self, kind: str) -> None:
        """Take the mark with which a field begins or ends."""
        if kind == "begin":
            if self.open:
                self.open[-1].append(_ANOTHER)
            self.open.append([])
        elif kind == "end" and self.open:
            check_field("".join(self.open.pop()))

    def add(self, words: str) -> None:
        """Take a piece of a field's words."""
        (self.open[-1] if self.open else self.stray).append(words)

    def finish(self) -> None:
        """Check what never ended."""
        for words in (*self.open, self.stray):
            check_field("".join(words))
