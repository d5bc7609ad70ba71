"""What is not told: a failure that the person does not show, and files of HR that no longer hold."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from documents.models import StoredFile
from documents.services import read_file
from incentives.hr_queries import people_for_hr
from incentives.models import LearningRecord, Outcome, PointEvent, RecordHolder
from incentives.services import files, holders, outcomes, points, showing
from lifecycle import clock, jobs

from .test_hr import looks, text_of_main
from .test_results import accepted, verified
from .test_second_look import checked_again, upheld

FIRST = "The log of the first counter"


def file_of(cast, client):
    looks(client, cast["hr"])
    return client.get(reverse("person_file", args=[cast["lead"].employee_number]))


# Who is on the list of HR


def test_whose_only_record_is_a_failure_not_shown_is_not_on_the_list_of_hr(client, worked, cast, classifiers, verifier):
    accepted(worked, cast, classifiers, verifier)

    def seen():
        listed = list(people_for_hr(cast["hr"]))
        assert holders.keep_holders() == 0
        return listed, file_of(cast, client).status_code

    assert seen() == ([], 404)
    showing.show_to_hr(by=cast["lead"], case=worked.case)
    assert seen() == ([cast["lead"]], 200)
    showing.hide_from_hr(by=cast["lead"], case=worked.case)
    assert seen() == ([], 404)


def test_kept_list_follows_what_is_shown(worked, cast, classifiers, verifier):
    accepted(worked, cast, classifiers, verifier)
    RecordHolder.objects.update(listed=True)
    assert holders.keep_holders() == 2
    RecordHolder.objects.all().delete()
    assert holders.keep_holders() == 2
    assert set(RecordHolder.objects.values_list("listed", flat=True)) == {False}


def test_shown_failure_that_was_taken_back_can_still_be_taken_out(client, worked, cast, classifiers, verifier):
    accepted(worked, cast, classifiers, verifier)
    showing.show_to_hr(by=cast["lead"], case=worked.case)
    points.reverse(PointEvent.objects.get(person=cast["lead"]), by=cast["head"], reason="The log was altered")
    client.force_login(cast["lead"])
    page = client.get(reverse("my_record")).content.decode()
    assert page.count("Take it out of my file") == 1
    assert "protection letter" not in page
    client.post(reverse("my_record"), {"case": str(worked.case), "step": "hide"})
    assert list(people_for_hr(cast["hr"])) == []


# Evidence


def test_result_taken_back_after_another_check_tells_nothing_of_that_check(
    client, recorded, cast, verifier, officer, second
):
    Outcome.objects.update(how_checked=FIRST)
    assert FIRST in text_of_main(file_of(cast, client))
    upheld(Outcome.objects.get(), cast, officer)
    checked_again(Outcome.objects.get(), second, "2.4")
    said = text_of_main(file_of(cast, client))
    job = files.ask_for_annex(by=cast["hr"], person=cast["lead"], why="an audit")
    jobs.run(job.pk)
    stored = StoredFile.objects.get(kind="annex")
    pdf = " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(read_file(stored))).pages).split())
    for text in (said, pdf):
        assert "taken back" in text.lower()
        assert "Both logs" not in text
        assert "How it was checked" not in text


# A result that was not reached


@pytest.fixture
def missed(worked, cast, verifier):
    """Checked: not reached, published by the clock; the learning record is still a draft."""
    verified(worked, cast, verifier, "2.4")
    with clock.frozen(clock.now() + timedelta(days=31)):
        outcomes.chase()
    assert LearningRecord.objects.get().state == "draft"
    return Outcome.objects.get()


def test_published_result_that_was_not_reached_does_not_name_the_team(missed, cast):
    pages = {}
    for name in ("rcsc", "hr", "stranger", "lead", "sponsor", "head", "auditor"):
        client = Client()
        client.force_login(cast[name])
        pages[name] = client.get(missed.get_absolute_url()).content.decode().split("<main", 1)[1]
    told = {name for name, page in pages.items() if cast["lead"].full_name in page}
    assert told == {"lead", "sponsor", "head", "auditor"}
    assert "Somebody of the team" in pages["rcsc"]


def test_who_tried_is_named_where_the_team_shares_its_record_with_names(missed, client, cast):
    client.force_login(cast["rcsc"])
    assert cast["lead"].full_name not in client.get(missed.get_absolute_url()).content.decode()
    LearningRecord.objects.update(
        state="published", settled_kind="intelligent", reach="government", with_names=True, published_at=clock.now()
    )
    assert cast["lead"].full_name in client.get(missed.get_absolute_url()).content.decode()


def test_published_result_that_was_reached_names_who_claimed_it(recorded, client, cast):
    with clock.frozen(clock.now() + timedelta(days=31)):
        outcomes.chase()
    client.force_login(cast["rcsc"])
    assert cast["lead"].full_name in client.get(Outcome.objects.get().get_absolute_url()).content.decode()
