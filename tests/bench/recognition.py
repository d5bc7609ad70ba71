"""People with verified records, ten events each, for the lists of HR and the check of all rules."""

import time
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse

import incentives.tasks  # noqa: F401  (the handlers of jobs)
from incentives.models import EligibilityRun, PointEvent, PolicyVersion, RecordHolder
from incentives.services import checking, versions
from lifecycle import clock, jobs
from people.enums import Role
from people.models import EmploymentSnapshot, User
from people.services.accounts import system_user
from people.services.grants import grant_role

from ..factories import AgencyFactory, civil_servant, second_factor
from . import measuring

BATCH = 2000
EVENTS = 10
AGENCIES = 4  # so that the page of one agency is full at the smaller size, too
CODES = ("R1", "F1", "V1", "M1", "R2", "F2", "P1", "B1", "V1", "S1")
STAGES = ("explore", "spark", "build")
AIM = 120  # seconds for everybody


class Records:
    """Officers who look, and the people so far; one in AGENCIES is of the HR officer's."""

    def __init__(self) -> None:
        self.agencies = [AgencyFactory(code=f"record-{n}", name=f"Agency of records {n}") for n in range(AGENCIES)]
        self.hr = self._officer("bench-hr", Role.HR)
        self.rcsc, second = self._officer("bench-rcsc", Role.RCSC), self._officer("bench-rcsc2", Role.RCSC)
        draft = versions.add_draft(by=self.rcsc, data=versions.standard_policy(), valid_from=clock.today())
        self.policy = versions.approve(versions.consult(draft, by=self.rcsc), by=second)
        self.size = 0

    def _officer(self, name: str, role: Role) -> User:
        person = civil_servant(f"{name}@x.example", self.agencies[0])
        agency = self.agencies[0] if role == Role.HR else None
        grant_role(by=system_user(), person=person, role=role, agency=agency, reason="bench")
        second_factor(person)
        return person

    def grow(self, size: int) -> None:
        """Add people with their posts and events up to `size`."""
        for start in range(self.size, size, BATCH):
            self._batch(range(start, min(start + BATCH, size)))
        self.size = size

    def _batch(self, numbers: range) -> None:
        people = User.objects.bulk_create(
            User(email=f"holder{n}@x.example", full_name=f"Holder {n * 7919 % 100_003}", employee_number=f"H{n:06d}")
            for n in numbers
        )
        posts = [
            EmploymentSnapshot(
                person=person, agency=self.agencies[n % AGENCIES], level="P3", level_since=date(2023, 7, 1),
                employment_type="regular", as_of=clock.today(), source="bench",
            )
            for n, person in zip(numbers, people, strict=True)
        ]  # fmt: skip
        EmploymentSnapshot.objects.bulk_create(posts)
        RecordHolder.objects.bulk_create(
            RecordHolder(person=post.person, agency=post.agency, sort_name=post.person.full_name, listed=True)
            for post in posts
        )
        PointEvent.objects.bulk_create(
            (_event(n, place, person, self.policy) for n, person in zip(numbers, people, strict=True)
             for place in range(EVENTS)),
            batch_size=BATCH,
        )  # fmt: skip

    def checked(self) -> float:
        """Return the seconds of a check of the rules for everybody, as the job of the RCSC does it."""
        job = checking.ask_for_all(by=self.rcsc, why="bench")
        start = time.perf_counter()
        jobs.run(job.pk)
        took = time.perf_counter() - start
        job.refresh_from_db()
        if (job.state, EligibilityRun.objects.filter(by=self.rcsc, at__gte=job.created_at).count()) != (
            "done",
            self.size,
        ):
            raise AssertionError(f"The check ended as {job.state}: {job.message}")
        return took

    def lists(self) -> dict[str, tuple[float, int]]:
        """Return the milliseconds, and how many queries, of the lists of an agency's HR officer and of the RCSC."""
        found = {}
        for what, person in (("HR", self.hr), ("RCSC", self.rcsc)):
            client, path = measuring.signed_in(person), reverse("hr_people")
            client.post(path, {"purpose": "cycle"})
            found[f"verified records, {what}"] = measuring.fastest(client, path), measuring.queries(client, path)
        return found


def _event(number: int, place: int, person: User, policy: PolicyVersion) -> PointEvent:
    day = clock.today() - timedelta(days=(number * 31 + place * 113) % 1000)
    return PointEvent(
        person=person, case=UUID(int=10**9 + number * EVENTS + place), code=CODES[place],
        tenths=20 + (number * 7 + place * 13) % 130, stage=STAGES[(number + place) % 3], counts_on=day, verified_on=day,
        source=f"bench:{number}:{place}", policy=policy, steps=[], at=clock.now(),
    )  # fmt: skip
