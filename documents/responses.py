"""Handing a stored file to a browser so that nothing in it can run."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from .models import StoredFile
from .names import safe_name
from .services import read_file

# Anything else, above all HTML and SVG, goes out as plain bytes.
SENT_AS_IS = {
    "application/pdf",
    "application/json",
    "application/zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "image/png",
    "image/jpeg",
    "text/csv",
    "text/plain",
}


def attachment_response(stored: StoredFile, name: str = "", content: bytes | None = None) -> HttpResponse:
    """Return the file, or `content` made of it, as a download under `name` or its own; raises DamagedFile.

    The caller has checked that the user may have it.
    """
    content_type = stored.content_type if stored.content_type in SENT_AS_IS else "application/octet-stream"
    if content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    response = HttpResponse(read_file(stored) if content is None else content, content_type=content_type)
    disposition = content_disposition_header(as_attachment=True, filename=safe_name(name or stored.original_name))
    response.headers["Content-Disposition"] = disposition or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response
