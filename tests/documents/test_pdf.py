"""Hostile text in a PDF: nothing is fetched, nothing is embedded; the file is tagged."""

import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO

import pikepdf
import pytest
from pypdf import PdfReader

from documents.pdf import render_pdf

CANARY = "canary-7391-in-a-local-file"


@pytest.fixture
def trap():
    """A server on loopback that counts who asks it for anything."""
    hits = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", hits
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def template(settings, tmp_path):
    """Return a function that writes a template on the base, its text marked safe on purpose."""
    (tmp_path / "pdf").mkdir()
    options = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    settings.TEMPLATES = options

    def write(text):
        page = '{% extends "pdf/base.html" %}{% block content %}' + text + "{% endblock %}"
        (tmp_path / "pdf" / "letter.html").write_text(page)
        return "pdf/letter.html"

    return write


def streams(content):
    with pikepdf.open(BytesIO(content)) as pdf:
        return b"".join(o.read_bytes() for o in pdf.objects if isinstance(o, pikepdf.Stream) and "/Width" not in o)


def test_pdf_fetches_nothing_and_embeds_nothing(trap, template, tmp_path):
    address, hits = trap
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)
    hostile = (
        f'<link rel="stylesheet" href="{address}/a.css"><img src="{address}/b.png" alt="b">'
        f'<link rel="attachment" href="file://{secret}"><style>@import "{address}/c.css";</style>'
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}/d.png"/></svg><p>still here</p>'
    )
    content = render_pdf(template(hostile), {}, title="Letter")
    assert hits == []
    assert CANARY.encode() not in streams(content)
    assert "still here" in PdfReader(BytesIO(content)).pages[0].extract_text()


def test_pdf_is_tagged_and_names_its_language(template):
    content = render_pdf(template("<h1>Receipt</h1>"), {}, title="Receipt 17")
    with pikepdf.open(BytesIO(content)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo["/Title"]) == "Receipt 17"
        assert "/Author" not in pdf.docinfo


def test_pdf_escapes_what_people_typed(template):
    content = render_pdf(template("<p>{{ name }}</p>"), {"name": "<b>x</b>"}, title="t")
    assert "<b>x</b>" in PdfReader(BytesIO(content)).pages[0].extract_text()


def test_pdf_keeps_dzongkha_in_order(template):
    name = "སྐལ་བཟང་རྡོ་རྗེ"
    content = render_pdf(template('<p lang="dz">{{ name }}</p>'), {"name": name}, title="t")
    assert name in re.sub(r"\s", "", PdfReader(BytesIO(content)).pages[0].extract_text())
