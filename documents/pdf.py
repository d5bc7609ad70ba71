"""PDF letters, receipts and reports from templates."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.template.loader import render_to_string

from .errors import PdfUnavailable

HINT = (
    "PDF files cannot be made on this machine because the Pango libraries are missing. "
    "Ask the administrator to run: apt-get install libpangoft2-1.0-0 libharfbuzz-subset0 fonts-ddc-uchen"
)


@cache
def _style() -> str:
    return Path(__file__).with_name("pdf.css").read_text(encoding="utf-8")


def render_pdf(template_name: str, context: Mapping[str, object], *, title: str, lang: str = "en") -> bytes:
    """Return a tagged PDF/UA-1 of the template, which extends `pdf/base.html`.

    `title` and `lang` (such as "en" or "dz") join the context. Nothing is loaded from outside the page.
    About 0.05 s for a letter and 0.1 s a page: longer documents belong in a job. Raises PdfUnavailable.
    """
    html = render_to_string(template_name, {**context, "title": title, "lang": lang})
    try:
        # Lazy: WeasyPrint takes 0.5 s to load, and without Pango the import itself fails.
        from . import pdf_engine  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise PdfUnavailable(HINT) from error
    return pdf_engine.write_pdf(html, _style())
