"""The decision file: one PDF of everything on a proposal, made by a job for those who look into it."""

from collections.abc import Callable, Mapping
from multiprocessing.pool import ThreadPool
from uuid import UUID, uuid4

from documents.models import StoredFile
from documents.pdf import render_pdf
from documents.services import store_file
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.models import Job
from people.models import User
from proposals.models import Proposal
from proposals.queries import content_of
from proposals.reading import groups_of

from ..decision_file import events_of
from ..policies import LOOKED, reads_decision_file

KIND = "decision_file"
NAME = "evaluation.make_decision_file"
BREATH = 10  # seconds between two signs of life while a long document is laid out; a job's lease is longer
STEPS = 3


def files_of(proposal: Proposal) -> list[StoredFile]:
    """Return the files that were made, the newest first; each stays as it was made."""
    return list(StoredFile.objects.filter(case=proposal.case, kind=KIND).order_by("-created_at", "id"))


def going_on(proposal: Proposal, user: User) -> Job | None:
    """Return the person's newest job on it that is not done, or None."""
    own = Job.objects.filter(name=NAME, key__startswith=f"{proposal.case}:", requested_by_id=user.pk)
    newest = own.order_by("-pk").first()
    return None if newest is None or newest.state == "done" else newest


def ask(proposal: Proposal, *, by: User) -> Job:
    """Ask for the file of today; the asking is on the trail. One that is being made for `by` is returned again."""
    if not reads_decision_file(proposal, by):
        raise NotPossible("The decision file is for those who look into a decision.", forbidden=True)
    running = going_on(proposal, by)
    if running is not None and running.state != "failed":
        return running
    trail.record(proposal, action=LOOKED, by=by)
    return enqueue(NAME, f"{proposal.case}:{uuid4().hex}", by_id=by.pk)


def make(job: RunningJob, words: Mapping[str, str]) -> None:
    """Gather, lay out and store; who lost the right in between gets nothing."""
    viewer = User.objects.get(pk=job.requested_by_id or 0)
    case = UUID(job.key.split(":")[0])
    seen = Proposal.objects.visible_to(viewer).select_related("call", "lead_agency")
    proposal = seen.get(case=case)
    if not reads_decision_file(proposal, viewer):
        raise NotPossible("The right to read it has ended.", forbidden=True)
    job.progress(0, STEPS, "Gathering what happened")
    content = content_of(proposal)
    context = {
        "reference": proposal.reference, "name": proposal.title, "made_at": clock.now(),
        "call": proposal.call.title if proposal.call else "", "agency": proposal.lead_agency.name,
        "events": events_of(proposal, words), "groups": groups_of(content) if content else [],
        "attachments": content["attachments"] if content else [],
    }  # fmt: skip
    title = f"Decision file {proposal.reference}"
    pdf = _patiently(job, lambda: render_pdf("pdf/decision_file.html", context, title=title))
    job.progress(STEPS - 1, STEPS, "Storing the file")
    day = f"{clock.today():%Y-%m-%d}"
    with job.completing():
        store_file(
            content=pdf, name=f"{proposal.reference}-decision-file-{day}.pdf", content_type="application/pdf",
            kind=KIND, case=case,
        )  # fmt: skip


def _patiently(job: RunningJob, lay_out: Callable[[], bytes]) -> bytes:
    """Lay out in a second thread, which asks the database nothing, while this one renews the lease."""
    with ThreadPool(1) as pool:
        laid_out = pool.apply_async(lay_out)
        while not laid_out.ready():
            job.progress(1, STEPS, "Laying out the pages; a long file takes a minute")
            laid_out.wait(BREATH)
        return laid_out.get()
