"""Spreadsheets read back: texts stay texts."""

import csv
import os
import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from django.conf import settings
from openpyxl import load_workbook

from documents.sheets import write_csv, write_workbook

HOSTILE = ["=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@x", "\tx", "a\x00b", "x" * 40_000, "＝1"]
ABOUT = {"source": "test", "filters": "none", "policy_version": "none"}


def workbook(rows, columns=("Text",)):
    buffer = BytesIO()
    write_workbook(buffer, sheet_title="Data", columns=columns, rows=rows, about=ABOUT)
    return load_workbook(buffer)


@pytest.mark.parametrize("text", HOSTILE)
def test_workbook_text_is_never_a_formula(text):
    cell = workbook([[text]])["Data"]["A2"]
    assert cell.data_type in ("s", "inlineStr")
    assert cell.value == text.replace("\x00", "")[:32_767]


def test_workbook_keeps_numbers_and_shows_thimphu_time():
    row = workbook([[5, 2.5, datetime(2026, 12, 31, 18, tzinfo=UTC)]], ("A", "B", "C"))["Data"][2]
    assert [cell.value for cell in row] == [5, 2.5, datetime(2027, 1, 1)]


def test_workbook_names_no_library_and_says_its_source():
    book = workbook([["x"]])
    assert book.properties.creator == "Innovation Fund"
    assert "test" in [cell.value for row in book.worksheets[1].iter_rows() for cell in row]


def test_csv_hostile_text_is_guarded_and_negative_numbers_stay(tmp_path):
    path = tmp_path / "rows.csv"
    write_csv(path, columns=["t", "n"], rows=[[text, -5] for text in HOSTILE[:6]])
    rows = list(csv.reader(StringIO(path.read_text(encoding="utf-8-sig"))))[1:]
    assert [row[1] for row in rows] == ["-5"] * 6
    assert all(row[0].startswith("'") for row in rows)


def test_serving_loads_no_library_that_only_files_and_sums_need():
    """Half a second a process at every start, and memory for good: openpyxl alone loads numpy."""
    script = (
        "import sys, django; django.setup(); import config.urls, config.celery; "
        "print(*sorted({'numpy', 'scipy', 'openpyxl', 'weasyprint', 'pypdf'} & set(sys.modules)))"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
