"""What was taken back stays in HR's file beside what stands: each repetition and each use of the learning by itself."""

import io
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from documents.models import StoredFile
from documents.services import read_file
from incentives.enums import ContestAbout, Opened
from incentives.hr_queries import Wanted, hr_file
from incentives.models import Adoption, PointEvent, ShownToHr
from incentives.services import adoptions, contests, files, learning, points, recounting
from lifecycle import clock, jobs
from lifecycle.performing import perform

from .test_adoptions import claimed_there
from .test_hr import looks, text_of_main
from .test_results import shares_of, verified
from .test_revoking import agency_with
from .test_second_look import lodged


@pytest.fixture
def repeated_twice(worked, cast, verifier):
    told = perform(verified(worked, cast, verifier), "publish", by=cast["lead"])
    for code in ("works", "trade"):
        adoptions.check_adoption(
            claimed_there(told, *agency_with(code)), by=verifier, endline=Decimal("1.0"), how="Read"
        )
    return told


def of_code(person, code):
    label = PointEvent.objects.filter(code=code).first().policy.rules.codes[code].label
    return sorted(row.taken_back for row in hr_file(person).records if row.label == label)


def made(job):
    assert jobs.run(job.pk)
    job.refresh_from_db()
    return read_file(StoredFile.objects.get(pk=job.result))


def test_one_of_two_repetitions_that_is_revoked_stays_as_taken_back(repeated_twice, cast):
    adoptions.revoke_adoption(Adoption.objects.first(), by=cast["head"], note="The log was another's.")
    assert of_code(cast["lead"], "P1") == [False, True]
    looks(officer := Client(), cast["hr"])
    page = text_of_main(officer.get(reverse("person_file", args=[cast["lead"].employee_number])))
    assert page.count("Taken back") == 1
    annex = PdfReader(io.BytesIO(made(files.ask_for_annex(by=cast["hr"], person=cast["lead"], why="an audit"))))
    assert "".join(sheet.extract_text() for sheet in annex.pages).lower().count("taken back") == 1
    book = load_workbook(io.BytesIO(made(files.ask_for_cohort(by=cast["hr"], wanted=Wanted(), why="an audit"))))
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert sum(cell.count("(taken back)") for cell in cells) == 1


def test_one_of_two_uses_of_the_learning_that_is_taken_back_stays_as_taken_back(repeated_twice, cast):
    """Two stated uses of one case, which the person shows to HR: each is a contribution of its own."""
    learning.open_record(repeated_twice.grant, because=Opened.STOPPED_EARLY)
    ShownToHr.objects.create(person=cast["lead"], case=repeated_twice.case, since=clock.now())
    first = PointEvent.objects.filter(person=cast["lead"], code="P1").first()
    for credit in (uuid4(), uuid4()):
        event = PointEvent.objects.create(
            person=cast["lead"], case=first.case, code="F2", tenths=20, counts_on=first.counts_on, at=first.at,
            verified_on=first.verified_on, source=f"{credit}:credit:1", policy=first.policy, steps=[],
        )  # fmt: skip
    points.reverse(event, by=cast["head"], reason="It changed nothing.")
    assert of_code(cast["lead"], "F2") == [False, True]


def test_points_given_anew_for_the_same_result_stand_once(repeated_twice, cast, officer):
    row = lodged(repeated_twice, cast, about=ContestAbout.POINTS)
    row = contests.assign(contests.admit(row, by=officer, note="x"), by=officer)
    contests.uphold(row, by=officer, note="The share was 50.")
    percents = {cast["lead"].pk: 50, cast["colleague"].pk: 50}
    recounting.recount(shares_of(repeated_twice.grant), by=cast["head"], percents=percents, note="x")
    assert (of_code(cast["lead"], "R1"), of_code(cast["lead"], "P1")) == ([False], [False, False])
