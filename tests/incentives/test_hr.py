import io
import re

from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from documents.models import StoredFile
from documents.services import read_file
from fund.models import Grant
from incentives.queries import people_for_hr
from incentives.services import files
from lifecycle import jobs
from lifecycle.models import Job
from people.models import AccessLog, User
from people.services.accounts import system_user
from people.services.grants import end_role

from ..remembering import remembered
from .test_results import verified, verifier  # noqa: F401  (the fixture)


@remembered
def recorded(worked, cast, verifier):  # noqa: F811
    """Lead (health) and colleague (digital) have a verified result each."""
    verified(worked, cast, verifier)
    return worked


def test_hr_sees_people_of_the_own_agency_with_records_and_never_oneself(recorded, cast):
    assert list(people_for_hr(cast["hr"])) == [cast["lead"]]
    assert set(people_for_hr(cast["rcsc"])) == {cast["lead"], cast["colleague"]}
    assert list(people_for_hr(cast["stranger"])) == []


def test_hr_list_is_ordered_by_name_and_searched(recorded, cast):
    assert list(people_for_hr(cast["rcsc"], "colleague")) == [cast["colleague"]]
    assert list(people_for_hr(cast["rcsc"], cast["lead"].employee_number)) == [cast["lead"]]


def text_of_main(answer):
    page = answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"<[^>]+>", " ", page)


def test_hr_page_of_a_person_holds_no_number_from_which_points_could_be_made(client, recorded, cast):
    client.force_login(cast["hr"])
    url = reverse("person_file", args=[cast["lead"].employee_number])
    client.post(url, {"check": "yes"})
    text = text_of_main(client.get(url))
    assert "met" in text
    for told in (r"\d+\.\d", r"\d+ ?%", "point", "share", "likely", "bold"):
        assert not re.search(told, text.replace("FT-2026.1", "")), told


def test_look_at_a_file_is_logged_and_shown_to_the_person(client, recorded, cast):
    client.force_login(cast["hr"])
    client.get(reverse("person_file", args=[cast["lead"].employee_number]))
    assert list(AccessLog.objects.values_list("person", "viewer")) == [(cast["lead"].pk, cast["hr"].pk)]
    client.force_login(cast["lead"])
    assert "Name of hr" in client.get(reverse("my_record")).content.decode()


def test_xlsx_of_the_cohort_holds_hostile_names_as_text(recorded, cast):
    User.objects.filter(pk=cast["lead"].pk).update(full_name="=HYPERLINK(1)")
    Grant.objects.filter(pk=recorded.pk).update(title="=1+1")
    job = files.ask_for_cohort(by=cast["hr"], words="")
    assert jobs.run(job.pk)
    job.refresh_from_db()
    stored = StoredFile.objects.get(pk=job.result)
    book = load_workbook(io.BytesIO(read_file(stored)))
    name, records = book.worksheets[0]["B2"], book.worksheets[0]["D2"]
    assert (name.value, name.data_type, records.data_type) == ("=HYPERLINK(1)", "s", "s")
    assert "=1+1" in records.value
    assert (stored.owner_id, job.state, job.done) == (cast["hr"].pk, "done", 1)


def test_pdf_annex_is_made_for_its_requester_alone(client, recorded, cast):
    job = files.ask_for_annex(by=cast["hr"], person=cast["lead"])
    assert jobs.run(job.pk)
    job.refresh_from_db()
    stored = StoredFile.objects.get(pk=job.result)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(read_file(stored))).pages)
    assert "Name of lead" in text
    assert "This is not a promotion decision" in text.replace("\n", " ")
    for name, status in (("hr", 200), ("hrc", 404), ("lead", 404)):
        client.force_login(cast[name])
        assert client.get(reverse("own_file", args=[stored.pk])).status_code == status


def test_annex_is_not_made_for_an_officer_who_lost_the_role_in_between(recorded, cast):
    job = files.ask_for_annex(by=cast["hr"], person=cast["lead"])
    end_role(cast["hr"].role_grants.get(), by=system_user(), reason="moved")
    jobs.run(job.pk)
    assert (Job.objects.get(pk=job.pk).result, StoredFile.objects.count()) == ("", 0)
