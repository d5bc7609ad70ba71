"""Files of HR are handed out while their reader may see what is in them: the role, the person, what they show."""

from typing import Any

from django.db.models import QuerySet

from documents.models import StoredFile
from lifecycle import clock
from lifecycle.models import Job
from people.enums import Role
from people.handing_out import handed_out_while, job_of
from people.models import EmploymentSnapshot, RoleGrant, User
from people.policies import holds

from .hr_queries import hr_agencies, people_for_hr
from .models import ShownToHr

READERS = (Role.HR, Role.HRC, Role.RCSC, Role.AUDITOR)


def _taken_out(job: Job, stored: StoredFile) -> QuerySet[ShownToHr]:
    """Return the learning records that may be in the file and that their people have taken out of theirs since."""
    return ShownToHr.objects.filter(since__lte=stored.created_at, until__gte=job.created_at)


@handed_out_while("annex")
def annex_holds(stored: StoredFile, reader: User) -> bool:
    """Tell whether the reader still sees the person, who has taken nothing out of their file since."""
    job = job_of(stored, reader)
    if job is None:
        return False
    person = int(job.key.split(":")[0])
    return (
        people_for_hr(reader).filter(pk=person).exists() and not _taken_out(job, stored).filter(person=person).exists()
    )


@handed_out_while("cohort")
def cohort_holds(stored: StoredFile, reader: User) -> bool:
    """Tell whether the reader has lost no role since, and nobody whom they see has taken anything out."""
    job = job_of(stored, reader)
    if job is None or not holds(*READERS)(None, reader):
        return False
    lost = RoleGrant.objects.filter(person=reader, role__in=READERS, until__gte=job.created_at, until__lte=clock.now())
    out: QuerySet[Any] = _taken_out(job, stored)
    own = hr_agencies(reader)
    if own is not None:
        out = out.filter(person__in=EmploymentSnapshot.objects.filter(agency__in=own.values("pk")).values("person"))
    return not lost.exists() and not out.exists()


@handed_out_while("take-up")
def take_up_holds(stored: StoredFile, reader: User) -> bool:
    """Tell whether the reader still sees the take-up."""
    return holds(Role.RCSC, Role.AUDITOR)(None, reader)
