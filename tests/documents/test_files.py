"""The parts of the room that other rooms already use."""

import zipfile
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from openpyxl import Workbook

from documents.enums import TableFault
from documents.errors import DamagedFile, TableError
from documents.reading import read_table
from documents.responses import attachment_response
from documents.services import read_file, store_file


def fault(content, name="a.csv", **limits):
    with pytest.raises(TableError) as error:
        read_table(BytesIO(content), name=name, required=("number",), **limits)
    return error.value.fault


def workbook(*rows):
    book, buffer = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


def packed(**files):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"", "a.csv", TableFault.EMPTY),
        (b"%PDF-1.7", "a.csv", TableFault.WRONG_TYPE),
        (b"<html>", "a.csv", TableFault.WRONG_TYPE),
        (b"number\n1", "a.exe", TableFault.WRONG_TYPE),
        (b"number\n\xff\xfe", "a.csv", TableFault.ENCODING),
        (b"number,number\n1,2", "a.csv", TableFault.DUPLICATE_COLUMN),
        (b"other\n1", "a.csv", TableFault.MISSING_COLUMN),
        (b"number\n1,2", "a.csv", TableFault.LONG_ROW),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"x", "a.xlsx", TableFault.PROTECTED),
        (b"PK\x03\x04rubbish", "a.xlsx", TableFault.DAMAGED),
    ],
)
def test_table_of_a_wrong_kind_is_refused_with_its_own_fault(content, name, expected):
    assert fault(content, name) == expected


def test_table_too_big_and_too_long_are_refused():
    assert fault(b"number\n" + b"1\n" * 100, max_bytes=50) == TableFault.TOO_BIG
    assert fault(b"number\n1\n2\n3", max_rows=2) == TableFault.TOO_MANY_ROWS


def test_table_zip_bomb_is_refused_unread():
    bomb = packed(xl__workbook_DOT_xml=b"0" * 200_000_000)
    assert len(bomb) < 300_000
    assert fault(bomb, "a.xlsx") == TableFault.UNSAFE


def test_table_with_macros_is_refused():
    content = workbook(["number"], ["1"])
    buffer = BytesIO(content)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert fault(buffer.getvalue(), "a.xlsx") == TableFault.MACROS


def test_table_keeps_leading_zeros_and_plain_numbers():
    table = read_table(BytesIO(workbook(["number", "n"], ["007", 12.0])), name="a.xlsx", required=("number", "n"))
    assert table.rows[0].values == {"number": "007", "n": "12"}
    assert table.rows[0].number == 2


@pytest.fixture
def stored(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return store_file(content=b"text", name="a\r\nb/../<x>.csv", content_type="text/csv", kind="test")


def test_stored_file_reads_back_under_a_random_name(stored):
    assert read_file(stored) == b"text"
    assert "a" not in stored.path.removeprefix("documents/").split("/")


def test_stored_file_that_was_changed_or_is_missing_says_so(stored):
    with default_storage.open(stored.path, "wb") as file:
        file.write(b"evil")
    with pytest.raises(DamagedFile, match="was changed"):
        read_file(stored)
    default_storage.delete(stored.path)
    with pytest.raises(DamagedFile, match="is missing"):
        read_file(stored)


def test_attachment_is_served_harmless(stored):
    answer = attachment_response(stored)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        answer.headers["Content-Security-Policy"]
        == "sandbox; default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
