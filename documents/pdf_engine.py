"""The only module that touches WeasyPrint; `documents.pdf` imports it lazily."""

from typing import Any

from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

# Charts and seals come as data inside the page; everything else would leave it.
OWN_IMAGES = ("data:image/svg+xml", "data:image/png", "data:image/jpeg")


class RefuseAll(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Fetches nothing from the network or the disk; only images written into the page itself."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Return an inline image; raise ValueError for every other address."""
        if not url.lower().startswith(OWN_IMAGES):
            raise ValueError("A document may not load anything from outside.")
        return super().fetch(url, headers)


def write_pdf(html: str, css: str) -> bytes:
    """Return a tagged PDF/UA-1 of `html` styled by `css`, without embedded files or names of people."""
    fetcher = RefuseAll(allowed_protocols=["data"], allow_redirects=False)
    sheet = CSS(string=css, url_fetcher=fetcher)
    options: dict[str, Any] = {"pdf_variant": "pdf/ua-1"}
    document = HTML(string=html, url_fetcher=fetcher).render(stylesheets=[sheet], **options)
    document.metadata.authors = []
    document.metadata.attachments = []
    pdf: bytes = document.write_pdf(**options)
    return pdf
