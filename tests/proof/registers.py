"""A register file of many people, checked and imported by jobs as the page does it, and how long that took."""

import csv
import time
from datetime import date
from io import BytesIO, StringIO

from openpyxl import Workbook

from documents.services import store_file
from lifecycle import jobs
from lifecycle.enums import JobState
from people.services import register, register_jobs

HEADER = (*register.REQUIRED, *register.OPTIONAL)
DAY = date(2026, 11, 1)


def rows_of(count, agencies, name="Person", letter="R"):
    """Return rows of people whose numbers begin with `letter`; all but the first have a manager of the same file."""
    return [
        [f"{letter}{n:06d}", f"{name} {n}", f"{letter.lower()}{n}@register.example", agencies[n % len(agencies)],
         "P3", "2024-01-01", "regular", f"{letter}{n // 20:06d}" if n else "", "2023-05-01"]
        for n in range(count)
    ]  # fmt: skip


def file_of(kind, rows):
    """Return the content of a csv or xlsx file."""
    if kind == "csv":
        text = StringIO()
        csv.writer(text).writerows([HEADER, *rows])
        return text.getvalue().encode()
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (HEADER, *rows):
        sheet.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def seconds_of(kind, rows, by):
    """Return how long the check and the import took, in seconds, and what the import reported."""
    name = f"register.{kind}"
    stored = store_file(
        content=file_of(kind, rows), name=name, content_type="text/plain", kind=register_jobs.KIND, owner_id=by.pk
    )
    took = []
    for job_name in (register_jobs.CHECK, register_jobs.IMPORT):
        job = register_jobs.ask(job_name, stored, by=by, as_of=DAY)
        start = time.perf_counter()
        jobs.run(job.pk)
        took.append(time.perf_counter() - start)
        job.refresh_from_db()
        if job.state != JobState.DONE:
            raise AssertionError(f"{job_name} is {job.state}: {job.message}")
    return took, register_jobs.report_of(job)
