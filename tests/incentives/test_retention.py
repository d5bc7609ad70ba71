"""What is over its time goes, a legal hold keeps it, a tombstone stays; and the letter that protects."""

import io
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from config import env
from documents.models import StoredFile
from documents.services import read_file
from evaluation.bundle import bundle_of
from evaluation.enums import Ground
from evaluation.models import Appeal, Letter
from evaluation.services import appeals
from evaluation.verify import checks_of
from incentives.enums import Wish
from incentives.models import LegalHold, Nomination, PointEvent
from incentives.services import nominations, protection, retention
from lifecycle import checkpoints, clock, jobs, trail
from lifecycle.errors import NotPossible
from lifecycle.models import Job
from lifecycle.performing import perform
from people.models import User
from proposals.models import Proposal, Section
from proposals.services import drafting, endorsing, outside

from .. import conftest, stages
from ..evaluation.appeals import decline, officer
from ..proposals.test_attachments import attach, upload
from ..proposals.test_outside import FIRM
from .test_results import accepted

__all__ = ["officer"]
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


def rule(key):
    return next(row for row in retention.RULES if row.key == key)


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
        assert row not in retention.due(rule("draft"))
    with years(3):
        assert retention.remove_due() >= 1
        assert places() == set()
        assert retention.remove_due() == 0
    row = Proposal.objects.get(pk=row.pk)
    assert row.title == retention.REMOVED
    assert removals(row)[0].startswith("Drafts that were never sent: kept for 2 years. Removed: the text")
    assert list(checkpoints.faults()) == []


@pytest.mark.parametrize("ending", ["withdrawn", "recalled", "returned"])
def test_draft_that_was_withdrawn_or_came_back_from_the_agencies_goes_after_two_years(funded_call, cast, ending):
    row = conftest.new_proposal(funded_call, cast, f"Idea {WORD}")
    if ending == "withdrawn":
        row = perform(row, "withdraw", by=cast["lead"])
    else:
        row = stages.await_agreement(row, cast)
        if ending == "recalled":
            row = perform(row, "recall", by=cast["lead"])
        else:
            number = row.versions.get().number
            endorsing.give_back(row, by=cast["sponsor"], version=number, note=WORD)
    assert len(places()) > 0
    with years(1):
        assert row not in retention.due(rule("draft"))
    with years(3):
        assert retention.remove_due() >= 1
        assert (places(), retention.remove_due()) == (set(), 0)
    assert stages.fresh(row).title == retention.REMOVED
    assert list(checkpoints.faults()) == []


@pytest.fixture
def unfunded(funded_call, cast, panel, officer):
    """Sent, declined and told, with its word in every part, and an appeal that could not be heard."""
    row = conftest.new_proposal(funded_call, cast, f"Idea {WORD}")
    firm = FIRM | {"name": WORD, "letter": attach(row, cast["lead"], description=WORD)}
    outside.save_partner(row, by=cast["lead"], partner=None, **firm)
    row = stages.judge(stages.check(row, cast), cast, panel["reviewers"])
    row = stages.tell(decline(stages.to_board(row, cast, panel["chair"]), panel), cast, panel["chair"])
    appeal = appeals.lodge(row, by=cast["lead"], ground=Ground.FACT, words=WORD, upload=upload())
    appeals.turn_away(appeal, by=officer, note="No fact is named.")
    return stages.fresh(row)


def test_what_was_sent_and_not_funded_goes_after_seven_years_and_its_decision_can_still_be_recomputed(
    unfunded, cast, panel, funded_call, client
):
    version = unfunded.versions.get()
    bundle, files = bundle_of(funded_call), StoredFile.objects.count()
    assert len(places()) > 8
    with years(6):
        assert unfunded not in retention.due(rule("unfunded"))
    with years(8):
        assert retention.remove_due() >= 1
        assert (places(), retention.remove_due()) == (set(), 0)
        left = unfunded.versions.get()
        assert (left.sha256, left.facts["requested"], bool(left.removed_at)) == (version.sha256, stages.REQUESTED, True)
        assert bundle_of(funded_call) == bundle
        assert list(checks_of(bundle_of(funded_call)))
        assert StoredFile.objects.filter(case=unfunded.case).count() < files
        assert list(checkpoints.faults()) == []
        row = stages.fresh(unfunded)
        assert removals(row)[0].startswith("Proposals that were sent and not funded: kept for 7 years. Removed: what")
        for person in (cast["lead"], cast["secretariat"], cast["auditor"], panel["chair"], panel["board"][0]):
            client.force_login(person)
            answer = client.get(row.get_absolute_url())
            assert (person, answer.status_code) == (person, 200)
            assert retention.REMOVED in answer.content.decode()


@pytest.mark.parametrize("keeps", ["hold", "appeal", "letter"])
def test_what_was_not_funded_stays_under_a_hold_an_open_appeal_and_a_late_letter(unfunded, cast, keeps):
    with years(8):
        if keeps == "hold":
            retention.keep(by=cast["head"], case=unfunded.case, reason="A court asked.")
        elif keeps == "appeal":
            Appeal.objects.update(state="lodged", officer=None, ended_at=None)
        else:
            Letter.objects.update(at=clock.now())
        assert unfunded not in retention.due(rule("unfunded"))


def test_a_version_loses_its_words_once_and_nothing_else(unfunded):
    versions = unfunded.versions
    now = clock.now()
    for wrong in ({"content": "{}"}, {"removed_at": now, "sha256": "0" * 64}, {"removed_at": now, "number": 9}):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            versions.update(**wrong)
    versions.update(content="{}", removed_at=now)
    for wrong in ({"content": '{"requested":1}'}, {"removed_at": None}):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            versions.update(**wrong)


def test_how_long_things_are_kept_is_a_setting(client, proposal, cast, settings, monkeypatch):
    row = drafting.start(by=cast["lead"], title="Kept for one year", call=proposal.call)
    settings.KEEP_YEARS = settings.KEEP_YEARS | {"draft": 1}
    client.force_login(cast["head"])
    assert "Drafts that were never sent: 1 year<" in client.get("/keeping/").content.decode()
    with years(2):
        assert row in retention.due(rule("draft"))
        retention.remove_due()
    assert removals(row)[0].startswith("Drafts that were never sent: kept for 1 year. Removed: the text")
    for wrong in ("0", "-1", "two"):
        monkeypatch.setenv("KEEP_DRAFTS_YEARS", wrong)
        with pytest.raises(ImproperlyConfigured, match="KEEP_DRAFTS_YEARS must be"):
            env.at_least_one("KEEP_DRAFTS_YEARS", 2)


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
