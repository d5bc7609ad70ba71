"""The conflicts of a call on one page, and sheets of the judging: what is written, to who may, without a trace else."""

from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from documents.models import StoredFile
from documents.services import read_file
from evaluation.models import Permission, Review
from evaluation.services import judging_sheets
from fund.models import Call
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.jobs import run
from lifecycle.models import Job
from people.enums import Grade
from people.models import Block
from people.services.accounts import system_user
from people.services.grants import end_role


def seat(person):
    client = Client()
    client.force_login(person)
    return client


def tied(case, person, grade, reason):
    return Block.objects.create(case=case, person=person, grade=grade, reason=reason, since=clock.now())


def test_conflicts_of_a_call_stand_on_one_page_narrowed_and_without_what_binds_the_reader(pending, cast, panel):
    first, second = panel["reviewers"][:2]
    tied(pending.case, first, Grade.BLOCK, "Is a cousin of the lead")
    tied(pending.case, second, Grade.MITIGATE, "Applied together in 2024")
    tied(pending.case, panel["chair"], Grade.NOTE, "Knows the lead")
    Permission.objects.create(
        proposal=pending, person=second, asked_by=cast["secretariat"], asked_at=clock.now(), given=True, answer="Yes.",
        answered_by=panel["chair"], answered_at=clock.now(),
    )  # fmt: skip
    path = reverse("conflicts", args=[pending.call.reference])
    text = seat(cast["secretariat"]).get(path).content.decode()
    order = [text.index(words) for words in ("Is a cousin of the lead", "Applied together in 2024", "Knows the lead")]
    assert order == sorted(order)
    said = (
        "The chair has permitted a review.",
        "Reviews it now: <a",
        "exclude that review on the page of its reviewers",
    )
    for words in (*said, f"{pending.reference}:"):
        assert words in text
    narrowed = seat(cast["auditor"]).get(path, {"grade": "mitigate"}).content.decode()
    assert ("Applied together" in narrowed, "cousin" in narrowed) == (True, False)
    narrowed = seat(cast["head"]).get(path, {"q": "COUSIN"}).content.decode()
    assert ("Applied together" in narrowed, "cousin" in narrowed) == (False, True)
    assert "None of that kind" in seat(cast["head"]).get(path, {"q": "nothing like it"}).content.decode()
    tied(pending.case, cast["secretariat"], Grade.BLOCK, "Is a sister of the lead")
    hidden = seat(cast["secretariat"]).get(path).content.decode()
    assert [words for words in ("cousin", "sister", pending.reference, first.full_name) if words in hidden] == []
    assert seat(panel["chair"]).get(path).status_code == 404


def sheet_of(kind, call, viewer):
    job = judging_sheets.ask(kind, call, by=viewer)
    assert run(job.pk)
    stored = StoredFile.objects.get(pk=Job.objects.get(pk=job.pk).result)
    assert stored.owner_id == viewer.pk
    book = load_workbook(BytesIO(read_file(stored)))
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)], book


def test_days_of_the_sheet_are_those_of_the_country(pending, cast, funded_call):
    """Half past midnight in Thimphu is still the evening before by UTC."""
    asked, sent = (datetime(2026, 7, day, 0, 30, tzinfo=ZoneInfo("Asia/Thimphu")) for day in (2, 9))
    Review.objects.update(assigned_at=asked, submitted_at=sent)
    rows, _ = sheet_of("reviews", funded_call, cast["secretariat"])
    assert {(str(row[6])[:10], str(row[8])[:10]) for row in rows[1:]} == {("2026-07-02", "2026-07-09")}


def test_sheets_hold_what_their_reader_may_see_and_nobody_else_gets_them(pending, cast, panel, funded_call):
    rows, book = sheet_of("reviews", funded_call, cast["secretariat"])
    assert tuple(rows[0]) == judging_sheets.OF_REVIEWS
    assert sorted(row[0] for row in rows[1:]) == sorted(person.full_name for person in panel["reviewers"])
    assert {row[3] for row in rows[1:]} == {pending.reference}
    assert book.properties.creator == "Innovation Fund"
    rows, _ = sheet_of("ranking", funded_call, panel["board"][0])
    assert tuple(rows[0]) == judging_sheets.OF_RANKING
    assert (rows[1][0], rows[1][1], rows[1][4]) == (1, pending.reference, 399_999.99)
    tied(pending.case, cast["secretariat"], Grade.BLOCK, "x")
    assert len(sheet_of("reviews", funded_call, cast["secretariat"])[0]) == 1
    for kind, who in (("reviews", panel["board"][0]), ("ranking", cast["lead"]), ("reviews", panel["reviewers"][0])):
        with pytest.raises(NotPossible):
            judging_sheets.ask(kind, funded_call, by=who)
        assert seat(who).post(reverse("judging_sheet", args=[funded_call.reference, kind])).status_code == 404
    job = judging_sheets.ask("ranking", funded_call, by=panel["board"][1])
    end_role(panel["board"][1].role_grants.get(), by=system_user(), reason="left")
    before = StoredFile.objects.count()
    run(job.pk)
    assert StoredFile.objects.count() == before
    assert not judging_sheets.may_have("ranking", Call(practice_of=funded_call), cast["secretariat"])
