"""A long register file: checked and imported by a worker."""

from datetime import date, datetime
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from documents.models import StoredFile
from documents.reading import Row, Table
from documents.services import read_file
from lifecycle import jobs
from lifecycle.checkpoints import faults
from lifecycle.models import Job, TrailEntry
from people.models import EmploymentSnapshot, User
from people.queries import snapshot_of
from people.services import register, register_jobs
from proposals.services import drafting

HEADER = [*register.REQUIRED, *register.OPTIONAL]
MANY = 800


def rows(count, first=0, agency="moh"):
    return [
        [f"{n:06d}", f"Person {n}", f"p{n}@big.example", agency, "P3", "2024-01-01", "regular", "", "2023-05-01"]
        for n in range(first, first + count)
    ]


def as_table(found):
    return Table(HEADER, [Row(n, dict(zip(HEADER, row, strict=True))) for n, row in enumerate(found, 2)], [])


def as_xlsx(found):
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (HEADER, *found):
        sheet.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return SimpleUploadedFile("register.xlsx", buffer.getvalue())


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def administrator(client, cast):
    client.force_login(cast["administrator"])
    return client


def send(client, found):
    answer = client.post(reverse("register"), {"file": as_xlsx(found), "as_of": "2026-11-01"})
    return answer.headers["Location"]


def test_long_file_is_checked_then_imported_by_a_worker(administrator):
    page = send(administrator, rows(MANY))
    assert "The file is being checked" in administrator.get(page).content.decode()
    jobs.run(Job.objects.get(name="people.check_register").pk)
    assert f"{MANY} new people and 0 that are known" in administrator.get(page).content.decode()
    assert not User.objects.filter(employee_number="000001").exists()
    answer = administrator.post(f"{page}import/", {"as_of": "2026-11-01"})
    assert answer.headers["Location"] == page
    assert "The file is being imported" in administrator.get(page).content.decode()
    jobs.run(Job.objects.get(name="people.import_register").pk)
    assert f"{MANY} new people, 0 brought up to date." in administrator.get(page).content.decode()
    entry = EmploymentSnapshot.objects.get(person__employee_number="000001")
    assert (entry.agency.code, entry.as_of, entry.agency_since) == ("moh", date(2026, 11, 1), date(2023, 5, 1))
    assert entry.source == "HR register, file register.xlsx"


def test_import_asked_or_delivered_twice_is_done_once(administrator):
    page = send(administrator, rows(MANY))
    for _ in range(2):
        administrator.post(f"{page}import/", {"as_of": "2026-11-01"})
    job = Job.objects.get(name="people.import_register")
    assert (jobs.run(job.pk), jobs.run(job.pk)) == (True, False)
    assert EmploymentSnapshot.objects.filter(person__email__endswith="@big.example").count() == MANY
    assert TrailEntry.objects.filter(action="account_added", stream__key__startswith="people.User").count() == MANY


def test_import_that_lost_its_lease_writes_nothing(administrator, monkeypatch):
    page = send(administrator, rows(MANY))
    administrator.post(f"{page}import/", {"as_of": "2026-11-01"})
    job = Job.objects.get(name="people.import_register")
    read = register_jobs.table_of

    def taken_over(*args):
        Job.objects.filter(pk=job.pk).update(lease="another worker")
        return read(*args)

    monkeypatch.setattr(register_jobs, "table_of", taken_over)
    jobs.run(job.pk)
    assert not User.objects.filter(email__endswith="@big.example").exists()


def test_errors_of_a_long_file_are_shown_and_can_be_downloaded(administrator):
    found = rows(MANY)
    for row in found[:300]:
        row[4] = "P9"
    page = send(administrator, found)
    jobs.run(Job.objects.get().pk)
    shown = administrator.get(page).content.decode()
    assert "300 things to correct; nothing was written" in shown
    assert shown.count("“P9” is not known here.") == register_jobs.SHOWN
    sheet = load_workbook(BytesIO(read_file(StoredFile.objects.get(kind="register_errors")))).worksheets[0]
    assert (sheet.max_row, [cell.value for cell in sheet[2]]) == (301, [2, "level", "“P9” is not known here."])
    stored = StoredFile.objects.get(kind="register_errors")
    assert administrator.get(reverse("own_file", args=[stored.pk])).status_code == 200


def test_long_file_that_became_wrong_says_so_and_writes_nothing(administrator):
    page = send(administrator, rows(MANY))
    administrator.post(f"{page}import/", {"as_of": "2026-11-01"})
    User.objects.create_user("p7@big.example", "Another", employee_number="X00999")
    jobs.run(Job.objects.get(name="people.import_register").pk)
    assert "Nothing was written" in administrator.get(page).content.decode()
    assert not User.objects.filter(employee_number="000001").exists()


def test_damaged_long_file_says_so(administrator):
    upload = SimpleUploadedFile("register.xlsx", b"PK\x03\x04" + b"x" * 50_000)
    page = administrator.post(reverse("register"), {"file": upload, "as_of": "2026-11-01"}).headers["Location"]
    jobs.run(Job.objects.get().pk)
    assert "The file is damaged." in administrator.get(page).content.decode()


def test_file_of_another_person_does_not_exist(administrator, client, cast):
    page = send(administrator, rows(MANY))
    client.force_login(cast["rcsc"])
    assert client.get(page).status_code == 404


def test_import_costs_the_same_queries_for_each_thousand(cast):
    counts = []
    for first, count in ((0, 1000), (1000, 2000)):
        with CaptureQueriesContext(connection) as queries:
            register.apply(as_table(rows(count, first)), by=cast["administrator"], as_of=date(2026, 11, 1), source="x")
        counts.append(len(queries))
    assert counts[1] <= 2 * counts[0]
    assert counts[0] <= 60
    assert list(faults()) == []


def test_manager_may_be_in_the_register_already(cast, agencies):
    row = rows(1)[0]
    row[7] = cast["lead"].employee_number
    register.apply(as_table([row]), by=cast["administrator"], as_of=date(2026, 11, 1), source="x")
    assert EmploymentSnapshot.objects.get(person__employee_number="000000").line_manager == cast["lead"]


def test_excel_dates_and_leading_zeros_are_kept(administrator):
    book = Workbook()
    book.active.append(HEADER)
    row = rows(1)[0]
    row[0], row[5] = 123, datetime(2024, 1, 1)
    book.active.append(row)
    book.active["A2"].number_format = "000000"
    buffer = BytesIO()
    book.save(buffer)
    upload = SimpleUploadedFile("register.xlsx", buffer.getvalue())
    administrator.post(reverse("register"), {"file": upload, "as_of": "2026-11-01"})
    administrator.post(reverse("register_import", args=[StoredFile.objects.get().pk]), {"as_of": "2026-11-01"})
    assert EmploymentSnapshot.objects.get(person__employee_number="000123").level_since == date(2024, 1, 1)


def test_change_of_name_and_address_is_in_the_trail(cast):
    person = cast["lead"]
    row = [person.employee_number, "New Name", "new@x.example", "moh", "P2", "2026-07-01", "regular", "", ""]
    register.apply(as_table([row]), by=cast["administrator"], as_of=date(2026, 11, 1), source="x")
    entry = TrailEntry.objects.get(stream__key=f"people.User:{person.pk}", action="register_changed")
    assert '"email":["lead@x.example","new@x.example"]' in entry.payload.text
    assert '"full_name":["Name of lead","New Name"]' in entry.payload.text
    assert list(faults()) == []


def test_transfer_moves_prefills_to_the_new_agency(client, call, cast):
    person = cast["lead"]
    row = [
        person.employee_number,
        person.full_name,
        person.email,
        "moal",
        "P2",
        "2026-07-01",
        "regular",
        "",
        "2026-10-01",
    ]
    register.apply(as_table([row]), by=cast["administrator"], as_of=date(2026, 11, 1), source="HR register, file x")
    assert snapshot_of(person).agency.code == "moal"
    made = drafting.start(by=person, title="After the transfer", call=call)
    assert made.lead_agency.code == "moal"
    client.force_login(person)
    page = client.get(reverse("account")).content.decode()
    assert "Ministry of Agriculture, since 1 October 2026" in page
    assert "HR register, file x, as of 1 November 2026" in page
