"""What the chair does with the reviews: the queue, notes, a return, and the feedback that applicants receive."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from evaluation.enums import Choice, Fault, Handling
from evaluation.feedback import released_feedback
from evaluation.models import Feedback, FeedbackReason, ModerationNote, Review, ReviewVersion, Score
from evaluation.moderation_queries import queue_of, sources_of
from evaluation.review_queries import handed_in
from evaluation.services import decide, excluding, moderating, release, reviewing
from evaluation.services import panel as consensus
from evaluation.waiting import waiting_for
from lifecycle.errors import NotPossible
from lifecycle.performing import available, perform
from lifecycle.trail import entries_of
from people.enums import Role
from people.models import User

from .. import sparks, stages
from ..conftest import new_proposal
from ..remembering import remembered

APART = ([4, 8, 8, 8, 8], [8] * 5, [8] * 5)
FAR = ([2] * 5, [9] * 5, [9] * 5)


@remembered
def closed(eligible, cast, panel):
    """The reviews are closed, and differ on the first criterion."""
    return stages.judge(eligible, cast, panel["reviewers"], scores=APART)


@remembered
def declined(pending, panel):
    return decide.decline(stages.votes(pending, panel["board"][:3], *[Choice.DECLINE] * 3), by=panel["board"][0])


def seated(person):
    client = Client()
    client.force_login(person)
    return client


def page_of(person, name, *args):
    return seated(person).get(reverse(name, args=args)).content.decode()


def words(reasons=None, **fields):
    return moderating.Words(reasons or {}, **(stages.WHOLE | fields))


def write(proposal, chair, certify=False, reasons=None, number=None, looked_at=(), **fields):
    number = proposal.feedback.count() if number is None else number
    return moderating.write_feedback(
        proposal, by=chair, number=number, words=words(reasons, **fields), certify=certify, looked_at=looked_at
    )


# The queue


def three(funded_call, cast, panel):
    """Return three proposals of one call: alike, apart on one criterion, far apart on all."""
    made = {}
    for title, scores in (("Alike", (8, 8, 8)), ("Apart", APART), ("Far", FAR)):
        checked = stages.check(new_proposal(funded_call, cast, title), cast)
        made[title] = stages.judge(checked, cast, panel["reviewers"], scores=scores)
    return made


def titles(call, chair, show="all"):
    return [row.proposal.title for row in queue_of(call, chair, show)]


def test_queue_is_sorted_by_spread_and_says_what_differs_by_how_much(funded_call, cast, panel):
    made, chair = three(funded_call, cast, panel), panel["chair"]
    assert titles(funded_call, chair) == ["Far", "Apart", "Alike"]
    far, apart, alike = queue_of(funded_call, chair)
    assert (far.lowest, far.highest, far.spread, len(far.apart)) == ("20", "90", "40.4", 5)
    (line,) = apart.apart
    assert (line.name, line.lowest, line.highest, line.distance) == (funded_call.criteria.first().name, "2", "4", "2")
    assert (alike.apart, alike.spread, alike.flagged) == ([], "0.0", False)
    page = page_of(chair, "moderation_queue", funded_call.reference)
    assert "from 2 to 4, 2 apart" in page
    assert titles(funded_call, chair, "open") == ["Far", "Apart"]
    perform(made["Apart"], "moderate", by=chair)
    first = funded_call.criteria.first()
    consensus.settle(made["Apart"], by=chair, criterion=first.pk, halves=7, reason="One had missed the annex.")
    assert titles(funded_call, chair, "open") == ["Far"]
    assert titles(funded_call, chair, "settled") == ["Apart"]


def test_queue_is_for_chair_secretariat_and_auditor_and_without_own_agency(closed, cast, panel):
    call = closed.call.reference
    for name in ("lead", "sponsor", "head", "reviewer", "board"):
        assert seated(cast[name]).get(reverse("moderation_queue", args=[call])).status_code == 404, name
    assert closed.title in page_of(cast["secretariat"], "moderation_queue", call)
    assert closed.title in page_of(cast["auditor"], "moderation_queue", call)
    assert closed.title not in page_of(cast["chair"], "moderation_queue", call)  # of the team's ministry


def test_queue_is_linked_from_my_work_and_the_panel(closed, panel):
    path = reverse("moderation_queue", args=[closed.call.reference])
    assert path in [row.path for row in waiting_for(panel["chair"], {Role.CHAIR})]
    assert path in page_of(panel["chair"], "panel", closed.call.reference)
    assert path not in [row.path for row in waiting_for(panel["chair"], {Role.BOARD})]


def test_queue_says_how_far_the_feedback_is(closed, panel):
    chair = panel["chair"]
    states = [queue_of(closed.call, chair)[0].feedback]
    for certify in (False, False, True, False):
        write(closed, chair, certify=certify)
        states.append(queue_of(closed.call, chair)[0].feedback)
    assert states == ["", "draft", "draft", "certified", "certified"]


def test_queue_asks_the_same_number_of_questions_at_one_row_and_at_three(
    funded_call, cast, panel, django_assert_num_queries
):
    stages.judge(stages.check(new_proposal(funded_call, cast, "One"), cast), cast, panel["reviewers"])
    chair = User.objects.get(pk=panel["chair"].pk)
    with django_assert_num_queries(7):
        queue_of(funded_call, chair)
    three(funded_call, cast, panel)
    with django_assert_num_queries(7):
        assert len(queue_of(funded_call, chair)) == 4


# Notes


def test_note_of_the_chair_is_kept_as_written_and_read_by_few(closed, cast, panel):
    path = reverse("moderation_notes", args=[closed.case])
    assert seated(panel["chair"]).post(path, {"text": "Canarynote"}).status_code == 302
    row = ModerationNote.objects.get()
    assert (row.text, row.by) == ("Canarynote", panel["chair"])
    for reader in (panel["chair"], cast["secretariat"], cast["auditor"]):
        assert "Canarynote" in page_of(reader, "moderation_notes", closed.case)
    assert "Canarynote" in page_of(panel["chair"], "consensus", closed.case)
    for name, status in {"lead": 404, "sponsor": 404, "head": 403, "chair": 404, "stranger": 404}.items():
        assert seated(cast[name]).get(path).status_code == status, name
    assert seated(panel["board"][0]).get(path).status_code == 403
    assert "Canarynote" not in repr(list(entries_of(closed).values_list("payload__text", flat=True)))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ModerationNote.objects.update(text="Another")


def test_only_a_chair_writes_notes_and_an_empty_one_is_refused(closed, cast, panel):
    for person in (cast["secretariat"], cast["auditor"], cast["chair"], panel["board"][0], cast["lead"]):
        with pytest.raises(NotPossible) as no:
            moderating.note(closed, by=person, text="x")
        assert no.value.forbidden
    with pytest.raises(NotPossible, match="Write the note"):
        moderating.note(closed, by=panel["chair"], text="  ")
    answer = seated(panel["chair"]).post(reverse("moderation_notes", args=[closed.case]), {"text": ""})
    assert 'href="#id_text">Write the note.' in answer.content.decode()


def test_no_note_after_the_release(declined, cast, panel):
    stages.certify(declined, panel["chair"])
    release.release(declined, by=cast["secretariat"])
    with pytest.raises(NotPossible, match="until the result is released"):
        moderating.note(stages.fresh(declined), by=panel["chair"], text="Late")


# A return, and each version


@remembered
def submitted_review(eligible, cast, panel):
    proposal = perform(stages.assign(eligible, cast, panel["reviewers"]), "begin_review", by=cast["secretariat"])
    review = Review.objects.get(proposal=proposal, reviewer=panel["reviewers"][0])
    saved = reviewing.save(review, by=review.reviewer, edit=0, draft=stages.draft_of(review))
    return reviewing.submit(saved, by=review.reviewer)


def test_return_asks_which_of_two_faults_and_for_words(submitted_review, panel):
    client, path = seated(panel["chair"]), reverse("review_return", args=[submitted_review.pk])
    page = client.get(path).content.decode()
    assert [str(label) in page for label in Fault.labels] == [True, True]
    assert "never because of its scores" in page
    answer = client.post(path, {"fault": "scores", "note": ""})
    assert (answer.status_code, "Say what the reviewer should do." in answer.content.decode()) == (400, True)
    assert client.post(path, {"fault": "abusive", "note": "Leave the person out."}).status_code == 302
    review = Review.objects.get(pk=submitted_review.pk)
    assert review.state == "in_progress"
    assert entries_of(review).first().payload.note == "Its words hurt or accuse somebody: Leave the person out."
    path_of_action = [a.page for a in available(submitted_review, panel["chair"]) if a.name == "send_back"]
    assert path_of_action == ["return/"]


@pytest.mark.parametrize(("fault", "note"), [(None, "x"), (Fault.MISSING, " ")])
def test_return_without_a_fault_or_words_is_refused_and_changes_nothing(submitted_review, panel, fault, note):
    with pytest.raises(NotPossible):
        reviewing.give_back(submitted_review, by=panel["chair"], note=note, fault=fault)
    assert Review.objects.get(pk=submitted_review.pk).state == "submitted"


def test_closed_reviews_are_not_returned(closed, panel):
    review = closed.reviews.first()
    with pytest.raises(NotPossible, match="closed"):
        reviewing.give_back(review, by=panel["chair"], note="x", fault=Fault.MISSING)
    assert "can no longer be returned" in page_of(panel["chair"], "review_return", review.pk)


def test_return_that_comes_too_late_says_so(closed, panel):
    path = reverse("review_return", args=[closed.reviews.first().pk])
    answer = seated(panel["chair"]).post(path, {"fault": "missing", "note": "Say why."})
    assert (answer.status_code, "The reviews of this proposal are closed." in answer.content.decode()) == (400, True)


def test_review_that_was_never_handed_in_has_no_versions(eligible, cast, panel):
    review = stages.assign(eligible, cast, panel["reviewers"][:1]).reviews.get()
    assert "It has not been handed in yet." in page_of(review.reviewer, "review_history", review.pk)


def test_each_version_handed_in_is_kept_with_its_difference(submitted_review, cast, panel):
    back = reviewing.give_back(submitted_review, by=panel["chair"], note="Which need?", fault=Fault.MISSING)
    draft = stages.draft_of(back, [6, 8, 8, 8, 8], strength="Clear need of 900 families.")
    reviewing.submit(reviewing.save(back, by=back.reviewer, edit=back.edit, draft=draft), by=back.reviewer)
    first, second = handed_in(Review.objects.get(pk=back.pk))
    name = back.proposal.call.criteria.first().name
    changed = {row.label: [(piece.kind, piece.text) for piece in row.pieces] for row in second.changed}
    assert changed[name] == [("removed", "4"), ("added", "3"), ("same", " of 5")]
    assert list(changed) == [name, "Strength"]
    assert (first.number, first.changed, ["Strength", "Clear need."] in first.rows) == (1, [], True)
    for reader in (panel["chair"], cast["secretariat"], cast["auditor"], back.reviewer):
        page = page_of(reader, "review_history", back.pk)
        assert ("Clear need.</dd>" in page, "of 900 families.<" in page) == (True, True)
    for person in (cast["lead"], panel["board"][0], panel["reviewers"][1], cast["head"]):
        assert seated(person).get(reverse("review_history", args=[back.pk])).status_code == 404
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ReviewVersion.objects.update(number=9)


# Feedback


def reasons_of(found):
    return [text for _, texts in found.criteria for text in texts]


def test_feedback_releases_reasons_as_they_are_left_out_or_in_other_words(closed, panel):
    first, second, third = sources_of(closed)[:3]
    Score.objects.filter(review=first.review, criterion=first.criterion).update(reason="Canaryabuse")
    handled = {first.key: (Handling.LEFT_OUT, ""), second.key: (Handling.REWORDED, "The figures rest on one place.")}
    write(closed, panel["chair"], certify=True, reasons=handled)
    found = released_feedback(stages.fresh(closed))
    assert found.criteria[0][0] == closed.call.criteria.first()
    assert found.criteria[0][1] == ["The figures rest on one place.", third.text]
    assert (found.strength, found.weakness, found.change) == tuple(stages.WHOLE.values())
    assert (found.certified_by, found.certified_at) == (panel["chair"], Feedback.objects.get().at)
    assert Score.objects.get(review=first.review, criterion=first.criterion).reason == "Canaryabuse"
    assert "Canaryabuse" not in repr(found)
    assert not {str(review.reviewer) for review in closed.reviews.all()} & set(reasons_of(found))


def test_nothing_is_released_before_it_is_certified_and_a_later_draft_changes_nothing(closed, panel):
    assert released_feedback(closed) is None
    write(closed, panel["chair"])
    assert released_feedback(stages.fresh(closed)) is None
    write(closed, panel["chair"], certify=True, strength="First")
    write(closed, panel["chair"], strength="Only a draft")
    assert released_feedback(stages.fresh(closed)).strength == "First"
    page = page_of(panel["chair"], "feedback", closed.case)
    assert ("Only a draft" in page, "the text counts that" in page) == (True, True)
    write(closed, panel["chair"], certify=True, strength="Second")
    assert released_feedback(stages.fresh(closed)).strength == "Second"
    assert Feedback.objects.count() == 4
    for rows, changed in ((Feedback.objects, {"strength": "x"}), (FeedbackReason.objects, {"text": "x"})):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**changed)


@pytest.mark.parametrize("missing", ["strength", "weakness", "change"])
def test_certifying_needs_all_three_and_a_draft_none(closed, panel, missing):
    with pytest.raises(NotPossible, match="before you certify"):
        write(closed, panel["chair"], certify=True, **{missing: " "})
    with pytest.raises(IntegrityError, match="feedback_certified_whole"), transaction.atomic():
        Feedback.objects.create(proposal=closed, number=1, certified=True, by=panel["chair"], at="2026-01-01T00:00Z")
    assert write(closed, panel["chair"], **{missing: ""}).certified is False


def test_reviewer_is_never_named_in_what_is_certified(closed, panel):
    person = panel["reviewers"][0]
    person.full_name = "Yeshi Om Zangmo"
    person.save()
    spaced = ("Yeshi  Om Zangmo", "yeshi\nom\u00a0zangmo", "Zangmo of the ministry", "(Yeshi)")
    for said in (person.full_name.upper(), *spaced, person.employee_number, person.email):
        with pytest.raises(NotPossible, match="Applicants never learn who reviewed"):
            write(closed, panel["chair"], certify=True, weakness=f"As {said} says.")
    key = sources_of(closed)[0].key
    with pytest.raises(NotPossible, match="Applicants never learn who reviewed"):
        write(closed, panel["chair"], certify=True, reasons={key: (Handling.REWORDED, person.full_name)})
    assert not Feedback.objects.exists()
    assert write(closed, panel["chair"], certify=True, weakness="It says om and Yeshis.").certified


def test_only_a_chair_of_another_agency_writes_and_few_read(closed, cast, panel):
    for person in (cast["secretariat"], cast["auditor"], cast["chair"], panel["board"][0], cast["lead"]):
        with pytest.raises(NotPossible) as no:
            write(closed, person)
        assert no.value.forbidden
    write(closed, panel["chair"], strength="Canaryfeedback")
    for reader in (panel["chair"], cast["secretariat"], cast["auditor"]):
        assert "Canaryfeedback" in page_of(reader, "feedback", closed.case)
    for name, status in {"lead": 404, "sponsor": 404, "head": 403, "chair": 404}.items():
        assert seated(cast[name]).get(reverse("feedback", args=[closed.case])).status_code == status, name


def test_page_begins_with_what_the_reviewers_wrote_under_letters(closed, panel):
    page = page_of(panel["chair"], "feedback", closed.case)
    assert all(text in page for text in stages.WHOLE.values())
    assert ("Reviewer A" in page, "Reviewer C" in page) == (True, True)
    assert [person.full_name for person in panel["reviewers"] if person.full_name in page] == []


def post(closed, chair, button, **fields):
    keys = [f"{source.criterion.pk}_{source.review.pk}" for source in sources_of(closed)]
    said = {f"how_{key}": "as_is" for key in keys} | stages.WHOLE | {"version": "0", button: "yes"} | fields
    return seated(chair).post(reverse("feedback", args=[closed.case]), said)


def test_page_certifies_and_names_what_is_missing(closed, panel):
    key = "{}_{}".format(*sources_of(closed)[0].key)
    answer = post(closed, panel["chair"], "certify_it", **{f"how_{key}": "reworded", "strength": ""})
    assert f'href="#id_text_{key}">Write the other words' in answer.content.decode()
    answer = post(closed, panel["chair"], "certify_it", strength="")
    assert 'href="#id_strength">Write one strength.' in answer.content.decode()
    assert post(closed, panel["chair"], "certify_it").status_code == 302
    assert "Certified by Name of chair" in page_of(panel["chair"], "feedback", closed.case)
    answer = post(closed, panel["chair"], "certify_it", strength="From an old page")
    assert (answer.status_code, "From an old page" in answer.content.decode()) == (400, True)
    assert Feedback.objects.count() == 1


def test_page_shows_why_a_text_cannot_be_certified_and_keeps_it(closed, panel):
    said = f"As {panel['reviewers'][1].full_name} says"
    page = post(closed, panel["chair"], "certify_it", change=said).content.decode()
    assert ("Applicants never learn who reviewed" in page, f"{said}</textarea>" in page) == (True, True)
    with pytest.raises(NotPossible, match="Write the words for Reviewer A"):
        write(closed, panel["chair"], reasons={sources_of(closed)[0].key: (Handling.REWORDED, " ")})
    assert not Feedback.objects.exists()


def test_small_idea_has_no_feedback_page(cast, line, panel):
    call = sparks.spark_call(cast, line)
    idea = sparks.judged(sparks.sent(call, cast["lead"], title="x"), cast["secretariat"], panel["reviewers"][:2])
    assert seated(panel["chair"]).get(reverse("feedback", args=[idea.case])).status_code == 404
    with pytest.raises(NotPossible, match="Feedback is written after"):
        write(idea, panel["chair"])


def test_feedback_of_a_sitting_that_fell_no_longer_counts(closed, cast, panel):
    write(closed, panel["chair"], certify=True)
    excluding.invalidate(closed.reviews.first(), by=cast["secretariat"], note="Sister in the team")
    assert released_feedback(stages.fresh(closed)) is None


def test_feedback_is_written_between_the_reviews_and_the_release(eligible, declined, cast, panel):
    early = stages.check(new_proposal(eligible.call, cast, "Early"), cast)
    with pytest.raises(NotPossible, match="after the reviews are closed"):
        write(early, panel["chair"])
    perform(early, "withdraw", by=cast["lead"])
    stages.certify(declined, panel["chair"])
    release.release(declined, by=cast["secretariat"])
    with pytest.raises(NotPossible, match="before the result is released"):
        write(stages.fresh(declined), panel["chair"])


def test_batch_waits_for_the_feedback_of_those_not_funded(declined, cast, panel):
    words_for = "Certify the feedback for “One visit is enough”"
    assert words_for in [row.what for row in waiting_for(panel["chair"], {Role.CHAIR})]
    write(declined, panel["chair"])  # a draft is not enough
    with pytest.raises(NotPossible, match=f"certifies the feedback for {declined.reference} first"):
        release.release(declined, by=cast["secretariat"])
    assert stages.fresh(declined).released_at is None
    stages.certify(declined, panel["chair"])
    assert words_for not in [row.what for row in waiting_for(panel["chair"], {Role.CHAIR})]
    release.release(declined, by=cast["secretariat"])
    assert stages.fresh(declined).released_at is not None
