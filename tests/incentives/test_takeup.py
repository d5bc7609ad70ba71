"""Take-up by group: the page and the file, without a figure that shows one person."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from documents.models import StoredFile
from documents.services import read_file
from incentives import takeup
from incentives.disclosure import FEW, HIDDEN, HOW
from incentives.enums import FactKind, FactValue, Wish
from incentives.models import HrFact, RecordHolder
from incentives.services import files
from lifecycle import clock, jobs

from .. import factories
from .test_hr import text_of_main
from .test_nominations import granted


def cells(groups):
    return {group.name: group.cells for group in groups}


@pytest.fixture
def office(cast, agencies):
    """Seven people of Paro, six of them with a record; five have a gender on record."""
    paro = factories.AgencyFactory(code="paro", name="Paro Dzongkhag Administration", kind="dzongkhag", sector="local")
    part = factories.AgencyFactory(code="paro-health", name="Health in Paro", kind="division", parent=paro)
    people = [factories.civil_servant(f"paro{n}@x.example", part, full_name=f"Person {n}") for n in range(7)]
    for number, person in enumerate(people):
        if number < 6:
            RecordHolder.objects.create(person=person, agency=part, sort_name=person.full_name, listed=True)
        if number < 5:
            HrFact.objects.create(
                person=person, kind=FactKind.GENDER, value=FactValue.FEMALE, as_of=clock.today(), source="Register",
                by=cast["hr"], at=clock.now(),
            )  # fmt: skip
    return people


def test_people_are_counted_by_dzongkhag_level_and_gender(office, cast, points_policy):
    granted(cast)
    found = {title: cells(groups) for title, groups in takeup.take_up().items()}
    assert found["Dzongkhag"]["Paro Dzongkhag Administration"] == ("5", HIDDEN, FEW, FEW)
    assert found["Gender"]["Woman"][:2] == ("5", HIDDEN)  # beside ten of P3 it would narrow a few
    assert found["Dzongkhag"][takeup.CENTRAL][2:] == (FEW, FEW)
    assert list(found["Position level"]) == ["P3"]


def test_promised_is_set_against_granted(cast, points_policy):
    granted(cast, what=Wish.AWARD)
    assert takeup._fate("fast_track", "result_recorded", "award") == 2
    assert takeup._fate("award", "result_recorded", "award") == 1
    assert [takeup._fate("award", state, "") for state in ("result_recorded", "not_endorsed")] == [3, 3]
    assert [takeup._fate("award", *rest) for rest in (("revoked", "award"), ("submitted", ""))] == [3, 4]
    assert cells(takeup.promised_and_granted())["An award"] == (FEW,) * 5


def test_page_and_file_tell_the_same_and_no_name(client, office, cast):
    client.force_login(cast["rcsc"])
    page = text_of_main(client.get(reverse("take_up")))
    assert "Paro Dzongkhag Administration" in page
    assert HOW in page
    assert not any(person.full_name in page for person in office)
    job = files.ask_for_take_up(by=cast["rcsc"])
    jobs.run(job.pk)
    job.refresh_from_db()
    book = load_workbook(io.BytesIO(read_file(StoredFile.objects.get(pk=job.result))))
    rows = [list(row) for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)]
    assert rows == takeup.as_rows(takeup.take_up())
    assert ("Figures", HOW) in list(book["About"].iter_rows(values_only=True))


@pytest.mark.parametrize("who", ["hr", "hrc", "lead", "secretariat"])
def test_take_up_is_for_the_rcsc_and_auditors(client, cast, who):
    client.force_login(cast[who])
    assert client.get(reverse("take_up")).status_code == 404
