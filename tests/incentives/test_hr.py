import io
import re
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from documents.models import StoredFile
from documents.services import read_file
from fund.models import Grant
from incentives.enums import FactKind, FactValue, Wish
from incentives.hr_queries import Wanted, people_for_hr
from incentives.models import EligibilityRun, HrFact, Outcome, PointEvent, RecordHolder, ShownToHr
from incentives.rules.eligibility import without_numbers
from incentives.services import checking, eligibility, facts, files, holders, nominations, points, showing
from lifecycle import clock, jobs
from lifecycle.errors import NotPossible
from lifecycle.fiscal import fiscal_bounds, fiscal_year
from lifecycle.models import Job
from people.models import AccessLog, User
from people.services.accounts import system_user
from people.services.grants import end_role

from .. import factories
from .test_results import accepted


def test_hr_sees_people_of_the_own_agency_with_records_and_never_oneself(recorded, cast):
    assert list(people_for_hr(cast["hr"])) == [cast["lead"]]
    assert set(people_for_hr(cast["rcsc"])) == {cast["lead"], cast["colleague"]}
    assert list(people_for_hr(cast["stranger"])) == []


def test_hr_list_is_ordered_by_name_and_searched(recorded, cast):
    assert list(people_for_hr(cast["rcsc"], Wanted("colleague"))) == [cast["colleague"]]
    assert list(people_for_hr(cast["rcsc"], Wanted(cast["lead"].employee_number))) == [cast["lead"]]


def looks(client, person, purpose="committee"):
    client.force_login(person)
    client.post(reverse("hr_people"), {"purpose": purpose})


def text_of_main(answer):
    page = answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"<[^>]+>", " ", page)


def test_hr_page_of_a_person_holds_no_number_from_which_points_could_be_made(client, recorded, cast):
    looks(client, cast["hr"])
    url = reverse("person_file", args=[cast["lead"].employee_number])
    client.post(url, {"check": "yes"})
    text = text_of_main(client.get(url))
    assert "met" in text
    for told in (r"\d+\.\d", r"\d+ ?%", "point", "share", "likely", "bold"):
        assert not re.search(told, text.replace("FT-2026.1", "")), told


def test_look_at_a_file_is_logged_and_shown_to_the_person(client, recorded, cast):
    looks(client, cast["hr"])
    client.get(reverse("person_file", args=[cast["lead"].employee_number]))
    assert list(AccessLog.objects.values_list("person", "viewer")) == [(cast["lead"].pk, cast["hr"].pk)]
    client.force_login(cast["lead"])
    page = client.get(reverse("my_record")).content.decode()
    assert "Name of hr" in page
    assert "File for the HR committee: a meeting of the HR committee" in page


def test_xlsx_of_the_cohort_holds_hostile_names_as_text(recorded, cast):
    User.objects.filter(pk=cast["lead"].pk).update(full_name="=HYPERLINK(1)")
    Grant.objects.filter(pk=recorded.pk).update(title="=1+1")
    job = files.ask_for_cohort(by=cast["hr"], wanted=Wanted(), why="an audit")
    assert jobs.run(job.pk)
    job.refresh_from_db()
    stored = StoredFile.objects.get(pk=job.result)
    book = load_workbook(io.BytesIO(read_file(stored)))
    name, records = book.worksheets[0]["B2"], book.worksheets[0]["D2"]
    assert (name.value, name.data_type, records.data_type) == ("=HYPERLINK(1)", "s", "s")
    assert "=1+1" in records.value
    assert (stored.owner_id, job.state, job.done) == (cast["hr"].pk, "done", 1)


def test_pdf_annex_is_made_for_its_requester_alone(client, recorded, cast):
    User.objects.filter(pk=cast["lead"].pk).update(employee_number="MOH/2019/5")
    job = files.ask_for_annex(by=cast["hr"], person=cast["lead"], why="an audit")
    assert jobs.run(job.pk)
    job.refresh_from_db()
    stored = StoredFile.objects.get(pk=job.result)
    assert stored.original_name == "annex-MOH-2019-5.pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(read_file(stored))).pages)
    assert "Name of lead" in text
    assert "This is not a promotion decision" in text.replace("\n", " ")
    for name, status in (("hr", 200), ("hrc", 404), ("lead", 404)):
        client.force_login(cast[name])
        assert client.get(reverse("own_file", args=[stored.pk])).status_code == status


def test_annex_is_not_made_for_an_officer_who_lost_the_role_in_between(recorded, cast):
    job = files.ask_for_annex(by=cast["hr"], person=cast["lead"], why="an audit")
    end_role(cast["hr"].role_grants.get(), by=system_user(), reason="moved")
    jobs.run(job.pk)
    assert (Job.objects.get(pk=job.pk).result, StoredFile.objects.count()) == ("", 0)


# The purpose


def test_nothing_is_shown_before_the_purpose_is_said(client, recorded, cast):
    client.force_login(cast["hr"])
    for url in (reverse("hr_people"), reverse("person_file", args=[cast["lead"].employee_number])):
        assert "Why do you look" in text_of_main(client.get(url))
        assert client.post(url, {"purpose": "curious"}).status_code == 400
        assert cast["lead"].full_name not in text_of_main(client.get(url))
    assert AccessLog.objects.count() == 0


def test_list_is_a_look_at_everybody_on_it_once_a_day(client, recorded, cast):
    looks(client, cast["hr"])
    for _ in range(2):
        assert cast["lead"].full_name in text_of_main(client.get(reverse("hr_people")))
    assert list(AccessLog.objects.values_list("person", "viewer", "what")) == [
        (cast["lead"].pk, cast["hr"].pk, "List of verified records: a meeting of the HR committee")
    ]


# Lists


def test_list_follows_a_transfer_at_once_and_a_new_name_soon(client, recorded, cast, agencies):
    factories.SnapshotFactory(person=cast["lead"], agency=agencies["digital"], as_of=date(2026, 6, 1))
    User.objects.filter(pk=cast["colleague"].pk).update(full_name="Another name")
    assert list(people_for_hr(cast["hr"])) == []
    looks(client, cast["hr"])
    assert cast["lead"].full_name not in text_of_main(client.get(reverse("hr_people")))
    assert holders.keep_holders() == 2
    assert holders.keep_holders() == 0
    assert list(RecordHolder.objects.values_list("agency__code", "sort_name").order_by("sort_name")) == [
        ("govtech", "Another name"), ("govtech", cast["lead"].full_name),
    ]  # fmt: skip


def test_list_without_the_look_at_the_register_would_show_who_has_left(recorded, cast, agencies):
    factories.SnapshotFactory(person=cast["lead"], agency=agencies["digital"], as_of=date(2026, 6, 1))
    held = RecordHolder.objects.filter(agency=agencies["health"])
    assert [row.person for row in held] == [cast["lead"]]


def test_list_is_narrowed_by_answer_agency_and_nomination(recorded, cast):
    eligibility.run(by=cast["rcsc"], person=cast["lead"])
    row = nominations.nominate_oneself(by=cast["colleague"], wish=Wish.AWARD, statement="x")
    assert list(people_for_hr(cast["rcsc"], Wanted(nominated="yes"))) == []  # not before it is forwarded to them
    type(row).objects.filter(pk=row.pk).update(state="forwarded")
    found = {
        "not checked": Wanted(answer="eligible_for_consideration"), "needs facts": Wanted(answer="blocked_data"),
        "digital": Wanted(agency="govtech"), "nominated": Wanted(nominated="yes"), "not": Wanted(nominated="no"),
    }  # fmt: skip
    assert {name: list(people_for_hr(cast["rcsc"], wanted)) for name, wanted in found.items()} == {
        "not checked": [], "needs facts": [cast["lead"]], "digital": [cast["colleague"]],
        "nominated": [cast["colleague"]], "not": [cast["lead"]],
    }  # fmt: skip


def test_unknown_filters_let_everything_pass(recorded, cast):
    asked = QueryDict("answer=points&nominated=most&q=%00&order_by=-points")
    assert set(people_for_hr(cast["rcsc"], Wanted.from_query(asked))) == {cast["lead"], cast["colleague"]}


@pytest.mark.parametrize("number", ["PARO/2019/5", "/A/", "aBc-9", "ABC/facts", "a~1b~0"])
def test_every_number_that_the_register_may_hold_has_an_address(client, recorded, cast, number):
    User.objects.filter(pk=cast["lead"].pk).update(employee_number=number)
    looks(client, cast["hr"])
    file, note = (reverse(name, args=[number]) for name in ("person_file", "hr_fact"))
    assert f'href="{file}"' in client.get(reverse("hr_people")).content.decode()
    page = client.get(file)
    assert (page.status_code, page.context["person"], client.get(note).status_code) == (200, cast["lead"], 200)
    assert client.get(file.replace("A", "a") if "A" in file else file.upper()).status_code == 404


# Facts


def fact(cast, kind, value, days=0, by="hr", source="Register of clearances"):
    day = clock.today() - timedelta(days=days)
    return facts.record_fact(
        by=cast[by], person=cast["lead"], kind=FactKind(kind), value=FactValue(value), as_of=day, source=source
    )


def test_facts_from_hr_make_rules_known_and_the_newest_day_holds(recorded, cast):
    for kind, value in (("open_case", "no"), ("sanction", "no"), ("security", "yes"), ("audit", "yes")):
        fact(cast, kind, value)
    fact(cast, "rating", "lowest", days=1500)
    for back in (1, 2, 3):
        fact(cast, "rating", "very_good", days=since_year(back))
    fact(cast, "security", "no", days=50)
    marks = {mark.key: mark.mark for mark in without_numbers(eligibility.look(cast["lead"], clock.today())).rules}
    assert [marks[key] for key in ("E4", "E8", "E9")] == ["met", "met", "met"]
    fact(cast, "audit", "no")
    found = eligibility.look(cast["lead"], clock.today()).rules
    assert [rule.passed for rule in found if rule.key == "E9"] == [False]


def since_year(back):
    """Days since the end of an earlier fiscal year; 1 is the last that ended."""
    return (clock.today() - fiscal_bounds(fiscal_year(clock.today()) - back)[1]).days


def passed(cast, key):
    return [rule.passed for rule in eligibility.look(cast["lead"], clock.today()).rules if rule.key == key]


def test_sanction_that_ended_and_years_without_a_rating_are_seen(recorded, cast):
    fact(cast, "open_case", "no")
    fact(cast, "sanction", "yes", days=200)
    fact(cast, "sanction", "no")
    fact(cast, "rating", "good", days=since_year(1))
    seen = [passed(cast, "E8"), passed(cast, "E4")]
    fact(cast, "sanction", "no", days=200)  # the note of that day was a mistake
    for back in (2, 3):
        fact(cast, "rating", "not_rated", days=since_year(back))
    assert [*seen, passed(cast, "E8"), passed(cast, "E4")] == [[False], [None], [True], [True]]


def test_failure_that_others_use_is_no_result_used_elsewhere(recorded, cast, agencies):
    used = {"used_by": agencies["farms"], "use_confirmed_by": cast["sponsor"], "use_confirmed_at": clock.now()}
    Outcome.objects.update(**used)
    seen = [passed(cast, "E7")]
    event = PointEvent.objects.get(person=cast["lead"])
    points.reverse(event, by=cast["head"], reason="Checked again: not reached.")
    again = {"id": None, "code": "F1", "source": "failure"}
    PointEvent.objects.create(**PointEvent.objects.filter(pk=event.pk).values().get() | again)
    assert [*seen, passed(cast, "E7")] == [[True], [False]]


def test_nomination_for_leave_is_none_for_the_fast_track(cast, points_policy):
    row = nominations.nominate_oneself(by=cast["lead"], wish=Wish.LEAVE, statement="x")
    seen = [passed(cast, "E11")]
    nominations.change_wish(row, by=cast["lead"], wish=Wish.FAST_TRACK)
    assert [*seen, passed(cast, "E11")] == [[False], [True]]


@pytest.mark.parametrize("by", ["hrc", "auditor", "lead", "head", "stranger"])
def test_facts_are_noted_by_hr_alone(cast, by):
    with pytest.raises(NotPossible, match="Only HR"):
        fact(cast, "audit", "yes", by=by)
    assert HrFact.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"value": "lowest"}, "not an answer"), ({"days": -1}, "today or earlier"), ({"source": " "}, "Name the source")],
)
def test_facts_that_cannot_be_are_refused(cast, changes, words):
    with pytest.raises(NotPossible, match=words):
        fact(cast, "audit", **({"value": "yes"} | changes))


def test_fact_that_does_not_fit_its_kind_is_refused_by_the_database(cast):
    row = fact(cast, "audit", "yes")
    row.pk, row.value = None, "lowest"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_fact_is_never_changed(cast):
    fact(cast, "audit", "yes")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        HrFact.objects.update(value="no")


def test_fact_is_noted_on_its_page_with_words_for_what_does_not_fit(client, recorded, cast):
    looks(client, cast["hr"])
    url = reverse("hr_fact", args=[cast["lead"].employee_number])
    form = {"kind": "rating", "value": "yes", "as_of": "2026-06-30", "source": "Rating sheet"}
    assert "is answered by one of" in text_of_main(client.post(url, form))
    client.post(url, form | {"value": "good"})
    assert [(row.kind, row.value, row.by) for row in HrFact.objects.all()] == [("rating", "good", cast["hr"])]
    looks(client, cast["hrc"])
    assert client.get(url).status_code == 404


# Everybody at once


def test_rules_are_checked_for_everybody_on_the_list_with_progress(recorded, cast):
    job = checking.ask_for_all(by=cast["rcsc"], why="an audit")
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 2, 2)
    assert set(RecordHolder.objects.values_list("answer", flat=True)) == {"blocked_data"}
    assert AccessLog.objects.filter(what="Rules checked: an audit").count() == 2
    assert [eligibility.faults_of(row) for row in EligibilityRun.objects.all()] == [[], []]


def test_check_taken_up_again_goes_on_where_it_stopped(recorded, cast, monkeypatch):
    monkeypatch.setattr(checking, "BATCH", 1)
    job = checking.ask_for_all(by=cast["rcsc"], why="an audit")
    calls = []

    def breaks(people, **rest):
        calls.append(people)
        if len(calls) == 2:
            raise RuntimeError("The worker was killed.")
        return eligibility.evaluate_many(people, **rest)

    monkeypatch.setattr(checking, "evaluate_many", breaks)
    jobs.run(job.pk)
    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    jobs.run(job.pk)
    assert (Job.objects.get(pk=job.pk).state, EligibilityRun.objects.count(), len(calls)) == ("done", 2, 3)


@pytest.mark.parametrize("who", ["hrc", "auditor"])
def test_check_by_who_only_reads_checks_nobody(recorded, cast, who):
    jobs.run(checking.ask_for_all(by=cast[who], why="an audit").pk)
    assert EligibilityRun.objects.count() == 0


# Failures and what was taken back


def test_what_was_taken_back_says_so(client, recorded, cast):
    points.reverse(PointEvent.objects.get(person=cast["lead"]), by=cast["head"], reason="The log was altered")
    looks(client, cast["hr"])
    page = client.get(reverse("person_file", args=[cast["lead"].employee_number]))
    assert "Taken back" in text_of_main(page)


def test_failure_is_in_the_file_only_while_the_person_shows_it(client, worked, cast, classifiers, verifier):
    accepted(worked, cast, classifiers, verifier)
    case, url = worked.case, reverse("person_file", args=[cast["lead"].employee_number])

    def hr_reads():
        return worked.title in text_of_main(officer.get(url))

    officer = Client()
    looks(officer, cast["hr"])
    client.force_login(cast["lead"])
    seen = [hr_reads()]
    for step in ("show", "hide"):
        client.post(reverse("my_record"), {"case": str(case), "step": step})
        seen.append(hr_reads())
    assert seen == [False, True, False]
    assert [row.until is None for row in ShownToHr.objects.all()] == [False]


def test_failure_of_others_cannot_be_shown(worked, cast, classifiers, verifier):
    accepted(worked, cast, classifiers, verifier)
    with pytest.raises(NotPossible, match="your own record"):
        showing.show_to_hr(by=cast["stranger"], case=worked.case)


# Files read back


def read_pdf(job):
    job.refresh_from_db()
    return PdfReader(io.BytesIO(read_file(StoredFile.objects.get(pk=job.result))))


def test_annex_is_tagged_names_are_right_and_it_says_what_the_page_says(recorded, cast):
    User.objects.filter(pk=cast["lead"].pk).update(full_name="ཀརྨ་ཚེ་རིང")
    eligibility.run(by=cast["hr"], person=cast["lead"])
    job = files.ask_for_annex(by=cast["hr"], person=cast["lead"], why="an audit")
    jobs.run(job.pk)
    pdf = read_pdf(job)
    text = " ".join("".join(page.extract_text() for page in pdf.pages).split())
    assert (pdf.trailer["/Root"]["/MarkInfo"]["/Marked"], "/StructTreeRoot" in pdf.trailer["/Root"]) == (True, True)
    assert "ཀརྨ་ཚེ་རིང" in text
    assert cast["lead"].employee_number in text
    for label, mark in RecordHolder.objects.get(person=cast["lead"]).marks:
        assert f"{label} {files.MARKS[mark]}" in text, label
    assert not re.search(r"\d+\.\d|\d ?%|point", text.replace("FT-2026.1", ""))


def test_cohort_says_what_the_database_says(recorded, cast):
    eligibility.run(by=cast["rcsc"], person=cast["lead"])
    job = files.ask_for_cohort(by=cast["rcsc"], wanted=Wanted(), why="an audit")
    jobs.run(job.pk)
    job.refresh_from_db()
    book = load_workbook(io.BytesIO(read_file(StoredFile.objects.get(pk=job.result))))
    rows = {row[0]: row[1:] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)}
    lead, colleague = cast["lead"], cast["colleague"]
    marks = "; ".join(f"{label}: {files.MARKS[mark]}" for label, mark in RecordHolder.objects.get(person=lead).marks)
    record = f"Checked: target reached: {recorded.title}"
    assert rows == {
        lead.employee_number: (
            lead.full_name, "Ministry of Health", record, marks, "We need a fact from HR", "FT-2026.1",
            clock.today().isoformat(),
        ),
        colleague.employee_number: (colleague.full_name, "GovTech Agency", record, "Not yet checked", None, None, None),
    }  # fmt: skip
    assert ("Policy version", "FT-2026.1") in list(book["About"].iter_rows(values_only=True))
