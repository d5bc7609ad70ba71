"""A draft holds any text, however it came there: each page opens, the text is listed as a problem and can be mended."""

import pytest
from django.urls import reverse

from proposals.form_base import day_in_words, number_in
from proposals.models import Section

from .. import sparks, stages
from ..remembering import remembered
from .test_questions import answers, asked, asking_call, names  # noqa: F401 - the fixtures are used by name

NUMBERS = (
    "about 5000", "NaN", "sNaN", "-nan", "Infinity", "-Infinity", "1e2", "1e400", "1e-400", "1E+999999999", "9" * 5000,
    "--1", "5 000 0", "٣٤.٥.٦", "1\n2", "½", "−5",
)  # fmt: skip
DAYS = ("2027-02-30", "0000-00-00", "2027-13-01", "soon", "99999-01-01", "NaN", "9" * 5000, "30.06.2027", "2027-W60-1")
READABLE = {"１２": "12", "༡༢": "12", " 12 ": "12", "1,200": "1200", "1_000": "1000"}


def put(proposal, key, **said):
    """Store what no form of today would take."""
    row, _ = Section.objects.get_or_create(
        proposal=proposal, key=key,
        defaults={"answers": {}, "edited_by": proposal.created_by, "edited_at": proposal.created_at},
    )  # fmt: skip
    Section.objects.filter(pk=row.pk).update(answers=row.answers | said)


def opens(client, proposal, key):
    """Open every page on which the section is read; return the page that lists the problems."""
    pages = [
        proposal.get_absolute_url(), reverse("section", args=[proposal.case, key]),
        reverse("section_history", args=[proposal.case, key]), reverse("proposal_check", args=[proposal.case]),
    ]  # fmt: skip
    found = [client.get(page) for page in pages]
    assert [page.status_code for page in found] == [200] * len(pages)
    return found[-1].content.decode()


@remembered
def whole(proposal, cast):
    return stages.complete(proposal, cast)


@pytest.mark.parametrize(
    ("key", "names", "texts"),
    [
        ("measure", ("baseline", "target", "stop_figure", "second_figure"), NUMBERS),
        ("measure", ("target_date", "stop_date", "second_date"), DAYS),
        ("budget", ("count_1", "cost_1"), NUMBERS),
    ],
)
def test_unreadable_number_or_day_of_a_section(client, cast, whole, key, names, texts):
    client.force_login(cast["lead"])
    for text in texts:
        put(whole, key, **dict.fromkeys(names, text))
        listed = opens(client, whole, key)
        assert "What is still missing" in listed
        assert [name for name in names if f"id_{name}" not in listed] == []
    assert client.post(reverse("proposal_check", args=[whole.case])).status_code == 302
    assert stages.fresh(whole).state == "draft"


def test_unreadable_choices(client, cast, whole):
    client.force_login(cast["lead"])
    for text in ("NaN", "", "x" * 400):
        put(whole, "measure", direction=text)
        put(whole, "wellbeing", effect_health=text)
        assert "id_direction" in opens(client, whole, "measure")
        assert opens(client, whole, "wellbeing")


@pytest.mark.parametrize(("place", "texts"), [(4, NUMBERS), (5, DAYS)])
def test_unreadable_answer_to_a_question_of_the_call_is_shown_listed_and_mended(
    client, cast, asked, asking_call, place, texts  # noqa: F811
):  # fmt: skip
    client.force_login(cast["lead"])
    for text in texts:
        put(asked, "questions", **answers(asking_call, **{f"q{place}": text}))
        listed = opens(client, asked, "questions")
        assert f"id_{names(asking_call)[place - 1]}" in listed
        assert text.split("\n")[0][:20] in listed
    mended = {"version": Section.objects.get(proposal=asked, key="questions").version} | answers(asking_call)
    assert client.post(reverse("section", args=[asked.case, "questions"]), mended).status_code == 302
    assert "What is still missing" not in client.get(reverse("proposal_check", args=[asked.case])).content.decode()


def test_unreadable_money_of_a_small_idea(client, cast, line):
    client.force_login(cast["lead"])
    idea = sparks.draft(sparks.spark_call(cast, line), cast["lead"])
    for text in NUMBERS:
        put(idea, "budget", cost_1=text)
        found = [
            client.get(reverse(name, args=[idea.case])) for name in ("proposal_detail", "spark_money", "spark_send")
        ]
        assert [page.status_code for page in found] == [200] * 3
        assert "id_cost_1" in found[-1].content.decode()


@pytest.mark.parametrize(("kind", "texts"), [("money", NUMBERS), ("date", DAYS)])
def test_unreadable_answer_to_a_question_of_a_small_idea(client, cast, line, kind, texts):
    client.force_login(cast["lead"])
    call = sparks.asking_call(cast, line, kind=kind, text="How much, or when?")
    idea, question = sparks.draft(call, cast["lead"]), call.questions.get()
    for text in texts:
        put(idea, "questions", **{question.name: text})
        page = client.get(reverse("spark_send", args=[idea.case]))
        assert (page.status_code, f"id_{question.name}" in page.content.decode()) == (200, True)


@pytest.mark.parametrize("text", NUMBERS)
def test_no_number_is_none(text):
    assert number_in(text) is None


@pytest.mark.parametrize(("text", "plain"), READABLE.items())
def test_numbers_that_a_form_takes_are_read(text, plain):
    assert str(number_in(text).quantize(1)) == plain


@pytest.mark.parametrize("text", [text for text in DAYS if text != "2027-W60-1"])
def test_no_day_stays_as_it_was_typed(text):
    assert day_in_words(text) == text
