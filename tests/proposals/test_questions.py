"""A call's own questions: asked, checked, frozen, read, and hidden from reviewers when names are."""

import pytest
import regex
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from evaluation.models import Review
from evaluation.services import reviewing
from fund.services import call_setup, calls
from lifecycle.performing import explain
from proposals import graphemes, questions
from proposals.differing import differences
from proposals.models import Proposal
from proposals.reading import groups_of
from proposals.services import endorsing
from proposals.services.versions import compose

from .. import conftest, stages
from ..factories import make_call
from ..remembering import remembered

QUESTIONS = (
    {"kind": "choice", "text": "Where is it?", "choices": ["Town", "Village"]},
    {"kind": "text", "text": "Which village?", "limit": 10, "shown_value": "Village"},
    {"kind": "number", "text": "How many households?"},
    {"kind": "money", "text": "What does it cost today?", "required": False},
    {"kind": "date", "text": "By when?", "required": False},
    {"kind": "table", "text": "Who helps?", "columns": ["Name", "Days"], "required": False},
    {"kind": "text", "text": "Who is your contact there?", "limit": 100, "hidden": True},
)


@remembered
def asking_call(cast, line):
    """A call that hides names and asks all kinds of questions; the second depends on the first."""
    made = make_call(cast["secretariat"], names_hidden=True, budget_line=line)
    first = None
    for values in QUESTIONS:
        before = {"shown_if": first} if "shown_value" in values else {}
        saved = call_setup.save_question(made, by=cast["secretariat"], question=None, values=values | before)
        first = first or saved
    call_setup.save_task(made, by=cast["secretariat"], task="questions", values={}, done=True)
    return calls.approve(calls.hand_over(made, by=cast["secretariat"]), by=cast["head"], note="Few people.")


@remembered
def asked(asking_call, cast):
    return stages.complete(conftest.new_proposal(asking_call, cast), cast)


def names(call):
    return [question.name for question in call.questions.all()]


def answers(call, **changes):
    """Return whole answers by position: q1 .. q7."""
    n = names(call)
    values = {
        n[0]: "Village", n[1]: "Merak", n[2]: "0", n[3]: "1500.50", n[4]: "2027-01-31", f"{n[5]}_1_1": "Pema",
        f"{n[5]}_1_2": "3", n[6]: "Dawa the clerk",
    }  # fmt: skip
    return values | {n[int(key[1:]) - 1]: value for key, value in changes.items()}


def save(client, proposal, values, version=0):
    return client.post(reverse("section", args=[proposal.case, "questions"]), {"version": version, **values})


def test_task_stands_in_the_list_and_holds_the_proposal_back_until_answered(client, cast, asked, asking_call):
    client.force_login(cast["lead"])
    assert "Answer the questions of this call" in client.get(asked.get_absolute_url()).content.decode()
    assert any(reason.startswith("Some questions") for reason in explain(asked, "ask_agencies"))
    check = client.get(reverse("proposal_check", args=[asked.case])).content.decode()
    assert "Answer “Where is it?”." in check
    assert save(client, asked, answers(asking_call)).status_code == 302
    assert explain(Proposal.objects.get(pk=asked.pk), "ask_agencies") == []
    assert "Dawa the clerk" in client.get(reverse("proposal_check", args=[asked.case])).content.decode()


def test_call_without_own_questions_has_no_such_task(client, cast, proposal):
    client.force_login(cast["lead"])
    assert client.get(reverse("section", args=[proposal.case, "questions"])).status_code == 404
    assert "Answer the questions of this call" not in client.get(proposal.get_absolute_url()).content.decode()
    assert "own_questions" not in compose(proposal)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, []),
        ({"q1": "Town", "q2": ""}, []),
        ({"q1": "Village", "q2": ""}, ["Answer “Which village?”."]),
        ({"q1": ""}, ["Answer “Where is it?”."]),
        ({"q3": ""}, ["Answer “How many households?”."]),
        ({"q3": "0"}, []),
        ({"q4": "", "q5": ""}, []),
        ({"q7": ""}, ["Answer “Who is your contact there?”."]),
    ],
)
def test_what_is_missing_follows_from_required_and_from_the_choice_before(
    client, cast, asked, asking_call, changes, missing
):
    client.force_login(cast["lead"])
    save(client, asked, answers(asking_call, **changes))
    assert questions.missing_of(Proposal.objects.get(pk=asked.pk)) == missing


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"q2": "x" * 11}, "“Which village?” is too long by 1."),
        ({"q1": "City"}, "Choose one of the answers of"),
        ({"q3": "many"}, "enter a number, such as 14,500."),
        ({"q4": "-1"}, "enter 0 or more"),
        ({"q5": "tomorrow"}, "enter a day, such as 2027-06-30."),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_kept_on_the_screen(client, cast, asked, asking_call, changes, words):
    client.force_login(cast["lead"])
    answer = save(client, asked, answers(asking_call, **changes))
    page = answer.content.decode()
    assert (answer.status_code, words in page, "Dawa the clerk" in page) == (400, True, True)


def test_letters_are_counted_as_people_count_them(client, cast, asked, asking_call):
    client.force_login(cast["lead"])
    ten = "ཀི" * 10  # ten letters of two code points each
    assert save(client, asked, answers(asking_call, q2=ten)).status_code == 302
    assert save(client, asked, answers(asking_call, q2=ten + "ཀ"), version=1).status_code == 400


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("", 0),
        ("abc", 3),
        ("བསྐལ་བཟང", 7),
        ("é", 1),
        ("👨‍👩‍👧", 1),
        ("🇧🇹🇧🇹", 2),
        ("👍🏽", 1),
        ("a\r\nb", 3),
        ("नि", 1),
        ("한국", 2),
    ],
)
def test_count_of_letters(text, letters):
    assert graphemes.count(text) == letters


@given(st.text(st.sampled_from("abcཀིུསྐྱེ ་།é\u0301\u200d👨👩🏽🇧🇹\r\n1"), max_size=30))
def test_count_of_letters_is_that_of_unicode(text):
    """An independent implementation counts the same."""
    import unicodedata

    assert graphemes.count(text) == len(regex.findall(r"\X", unicodedata.normalize("NFC", text)))


def test_two_people_at_once_clash_as_in_every_section(client, cast, asked, asking_call):
    client.force_login(cast["lead"])
    save(client, asked, answers(asking_call))
    client.force_login(cast["colleague"])
    clash = save(client, asked, answers(asking_call, q2="Sakteng"))
    page = clash.content.decode()
    assert (clash.status_code, "Merak" in page, "Sakteng" in page) == (409, True, True)


@pytest.fixture
def frozen(client, cast, asked, asking_call):
    client.force_login(cast["lead"])
    save(client, asked, answers(asking_call))
    client.logout()
    return endorsing.ask(Proposal.objects.get(pk=asked.pk), by=cast["lead"])


def test_answers_are_frozen_into_the_version_in_words(frozen):
    said = {row["question"]: row["answer"] for row in frozen.versions.get().facts["own_questions"]}
    assert said == {
        "Where is it?": "Village", "Which village?": "Merak", "How many households?": "0",
        "What does it cost today?": "Nu. 1,500.50", "By when?": "31 January 2027", "Who helps?": "Name: Pema; Days: 3",
        "Who is your contact there?": "Dawa the clerk",
    }  # fmt: skip


def test_a_question_that_does_not_apply_is_not_frozen(client, cast, asked, asking_call):
    client.force_login(cast["lead"])
    save(client, asked, answers(asking_call, q1="Town"))
    asked_about = [row["question"] for row in compose(Proposal.objects.get(pk=asked.pk))["own_questions"]]
    assert "Which village?" not in asked_about


def test_approver_reads_every_answer_and_what_changed(client, cast, frozen):
    client.force_login(cast["sponsor"])
    assert "Dawa the clerk" in client.get(reverse("proposal_endorse", args=[frozen.case])).content.decode()
    before = frozen.versions.get().facts
    rows = [dict(row) for row in before["own_questions"]]
    rows[1]["answer"] = "Sakteng"
    (changed,) = differences(before, before | {"own_questions": rows})
    assert (changed.label, changed.before, changed.after) == (
        "Questions of this call: Which village?", "Merak", "Sakteng",
    )  # fmt: skip


def test_reviewer_is_kept_from_a_hidden_answer_everywhere(client, cast, panel, frozen):
    from lifecycle.performing import perform
    from proposals.services import screening, submitting

    sent = submitting.submit(stages.agree_all(frozen, cast), by=cast["lead"])
    held = screening.claim(sent, by=cast["secretariat"])
    screening.record_results(held, by=cast["secretariat"], results=stages.MET)
    eligible = perform(held, "find_eligible", by=cast["secretariat"])
    reviewer = panel["reviewers"][0]
    review = reviewing.assign(eligible, by=cast["secretariat"], reviewer=reviewer)
    reviewing.declare(review, by=reviewer, interest="none")
    client.force_login(reviewer)
    assert client.get(eligible.get_absolute_url()).status_code == 404  # its page names people
    page = client.get(Review.objects.get().get_absolute_url()).content.decode()
    assert ("Merak" in page, "Dawa the clerk" in page, "Who is your contact there?" in page) == (True, False, False)
    client.force_login(cast["secretariat"])
    assert "Dawa the clerk" in client.get(eligible.get_absolute_url()).content.decode()


def test_hidden_means_nothing_where_reviewers_see_names(frozen):
    content = frozen.versions.get().facts
    shown = content | {"own_questions": [row | {"hidden": False} for row in content["own_questions"]]}
    assert len(groups_of(shown, for_reviewer=True)[-1].rows) == 7
    assert len(groups_of(content, for_reviewer=True)[-1].rows) == 6


def test_help_of_a_question_is_text_and_never_markup(client, cast, line):
    call = make_call(cast["secretariat"], budget_line=line)
    values = {"kind": "text", "text": "<b>Why?</b>", "help_text": "<script>alert(1)</script>"}
    call_setup.save_question(call, by=cast["secretariat"], question=None, values=values)
    call_setup.save_task(call, by=cast["secretariat"], task="questions", values={}, done=True)
    call = calls.approve(calls.hand_over(call, by=cast["secretariat"]), by=cast["head"], note="x")
    made = conftest.new_proposal(call, cast)
    client.force_login(cast["lead"])
    page = client.get(reverse("section", args=[made.case, "questions"])).content.decode()
    assert ("<script>alert" in page, "<b>Why" in page, "&lt;script&gt;alert(1)" in page) == (False, False, True)


# The page


def page_of(client, cast, proposal):
    client.force_login(cast["lead"])
    return client.get(reverse("section", args=[proposal.case, "questions"]))


def test_a_question_that_depends_says_when_it_applies_and_names_the_choice_for_the_script(client, cast, asked):
    n = names(asked.call)
    text = page_of(client, cast, asked).content.decode()
    assert "Answer this only if you chose “Village” at “Where is it?”." in text
    assert f'data-shown-if="{n[0]}" data-shown-value="Village" data-asked="{n[1]}"' in text


def test_a_dependent_question_with_a_mistake_is_never_hidden(client, cast, asked):
    n = names(asked.call)
    client.force_login(cast["lead"])
    url = reverse("section", args=[asked.case, "questions"])
    text = client.post(url, {"version": "0", n[0]: "Town", n[1]: "Far too long a name"}).content.decode()
    assert (f'data-shown-if="{n[0]}"' in text, f'data-asked="{n[1]}"' in text) == (False, True)


def test_a_table_shows_the_filled_rows_and_the_next_and_folds_the_rest(client, cast, asked):
    table = names(asked.call)[5]
    client.force_login(cast["lead"])
    url = reverse("section", args=[asked.case, "questions"])
    client.post(url, {"version": "0", f"{table}_2_1": "Pema"})
    block = next(b for b in page_of(client, cast, asked).context["form"].blocks if b.question.name == table)
    assert [row.number for row in block.rows] == [1, 2, 3]
    assert [row.number for row in block.more] == [4, 5]
    text = page_of(client, cast, asked).content.decode()
    assert (text.count("Row 3<"), ">Days</label>" in text, ": Days, row 3" in text) == (1, True, False)
