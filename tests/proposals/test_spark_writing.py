"""The pages of a small idea keep what is typed as the long form does, and ask what its call asks."""

import pytest
from django.urls import reverse

from lifecycle.errors import NotPossible
from proposals.enums import CallSection, SectionKey
from proposals.models import Attachment, Proposal
from proposals.reading import groups_of
from proposals.services import drafting, submitting

from .. import sparks
from ..conftest import ended
from ..remembering import remembered
from .test_attachments import attach

JSON = {"headers": {"accept": "application/json"}}


@remembered
def spark(cast, line):
    return sparks.spark_call(cast, line)


@remembered
def asking(cast, line):
    return sparks.asking_call(cast, line)


@pytest.fixture
def lead(client, cast):
    client.force_login(cast["lead"])
    return client


def at(name, idea):
    return reverse(name, args=[idea.case])


def question_of(call):
    return call.questions.get().name


def test_autosave_begins_the_draft_under_its_name_and_goes_on_in_it(lead, spark, cast):
    start = reverse("spark_start", args=[spark.reference])
    answer = lead.post(start, sparks.IDEA | {"title": "", "version": "0"}, **JSON).json()
    assert "Give your idea a name" in answer["waits"]
    assert not Proposal.objects.exists()
    begin = lead.get(start).context["begin"]
    said = {"title": "A stool", "problem": "Half", "version": "0", "begin": begin}
    answers = [lead.post(start, said, **JSON).json() for _ in "12"]
    idea = Proposal.objects.get()
    assert {said["address"] for said in answers} == {at("spark_idea", idea)}
    assert answers[0]["key"] == f"{cast['lead'].pk}:{idea.case}:spark"
    version = answers[0]["version"]
    said = lead.post(answers[0]["address"], sparks.IDEA | {"title": "A chair", "version": version}, **JSON).json()
    idea.refresh_from_db()
    assert (idea.title, said["version"], idea.sections.get().answers["idea"]) == (
        "A chair", version + 1, sparks.IDEA["idea"],
    )  # fmt: skip


def test_autosave_with_too_long_a_name_waits(lead, spark):
    said = lead.post(reverse("spark_start", args=[spark.reference]), {"title": "x" * 151}, **JSON).json()
    assert "150" in said["waits"]
    assert not Proposal.objects.exists()


def test_half_a_line_of_money_is_kept_as_it_was_typed(lead, spark, cast):
    idea = sparks.draft(spark, cast["lead"])
    said = lead.post(at("spark_money", idea), sparks.MONEY | {"cost_1": "about 40", "version": "1"}, **JSON).json()
    assert said["wrong"]
    assert idea.sections.get(key=SectionKey.BUDGET).answers["cost_1"] == "about 40"
    assert 'value="about 40"' in lead.get(at("spark_money", idea)).content.decode()


def test_text_sent_after_being_signed_out_comes_back_to_its_writer_alone(spark, cast):
    start = reverse("spark_start", args=[spark.reference])
    typed = sparks.IDEA | {"version": "0", "writer": cast["lead"].pk}
    for name, found in (("stranger", False), ("lead", True)):
        client = ended(cast["lead"])
        sent = client.post(start, typed)
        assert sent.headers["Location"] == f"/account/login/?next={start}"
        client.post(sent.headers["Location"], {"login": cast[name].email, "password": "a long test phrase"})
        assert (sparks.IDEA["idea"] in client.get(start).content.decode()) == found
    client.post(start, typed)
    assert "You were signed out" not in client.get(start).content.decode()


def test_two_windows_clash_with_both_texts(lead, spark, cast):
    idea = sparks.draft(spark, cast["lead"])
    stored = idea.sections.get(key=SectionKey.SPARK)
    lead.post(at("spark_idea", idea), sparks.IDEA | {"problem": "First window", "version": stored.version})
    answer = lead.post(at("spark_idea", idea), sparks.IDEA | {"problem": "Second window", "version": stored.version})
    text = answer.content.decode()
    assert (answer.status_code, "First window" in text, "Second window" in text) == (409, True, True)
    assert f'href="{at("spark_idea", idea)}"' in text
    chosen = sparks.IDEA | {"problem": "Second window", "version": stored.version + 1, "take_problem": "both"}
    assert lead.post(at("spark_idea", idea), chosen).url == at("spark_money", idea)
    stored.refresh_from_db()
    assert stored.answers["problem"] == "First window\n\nSecond window"


def test_earlier_text_stands_in_the_history_and_comes_back(lead, spark, cast):
    idea = sparks.draft(spark, cast["lead"])
    stored = idea.sections.get(key=SectionKey.SPARK)
    drafting.save_section(
        idea, by=cast["lead"], key=SectionKey.SPARK, version=stored.version, note="Typed anew.",
        answers=sparks.IDEA | {"problem": "Anew"},
    )  # fmt: skip
    page = reverse("section_history", args=[idea.case, SectionKey.SPARK])
    assert page in lead.get(at("spark_idea", idea)).content.decode()
    text = lead.get(page).content.decode()
    assert f'href="{at("spark_idea", idea)}"' in text
    seq = text.split('name="restore" value="')[1].split('"')[0]
    lead.post(page, {"restore": seq, "version": stored.version + 1})
    stored.refresh_from_db()
    assert stored.answers["problem"] == sparks.IDEA["problem"]


def test_autosave_after_sending_is_refused_in_words(lead, spark, cast):
    idea = sparks.sent(spark, cast["lead"])
    answer = lead.post(at("spark_idea", idea), sparks.IDEA | {"version": "2"}, **JSON)
    assert (answer.status_code, "no longer a draft" in answer.json()["refused"]) == (410, True)


def test_call_with_a_question_of_its_own_has_a_page_more(lead, asking, cast):
    idea = sparks.draft(asking, cast["lead"])
    answer = lead.post(at("spark_money", idea), {"version": "1"} | sparks.MONEY)
    assert answer.url == at("spark_questions", idea)
    text = lead.get(answer.url).content.decode()
    assert ("Page 3 of 5" in text, "Which village?" in text, at("spark_money", idea) in text) == (True, True, True)
    assert at("spark_questions", idea) in lead.get(idea.get_absolute_url()).content.decode()
    wrong = lead.post(answer.url, {question_of(asking): "", "version": "0"})
    assert (wrong.status_code, "Answer “Which village?”" in wrong.content.decode()) == (400, True)
    version = idea.sections.get(key=CallSection.QUESTIONS).version
    said = lead.post(answer.url, {question_of(asking): "Merak", "version": version})
    assert said.url == at("spark_approver", idea)
    assert "Page 4 of 5" in lead.get(said.url).content.decode()


def test_question_of_the_call_must_be_answered_before_sending_and_is_frozen(asking, cast):
    idea = sparks.draft(asking, cast["lead"])
    with pytest.raises(NotPossible):
        submitting.send(idea, by=cast["lead"])
    drafting.save_section(
        idea, by=cast["lead"], key=CallSection.QUESTIONS, version=0, answers={question_of(asking): "Merak"}
    )
    sent = submitting.send(sparks.fresh(idea), by=cast["lead"])
    group = groups_of(sent.versions.get().facts)[-1]
    assert [(row.label, row.value) for row in group.rows] == [("Which village?", "Merak")]


def test_send_page_leads_to_the_question_that_is_missing(lead, asking, cast):
    idea = sparks.draft(asking, cast["lead"])
    text = lead.get(at("spark_send", idea)).content.decode()
    assert f'href="{at("spark_questions", idea)}#id_{question_of(asking)}"' in text


def test_questions_page_does_not_exist_where_the_call_asks_none(lead, spark, cast):
    idea = sparks.draft(spark, cast["lead"])
    assert lead.get(at("spark_questions", idea)).status_code == 404


def test_small_idea_takes_no_files_on_any_way(lead, spark, cast, monkeypatch):
    idea = sparks.draft(spark, cast["lead"])
    with pytest.raises(NotPossible, match="takes no attachments"):
        attach(idea, cast["lead"])
    assert lead.get(at("proposal_attachments", idea)).status_code == 404
    assert lead.post(at("proposal_attachments", idea)).status_code == 404
    assert not Attachment.objects.exists()
    monkeypatch.setattr("proposals.services.attachments.is_spark", lambda proposal: False)
    assert attach(idea, cast["lead"]).proposal == idea
