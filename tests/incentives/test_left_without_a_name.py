"""A person who left is named nowhere that the page of keeping does not say: messages of others, files, lists."""

from uuid import uuid4

import pytest
from django.urls import reverse

from documents.models import StoredFile
from incentives.enums import Wish
from incentives.hr_queries import Wanted
from incentives.models import LegalHold
from incentives.services import files, nominations, own_files, protection, retention, showing
from lifecycle import jobs
from people.models import Notification, User
from people.services.notify import notify

from .. import factories
from .test_hr import text_of_main
from .test_results import accepted
from .test_retention import WORD, places, years

NUMBER = "XLEFT-7"


@pytest.fixture
def left(worked, cast, classifiers, verifier):
    """A team with a record; its colleague is nominated, has files made about them, and leaves."""
    person = cast["colleague"]
    User.objects.filter(pk=person.pk).update(full_name=WORD, employee_number=NUMBER)
    person.refresh_from_db()
    accepted(worked, cast, classifiers, verifier)
    showing.show_to_hr(by=person, case=worked.case)
    row = nominations.nominate_oneself(by=person, wish=Wish.FAST_TRACK, statement="x")
    told(cast, f"{row.person.full_name} · {row.person.employee_number}: {row.get_wish_display()}.")
    hr = cast["rcsc"]
    made = [
        files.ask_for_annex(by=hr, person=person, why="x"), files.ask_for_cohort(by=hr, wanted=Wanted(), why="x"),
        own_files.ask_for_record(by=person), protection.ask_for_letter(by=person, case=worked.case),
    ]  # fmt: skip
    for job in made:
        job.refresh_from_db()
        assert job.state == "done" or jobs.run(job.pk)
    User.objects.filter(pk=person.pk).update(is_active=False)
    return person


def kinds():
    return set(StoredFile.objects.values_list("kind", flat=True)) & {
        "annex", "cohort", "own-record", "protection-letter"
    }  # fmt: skip


def told(cast, body, subject="x", path="", key=None):
    return notify(person=cast["hr"], key=key or str(uuid4()), subject=subject, body=body, path=path)


def test_messages_to_others_lose_name_and_number_and_nothing_else(left, cast):
    row = told(cast, f"{WORD} · {NUMBER}: Consideration for the fast track. {WORD}son stays, and so does X{NUMBER}0.",
               subject=f"{WORD} waits", path=f"/hr/people/{NUMBER}/")  # fmt: skip
    assert Notification.objects.exclude(person=left).filter(body__contains=f"{WORD} · {NUMBER}: Cons").exists()
    with years(11):
        retention.remove_due()
    row.refresh_from_db()
    said = (row.subject, row.body, row.path)
    assert said == (
        f"{retention.LEFT} waits",
        f"{retention.LEFT}: Consideration for the fast track. {WORD}son stays, and so does X{NUMBER}0.",
        "",
    )
    for message in Notification.objects.exclude(pk=row.pk):
        assert WORD not in message.body + message.subject
        assert NUMBER not in message.body + message.path


def test_new_message_about_a_namesake_keeps_the_name(left, cast):
    factories.UserFactory(full_name=WORD)
    with years(11):
        new = told(cast, f"{WORD} asks you to join.")
        retention.remove_due()
    old = Notification.objects.filter(body__contains=WORD).get()
    assert old == new


def test_files_about_a_person_who_left_go_with_the_name(left):
    paths = [row.path for row in StoredFile.objects.filter(kind__in=kinds())]
    assert kinds() == {"annex", "cohort", "own-record", "protection-letter"}
    with years(11):
        retention.remove_due()
    assert (kinds(), len(paths)) == (set(), 4)


@pytest.mark.parametrize("late", [False, True])
def test_files_made_for_an_office_go_after_their_time(left, late):
    with years(3 if late else 1):
        retention.remove_due()
    assert kinds() == ({"protection-letter"} if late else {"annex", "cohort", "own-record", "protection-letter"})


def test_legal_hold_keeps_name_messages_and_files(left, cast):
    retention.keep(by=cast["head"], person=left, reason="A court asked.")
    with years(11):
        retention.remove_due()
    assert kinds() == {"annex", "cohort", "own-record", "protection-letter"}
    assert Notification.objects.filter(body__contains=f"{WORD} · {NUMBER}").exists()
    retention.let_go(LegalHold.objects.get(), by=cast["head"], reason="Done.")
    with years(11):
        retention.remove_due()
    assert kinds() == set()


def test_name_stays_only_where_the_page_says_so(client, left, cast):
    """Here nothing was signed or sent that keeps its fingerprint, so the name is nowhere."""
    with years(31):
        retention.remove_due()
        assert places() == set()
        client.force_login(cast["head"])
        page = text_of_main(client.get(reverse("keeping")))
    for words in ("signed agreements", "proposals that were funded", "fingerprint", "Files made for a reader: 2 years"):
        assert words in page
