"""The PDF copy of what was submitted."""

from uuid import UUID

from documents.models import StoredFile
from documents.pdf import render_pdf
from documents.services import store_file
from lifecycle.jobs import RunningJob

from ..models import Proposal
from ..reading import groups_of

KIND = "receipt"


def receipt_of(proposal: Proposal) -> StoredFile | None:
    """Return the PDF copy, or None while it is being made."""
    return StoredFile.objects.filter(case=proposal.case, kind=KIND).first()


def make(job: RunningJob) -> None:
    """Render and store the copy; the stored row and the job's done-mark are one transaction."""
    case = UUID(job.key.split(":")[0])
    proposal = Proposal.objects.select_related("call", "lead_agency").get(case=case)
    version = proposal.versions.last()
    if version is None:
        raise ValueError(f"{proposal.reference} has no version.")
    job.progress(0, 1, "Writing the PDF")
    content = version.facts
    pdf = render_pdf(
        "pdf/receipt.html",
        {"proposal": proposal, "version": version, "content": content, "groups": groups_of(content)},
        title=f"{proposal.reference}: {proposal.title}",
    )
    with job.completing():
        store_file(content=pdf, name=f"{proposal.reference}.pdf", content_type="application/pdf", kind=KIND, case=case)
