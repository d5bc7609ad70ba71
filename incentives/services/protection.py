"""The protection letter of a failure that counted: for everybody of its team, and read first by an auditor."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from django.utils import timezone

from documents.pdf import render_pdf
from documents.services import store_file
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.models import Job
from people.models import User

from ..models import LearningRecord, PointEvent
from .good_faith import Check, checks_of
from .protecting import officers_of
from .showing import KEPT


@dataclass(frozen=True)
class ProtectionLetter:
    """What the letter says: that it was tried in good faith, who found so, and what must not follow from it."""

    title: str
    agency: str
    settled: str
    checks: list[Check]
    confirmed_on: date
    accepted_on: date
    officers: list[str]


def letter_of(record: LearningRecord) -> ProtectionLetter | None:
    """Return the letter of an accepted record that counts as a failure in good faith and was not taken back.

    None while the audit has an open finding about good faith, or after one that stands.
    """
    events = PointEvent.objects.filter(case=record.case, code="F1", reverses=None, reversal=None)
    counted = events.order_by("pk").first()
    if record.state not in KEPT or counted is None or record.facts_confirmed_at is None:
        return None
    checks = checks_of(record)
    if not all(check.passed for check in checks):
        return None
    return ProtectionLetter(
        title=record.grant.title, agency=record.grant.lead_agency.name, settled=record.get_settled_kind_display(),
        checks=checks, confirmed_on=timezone.localtime(record.facts_confirmed_at).date(),
        accepted_on=counted.verified_on, officers=[person.full_name for person in officers_of(record.case)],
    )  # fmt: skip


def _counts_for(person: User, case: UUID) -> bool:
    return PointEvent.objects.filter(person=person, case=case, code="F1", reverses=None, reversal=None).exists()


def ask_for_letter(*, by: User, case: UUID) -> Job:
    """Ask for one's own letter as PDF. NotPossible unless the failure counts on one's own record."""
    record = LearningRecord.objects.filter(case=case).first()
    if record is None or letter_of(record) is None or not _counts_for(by, case):
        raise NotPossible("A protection letter is made for a failure in good faith that counts on your own record.")
    return enqueue("incentives.make_protection_letter", f"{case}:{uuid4().hex}", by_id=by.pk)


def make_letter(job: RunningJob) -> None:
    """Render it for the person who asked; nothing where it was taken back in the meantime."""
    person, case = User.objects.get(pk=job.requested_by_id or 0), UUID(job.key.split(":")[0])
    letter = letter_of(LearningRecord.objects.get(case=case))
    if letter is None or not _counts_for(person, case):
        raise NotPossible("The failure does not count any more.")
    job.progress(0, 1, "Writing the PDF")
    context = {"person": person, "letter": letter, "today": clock.today()}
    pdf = render_pdf("pdf/protection_letter.html", context, title="Protection letter")
    stored: list[str] = []
    with job.completing(result=lambda: stored[0]):
        row = store_file(
            content=pdf, name="protection-letter.pdf", content_type="application/pdf", kind="protection-letter",
            owner_id=person.pk,
        )  # fmt: skip
        stored.append(str(row.pk))
