"""Take-up by group: small groups are hidden, also from who can subtract."""

import io

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from documents.models import StoredFile
from documents.services import read_file
from incentives import takeup
from incentives.enums import FactKind, FactValue, Wish
from incentives.models import HrFact, RecordHolder
from incentives.services import files
from lifecycle import clock, jobs

from .. import factories
from .test_hr import text_of_main
from .test_nominations import granted


def cells(groups):
    return {group.name: group.cells for group in groups}


def test_small_cells_are_hidden_and_one_more_where_it_could_be_worked_out():
    found = takeup.suppressed({"Paro": [9, 3], "Thimphu": [20, 8], "Haa": [6, 0]})
    assert cells(found) == {
        "Paro": ("9", takeup.FEW), "Thimphu": ("20", takeup.HIDDEN), "Haa": ("6", "0"),
    }  # fmt: skip


def test_group_of_fewer_than_five_is_hidden_as_a_whole():
    found = takeup.suppressed({"Paro": [4, 0], "Gasa": [3, 0], "Thimphu": [20, 8]})
    few = (takeup.FEW, takeup.FEW)
    assert cells(found) == {"Gasa": few, "Paro": few, "Thimphu": ("20", "8")}


tables = st.integers(1, 4).flatmap(
    lambda width: st.dictionaries(
        st.sampled_from("abcdef"), st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=1
    )
)


@given(tables, st.booleans())
def test_no_hidden_figure_can_be_worked_out_by_subtraction(counts, rows_add_up):
    found = cells(takeup.suppressed(counts, rows_add_up=rows_add_up))
    shown = [list(map(str.isdigit, line)) for line in found.values()]
    lines = [list(column) for column in zip(*shown, strict=True)] + (shown if rows_add_up else [])
    figures = [counts[name] for name in found]
    values = [list(column) for column in zip(*figures, strict=True)] + (figures if rows_add_up else [])
    for line, value in zip(lines, values, strict=True):
        told = [figure for figure, is_told in zip(value, line, strict=True) if is_told]
        assert all(not 0 < figure < takeup.LEAST for figure in told)
        assert line.count(False) != 1 or not any(told), "one hidden among others that are told"


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
    assert found["Dzongkhag"]["Paro Dzongkhag Administration"] == ("7", "6", "0", "0")
    assert found["Gender"]["Woman"][:2] == ("5", takeup.HIDDEN)  # the sixth record would follow from it
    assert found["Dzongkhag"][takeup.CENTRAL][2:] == (takeup.FEW, takeup.FEW)
    assert list(found["Position level"]) == ["P3"]


def test_promised_is_set_against_granted(cast, points_policy):
    granted(cast, what=Wish.AWARD)
    assert takeup._fate("fast_track", "result_recorded", "award") == 2
    assert takeup._fate("award", "result_recorded", "award") == 1
    assert [takeup._fate("award", state, "") for state in ("result_recorded", "not_endorsed")] == [3, 3]
    assert [takeup._fate("award", *rest) for rest in (("revoked", "award"), ("submitted", ""))] == [3, 4]
    assert cells(takeup.promised_and_granted())["An award"] == ("0",) * 5


def test_page_and_file_tell_the_same_and_no_name(client, office, cast):
    client.force_login(cast["rcsc"])
    page = text_of_main(client.get(reverse("take_up")))
    assert "Paro Dzongkhag Administration" in page
    assert not any(person.full_name in page for person in office)
    job = files.ask_for_take_up(by=cast["rcsc"])
    jobs.run(job.pk)
    job.refresh_from_db()
    book = load_workbook(io.BytesIO(read_file(StoredFile.objects.get(pk=job.result))))
    rows = [list(row) for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)]
    assert rows == takeup.as_rows(takeup.take_up())


@pytest.mark.parametrize("who", ["hr", "hrc", "lead", "secretariat"])
def test_take_up_is_for_the_rcsc_and_auditors(client, cast, who):
    client.force_login(cast[who])
    assert client.get(reverse("take_up")).status_code == 404
