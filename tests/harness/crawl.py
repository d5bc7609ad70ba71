"""Every page and file that a person reaches, with all that they say: text, headers, parts and metadata of files."""

import io
import re
import zipfile

from pypdf import PdfReader

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINK = re.compile(r'href="(/[^"#]*)"')
OWN = {"x-request-id", "set-cookie", "expires"}  # new in every response, whatever it shows


def text_of(answer):
    """Return all that a page or a file says: its headers, each part of a workbook, a PDF's words and metadata."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = {name: value for name, value in answer.headers.items() if name.lower() not in OWN}
    said, kind = f"{headers!r}\n", answer.headers["Content-Type"]
    if kind == "application/pdf":
        pdf = PdfReader(io.BytesIO(content))
        about = pdf.xmp_metadata.stream.get_data() if pdf.xmp_metadata else b""
        return said + "".join(page.extract_text() for page in pdf.pages) + repr((pdf.metadata, about, pdf.attachments))
    if kind == XLSX:
        book = zipfile.ZipFile(io.BytesIO(content))
        return said + "".join(f"{name}\n{book.read(name).decode()}" for name in book.namelist())
    return said + content.decode()


def pages(client, paths):
    """Open the addresses and all that they lead to, each once; yield (address, answer, what it says).

    No link leads to a page that its reader may not open.
    """
    waiting, known, shown_on = list(paths), set(paths), {}
    while waiting:
        path = waiting.pop()
        answer = client.get(path)
        assert path not in shown_on or answer.status_code < 400, (shown_on[path], path, answer.status_code)
        text = text_of(answer)
        yield path, answer, text
        links = {link for link in LINK.findall(text) if not link.startswith("/static/")}
        found = {link for link in {answer.headers.get("Location", "/"), *links} if link.partition("?")[0] not in known}
        known |= {link.partition("?")[0] for link in found}
        shown_on |= dict.fromkeys(found, path)
        waiting += sorted(found)
