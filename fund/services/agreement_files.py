"""The PDF of one version of an agreement, made by a worker for whoever sees the grant."""

from uuid import uuid4

from documents.pdf import render_pdf
from documents.services import store_file
from lifecycle.errors import NotPossible
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.models import Job
from people.models import User

from ..models import AgreementVersion, Grant
from ..terms import in_words
from . import agreement

NAME = "fund.make_agreement"


def ask(version: AgreementVersion, *, by: User) -> Job:
    """Ask for the PDF."""
    return enqueue(NAME, f"{version.pk}:{uuid4().hex}", by_id=by.pk)


def make(job: RunningJob) -> None:
    """Render and store it for its requester; who lost sight of the grant in between gets nothing."""
    viewer = User.objects.get(pk=job.requested_by_id or 0)
    version = AgreementVersion.objects.get(pk=int(job.key.split(":")[0]))
    grant = Grant.objects.visible_to(viewer).select_related("lead_agency").filter(pk=version.grant_id).first()
    if grant is None:
        raise NotPossible("The right to read it has ended.", forbidden=True)
    said = agreement.read(version.text)
    context = {
        "grant": grant, "version": version, "said": said, "terms": in_words(said["terms"]),
        "milestones": [(name, agreement.day_in_words(day), share) for name, day, share in said["milestones"]],
        "signatures": grant.signatures.all() if version.number == 1 else [],
    }  # fmt: skip
    pdf = render_pdf("pdf/agreement.html", context, title=f"Agreement {grant.reference}, version {version.number}")
    stored: list[str] = []
    with job.completing(result=lambda: stored[0]):
        name = f"agreement-{grant.reference}-v{version.number}.pdf"
        row = store_file(
            content=pdf, name=name, content_type="application/pdf", kind="agreement", case=grant.case,
            owner_id=viewer.pk,
        )  # fmt: skip
        stored.append(str(row.pk))
