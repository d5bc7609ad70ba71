"""What is over its time goes, a legal hold keeps it, a tombstone stays; and the letter that protects."""

import io
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from documents.models import StoredFile
from documents.services import read_file
from incentives.enums import Wish
from incentives.models import LegalHold, Nomination, PointEvent
from incentives.services import nominations, protection, retention
from lifecycle import checkpoints, clock, jobs, trail
from lifecycle.errors import NotPossible
from lifecycle.models import Job
from lifecycle.performing import perform
from people.models import User
from proposals.models import Proposal, Section
from proposals.services import drafting

from .test_results import accepted

WORD = "Canaryretained"


def years(count):
    return clock.frozen(clock.now() + timedelta(days=366 * count))


def places():
    """Return every table in which a row still holds the word."""
    return {
        model._meta.label
        for model in apps.get_models()
        for values in model._base_manager.values_list()
        if WORD in repr(values)
    }


def removals(row):
    return [entry.payload.note for entry in trail.entries_of(row) if entry.action == "retention_removed"]


def test_draft_goes_after_two_years_with_everything_that_held_its_words(proposal, cast):
    row = drafting.start(by=cast["lead"], title=f"Idea {WORD}", call=proposal.call)
    section = Section.objects.filter(proposal=row, key="problem").first()
    if section is None:
        section = Section.objects.create(
            proposal=row, key="problem", answers={}, edited_by=cast["lead"], edited_at=clock.now()
        )
    trail.record(section, action="saved", by=cast["lead"], changes={"answers": [None, WORD]}, note=WORD)
    Section.objects.filter(pk=section.pk).update(answers={"text": WORD})
    assert places() != set()
    with years(1):
        assert row not in retention.due(retention.RULES[0])
    with years(3):
        assert retention.remove_due() >= 1
        assert places() == set()
        assert retention.remove_due() == 0
    row = Proposal.objects.get(pk=row.pk)
    assert row.title == retention.REMOVED
    assert removals(row)[0].startswith("Drafts that were never sent: kept for 2 years. Removed: the text")
    assert list(checkpoints.faults()) == []


def test_legal_hold_keeps_until_it_is_lifted(client, proposal, cast, points_policy):
    row = nominations.nominate_oneself(by=cast["lead"], wish=Wish.AWARD, statement=WORD)
    perform(row, "withdraw", by=cast["lead"])
    with pytest.raises(NotPossible, match="Only the head"):
        retention.keep(by=cast["auditor"], person=cast["lead"], reason="x")
    client.force_login(cast["head"])
    page = reverse("keeping")
    assert b"No proposal, grant or person" in client.post(page, {"about": "nobody", "reason": "x"}).content
    client.post(page, {"about": cast["lead"].employee_number, "reason": "A court asked."})
    assert b"under a legal hold already" in client.post(
        page, {"about": cast["lead"].employee_number, "reason": "A court asked."}
    ).content  # fmt: skip
    with years(8):
        retention.remove_due()
        assert Nomination.objects.get().statement == WORD
    hold = LegalHold.objects.get()
    client.post(page, {"hold": hold.pk, "note": ""})
    assert LegalHold.objects.get().until is None
    client.post(page, {"hold": hold.pk, "note": "The court is done."})
    with years(8):
        retention.remove_due()
    assert Nomination.objects.get().statement == retention.REMOVED
    assert len(removals(row)) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalHold.objects.update(person=None)


def test_person_who_left_loses_the_name_and_the_record_stays(worked, cast, classifiers, verifier):
    accepted(worked, cast, classifiers, verifier)
    person = cast["colleague"]
    User.objects.filter(pk=person.pk).update(is_active=False, full_name=WORD, email=f"{WORD}@x.example".lower())
    events = PointEvent.objects.filter(person=person).count()
    with years(9):
        retention.remove_due()
        assert User.objects.get(pk=person.pk).full_name == WORD
    with years(11):
        retention.remove_due()
    person = User.objects.get(pk=person.pk)
    assert (person.full_name, person.employee_number) == (retention.LEFT, None)
    assert PointEvent.objects.filter(person=person).count() == events
    assert User.objects.get(pk=cast["lead"].pk).employee_number is not None


def test_letter_of_a_failure_that_counts_is_read_first_by_an_auditor(client, worked, cast, classifiers, verifier):
    with pytest.raises(NotPossible, match="failure in good faith"):
        protection.ask_for_letter(by=cast["lead"], case=worked.case)
    record = accepted(worked, cast, classifiers, verifier)
    with pytest.raises(NotPossible, match="your own record"):
        protection.ask_for_letter(by=cast["stranger"], case=worked.case)
    client.force_login(cast["lead"])
    assert "Make my protection letter" in client.get("/my-record/").content.decode()
    client.post("/my-record/", {"step": "letter", "case": str(worked.case)})
    job = Job.objects.get(name="incentives.make_protection_letter")
    assert job.state == "done" or jobs.run(job.pk)
    stored = StoredFile.objects.get(kind="protection-letter")
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(read_file(stored))).pages)
    said = " ".join(text.split())
    assert stored.owner_id == cast["lead"].pk
    for words in (worked.title, cast["lead"].employee_number, "tried in good faith", "well tested"):
        assert words in said
    auditor = Client()
    auditor.force_login(cast["auditor"])
    page = auditor.get(record.get_absolute_url()).content.decode()
    assert page.index("Read this first: protection letter") < page.index("The record</h2>")
    assert "Read this first" not in client.get(record.get_absolute_url()).content.decode()
