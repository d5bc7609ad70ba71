"""The register import of a long file: checked, then imported, by a worker; its report waits for the requester."""

import io
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from documents.errors import TableError
from documents.models import StoredFile
from documents.reading import Table, read_table
from documents.services import read_file, store_file
from documents.sheets import write_workbook
from lifecycle.errors import NotPossible
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.models import Job

from ..models import User
from . import register

KIND, REPORT, SHEET = "register", "register_report", "register_errors"
CHECK, IMPORT = "people.check_register", "people.import_register"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200  # errors on the page; all of them are in the sheet


@dataclass(frozen=True)
class Report:
    """What came of a check or an import; `sheet` is the id of the file with every error, or else every change."""

    new: int = 0
    known: int = 0
    older: int = 0
    count: int = 0
    errors: tuple[dict[str, Any], ...] = ()
    change_count: int = 0
    changes: tuple[dict[str, Any], ...] = ()
    sheet: str = ""
    refused: str = ""

    @property
    def current(self) -> int:
        """Return how many known people are brought up to date."""
        return self.known - self.older


def key_of(stored: StoredFile, as_of: date) -> str:
    """Return what makes a job unique: the file and the day."""
    return f"{stored.pk}:{as_of.isoformat()}"


def ask(name: str, stored: StoredFile, *, by: User, as_of: date) -> Job:
    """Ask for the check or the import of a stored file, once."""
    return enqueue(name, key_of(stored, as_of), by_id=by.pk)


def job_of(name: str, stored: StoredFile) -> Job | None:
    """Return the file's newest job of that name."""
    return Job.objects.filter(name=name, key__startswith=f"{stored.pk}:").order_by("-pk").first()


def report_of(job: Job) -> Report | None:
    """Return what the job reported, or None before it is done."""
    stored = StoredFile.objects.filter(pk=job.result, kind=REPORT).first() if job.result else None
    return Report(**json.loads(read_file(stored))) if stored is not None else None


def table_of(content: bytes, name: str) -> Table:
    """Read the columns of the register; raises TableError."""
    return read_table(io.BytesIO(content), name=name, required=register.REQUIRED, optional=register.OPTIONAL)


def source_of(stored: StoredFile) -> str:
    """Return what every value of the file shows as its source."""
    return f"HR register, file {stored.original_name}"


def _file_of(job: RunningJob) -> tuple[StoredFile, date]:
    pk, _, day = job.key.partition(":")
    return StoredFile.objects.get(pk=pk, kind=KIND, owner_id=job.requested_by_id), date.fromisoformat(day)


def check(job: RunningJob) -> None:
    """Look at every row and report; writes no person."""
    stored, as_of = _file_of(job)
    job.progress(0, 2, "Reading the file")
    try:
        table = table_of(read_file(stored), stored.original_name)
    except TableError as error:
        _finish(job, Report(refused=error.message))
        return
    job.progress(1, 2, f"Checking {len(table.rows):,} rows")
    plan = register.look(table, as_of)
    _finish(job, _report(plan, _store_sheet(plan, stored, job.requested_by_id)))


def _report(plan: register.Plan, sheet: str = "") -> Report:
    return Report(
        plan.new, plan.known, plan.older, len(plan.errors), tuple(asdict(error) for error in plan.errors[:SHOWN]),
        len(plan.changes), tuple(asdict(change) for change in plan.changes[:SHOWN]), sheet,
    )  # fmt: skip


def import_all(job: RunningJob) -> None:
    """Import all rows and mark the job done in one transaction, or report why not."""
    stored, as_of = _file_of(job)
    by = User.objects.get(pk=job.requested_by_id or 0)
    job.progress(0, 2, "Reading the file")
    table = table_of(read_file(stored), stored.original_name)
    job.progress(1, 2, f"Importing {len(table.rows):,} rows")
    reports: list[str] = []
    try:
        with job.completing(result=lambda: reports[0]):
            plan = register.apply(table, by=by, as_of=as_of, source=source_of(stored))
            reports.append(_store_report(_report(plan), job.requested_by_id))
    except NotPossible as no:
        _finish(job, Report(refused=no.reason))


def _finish(job: RunningJob, report: Report) -> None:
    with job.completing(result=lambda: _store_report(report, job.requested_by_id)):
        pass


def _store_report(report: Report, owner_id: int | None) -> str:
    content = json.dumps(asdict(report)).encode()
    stored = store_file(
        content=content, name="report.json", content_type="application/json", kind=REPORT, owner_id=owner_id
    )
    return str(stored.pk)


def _store_sheet(plan: register.Plan, stored: StoredFile, owner_id: int | None) -> str:
    """Return the id of a sheet with every error or, where there is none, every change; empty without either."""
    title, name, filters = "To correct", "register-to-correct.xlsx", "every error"
    columns, widths = ["Row", "Column", "What to do"], {"What to do": 60}
    rows = [[error.row, error.column, error.message] for error in plan.errors]
    if not plan.errors:
        title, name, filters = "Changes", "register-changes.xlsx", "every change of name, address and agency"
        columns, widths = ["Row", "Employee number", "Column", "Now", "Then"], {"Now": 40, "Then": 40}
        rows = [[one.row, one.employee_number, one.column, one.old, one.new] for one in plan.changes]
    if not rows:
        return ""
    buffer = io.BytesIO()
    about = {"source": stored.original_name, "filters": filters}
    write_workbook(buffer, sheet_title=title, columns=columns, rows=rows, about=about, widths=widths)
    made = store_file(content=buffer.getvalue(), name=name, content_type=XLSX, kind=SHEET, owner_id=owner_id)
    return str(made.pk)
