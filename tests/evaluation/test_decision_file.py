"""The decision file: everything on a proposal in time order, for those who look into it."""

import re
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from documents.models import StoredFile
from documents.services import read_file
from evaluation.decision_file import Event, events_of
from evaluation.policies import may_check_appeal, reads_decision_file
from evaluation.services import appeals, decide, decision_files
from evaluation.services import panel as consensus
from lifecycle import clock, jobs
from lifecycle.errors import NotPossible
from lifecycle.models import Job
from lifecycle.performing import perform
from people.enums import Grade
from people.models import Block, Notification
from proposals.views.reading import WORDS

from .. import stages
from .appeals import WORDS as APPEAL_WORDS
from .appeals import assigned, lodge, make_letters, officer, refuse, refused

__all__ = ["officer", "refused"]


def get(person, name, *args):
    client = Client()
    client.force_login(person)
    return client.get(reverse(name, args=args))


def made(proposal, by):
    """Ask for the file, run its job, and return the bytes."""
    job = decision_files.ask(proposal, by=by)
    assert jobs.run(job.pk)
    assert Job.objects.get(pk=job.pk).state == "done"
    return read_file(decision_files.files_of(proposal)[0])


def words_of(content):
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


@pytest.fixture
def whole(eligible, panel, cast, officer):
    """Talked over, refused, appealed and upheld, funded at the second try: one of everything."""
    closed = stages.judge(eligible, cast, panel["reviewers"], scores=(8, 8, [4, 8, 8, 8, 8]))
    talked = perform(closed, "moderate", by=panel["chair"])
    first = talked.call.criteria.first()
    consensus.settle(talked, by=panel["chair"], criterion=first.pk, halves=7, reason="All read it again.")
    refusal = refuse(stages.to_board(stages.fresh(talked), cast, panel["chair"]), panel, cast)
    appeals.uphold(assigned(refusal, cast, officer), by=officer, note="The baseline is there.")
    again = stages.votes(stages.fresh(refusal), panel["board"][:3], *["approve"] * 3)
    done = stages.tell(decide.approve(again, by=panel["board"][0]), cast, panel["chair"])
    make_letters()
    return done


def test_file_holds_one_of_everything_and_is_tagged(whole, cast, panel):
    content = made(whole, cast["auditor"])
    words = re.sub(r"\s+", " ", words_of(content))
    plain = words.replace(" ", "")
    for part in (
        "Version 1 frozen", "Ministry of Health on version 1: Agreed", "First check, It answers the purpose", "met",
        "Conflict of interest on record: May not take part", "relative", "handed in", "2 of 5", "Because.",
        "Strength: “Clear need.”", "Score agreed on", "All read it again.", "Place 1,", "Vote to decline, round 1",
        "Too dear.", "Decision of round 1: decline", "Takes the place of the decision of round 1",
        "Ledger: Set aside, Nu. 399,999.99", "Letter to the team: The fund's decision: not funded this time",
        "Ground: A fact was read", APPEAL_WORDS, "The baseline is there.", "Vote to approve, round 2", "Trail entry 1,",
        "People come twice.", panel["reviewers"][0].full_name, panel["board"][0].full_name,
    ):  # fmt: skip
        assert part.replace(" ", "") in plain, part
    assert whole.versions.get().sha256 in plain
    assert whole.places.get().run.sha256 in plain
    assert "saved" not in plain
    with pikepdf.open(BytesIO(content)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/Author" not in pdf.docinfo


def test_events_stand_in_the_order_of_time(whole):
    times = [event.at for event in events_of(whole, WORDS)]
    assert times == sorted(times)
    assert len(times) > 50


def test_reading_everything_costs_a_constant_number_of_queries(whole, cast, panel):
    def count():
        with CaptureQueriesContext(connection) as queries:
            events_of(stages.fresh(whole), WORDS)
        return len(queries)

    before = count()
    for person in panel["reviewers"]:
        Block.objects.create(case=whole.case, person=person, grade=Grade.NOTE, reason="x", since=clock.now())
    assert count() == before


@pytest.mark.parametrize(
    ("who", "before", "after"),
    [("auditor", True, True), ("secretariat", False, True), ("head", False, False), ("lead", False, False),
     ("sponsor", False, False), ("board", False, False), ("conflicted", False, False), ("appeals", False, False)],
)  # fmt: skip
def test_auditor_reads_it_at_any_time_the_secretariat_once_the_team_was_told(pending, cast, panel, who, before, after):
    person = cast[who]
    assert reads_decision_file(pending, person) is before
    told = refuse(pending, panel, cast)
    assert reads_decision_file(told, person) is after
    assert get(person, "decision_file", told.case).status_code == (200 if after else 404)
    if not after:
        with pytest.raises(NotPossible) as no:
            decision_files.ask(told, by=person)
        assert no.value.forbidden


def test_auditor_with_a_conflict_or_in_the_team_reads_none(refused, cast):
    Block.objects.create(case=refused.case, person=cast["auditor"], grade=Grade.BLOCK, reason="x", since=clock.now())
    assert not reads_decision_file(refused, cast["auditor"])
    assert get(cast["auditor"], "decision_file", refused.case).status_code == 404


def test_officer_reads_it_while_hearing_the_appeal_and_looking_is_no_act(refused, cast, officer):
    assert not reads_decision_file(refused, officer)
    hearing = assigned(refused, cast, officer)
    assert b"%PDF" in made(refused, officer)[:8]
    assert may_check_appeal(hearing, officer)
    appeals.dismiss(hearing, by=officer, note="Nothing was wrong.")
    assert get(officer, "decision_file", refused.case).status_code == 404


def test_page_shows_progress_then_the_file_and_asks_for_one_at_a_time(refused, cast):
    client = Client()
    client.force_login(cast["auditor"])
    path = reverse("decision_file", args=[refused.case])
    assert "Make the file of today" in client.get(path).content.decode()
    client.post(path)
    client.post(path)
    job = Job.objects.get(name=decision_files.NAME)
    waiting = client.get(path).content.decode()
    assert ("fund-progress" in waiting, "Make the file of today" in waiting) == (True, False)
    assert jobs.run(job.pk)
    page = client.get(path).content.decode()
    found = StoredFile.objects.get(kind=decision_files.KIND)
    assert (f"{refused.reference}-decision-file-" in page, found.owner_id) == (True, None)
    answer = client.get(reverse("decision_file_pdf", args=[refused.case, found.pk]))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert get(cast["secretariat"], "decision_file_pdf", refused.case, found.pk).status_code == 200
    for who in ("lead", "head", "sponsor", "conflicted", "stranger"):
        assert get(cast[who], "decision_file_pdf", refused.case, found.pk).status_code == 404
        assert get(cast[who], "own_file", found.pk).status_code == 404


def test_team_finds_no_trace_of_a_look(pending, cast, panel):
    before = get(cast["lead"], "proposal_detail", pending.case).content.decode()
    made(pending, cast["auditor"])
    after = get(cast["lead"], "proposal_detail", pending.case).content.decode()
    assert re.sub(r'value="\w{64}"', "", after) == re.sub(r'value="\w{64}"', "", before)
    refuse(pending, panel, cast)
    assert "decision file" not in get(cast["lead"], "proposal_detail", pending.case).content.decode()
    assert not Notification.objects.filter(body__contains="decision file").exists()
    assert "asked for the decision file" in get(cast["auditor"], "proposal_detail", pending.case).content.decode()


def test_who_lost_the_right_before_the_job_ran_gets_nothing(refused, cast):
    job = decision_files.ask(refused, by=cast["auditor"])
    cast["auditor"].role_grants.update(until=clock.now())
    jobs.run(job.pk)
    assert Job.objects.get(pk=job.pk).state == "queued"
    assert not StoredFile.objects.filter(kind=decision_files.KIND).exists()


def test_big_file_keeps_its_lease_while_it_is_laid_out(refused, cast, monkeypatch):
    """Hundreds of events; between two signs of life there is never as long as the lease."""
    many = [Event(clock.now() + timedelta(seconds=n), f"Event {n}", None, ["Words " * 60]) for n in range(400)]
    monkeypatch.setattr(decision_files, "events_of", lambda proposal, words: many)
    monkeypatch.setattr(decision_files, "BREATH", 0.2)
    told = []
    progress = jobs.RunningJob.progress

    def listening(self, *args):
        told.append(args)
        return progress(self, *args)

    monkeypatch.setattr(jobs.RunningJob, "progress", listening)
    content = made(refused, cast["auditor"])
    assert len(PdfReader(BytesIO(content)).pages) > 30
    assert len([args for args in told if args[0] == 1]) > 2


def test_lodged_appeal_that_is_open_stands_in_the_file_too(refused, cast):
    lodge(refused, cast)
    titles = [event.what for event in events_of(refused, WORDS)]
    assert any("lodged" in title for title in titles)
