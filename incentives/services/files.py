"""Files for the HR committee, made by a worker: a PDF annex of one person, an xlsx of the cohort. No numbers."""

import io
import json
from dataclasses import asdict
from uuid import uuid4

from documents.pdf import render_pdf
from documents.services import store_file
from documents.sheets import write_workbook
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.models import Job
from people.models import User
from people.services.access import log_look, log_looks

from ..disclosure import HOW
from ..enums import Answer
from ..hr_queries import VerifiedRecord, Wanted, hr_file, people_for_hr
from ..queries import files_for
from ..takeup import COLUMNS as GROUP_COLUMNS
from ..takeup import as_rows, take_up
from .grounds import since_check

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOTICE = "Not being here says nothing about anybody's performance. This is not a promotion decision."
COLUMNS = ("Employee number", "Name", "Agency", "Verified records", "Rules", "Answer", "Policy version", "Checked on")
POLICY = COLUMNS.index("Policy version")
LISTED = "List of verified records (xlsx)"  # how the access log begins each look by a list
MARKS = {"met": "met", "not_met": "not met", "not_known": "we need a fact from HR"}
ANSWERS = {str(answer): str(answer.label) for answer in Answer}


def ask_for_annex(*, by: User, person: User, why: str) -> Job:
    """Ask for the PDF annex of one person; `why` is the purpose, which the person reads."""
    log_look(viewer=by, person=person, what=f"Annex for the HR committee (PDF): {why}")
    return enqueue("incentives.make_annex", f"{person.pk}:{uuid4().hex}", by_id=by.pk)


def ask_for_cohort(*, by: User, wanted: Wanted, why: str) -> Job:
    """Ask for the xlsx of everybody on the list as it is narrowed."""
    key = json.dumps([uuid4().hex, why, *asdict(wanted).values()])
    return enqueue("incentives.make_cohort", key, by_id=by.pk)


def ask_for_take_up(*, by: User) -> Job:
    """Ask for the xlsx of the take-up by group."""
    return enqueue("incentives.make_take_up", uuid4().hex, by_id=by.pk)


def make_annex(job: RunningJob) -> None:
    """Render and store the annex for its requester; who lost the right in between gets nothing."""
    viewer = User.objects.get(pk=job.requested_by_id or 0)
    person = files_for(viewer).get(pk=int(job.key.split(":")[0]))
    job.progress(0, 1, "Writing the PDF")
    file = hr_file(person)
    context = {"person": person, "file": file, "notice": NOTICE, "since": since_check(person, file.checked_at)}
    pdf = render_pdf("pdf/hr_annex.html", context, title=f"Verified records of {person.full_name}")
    stored: list[str] = []
    with job.completing(result=lambda: stored[0]):
        name = f"annex-{person.employee_number}.pdf".replace("/", "-")
        row = store_file(content=pdf, name=name, content_type="application/pdf", kind="annex", owner_id=viewer.pk)
        stored.append(str(row.pk))


def make_cohort(job: RunningJob) -> None:
    """Write the cohort's sheet row by row, with progress; each person's look is logged with it."""
    viewer = User.objects.get(pk=job.requested_by_id or 0)
    why, wanted = json.loads(job.key)[1], Wanted(*json.loads(job.key)[2:])
    people = list(people_for_hr(viewer, wanted))
    rows = []
    for place, person in enumerate(people):
        job.progress(place, len(people), f"{place} of {len(people)} people")
        rows.append(_row(person))
    buffer = io.BytesIO()
    filters = "; ".join(f"{name}: {value}" for name, value in asdict(wanted).items() if value)
    about = {
        "source": "Innovation Fund, verified records", "filters": filters or "none", "Notice": NOTICE,
        "policy_version": ", ".join(sorted({row[POLICY] for row in rows} - {""})) or "none: nobody is checked yet",
    }  # fmt: skip
    write_workbook(buffer, sheet_title="Verified records", columns=COLUMNS, rows=rows, about=about)
    job.progress(len(people), max(len(people), 1), "Storing the file")
    stored: list[str] = []
    with job.completing(result=lambda: stored[0]):
        log_looks(viewer=viewer, people=people, what=f"{LISTED}: {why}")
        row = store_file(
            content=buffer.getvalue(), name="verified-records.xlsx", content_type=XLSX, kind="cohort",
            owner_id=viewer.pk,
        )  # fmt: skip
        stored.append(str(row.pk))


def _row(person: User) -> list[str]:
    found = hr_file(person)
    records = "; ".join(f"{': '.join(filter(None, [r.label, r.title]))}{_marks(r)}" for r in found.records)
    agency = str(getattr(person, "agency_name", ""))
    if found.evaluation is None:
        return [person.employee_number or "", person.full_name, agency, records, "Not yet checked", "", "", ""]
    marks = "; ".join(f"{mark.label}: {MARKS[mark.mark]}" for mark in found.evaluation.rules)
    since = since_check(person, found.checked_at)
    answer = ANSWERS[found.evaluation.result] + (f". {since} Check the rules again." if since else "")
    return [
        person.employee_number or "", person.full_name, agency, records, marks, answer, found.evaluation.policy_version,
        found.evaluation.day.isoformat(),
    ]  # fmt: skip


def _marks(record: VerifiedRecord) -> str:
    """Return what a reader must know of a record: that it was taken back, or is being looked at again."""
    taken, again = " (taken back)" * record.taken_back, " (under a second look)" * record.contested
    return taken + again


def make_take_up(job: RunningJob) -> None:
    """Write the take-up by group, told as on the page."""
    buffer = io.BytesIO()
    columns = ("By", "Group", *GROUP_COLUMNS)
    about = {
        "source": "Innovation Fund, take-up of recognition", "filters": "none", "Notice": NOTICE, "Figures": HOW,
        "policy_version": "none: no figure here depends on it",
    }  # fmt: skip
    job.progress(0, 1, "Writing the file")
    write_workbook(buffer, sheet_title="Take-up", columns=columns, rows=as_rows(take_up()), about=about)
    stored: list[str] = []
    with job.completing(result=lambda: stored[0]):
        row = store_file(
            content=buffer.getvalue(), name="take-up.xlsx", content_type=XLSX, kind="take-up",
            owner_id=job.requested_by_id,
        )  # fmt: skip
        stored.append(str(row.pk))
