"""A person's own record as a PDF in their own hands, numbers included."""

from uuid import uuid4

from documents.pdf import render_pdf
from documents.services import store_file
from lifecycle import clock
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.models import Job
from people.models import User
from people.queries import snapshot_of

from ..enums import ANSWER_TO_ONESELF, Answer
from ..queries import own_record


def ask_for_record(*, by: User) -> Job:
    """Ask for the PDF of one's own record."""
    return enqueue("incentives.make_own_record", uuid4().hex, by_id=by.pk)


def make_record(job: RunningJob) -> None:
    """Render it for the person who asked, and nobody else."""
    person = User.objects.get(pk=job.requested_by_id or 0)
    job.progress(0, 1, "Writing the PDF")
    record = own_record(person)
    context = {
        "person": person, "post": snapshot_of(person), "record": record, "today": clock.today(),
        "answer": ANSWER_TO_ONESELF[Answer(record.evaluation.result)],
    }  # fmt: skip
    pdf = render_pdf("pdf/my_record.html", context, title="My record in the Innovation Fund")
    stored: list[str] = []
    with job.completing(result=lambda: stored[0]):
        row = store_file(
            content=pdf, name="my-record.pdf", content_type="application/pdf", kind="own-record", owner_id=person.pk
        )
        stored.append(str(row.pk))
