"""Questions that are answered by an attached file, and what reviewers of a blind call see of files."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from evaluation.models import Review
from evaluation.services import reviewing
from fund.models import Question
from fund.services import call_setup, calls
from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from proposals import questions
from proposals.blinding import blinded, files_for_reviewers
from proposals.models import Proposal
from proposals.reading import groups_of
from proposals.services import attachments, endorsing, outside, screening, submitting
from proposals.services.versions import compose

from .. import conftest, stages
from ..documents import hostile
from ..factories import make_call
from .test_attachments import attach

DRAWING, BADGE = "Tshering-drawing.txt", "Tshering-badge.txt"
ASKED = (
    {"kind": "file", "text": "Which drawing shows it?"},
    {"kind": "file", "text": "Proof of the place?", "hidden": True, "required": False},
)


@pytest.fixture
def call(cast, line):
    """A call that hides names and asks for two files, the second kept from reviewers."""
    made = make_call(cast["secretariat"], names_hidden=True, budget_line=line)
    for values in ASKED:
        call_setup.save_question(made, by=cast["secretariat"], question=None, values=values)
    call_setup.save_task(made, by=cast["secretariat"], task="questions", values={}, done=True)
    return calls.approve(calls.hand_over(made, by=cast["secretariat"]), by=cast["head"], note="Few people.")


@pytest.fixture
def draft(call, cast):
    return stages.complete(conftest.new_proposal(call, cast), cast)


def save(client, proposal, *chosen, version=0):
    names = [question.name for question in proposal.call.questions.all()]
    values = {"version": version} | dict(zip(names, chosen, strict=True))
    return client.post(reverse("section", args=[proposal.case, "questions"]), values)


def again(proposal):
    return Proposal.objects.get(pk=proposal.pk)


@pytest.fixture
def answered(client, draft, cast):
    """Both questions answered by files, and a firm's letter beside them."""
    drawing = attach(draft, cast["lead"], b"A drawing.", DRAWING, "Drawn by Name of lead")
    badge = attach(draft, cast["lead"], b"A badge.", BADGE, "The badge")
    letter = attach(draft, cast["lead"], b"A letter.", "firm-letter.txt", "The letter")
    attach(draft, cast["lead"], hostile.pdf(hostile.signed), "signed.pdf", "The plan")
    firm = {"name": "Firm", "kind": "firm", "contribution": "Days", "interests": "None known", "letter": letter}
    outside.save_partner(draft, partner=None, by=cast["lead"], **firm)
    client.force_login(cast["lead"])
    assert save(client, draft, str(drawing.pk), str(badge.pk)).status_code == 302
    return again(draft)


@pytest.fixture
def review(answered, cast, panel):
    sent = submitting.submit(stages.agree_all(endorsing.ask(answered, by=cast["lead"]), cast), by=cast["lead"])
    held = screening.claim(sent, by=cast["secretariat"])
    screening.record_results(held, by=cast["secretariat"], results=stages.MET)
    eligible = perform(held, "find_eligible", by=cast["secretariat"])
    return reviewing.assign(eligible, by=cast["secretariat"], reviewer=panel["reviewers"][0])


def test_question_offers_the_attached_files_and_takes_no_other(client, draft, cast):
    client.force_login(cast["lead"])
    foreign = attach(conftest.new_proposal(draft.call, cast, "Another"), cast["lead"])
    made = attach(draft, cast["lead"], b"A drawing.", DRAWING)
    page = client.get(reverse("section", args=[draft.case, "questions"])).content.decode()
    assert (f'value="{made.pk}"' in page, DRAWING in page, str(foreign.pk) in page) == (True, True, False)
    wrong = save(client, draft, str(foreign.pk), "")
    assert (wrong.status_code, "Choose one of the attached files" in wrong.content.decode()) == (400, True)


def test_missing_file_holds_the_proposal_back(client, draft, cast):
    client.force_login(cast["lead"])
    assert questions.missing_of(draft) == ["Answer “Which drawing shows it?”."]
    made = attach(draft, cast["lead"], b"A drawing.", DRAWING)
    save(client, draft, str(made.pk), "")
    assert (questions.missing_of(again(draft)), explain(again(draft), "ask_agencies")) == ([], [])
    attachments.remove(made, by=cast["lead"])
    assert questions.missing_of(again(draft)) == ["Choose one of the attached files for “Which drawing shows it?”."]
    assert explain(again(draft), "ask_agencies")


def test_team_and_office_read_the_name_of_the_file(client, answered):
    rows = groups_of(compose(answered))[-1].rows
    assert [(row.label, row.value) for row in rows] == [
        ("Which drawing shows it?", DRAWING), ("Proof of the place?", BADGE),
    ]  # fmt: skip
    page = client.get(reverse("section_history", args=[answered.case, "questions"])).content.decode()
    assert (DRAWING in page, str(answered.attachments.first().pk) in page) == (True, False)


def test_reviewer_of_a_blind_call_finds_numbers_instead_of_names(client, review):
    client.force_login(review.reviewer)
    file = reverse("review_file", args=[review.pk, 1])
    assert client.get(file).status_code == 404  # before the interests are declared
    reviewing.declare(review, by=review.reviewer, interest="none")
    page = client.get(Review.objects.get().get_absolute_url()).content.decode()
    assert [word for word in ("Tshering", "firm-letter", "Name of lead", "The badge") if word in page] == []
    assert (f'href="{file}"' in page, page.count("file-1.txt")) == (True, 2)
    answer = client.get(file)
    assert (answer.content, answer.headers["Content-Disposition"]) == (
        b"A drawing.", 'attachment; filename="file-1.txt"',
    )  # fmt: skip
    for number in (0, 2, 3, 5):  # the hidden answer, the letter, and none
        assert client.get(reverse("review_file", args=[review.pk, number])).status_code == 404, number


def test_reviewer_of_a_blind_call_gets_a_signed_file_without_its_signer(client, review, monkeypatch):
    client.force_login(review.reviewer)
    reviewing.declare(review, by=review.reviewer, interest="none")
    file = reverse("review_file", args=[review.pk, 4])
    answer = client.get(file)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="file-4.pdf"'
    said = hostile.texts_of(answer.content)
    assert (b"Canary" in said, b"A plain answer" in said) == (False, True)
    monkeypatch.setattr("documents.uploads.SECONDS", 0.001)
    assert "file-4.pdf could not be made ready without names" in client.get(file, follow=True).content.decode()


def test_file_of_a_review_is_its_reviewers_alone(client, review, cast):
    reviewing.declare(review, by=review.reviewer, interest="none")
    for name in ("lead", "secretariat", "auditor", "reviewer", "chair"):
        client.force_login(cast[name])
        assert client.get(reverse("review_file", args=[review.pk, 1])).status_code == 404, name


def test_without_blinding_the_name_would_be_read(answered):
    content = compose(answered)
    assert DRAWING in str(groups_of(content, for_reviewer=True)[-1])
    assert DRAWING not in str(groups_of(blinded(content), for_reviewer=True)[-1])
    open_content = content | {"outside_partners": [], "own_questions": []}
    assert [number for number, _, _ in files_for_reviewers(content)] == [1, 4]
    assert [number for number, _, _ in files_for_reviewers(open_content)] == [1, 2, 3, 4]


def test_small_idea_is_not_asked_for_a_file(cast, line):
    spark = make_call(cast["secretariat"], stage="spark", budget_line=line)
    with pytest.raises(NotPossible, match="takes no files"):
        call_setup.save_question(spark, by=cast["secretariat"], question=None, values=ASKED[0])
    assert not Question.objects.exists()


def test_question_of_a_call_that_was_handed_over_stays_frozen(call):
    with pytest.raises(IntegrityError), transaction.atomic():
        call.questions.update(text="Something else?")
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(call=call, position=9, kind="file", text="One more?")
