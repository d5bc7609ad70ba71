"""What is not told: a failure that the person does not show, and files of HR that no longer hold."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from documents.models import StoredFile
from documents.services import read_file
from incentives.hr_queries import Wanted, people_for_hr
from incentives.models import EligibilityRun, LearningRecord, Outcome, PointEvent, RecordHolder
from incentives.services import checking, files, holders, outcomes, points, showing
from lifecycle import clock, jobs
from people.enums import Role
from people.services.accounts import system_user
from people.services.grants import end_role, grant_role

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


# Jobs and files


def test_rules_are_checked_only_for_people_of_agencies_whose_hr_officer_asks(recorded, cast, agencies):
    """HR officer of the lead's agency, and on the HR committee of the colleague's."""
    grant_role(by=system_user(), person=cast["hr"], role=Role.HRC, agency=agencies["digital"], reason="test")
    grant_role(by=system_user(), person=cast["hr"], role=Role.AUDITOR, reason="test")
    assert set(people_for_hr(cast["hr"])) == {cast["lead"], cast["colleague"]}
    jobs.run(checking.ask_for_all(by=cast["hr"], why="an audit").pk)
    assert {run.person for run in EligibilityRun.objects.all()} == {cast["lead"]}


@pytest.fixture
def hr_files(cast):
    """Make both files and return what the HR officer is answered for each: (the file, the page of the job)."""

    def made():
        asked = [
            files.ask_for_annex(by=cast["hr"], person=cast["lead"], why="an audit"),
            files.ask_for_cohort(by=cast["hr"], wanted=Wanted(), why="an audit"),
        ]
        for job in asked:
            jobs.run(job.pk)
            job.refresh_from_db()
        client = Client()
        client.force_login(cast["hr"])

        def answers():
            pages = [client.get(reverse("job", args=[job.pk])).content.decode() for job in asked]
            files_of = [client.get(reverse("own_file", args=[job.result])).status_code for job in asked]
            gone = ["no longer handed out" in page for page in pages]
            assert gone == ["Download" not in page for page in pages]
            return list(zip(files_of, gone, strict=True))

        return answers

    return made


def test_files_of_hr_go_with_the_role(recorded, cast, agencies, hr_files):
    answers = hr_files()
    assert answers() == [(200, False)] * 2
    held = cast["hr"].role_grants.get()
    end_role(held, by=system_user(), reason="moved")
    assert answers() == [(404, True)] * 2
    grant_role(by=system_user(), person=cast["hr"], role=Role.HRC, agency=agencies["digital"], reason="test")
    assert answers() == [(404, True)] * 2


def test_files_of_hr_go_when_a_failure_is_taken_out(worked, cast, classifiers, verifier, hr_files):
    accepted(worked, cast, classifiers, verifier)
    showing.show_to_hr(by=cast["lead"], case=worked.case)
    answers = hr_files()
    assert answers() == [(200, False)] * 2
    showing.hide_from_hr(by=cast["lead"], case=worked.case)
    assert answers() == [(404, True)] * 2
    showing.show_to_hr(by=cast["lead"], case=worked.case)
    assert hr_files()() == [(200, False)] * 2
