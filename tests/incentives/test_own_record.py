"""One's own record: every step, the distance, second looks, facts of HR, and a PDF in one's own hands."""

import io

from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from documents.models import StoredFile
from documents.services import read_file
from incentives.models import Contest, PointEvent
from incentives.services import facts, own_files, points
from lifecycle import clock, jobs
from people.models import User

from .test_hr import looks, text_of_main


def test_page_tells_the_distance_the_facts_and_who_looked(client, recorded, cast):
    facts.record_fact(
        by=cast["hr"], person=cast["lead"], kind="audit", value="yes", as_of=clock.today(), source="Audit letter 7"
    )
    client.force_login(cast["lead"])
    page = " ".join(text_of_main(client.get(reverse("my_record"))).split())
    for words in ("12.0 points", "You are 18.0 points short", "Audit letter 7", "Nobody has looked at it"):
        assert words in page, words


def test_second_look_is_asked_from_the_record_and_shown_on_it(client, recorded, cast):
    client.force_login(cast["lead"])
    ask = reverse("contest_ask", args=[recorded.case])
    assert ask in client.get(reverse("my_record")).content.decode()
    client.post(ask, {"about": "points", "words": "My share was larger."})
    page = client.get(reverse("my_record")).content.decode()
    assert "Under a second look" in page
    assert ask not in page
    assert Contest.objects.get().about == "points"


def test_pdf_of_the_own_record_says_what_the_database_says(recorded, cast):
    User.objects.filter(pk=cast["lead"].pk).update(full_name="ཀརྨ་ཚེ་རིང")
    officer = Client()
    looks(officer, cast["hr"])
    officer.get(reverse("person_file", args=[cast["lead"].employee_number]))
    job = own_files.ask_for_record(by=cast["lead"])
    assert jobs.run(job.pk)
    job.refresh_from_db()
    stored = StoredFile.objects.get(pk=job.result)
    pdf = PdfReader(io.BytesIO(read_file(stored)))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    event = PointEvent.objects.get(person=cast["lead"])
    assert (stored.owner_id, pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]) == (cast["lead"].pk, True)
    assert "ཀརྨ་ཚེ་རིང" in text.replace("་ ", "་")  # a line may end after the mark between syllables
    for words in (recorded.title, "12.0 points", "Name of hr", event.policy.name):
        assert words in text, words
    for label, figure, _ in event.steps:
        assert f"{label}: {figure}" in text, label


def test_record_with_points_taken_back_opens_and_says_why(client, recorded, cast):
    event = PointEvent.objects.get(person=cast["lead"])
    points.reverse(event, by=cast["head"], reason="The log was altered")
    client.force_login(cast["lead"])
    page = " ".join(text_of_main(client.get(reverse("my_record"))).split())
    for words in ("What counts today: 0.0 points", "of which 0.0 count today (It was taken back.)",
                  "-12.0 points: this takes back what stood here before", "The log was altered"):  # fmt: skip
        assert words in page, words
    assert "Taken back:" not in page
    job = own_files.ask_for_record(by=cast["lead"])
    assert jobs.run(job.pk)
    job.refresh_from_db()
    pdf = PdfReader(io.BytesIO(read_file(StoredFile.objects.get(pk=job.result))))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert "this takes back what stood here before" in text
    assert "Taken back: The log was altered" in text


def test_pdf_of_the_own_record_is_asked_by_a_button_and_kept_from_others(client, recorded, cast):
    client.force_login(cast["lead"])
    answer = client.post(reverse("my_record"), {"step": "pdf"})
    pk = int(answer.headers["Location"].rstrip("/").rsplit("/", 1)[1])
    jobs.run(pk)
    stored = StoredFile.objects.get(kind="own-record")
    assert client.get(reverse("own_file", args=[stored.pk])).status_code == 200
    for name in ("hr", "rcsc", "colleague"):
        client.force_login(cast[name])
        assert client.get(reverse("own_file", args=[stored.pk])).status_code == 404


def test_button_about_nothing_does_not_exist(client, cast):
    client.force_login(cast["lead"])
    assert client.post(reverse("my_record"), {"step": "show", "case": "nonsense"}).status_code == 404
