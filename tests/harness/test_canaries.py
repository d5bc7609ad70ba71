"""Unique words planted where secrets lie, looked for on each page, file and mail of every person."""

import io
import re
from collections import defaultdict
from types import SimpleNamespace
from uuid import NAMESPACE_URL, uuid5

import pytest
from django.core import mail as mail_box
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook
from pypdf import PdfWriter

from documents.models import StoredFile
from evaluation.enums import Choice
from evaluation.models import Appeal, Letter, Review, Score, Vote
from evaluation.queries import others_for, shuffled
from evaluation.services import decide, decision_files, moderating
from evaluation.services import panel as consensus
from fund.models import BudgetLine
from incentives.enums import FactKind, FactValue, SignalAnswer, SignalKind
from incentives.hr_queries import Wanted
from incentives.models import Contest, LearningRecord, Nomination, Outcome, PointEvent
from incentives.services import facts, files, integrity
from lifecycle import clock, jobs
from lifecycle.models import Job
from people.models import Agency, User
from people.queries import inbox
from people.services.notify import dispatch, notify
from proposals.models import Proposal
from proposals.services import screening

from .. import conftest, factories, stages
from ..sizes import FULL_SIZE, once
from .crawl import XLSX, pages, text_of
from .matrix import MATRIX, world  # noqa: F401  (the fixture)
from .test_access import PEOPLE, address

pytestmark = once


def word(name):
    return f"Canary{name}"


@pytest.fixture
def planted(world, cast, panel, funded_call):  # noqa: F811
    """The world of the access matrix with a word in each secret."""
    pending, moderated = (Proposal.objects.get(case=world[name]) for name in ("pending", "moderated"))
    person = cast["out_reviewer"]
    User.objects.filter(pk=person.pk).update(full_name=word("reviewername"), email=f"{word('reviewermail')}@x.example")
    mine = Review.objects.filter(reviewer=person)
    Score.objects.filter(review__in=mine).update(reason=word("scorereason"))
    mine.update(strength=word("reviewstrength"))
    decide.vote(pending, by=cast["out_board"], choice=Choice.APPROVE, reason=word("votereason"))
    criterion = funded_call.criteria.first()
    lowest = Review.objects.filter(proposal=moderated).first()
    Score.objects.filter(review=lowest, criterion=criterion).update(halves=4)  # the panel agrees where they differ
    consensus.settle(moderated, by=cast["out_chair"], criterion=criterion.pk, halves=7, reason=word("consensusreason"))
    moderating.note(moderated, by=cast["out_chair"], text=word("moderationnote"))
    said = stages.WHOLE | {"strength": word("feedbackdraft")}
    moderating.write_feedback(
        moderated, by=cast["out_chair"], number=0, words=moderating.Words({}, **said), certify=False
    )
    results = stages.MET | {next(iter(stages.MET)): (False, word("checknote"))}
    screening.record_results(Proposal.objects.get(case=world["screening"]), by=cast["secretariat"], results=results)
    LearningRecord.objects.filter(grant__case=world["stopped"]).update(saw=word("learningtext"))
    Nomination.objects.filter(pk=world["nomination"]).update(statement=word("nominationtext"))
    refused = Proposal.objects.get(case=world["refused"])
    Vote.objects.filter(proposal=refused).update(reason=word("toldvote"))
    jobs.run(decision_files.ask(refused, by=cast["secretariat"]).pk)
    Appeal.objects.update(words=word("appealwords"))
    plant_recognition(world, cast)
    for letter in Letter.objects.all():
        Letter.objects.filter(pk=letter.pk).update(content=letter.content.replace("Too dear.", word("boardreason")))
    BudgetLine.objects.filter(code=world["line"]).update(name=word("linename"))
    line = funded_call.budget_line
    other = factories.open_call(cast["secretariat"], cast["head"], reference="other", budget_line=line)
    declined = stages.check(conftest.new_proposal(other, cast, word("declinedtitle")), cast)
    declined = stages.to_board(stages.judge(declined, cast, panel["reviewers"]), cast, panel["chair"])
    declined = stages.votes(declined, panel["board"][:3], *["decline"] * 3)
    decide.decline(declined, by=panel["board"][0])
    notify(person=cast["protection"], key="private", subject=word("privatemessage"), body="b")
    ask = [
        files.ask_for_cohort(by=cast["hr"], wanted=Wanted(), why="an audit"),
        files.ask_for_annex(by=cast["hr"], person=cast["lead"], why="an audit"),
    ]
    names = ("proposals.make_receipt", "evaluation.make_letter")
    for job in [*ask, *Job.objects.filter(name__in=names, state="queued")]:
        jobs.run(job.pk)
    return world | {"declined": declined.case}


def plant_recognition(world, cast):  # noqa: F811
    """A step of the arithmetic of points, a second look, a hold, a look at a signal, a fact of HR."""
    outcome = Outcome.objects.get(case=world["verified"])
    event = PointEvent.objects.filter(person=cast["lead"]).values().first()
    steps = [[word("pointstep"), "987.6", word("pointhow")]]
    PointEvent.objects.create(**event | {"id": None, "source": "planted", "steps": steps})
    Contest.objects.filter(pk=world["contest"]).update(words=word("contestwords"))
    integrity.hold(outcome, by=cast["head"], reason=word("holdreason"))
    said = {"kind": SignalKind.LATE_MEMBER, "answer": SignalAnswer.NOTHING}
    integrity.review(outcome, by=cast["head"], note=word("signalnote"), **said)
    facts.record_fact(
        by=cast["hr"], person=cast["lead"], kind=FactKind.AUDIT, value=FactValue.YES, as_of=clock.today(),
        source=word("factsource"),
    )  # fmt: skip


def found_by(client, query):
    return set(re.findall(r"/proposals/[0-9a-f-]{36}/", client.get(f"/proposals/?{query}").content.decode()))


def test_filters_and_search_tell_nothing_that_pages_do_not(planted, cast):
    clients = {name: Client() for name in ("lead", "sponsor", "stranger", "conflicted")}
    for name, client in clients.items():
        client.force_login(cast[name])
    hidden = ("declined", "approved", "decision_pending", "in_moderation", "review_closed", "ranked", "eligible")
    told = {
        f"/proposals/{case}/"
        for case in Proposal.objects.filter(released_at__isnull=False).values_list("case", flat=True)
    }
    for client in clients.values():
        assert [found_by(client, f"state={state}") - told for state in hidden] == [set()] * len(hidden)
        plain = found_by(client, "")
        for odd in ("ordering=reviewer", "reviewer=1", "order_by=-score", "state=nonsense", "released_at__isnull=0"):
            assert found_by(client, odd) == plain, odd
        assert found_by(client, f"q={word('reviewername')}") == set()
    assert f"/proposals/{planted['declined']}/" in found_by(clients["lead"], "state=judged")
    for name in ("stranger", "conflicted"):
        assert found_by(clients[name], f"q={word('declinedtitle')}") == set()


def test_letters_of_reviewers_are_fixed_within_a_proposal(planted):
    reviews = list(Review.objects.filter(proposal__case=planted["declined"]))
    letters = defaultdict(set)
    for review in reviews:
        for other in others_for(review):
            letters[other.review.pk].add(other.name)
    assert sorted(next(iter(names)) for names in letters.values()) == ["Reviewer A", "Reviewer B", "Reviewer C"]
    assert [len(names) for names in letters.values()] == [1, 1, 1]


def test_letters_of_reviewers_tell_nothing_about_order():
    """Over many proposals each of the six orders of three reviews comes up."""
    orders = set()
    for number in range(60):
        case = uuid5(NAMESPACE_URL, str(number))
        orders.add(tuple(sorted(range(3), key=lambda pk, case=case: shuffled(SimpleNamespace(case=case, pk=pk)))))
    assert len(orders) == 6


FEW = {"lead", "exmember", "sponsor", "conflicted", "stranger", "secretariat", "out_reviewer", "out_board", "hr"}
WORD = re.compile("Canary([a-z]+)")
OFFICE, TEAM, SPONSORS = {"secretariat", "head", "auditor"}, {"lead", "colleague"}, {"sponsor", "sponsor2"}
JUDGES = {"out_reviewer", "out_chair", "out_board"}
# word -> who may read it; everybody else finds it nowhere
MAY_READ = {
    "reviewername": {"out_reviewer", "out_chair", "secretariat", "auditor", "administrator"},
    "reviewermail": {"out_reviewer"},
    "reviewstrength": {"out_reviewer", "out_chair", "secretariat", "auditor"},
    "scorereason": {"out_reviewer", "out_chair", "out_board", "secretariat", "auditor"},
    "consensusreason": {"out_chair", "out_board"} | OFFICE,  # to a reviewer only with the result
    "moderationnote": {"out_chair", "secretariat", "auditor"},
    "feedbackdraft": {"out_chair", "secretariat", "auditor"},
    "votereason": {"out_board"},
    "toldvote": {"secretariat", "auditor"},
    "boardreason": TEAM | SPONSORS | OFFICE | {"out_appeals"},
    "appealwords": TEAM | OFFICE | {"out_appeals"},
    "checknote": OFFICE,
    "learningtext": TEAM | OFFICE | {"sponsor", "out_verifier", "out_classifier"},
    "nominationtext": {"lead", "hr", "hrc"},
    "pointstep": {"lead"},
    "pointhow": {"lead"},
    "contestwords": TEAM | {"appeals", "out_appeals", "head", "protection", "auditor"},
    "holdreason": {"head", "auditor"},
    "signalnote": {"head", "auditor"},
    "factsource": {"lead", "hr", "hrc", "rcsc", "auditor"},
    "linename": TEAM | OFFICE | {"sponsor", "board", "out_board", "maker", "checker"},
    "declinedtitle": TEAM | SPONSORS | OFFICE | JUDGES | {"exmember"},  # who has left keeps the invitation
    "privatemessage": {"protection"},
}


def walk(client, paths):
    """Return kind of content -> words found, over the addresses and all that they lead to."""
    words = defaultdict(set)
    for _, answer, text in pages(client, paths):
        words[answer.headers["Content-Type"].split(";")[0]].update(WORD.findall(text))
    return words


def mailed(person):
    """Return all that the mails to a person say, with their headers, as they leave."""
    return " ".join(str(mail.message()) for mail in mail_box.outbox if person.email in mail.recipients())


def readers(cast, paths, people=PEOPLE):
    """Return word -> who finds it on a page, in a file or in a mail; and the kinds of content looked at."""
    while dispatch():
        pass
    found, kinds = defaultdict(set), set()
    for name in people:
        client = Client()
        client.force_login(cast[name])
        client.post(reverse("hr_people"), {"purpose": "committee"})  # asked before people's records are shown
        words = walk(client, paths)
        kinds |= set(words)
        mails = " ".join(f"{mail.subject} {mail.body} {mail.path}" for mail in inbox(cast[name]))
        words["mail"] = set(WORD.findall(mails + mailed(User.objects.get(pk=cast[name].pk))))
        for word_found in set().union(*words.values()):
            found[word_found].add(name)
    return found, kinds


@pytest.fixture
def everywhere(planted):
    """Every address of the access matrix, the pages of the declined proposal, and each stored file."""
    paths = [address(name, planted) for name, access in MATRIX.items() if access.get]
    old = {address(name, planted | {"case": planted["declined"]}) for name in MATRIX if MATRIX[name].get}
    files = {reverse("own_file", args=[pk]) for pk in StoredFile.objects.values_list("pk", flat=True)}
    return sorted({*paths, *old, *files})


WALKED = sorted(PEOPLE if FULL_SIZE else FEW)


@pytest.mark.parametrize("people", [WALKED[part::2] for part in range(2)], ids=" ".join)
def test_secrets_are_found_by_those_alone_who_may_read_them(everywhere, cast, people):
    """Everybody in `make proof`; in `make test` one person of each standing; in parts, which processes share."""
    found, kinds = readers(cast, everywhere, people)
    people = set(people)
    assert found == {secret: who & people for secret, who in MAY_READ.items() if who & people}
    sheets = {XLSX} if "hr" in people else set()  # the cohort is theirs
    assert {"text/html", "application/pdf"} | sheets <= kinds


@once
def test_reviewer_reads_what_another_wrote_and_never_who(everywhere, cast, panel):
    """One of the same panel whose own reviews are in: the words of the other, under a letter, and no name."""
    cast["second"] = panel["reviewers"][1]
    found, _ = readers(cast, everywhere, ("second",))
    assert {"scorereason", "reviewstrength"} <= set(found)
    assert {"reviewername", "reviewermail", "votereason", "moderationnote", "feedbackdraft"} & set(found) == set()


def test_crawl_finds_a_secret_that_leaks(planted, everywhere, cast):
    """The guard taken away: a reason in a mail, and a name in a title that everybody may read, are both found."""
    notify(person=cast["citizen"], key="leak", subject="s", body=word("votereason"), path="/inbox/")
    Agency.objects.update(name=word("scorereason"))
    found, _ = readers(cast, everywhere, ("citizen", "stranger"))
    assert found == {"votereason": {"citizen"}, "scorereason": {"citizen", "stranger"}}


def test_text_of_reads_the_metadata_of_files(cast):
    class Answer:
        streaming = False

    pdf = PdfWriter()
    pdf.add_blank_page(width=10, height=10)
    pdf.add_metadata({"/Author": word("pdfauthor")})
    book = Workbook()
    book.properties.creator = word("xlsxauthor")
    for write, kind, author in ((pdf.write, "application/pdf", "pdfauthor"), (book.save, XLSX, "xlsxauthor")):
        write(stream := io.BytesIO())
        Answer.content, Answer.headers = stream.getvalue(), {"Content-Type": kind, "ETag": word("etag")}
        assert set(WORD.findall(text_of(Answer))) == {"etag", author}
