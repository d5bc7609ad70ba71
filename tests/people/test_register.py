import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from openpyxl import Workbook

from documents.models import StoredFile
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.models import EmploymentSnapshot, User
from people.services import register, register_jobs

HEADER = [*register.REQUIRED, *register.OPTIONAL]
DOLMA = ["00123", "Dolma", "dolma@x.example", "moh", "P3", "2024-01-01", "regular", "", ""]
TASHI = ["00124", "བཀྲ་ཤིས་", "tashi@x.example", "govtech", "P4", "2023-07-01", "contract", "00123", "2025-01-01"]


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def as_csv(*rows):
    text = "\n".join(",".join(row) for row in (HEADER, *rows))
    return SimpleUploadedFile("register.csv", text.encode())


def as_xlsx(*rows):
    book = Workbook()
    for row in (HEADER, *rows):
        book.active.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return SimpleUploadedFile("register.xlsx", buffer.getvalue())


@pytest.fixture
def administrator(client, cast):
    client.force_login(cast["administrator"])
    return client


def check(client, upload, as_of="2026-11-01"):
    return client.post(reverse("register"), {"file": upload, "as_of": as_of})


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_register_is_checked_then_imported(administrator, make):
    answer = check(administrator, make(DOLMA, TASHI))
    assert "2 new people and 0 that are known" in answer.content.decode()
    assert not User.objects.filter(employee_number="00123").exists()
    url = reverse("register_import", args=[StoredFile.objects.get().pk])
    administrator.post(url, {"as_of": "2026-11-01"})
    entry = EmploymentSnapshot.objects.get(person__employee_number="00124")
    assert (entry.person.full_name, entry.agency.code, entry.line_manager.full_name) == ("བཀྲ་ཤིས་", "govtech", "Dolma")
    assert (entry.as_of, entry.source) == (date(2026, 11, 1), f"HR register, file {make().name}")


def test_register_imported_twice_changes_nothing_more(administrator):
    for _ in range(2):
        check(administrator, as_csv(DOLMA))
        administrator.post(reverse("register_import", args=[StoredFile.objects.first().pk]), {"as_of": "2026-11-01"})
    assert EmploymentSnapshot.objects.filter(person__employee_number="00123").count() == 1


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("employee_number", "1", "Use 3 to 20 letters"),
        ("full_name", "", "This is empty"),
        ("email", "nobody", "not an e-mail address"),
        ("email", "lead@x.example", "belongs to another account"),
        ("email", "TASHI@x.example", "appears twice in the file"),
        ("agency", "nowhere", "“nowhere” is not known here"),
        ("level", "P9", "“P9” is not known here"),
        ("level_since", "1/7/2024", "Write the date as 2026-07-01"),
        ("employment_type", "guest", "“guest” is not known here"),
        ("manager", "99999", "“99999” is neither in this file nor in the register"),
        ("manager", "00123", "Nobody is their own manager"),
        ("agency_since", "1/7/2024", "Write the date as 2026-07-01"),
    ],
)
def test_register_error_names_row_and_column_and_nothing_is_written(administrator, column, value, message):
    bad = [value if name == column else old for name, old in zip(HEADER, DOLMA, strict=True)]
    before = User.objects.count()
    answer = check(administrator, as_csv([*TASHI[:-2], "", ""], bad))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert f'<td class="govuk-table__cell">3</td><td class="govuk-table__cell">{column}</td>' in page
    assert message in page
    assert (User.objects.count(), StoredFile.objects.count()) == (before, 0)


def test_register_without_a_column_says_which(administrator):
    upload = SimpleUploadedFile("register.csv", b"full_name\nDolma")
    assert "The column &#x27;employee_number&#x27; is missing" in check(administrator, upload).content.decode()


def test_register_that_became_wrong_after_the_check_writes_nothing(administrator):
    check(administrator, as_csv([*TASHI[:-2], "", ""], DOLMA))
    User.objects.create_user("dolma@x.example", "Another Dolma", employee_number="00999")
    before = (User.objects.count(), EmploymentSnapshot.objects.count())
    url = reverse("register_import", args=[StoredFile.objects.get().pk])
    answer = administrator.post(url, {"as_of": "2026-11-01"}, follow=True)
    assert "1 things to correct" in answer.content.decode()
    assert (User.objects.count(), EmploymentSnapshot.objects.count()) == before


def test_register_file_of_another_person_does_not_exist(client, cast):
    client.force_login(cast["rcsc"])
    check(client, as_csv(DOLMA))
    client.force_login(cast["administrator"])
    url = reverse("register_import", args=[StoredFile.objects.get().pk])
    assert client.post(url, {"as_of": "2026-11-01"}).status_code == 404
    assert not User.objects.filter(employee_number="00123").exists()


def known_as_of(cast, day, *rows):
    table = register_jobs.table_of(as_csv(*rows).read(), "register.csv")
    return register.apply(table, by=cast["administrator"], as_of=day, source="test")


def test_file_of_an_older_day_changes_no_name_address_or_post(administrator, cast):
    known_as_of(cast, date(2026, 11, 1), DOLMA)
    older = ["00123", "Dolma of old", "old@x.example", "govtech", "P2", "2020-01-01", "regular", "", ""]
    page = check(administrator, as_csv(older, TASHI), "2026-10-01").content.decode()
    assert "1 row is older than what is known of the person and changes nothing." in page
    assert "Nobody's name, sign-in address or agency changes." in page
    url = reverse("register_import", args=[StoredFile.objects.get().pk])
    said = administrator.post(url, {"as_of": "2026-10-01"}, follow=True).content.decode()
    assert "Imported: 1 new people, 0 brought up to date." in said
    person = User.objects.get(employee_number="00123")
    post = person.snapshots.get()
    assert (person.full_name, person.email, post.agency.code, post.level) == ("Dolma", "dolma@x.example", "moh", "P3")


def test_address_of_an_older_row_may_belong_to_somebody_else_by_now(cast):
    known_as_of(cast, date(2026, 11, 1), DOLMA)
    before = ["00123", "Dolma", "lead@x.example", *DOLMA[3:]]
    assert known_as_of(cast, date(2026, 10, 1), before).older == 1


def test_check_lists_every_change_of_name_address_and_agency(administrator, cast):
    known_as_of(cast, date(2026, 11, 1), DOLMA)
    moved = ["00123", "Dolma Wangmo", "wangmo@x.example", "govtech", "P4", "2025-01-01", "regular", "", ""]
    page = check(administrator, as_csv(moved), "2026-11-02").content.decode()
    assert "3 changes of name, sign-in address or agency" in page
    cells = re.findall(r'<td class="govuk-table__cell"[^>]*>([^<]*)</td>', page)
    assert cells == [
        "2", "00123", "full_name", "Dolma", "Dolma Wangmo",
        "2", "00123", "email", "dolma@x.example", "wangmo@x.example",
        "2", "00123", "agency", "moh", "govtech",
    ]  # fmt: skip
    assert User.objects.get(employee_number="00123").full_name == "Dolma"


def test_day_to_come_is_refused(administrator, cast):
    tomorrow = clock.today() + timedelta(days=1)
    answer = check(administrator, as_csv(DOLMA), tomorrow.isoformat())
    assert (answer.status_code, "this day is still to come" in answer.content.decode()) == (400, True)
    with pytest.raises(NotPossible, match="still to come"):
        known_as_of(cast, tomorrow, DOLMA)
    assert not User.objects.filter(employee_number="00123").exists()


@pytest.mark.parametrize("column", ["level_since", "agency_since"])
def test_level_or_agency_since_a_day_to_come_is_refused_with_its_row(administrator, column):
    row = [("2026-11-02" if name == column else old) for name, old in zip(HEADER, DOLMA, strict=True)]
    page = check(administrator, as_csv(row)).content.decode()
    assert f'<td class="govuk-table__cell">2</td><td class="govuk-table__cell">{column}</td>' in page
    assert "This day lies after the 2026-11-01 that the file describes." in page


@pytest.mark.parametrize("changes", [{"as_of": date(2999, 1, 1)}, {"level_since": date(2999, 1, 1)}])
def test_database_keeps_no_post_of_a_day_to_come(cast, changes):
    known_as_of(cast, date(2026, 11, 1), DOLMA)
    with pytest.raises(IntegrityError), transaction.atomic():
        EmploymentSnapshot.objects.filter(person__employee_number="00123").update(**changes)
