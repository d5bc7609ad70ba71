"""The hostile corpus: none is kept, each is told why, and the process stays small."""

import io
import resource
import socket
import threading
import zipfile

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from PIL import Image

from documents.enums import FileFault
from documents.errors import FileRefused
from documents.inspecting import inspect
from documents.services import read_file, store_file
from documents.uploads import MAX_BYTES, receive, unsigned_copy

from ..sizes import full_size_only
from . import hostile
from .hostile_active import ACTIVE, HARMLESS

HOSTILE = hostile.HOSTILE | ACTIVE
GOOD = hostile.GOOD | HARMLESS


def offered(content, name="a.pdf"):
    return UploadedFile(io.BytesIO(content), name, size=len(content))


def refused(work):
    """Return the fault and its sentence, or nothing when the file was kept."""
    try:
        work()
    except FileRefused as no:
        return no.fault.value, no.message("x.pdf")
    return "kept", ""


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_file_is_refused_with_its_own_reason(case):
    name, make, fault = HOSTILE[case]
    if fault == "too_big":
        assert refused(lambda: receive(offered(make(), name), name))[0] == fault
    else:
        assert refused(lambda: inspect(make(), name))[0] == fault


def told(content, name):
    """Return the sentence with which a file is refused."""
    return refused(lambda: inspect(content, name))[1]


def test_refused_formula_says_where_it_stands():
    assert "(the function WEBSERVICE in cell A2)" in told(hostile.xlsx('=WEBSERVICE("http://e")'), "a.xlsx")
    assert "(row 3, column 2: +A1)" in told(b"a,b\n1,2\n3,+A1\n", "a.csv")


def test_photograph_of_a_phone_keeps_its_first_picture():
    found = inspect(GOOD["photograph of two pictures"][1](), "a.jpg")
    with Image.open(io.BytesIO(found.content)) as picture:
        assert (picture.format, picture.size, picture.getpixel((4, 3))[0] > 200) == ("JPEG", (9, 7), True)


def test_reader_that_stumbles_refuses_the_file_as_damaged(monkeypatch, tmp_path):
    """Whatever a reader raises at foreign bytes, nobody is told to try again in some minutes."""
    (tmp_path / "sitecustomize.py").write_text(
        "from PIL import ImageOps\ndef stumble(*_): raise RuntimeError('unknown format')\n"
        "ImageOps.exif_transpose = stumble\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert refused(lambda: receive(offered(hostile.image("JPEG"), "a.jpg"), "a.jpg"))[0] == "damaged"


@pytest.mark.parametrize("case", GOOD)
def test_good_file_is_kept(case):
    name, make = GOOD[case]
    found = receive(offered(make(), name), name)
    assert len(found.content) > 20
    assert b"Canary Author" not in found.content
    assert inspect(found.content, name).content_type == found.content_type


def test_every_refusal_has_a_sentence_of_its_own():
    sentences = {fault.label for fault in FileFault}
    assert len(sentences) == len(FileFault)
    assert all("{name}" in sentence for sentence in sentences - {FileFault.NONE.label})


@full_size_only
def test_whole_corpus_through_the_door_keeps_none_and_little_memory():
    """The parsers run in a process of their own: what a hostile file takes, the web process never holds."""
    files = [(name, make()) for name, make, fault in HOSTILE.values()]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept = [
        name for name, content in files if refused(lambda c=content, n=name: receive(offered(c, n), n))[0] == "kept"
    ]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (len(files) >= 25, kept) == (True, [])
    assert grown <= 64 * 1024  # kilobytes


def test_nothing_chosen_says_so():
    assert refused(lambda: receive(None)) == ("none", "Choose a file first.")


def test_file_of_exactly_the_limit_is_kept():
    assert len(receive(offered(b"a" * MAX_BYTES, "a.txt")).content) == MAX_BYTES


def test_picture_loses_author_and_place_and_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    found = receive(offered(hostile.image("JPEG", (20, 10), exif=exif), "a.jpg"), "a.jpg")
    with Image.open(io.BytesIO(found.content)) as picture:
        assert picture.size == (10, 20)
        assert dict(picture.getexif()) == {}


def test_document_loses_authors_of_properties_and_changes():
    body = '<w:p><w:ins w:id="1" w:author="Canary Author" w:initials="CA"><w:r><w:t>x</w:t></w:r></w:ins></w:p>'
    found = receive(offered(hostile.docx(body), "a.docx"), "a.docx")
    with zipfile.ZipFile(io.BytesIO(found.content)) as archive:
        whole = b"".join(archive.read(entry) for entry in archive.infolist())
    assert b"Canary" not in whole
    assert b'w:author="Author"' in whole


def test_pdf_loses_its_properties_but_a_signed_one_is_kept_byte_by_byte():
    plain = receive(offered(hostile.pdf()))
    with pikepdf.open(io.BytesIO(plain.content)) as made:
        assert "/Info" not in made.trailer
    signed = hostile.pdf(hostile.signed)
    assert receive(offered(signed)).content == signed


def test_copy_without_signatures_names_nobody_and_keeps_what_is_written(db):
    signed = hostile.pdf(hostile.signed)
    assert hostile.texts_of(signed).count(b"Canary") >= 5
    stored = store_file(content=signed, name="a.pdf", content_type="application/pdf", kind="attachment")
    copy = unsigned_copy(stored)
    assert b"Canary" not in hostile.texts_of(copy)
    assert [text in hostile.texts_of(copy) for text in (b"A plain answer", b"A plain remark")] == [True, True]
    assert read_file(stored) == signed


def test_unsigned_file_loses_the_names_of_its_parts_too():
    def filled_in(made):
        hostile.signed(made)
        made.Root.AcroForm.SigFlags = 0

    kept = hostile.texts_of(receive(offered(hostile.pdf(filled_in))).content)
    assert (b"Canary Author" in kept, b"A plain remark" in kept) == (False, True)


def test_inspector_that_dies_refuses_the_file(monkeypatch):
    monkeypatch.setattr("documents.uploads.SECONDS", 0.001)
    assert refused(lambda: receive(offered(hostile.pdf())))[0] == "unscanned"


@pytest.fixture
def scanner(settings):
    """A scanner that knows one pattern; it stops answering when `answers` is emptied."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings.CLAMD = f"127.0.0.1:{listener.getsockname()[1]}"
    answers = {"good": b"stream: OK\0"}

    def serve():
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                said = b""
                while not said.endswith(b"\0\0\0\0"):
                    said += line.recv(65536)
                found = hostile.EICAR in said
                line.sendall(b"stream: Eicar FOUND\0" if found else answers.get("good", b""))

    thread = threading.Thread(target=serve)
    thread.start()
    yield answers
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_scanner_refuses_the_test_virus_and_keeps_the_rest(scanner):
    assert refused(lambda: receive(offered(hostile.EICAR, "a.txt"), "a.txt"))[0] == "infected"
    assert receive(offered(b"harmless", "a.txt"), "a.txt").content == b"harmless"


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0"])
def test_scanner_that_gives_no_answer_refuses_everything(scanner, answer):
    scanner["good"] = answer
    assert refused(lambda: receive(offered(b"harmless", "a.txt"), "a.txt"))[0] == "unscanned"


def test_scanner_that_is_down_refuses_everything(settings):
    settings.CLAMD = "127.0.0.1:1"
    assert refused(lambda: receive(offered(b"harmless", "a.txt"), "a.txt"))[0] == "unscanned"


def test_without_a_scanner_the_test_virus_passes_as_text():
    """Negative control: only the scanner knows it."""
    assert receive(offered(hostile.EICAR, "a.txt"), "a.txt").content == hostile.EICAR


def test_upload_beyond_the_limit_is_counted_but_not_kept(rf):
    request = rf.post("/", {"file": SimpleUploadedFile("a.txt", b"a" * (MAX_BYTES + 3_000_000))})
    upload = request.FILES["file"]
    assert upload.size == MAX_BYTES + 3_000_000
    upload.seek(0, 2)
    assert upload.tell() <= MAX_BYTES + 65_536
    upload.close()
