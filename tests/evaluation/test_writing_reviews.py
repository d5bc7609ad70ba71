"""Writing a review: what is kept, what does not apply, where one goes next, and who steps back."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from evaluation import review_queries
from evaluation.models import Review, Score
from evaluation.needs import small_reviews_pass
from evaluation.queries import item_of, lines_of
from evaluation.services import ranking, reviewing
from evaluation.waiting import waiting_for
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Role
from people.models import Notification
from people.services.accounts import system_user
from people.services.grants import grant_role
from proposals.models import Proposal

from .. import factories, sparks, stages
from ..conftest import ended, new_proposal
from ..remembering import remembered


@remembered
def in_review(eligible, cast, panel):
    return perform(stages.assign(eligible, cast, panel["reviewers"]), "begin_review", by=cast["secretariat"])


@remembered
def review(in_review, panel):
    return own(in_review, panel["reviewers"][0])


def own(proposal, person):
    return Review.objects.get(proposal=proposal, reviewer=person)


def fresh(review):
    return Review.objects.get(pk=review.pk)


def seated(person):
    client = Client()
    client.force_login(person)
    return client


def form_of(review, halves="8", reason="Because.", **fields):
    """Return the whole form as a browser sends it."""
    keys = review.proposal.call.criteria.values_list("pk", flat=True)
    scores = {f"score_{key}": halves for key in keys} | {f"reason_{key}": reason for key in keys}
    return (
        scores | stages.WHOLE | {"chance": "open", "version": str(review.edit), "writer": review.reviewer_id} | fields
    )


def send(review, button, **fields):
    return seated(review.reviewer).post(review.get_absolute_url(), form_of(review, **fields) | {button: "yes"})


def autosave(review, **fields):
    said = form_of(review, **fields)
    return seated(review.reviewer).post(review.get_absolute_url(), said, headers={"Accept": "application/json"})


def first_of(review):
    return review.proposal.call.criteria.first()


def draft(review, left_out=(), **fields):
    """Return a whole draft in which some criteria do not apply."""
    made = stages.draft_of(review, **fields)
    scores = {key: (None if key in left_out else halves, why) for key, (halves, why) in made.scores.items()}
    return reviewing.Draft(scores, made.strength, made.weakness, made.change, made.chance, frozenset(left_out))


def save(review, **fields):
    return reviewing.save(review, by=review.reviewer, edit=review.edit, draft=draft(review, **fields))


def test_review_is_written_and_handed_in_without_script(review):
    page = seated(review.reviewer).get(review.get_absolute_url()).content.decode()
    assert "0 of 1 reviews handed in" in page
    for criterion in review.proposal.call.criteria.all():
        assert all(f"<li>{text}</li>" in page for text in criterion.anchors)
        assert page.index(criterion.name) < page.index("One strength")
    assert send(review, "hand_in").headers["Location"] == reverse("my_reviews")
    assert fresh(review).state == "submitted"


def test_page_needs_nothing_but_fields_and_buttons(review):
    """By keyboard alone: what is chosen is a list or a text, and what is sent is a button in the one form."""
    page = seated(review.reviewer).get(review.get_absolute_url()).content.decode()
    form = page.split('id="section"')[1].split("</form>")[0]
    assert [name for name in ("onclick", "tabindex", "contenteditable") if name in form] == []
    assert form.count("<select") == 6
    assert form.count('type="submit"') == 4


def test_hand_in_names_each_field_that_is_missing_and_keeps_the_rest(review):
    key = first_of(review).pk
    answer = send(review, "hand_in", **{f"score_{key}": "", f"reason_{key}": "Kept all the same", "weakness": ""})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert f'href="#id_score_{key}">Score “{first_of(review).name}”, or say that it does not apply.' in page
    assert 'href="#id_weakness">Name one weakness.' in page
    assert "Kept all the same" in page
    assert review_queries.answers_of(fresh(review))[f"reason_{key}"] == "Kept all the same"
    assert not Score.objects.filter(review=review, criterion=key).exists()


@pytest.mark.parametrize(("halves", "asks"), [("5", True), ("6", False), ("8", False), ("9", True), ("na", True)])
def test_page_asks_for_the_reason_that_a_score_needs(review, halves, asks):
    key = first_of(review).pk
    answer = send(review, "hand_in", **{f"score_{key}": halves, f"reason_{key}": ""})
    assert (answer.status_code == 400, f"Say why: {first_of(review).name}." in answer.content.decode()) == (asks, asks)
    assert fresh(review).state == ("in_progress" if asks else "submitted")


def test_criterion_that_does_not_apply_is_stored_without_a_score(review):
    key = first_of(review).pk
    send(review, "hand_in", **{f"score_{key}": "na", f"reason_{key}": "It is about something else."})
    row = Score.objects.get(review=review, criterion=key)
    assert (row.halves, row.not_applicable, row.points) == (None, True, "Does not apply")
    assert fresh(review).state == "submitted"


def test_not_applicable_without_a_reason_or_everywhere_is_not_whole(review):
    keys = list(review.proposal.call.criteria.values_list("pk", flat=True))
    saved = save(review, left_out=keys)
    with pytest.raises(NotPossible, match="say why it does not apply"):
        reviewing.submit(saved, by=saved.reviewer)
    assert "At least one criterion must apply" in send(saved, "hand_in", halves="na").content.decode()
    saved = save(fresh(review), left_out=keys[:1])
    Score.objects.filter(review=review, criterion=keys[0]).update(reason=" ")
    with pytest.raises(NotPossible, match="say why it does not apply"):
        reviewing.submit(saved, by=saved.reviewer)
    Score.objects.filter(review=review, criterion=keys[0]).update(reason="Another matter.")
    assert reviewing.submit(saved, by=saved.reviewer).state == "submitted"


@pytest.mark.parametrize(("halves", "left_out"), [(None, False), (0, True), (11, False), (7, True)])
def test_database_refuses_a_score_that_is_neither_or_both(review, halves, left_out):
    with pytest.raises(IntegrityError, match="score_range"), transaction.atomic():
        Score.objects.create(review=review, criterion=first_of(review), halves=halves, not_applicable=left_out)


def test_not_applicable_is_left_out_and_never_a_zero(eligible, cast, panel):
    proposal = perform(stages.assign(eligible, cast, panel["reviewers"]), "begin_review", by=cast["secretariat"])
    first = proposal.call.criteria.first()
    for place, person in enumerate(panel["reviewers"]):
        saved = save(own(proposal, person), left_out=[first.pk] if place == 0 else [])
        reviewing.submit(saved, by=person)
    assert sorted(len(sheet.scores) for sheet in item_of(stages.fresh(proposal)).sheets) == [4, 5, 5]
    line = lines_of(stages.fresh(proposal))[0]
    assert (line.scores, line.official, line.left_out) == (["4.00", "4.00"], "4.00", 1)
    proposal = perform(stages.fresh(proposal), "close_review", by=cast["secretariat"])
    ranking.run(proposal, by=cast["secretariat"])
    assert proposal.places.get().total == "80.000000"


def test_criterion_that_applies_for_nobody_has_no_score_anywhere(eligible, cast, panel):
    proposal = perform(stages.assign(eligible, cast, panel["reviewers"]), "begin_review", by=cast["secretariat"])
    first = proposal.call.criteria.first()
    for person in panel["reviewers"]:
        reviewing.submit(save(own(proposal, person), left_out=[first.pk]), by=person)
    proposal = perform(stages.fresh(proposal), "close_review", by=cast["secretariat"])
    assert lines_of(proposal)[0].official == ""
    page = seated(panel["chair"]).get(reverse("consensus", args=[proposal.case])).content.decode()
    assert "Does not apply" in page
    assert "0.00" not in page
    shown = seated(panel["reviewers"][0]).get(own(proposal, panel["reviewers"][0]).get_absolute_url())
    assert shown.content.decode().count("Does not apply") == 3  # one's own, and the two others'


def test_small_idea_has_no_question_that_does_not_apply(cast, line, panel):
    call = sparks.spark_call(cast, line)
    idea = sparks.judged(sparks.sent(call, cast["lead"], title="x"), cast["secretariat"], panel["reviewers"][:2])
    assert small_reviews_pass(idea)
    Score.objects.filter(review=idea.reviews.first(), criterion=call.criteria.first()).update(
        halves=None, not_applicable=True
    )
    assert not small_reviews_pass(stages.fresh(idea))


def test_script_saves_what_is_there_and_is_told_the_time(review):
    key = first_of(review).pk
    answer = autosave(review, **{f"score_{key}": "", f"reason_{key}": "Half", "strength": "x" * 1200, "chance": ""})
    said = answer.json()
    assert (answer.status_code, said["version"], said["words"][:9]) == (200, 1, "Saved at ")
    assert list(said["wrong"]) == ["id_strength"]
    stored = review_queries.answers_of(fresh(review))
    assert (stored[f"reason_{key}"], len(stored["strength"]), stored["chance"]) == ("Half", 1200, "")
    assert fresh(review).state == "in_progress"
    page = seated(review.reviewer).get(review.get_absolute_url()).content.decode()
    assert ("Last saved" in page, "Half</textarea>" in page) == (True, True)


def test_second_tab_is_told_and_nothing_is_overwritten(review):
    autosave(review, strength="From the first tab")
    assert autosave(review, strength="From the second").status_code == 409
    answer = send(review, "keep", strength="From the second")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert ("From the first tab" in page, "From the second" in page) == (True, True)
    assert fresh(review).strength == "From the first tab"
    assert 'value="mine" checked' not in page
    open_still = send(fresh(review), "keep", strength="From the second", asked="strength")
    assert (open_still.status_code, "Choose which text to keep" in open_still.content.decode()) == (400, True)
    assert fresh(review).strength == "From the first tab"
    both = send(fresh(review), "keep", strength="From the second", asked="strength", take_strength="both")
    assert both.status_code == 302
    assert fresh(review).strength == "From the first tab\n\nFrom the second"


def test_text_of_a_reviewer_who_was_signed_out_comes_back(review):
    client = ended(review.reviewer)
    answer = client.post(review.get_absolute_url(), form_of(review, strength="Not lost") | {"keep": "yes"})
    assert answer.headers["Location"].startswith("/account/login/")
    client.force_login(review.reviewer)
    page = client.get(review.get_absolute_url()).content.decode()
    assert ("Not lost" in page, "You were signed out" in page) == (True, True)
    client.post(review.get_absolute_url(), {"forget": "yes"})
    assert "Not lost" not in client.get(review.get_absolute_url()).content.decode()


def fourth(proposal, cast, agencies):
    """Return the accepted review of one more reviewer than the call asks for."""
    person = factories.civil_servant("fourth@x.example", agencies["farms"])
    grant_role(by=system_user(), person=person, role=Role.REVIEWER, reason="test")
    return own(stages.assign(proposal, cast, [person]), person)


def test_writing_stops_when_the_reviews_close_and_the_text_stays_on_the_screen(in_review, cast, panel, agencies):
    review = fourth(in_review, cast, agencies)
    saved = save(review, strength="Before")
    for person in panel["reviewers"]:
        reviewing.submit(save(own(in_review, person)), by=person)
    perform(stages.fresh(in_review), "close_review", by=cast["secretariat"])
    with pytest.raises(NotPossible, match="The reviews of this proposal are closed"):
        save(saved, strength="After")
    answer = send(saved, "keep", strength="Typed too late")
    page = answer.content.decode()
    assert (answer.status_code, "Typed too late" in page, "is not saved" in page) == (409, True, True)
    assert autosave(saved, strength="Typed too late").json() == {"refused": "The reviews of this proposal are closed."}
    assert fresh(review).strength == "Before"
    with pytest.raises(NotPossible, match="closed"):
        perform(saved, "abstain", by=saved.reviewer, note="Too late")
    page = seated(review.reviewer).get(review.get_absolute_url()).content.decode()
    assert ("can no longer be changed" in page, "<textarea" in page) == (True, False)


def reviews_of(person, funded_call, cast, count):
    """Return `count` accepted reviews of one person in one call, each of another proposal."""
    made = [stages.check(new_proposal(funded_call, cast, f"No {n}"), cast) for n in range(count)]
    return [own(stages.assign(proposal, cast, [person]), person) for proposal in made]


def test_next_is_the_open_review_of_the_least_reviewed_proposal(funded_call, cast, panel):
    person, other = panel["reviewers"][:2]
    one, two, three = reviews_of(person, funded_call, cast, 3)
    stages.assign(two.proposal, cast, [other])
    reviewing.submit(save(own(two.proposal, other)), by=other)
    assert review_queries.next_for(one) == three
    answer = send(one, "keep_next")
    assert answer.headers["Location"] == three.get_absolute_url()
    assert send(three, "hand_in_next").headers["Location"] == one.get_absolute_url()  # begun, but less reviewed
    assert send(fresh(one), "hand_in_next").headers["Location"] == two.get_absolute_url()
    assert send(two, "hand_in_next").headers["Location"] == reverse("my_reviews")


def test_next_among_equals_is_one_not_begun_and_never_a_closed_one(funded_call, cast, panel):
    one, two, three = reviews_of(panel["reviewers"][0], funded_call, cast, 3)
    save(two)
    assert review_queries.next_for(one) == three
    perform(three.proposal, "withdraw", by=cast["lead"])
    assert review_queries.next_for(one) == fresh(two)
    perform(fresh(two), "abstain", by=two.reviewer, note="No knowledge of it.")
    assert review_queries.next_for(one) is None


def test_own_scores_on_the_other_proposals_stay_in_view(funded_call, cast, panel):
    person, other = panel["reviewers"][:2]
    one, two = reviews_of(person, funded_call, cast, 2)
    stages.assign(two.proposal, cast, [other])
    reviewing.submit(save(own(two.proposal, other), halves=1), by=other)
    assert review_queries.own_elsewhere(one) == []
    save(two, halves=7, left_out=[first_of(two).pk])
    (row,) = review_queries.own_elsewhere(one)
    assert (row.subject, row.done, row.scores) == ("No 1", False, ["does not apply", "3.5", "3.5", "3.5", "3.5"])
    page = seated(person).get(one.get_absolute_url()).content.decode()
    table = page.split("<details")[1].split("</details>")[0]
    assert (table.count("3.5"), "0.5" in table, "does not apply" in table) == (4, False, True)


def test_reviewer_withdraws_with_a_reason_and_somebody_else_is_asked(in_review, review, cast, panel, agencies):
    person = review.reviewer
    assert "Withdraw: I cannot judge this" in seated(person).get(review.get_absolute_url()).content.decode()
    save(review)
    with pytest.raises(NotPossible, match="Give a reason"):
        perform(fresh(review), "abstain", by=person)
    for stranger in (panel["reviewers"][1], panel["chair"], cast["secretariat"]):
        with pytest.raises(NotPossible) as no:
            perform(fresh(review), "abstain", by=stranger, note="x")
        assert no.value.forbidden
    assert [row.what for row in waiting_for(cast["secretariat"], {Role.SECRETARIAT})] == []
    perform(fresh(review), "abstain", by=person, note="I know nothing of forms.")
    assert (fresh(review).state, fresh(review).strength) == ("abstained", "Clear need.")
    assert Proposal.objects.visible_to(person).count() == 0
    assert Notification.objects.filter(person=cast["secretariat"], subject__contains="A reviewer withdrew").count() == 1
    words = [row.what for row in waiting_for(cast["secretariat"], {Role.SECRETARIAT})]
    assert words == ["Ask another reviewer for “One visit is enough”"]
    fourth(in_review, cast, agencies)
    assert waiting_for(cast["secretariat"], {Role.SECRETARIAT}) == []
    assert waiting_for(person, {Role.REVIEWER}) == []


def test_handed_in_review_is_not_withdrawn(review):
    reviewing.submit(save(review), by=review.reviewer)
    with pytest.raises(NotPossible, match="can no longer be done"):
        perform(fresh(review), "abstain", by=review.reviewer, note="Too late")


def test_answer_that_is_all_hidden_stays_hidden_and_never_shows_the_original(cast, line, panel):
    from proposals.blinding import HIDDEN as BLANK
    from proposals.blinding import blinded
    from proposals.reading import groups_of

    call = factories.open_call(
        cast["secretariat"], cast["head"], reference="blind", names_hidden=True, budget_line=line
    )
    proposal = new_proposal(call, cast, cast["lead"].full_name)
    versions = stages.ANSWERS | {}
    try:
        for key, answers in versions.items():
            stages.ANSWERS[key] = {
                name: cast["lead"].full_name if name in ("problem", "idea", "hypothesis", "served") else text
                for name, text in answers.items()
            }
        proposal = stages.assign(stages.check(proposal, cast), cast, panel["reviewers"][:1])
    finally:
        stages.ANSWERS.update(versions)
    review = proposal.reviews.get()
    rows = {row.label: row.value for group in groups_of(blinded(review.version.facts)) for row in group.rows}
    assert [value for value in rows.values() if value == BLANK] == [BLANK] * 5
    client = seated(review.reviewer)
    pages = [review.get_absolute_url(), reverse("my_reviews"), reverse("home"), reverse("proposal_list")]
    for path in pages:
        assert cast["lead"].full_name not in client.get(path).content.decode(), path
    assert f'<h1 class="govuk-heading-l">{BLANK}</h1>' in client.get(review.get_absolute_url()).content.decode()
    assert client.get(proposal.get_absolute_url()).status_code == 404
