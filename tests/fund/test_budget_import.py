"""What a table of budget lines says of a known line is done or refused, and never dropped without a word."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from documents.models import StoredFile
from fund.models import BudgetLine
from fund.services import budget
from fund.services.verifying import faults
from lifecycle import trail

from .test_budget import HEADER, YEAR, row, rows, table


def known(line, **values):
    return row(**{"code": line.code, "name": line.name, "programme_budget": "0", "allocated": "10000000"} | values)


def page_after(client, content, name="b.csv"):
    return " ".join(
        client.post(reverse("budget_import"), {"file": SimpleUploadedFile(name, content)}).content.decode().split()
    )


def test_changed_name_and_share_are_shown_and_taken_and_stand_in_the_trail(client, cast, line):
    client.force_login(cast["maker"])
    text = f"{HEADER}\n{known(line, name='Health, renamed', target_share='2.5')}"
    page = page_after(client, text.encode())
    assert "Name: Health innovation becomes <strong>Health, renamed</strong>" in page
    assert "Target share: 1 % becomes <strong>2.5 %</strong>" in page
    assert f"moh, {YEAR}" in page
    answer = client.post(reverse("budget_import"), {"stored": StoredFile.objects.get(kind="budget").pk}, follow=True)
    assert "0 new lines, 1 brought up to date, 0 unchanged" in answer.content.decode()
    line.refresh_from_db()
    assert (line.name, line.target_share_bp) == ("Health, renamed", 250)
    entry = trail.entries_of(line).get(action="line_changed")
    assert json.loads(entry.payload.text)["changes"] == {
        "name": ["Health innovation", "Health, renamed"], "target_share_bp": [100, 250],
    }  # fmt: skip
    budget.apply(table(text), by=cast["maker"], source="again")
    assert trail.entries_of(line).filter(action="line_changed").count() == 1
    assert list(faults()) == []


def test_line_that_stays_as_it_is_is_not_called_brought_up_to_date(client, cast, line):
    client.force_login(cast["maker"])
    page_after(client, f"{HEADER}\n{known(line)}".encode())
    answer = client.post(reverse("budget_import"), {"stored": StoredFile.objects.get(kind="budget").pk}, follow=True)
    assert "0 new lines, 0 brought up to date, 1 unchanged" in answer.content.decode()


@pytest.mark.parametrize(("values", "column"), [
    ({"agency": "moal"}, "agency"), ({"agency": ""}, "agency"), ({"fiscal_year": str(YEAR + 1)}, "fiscal_year"),
])  # fmt: skip
def test_changed_agency_or_year_is_named_with_row_and_column(cast, line, values, column):
    plan = budget.look(rows(known(line, **values)))
    assert [(error.row, error.column) for error in plan.errors] == [(2, column)]
    assert "Use another code" in plan.errors[0].message


def test_sector_is_read_by_key_or_name_and_may_be_left_out(cast, line):
    text = f"{HEADER},sector\n{known(line)},Health\n{row(code='y-1')},education\n{row(code='z-1')},"
    assert budget.look(with_sector(text)).errors == []
    budget.apply(with_sector(text), by=cast["maker"], source="f")
    assert dict(BudgetLine.objects.values_list("code", "sector")) == {
        line.code: "health", "y-1": "education", "z-1": "",
    }  # fmt: skip
    budget.apply(rows(known(line)), by=cast["maker"], source="g")  # without the column it stays
    assert BudgetLine.objects.get(code=line.code).sector == "health"
    wrong = budget.look(with_sector(f"{HEADER},sector\n{row()},moon"))
    assert [(error.row, error.column) for error in wrong.errors] == [(2, "sector")]


def with_sector(text):
    return budget_table(text.encode(), "b.csv")


def budget_table(content, name):
    from documents.reading import read_table

    return read_table(io.BytesIO(content), name=name, required=budget.REQUIRED, optional=budget.OPTIONAL)


def test_columns_that_nobody_reads_are_named(client, cast, agencies):
    client.force_login(cast["maker"])
    page = page_after(client, f"{HEADER},remarks\n{row()},x".encode())
    assert "These columns are not read: remarks" in page


@pytest.mark.parametrize(("value", "style", "shown"), [
    (0.01, "0%", 100), (0.005, "0.0%", 50), (0.0125, "0.00%", 125), (1, "0%", 10_000), (1, "General", 100),
    (0.5, "0.00", 50), (1, '0"%"', 100), ("1%", "General", 100),
])  # fmt: skip
def test_cell_that_excel_shows_as_a_percentage_is_one(cast, agencies, value, style, shown):
    book, buffer = Workbook(), io.BytesIO()
    book.active.append(budget.REQUIRED)
    book.active.append(("x-1", "X", "moh", YEAR, 100, value, 1))
    book.active["F2"].number_format = style
    book.save(buffer)
    plan = budget.look(budget_table(buffer.getvalue(), "b.xlsx"))
    assert plan.errors == []
    assert [one.fields["target_share_bp"] for one in plan.rows] == [shown]


@pytest.mark.parametrize("column", ["programme_budget", "allocated", "target_share"])
@pytest.mark.parametrize("value", ["1e9999999", "1e-999999999", "1E3", "1e0", "Infinity", "NaN", "-0.01", "0.001"])
def test_numbers_that_are_not_written_in_digits_are_named(cast, agencies, column, value):
    plan = budget.look(rows(row(**{column: value})))
    assert [(error.row, error.column) for error in plan.errors] == [(2, column)]


@pytest.mark.parametrize(("text", "amount"), [
    ("14,500", 1_450_000), ("14 500.50", 1_450_050), ("0.10", 10), ("1.5000", 150), ("༡༢", 1_200), ("7.", 700),
])  # fmt: skip
def test_amounts_as_people_write_them(text, amount):
    assert budget.chhetrum(text) == amount
