"""Looking into one uploaded file: what it really is, and a copy without what nobody asked for. Pure."""

from .images import clean_image
from .kinds import Inspected, check_start, kind_of
from .office import MAIN, clean_office
from .pdf_files import clean_pdf
from .plain import check_text


def inspect(content: bytes, name: str, *, unsigned: bool = False) -> Inspected:
    """Return the cleaned file with its type, a PDF without signatures where asked; raises FileRefused.

    Parsers of foreign formats run here, so that the product calls it only inside `documents.uploads`,
    which gives it a process of its own with bounded memory and time.
    """
    kind = kind_of(name)
    check_start(kind, content)
    if kind.ending == "pdf":
        clean = clean_pdf(content, unsigned=unsigned)
    elif kind.ending in MAIN:
        clean = clean_office(content, kind.ending)
    elif kind.starts:
        clean = clean_image(content, kind.content_type)
    else:
        clean = check_text(content, table=kind.ending == "csv")
    return Inspected(clean, kind.content_type)
