"""A draft begins once for each opened page and never in the place of another; a copy carries what stands around."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from documents.services import read_file
from lifecycle import clock
from lifecycle.performing import perform
from proposals import beginning
from proposals.enums import CallSection, SectionKey
from proposals.models import Proposal
from proposals.services import drafting, outside, sparking
from proposals.writing_queries import just_started

from .. import sparks
from ..races import race
from ..remembering import remembered
from .test_attachments import attach

JSON = {"headers": {"accept": "application/json"}}


@remembered
def spark(cast, line):
    return sparks.spark_call(cast, line)


@pytest.fixture
def lead(client, cast):
    client.force_login(cast["lead"])
    return client


def start_url(call):
    return reverse("spark_start" if call.stage == "spark" else "proposal_start", args=[call.reference])


def mark(client, call):
    return client.get(start_url(call)).content.decode().split('name="begin" value="')[1].split('"')[0]


# A new small idea and an older one of the same name


def test_new_idea_of_the_same_name_leaves_the_older_draft_alone(lead, spark, cast):
    older = sparks.draft(spark, cast["lead"], title="Slippers")
    said = {"title": "Slippers", "problem": "", "version": "0", "begin": mark(lead, spark)}
    answer = lead.post(start_url(spark), said, **JSON).json()
    assert Proposal.objects.count() == 2
    assert str(older.case) not in answer["address"]
    assert older.sections.get(key=SectionKey.SPARK).answers == sparks.IDEA | {"title": "Slippers"}


def test_page_that_is_sent_twice_begins_one_idea_with_its_newest_text(lead, spark):
    said = sparks.IDEA | {"begin": mark(lead, spark)}
    lead.post(start_url(spark), said)
    lead.post(start_url(spark), said)
    lead.post(start_url(spark), said | {"idea": "Better"})
    assert Proposal.objects.get().sections.get().answers["idea"] == "Better"


def test_page_gone_back_to_does_not_overwrite_what_was_written_since(lead, spark, cast):
    said = sparks.IDEA | {"begin": mark(lead, spark)}
    lead.post(start_url(spark), said)
    made = Proposal.objects.get()
    newer = sparks.IDEA | {"problem": "Newer"}
    drafting.save_section(made, by=cast["lead"], key=SectionKey.SPARK, version=2, answers=newer)
    answer = lead.post(start_url(spark), said | {"problem": "Older"})
    page = answer.content.decode()
    assert (answer.status_code, "Older" in page, "You have gone on with this idea since." in page) == (400, True, True)
    assert lead.post(start_url(spark), said | {"problem": "Older"}, **JSON).status_code == 410
    assert made.sections.get().answers["problem"] == "Newer"


def test_mark_of_another_person_or_call_or_an_invented_one_is_none(spark, call, cast):
    made = beginning.mark_for(cast["lead"], spark)
    assert beginning.case_of(made, cast["lead"], spark) is not None
    for said, person, where in (
        (made, "colleague", spark), (made, "lead", call), (made + "x", "lead", spark), ("", "lead", spark),
        (None, "lead", spark),
    ):  # fmt: skip
        assert beginning.case_of(said, cast[person], where) is None


# Start pressed twice


def test_start_pressed_twice_makes_one_draft_and_says_so(lead, call):
    said = {"title": "Once", "begin": mark(lead, call)}
    first = lead.post(start_url(call), said)
    second = lead.post(start_url(call), said, follow=True)
    assert second.redirect_chain[0][0] == first.url
    assert "no second draft was made" in second.content.decode()
    assert Proposal.objects.filter(title="Once").count() == 1


def test_two_tabs_make_one_draft_while_it_is_untouched(lead, call, cast):
    tabs = [mark(lead, call) for _ in range(2)]
    for begin in tabs:
        lead.post(start_url(call), {"title": "Once", "begin": begin})
    made = Proposal.objects.get(title="Once")
    assert just_started(cast["lead"], call, "Once", None) == made
    assert just_started(cast["colleague"], call, "Once", None) is None
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert just_started(cast["lead"], call, "Once", None) is None
    drafting.save_section(made, by=cast["lead"], key=SectionKey.PEOPLE, version=0, answers={"served": "x"})
    lead.post(start_url(call), {"title": "Once", "begin": mark(lead, call)})
    assert Proposal.objects.filter(title="Once").count() == 2


@pytest.mark.django_db(transaction=True)
def test_page_sent_many_times_at_once_begins_one_draft(call, cast):
    case = beginning.case_of(beginning.mark_for(cast["lead"], call), cast["lead"], call)
    made = race(10, lambda n: drafting.start(by=cast["lead"], title="Once", call=call, case=case).pk)
    assert (len(set(made)), Proposal.objects.filter(title="Once").count()) == (1, 1)


def test_number_of_a_case_of_somebody_else_begins_nothing_in_it(proposal, call, cast):
    assert drafting.begun(cast["colleague"], proposal.case) is None
    assert drafting.begun(cast["lead"], proposal.case) == proposal


# What a copy carries


@remembered
def around(complete, cast, agencies):
    letter = attach(complete, cast["lead"], b"We help.", "letter.txt")
    firm = {"name": "Firm", "kind": "firm", "contribution": "Days", "interests": "None known", "letter": letter}
    outside.save_partner(complete, partner=None, by=cast["lead"], **firm)
    need = {"dataset": "Births", "owner": agencies["digital"], "answer": "agreed"}
    outside.save_data_need(complete, need=None, by=cast["lead"], **need)
    return complete


def test_copy_carries_outside_partners_data_needs_and_files_of_its_own(around, call, cast):
    drafting.save_section(
        around, by=cast["lead"], key=CallSection.QUESTIONS, version=0,
        answers={"q1": str(around.attachments.get().pk), "q2": "Words"},
    )  # fmt: skip
    made = drafting.start(by=cast["lead"], title="Again", call=call, source=around)
    firm, need, found = made.outside_partners.get(), made.data_needs.get(), made.attachments.get()
    assert (firm.name, firm.kind, firm.contribution, firm.interests) == ("Firm", "firm", "Days", "None known")
    assert (firm.letter, need.dataset, need.answer, found.description) == (found, "Births", "agreed", "A letter")
    assert read_file(found.file) == read_file(around.attachments.get().file)
    assert (found.file.case, found.file_id != around.attachments.get().file_id) == (made.case, True)
    assert made.sections.get(key=CallSection.QUESTIONS).answers == {"q1": str(found.pk), "q2": "Words"}


def test_file_that_cannot_be_copied_is_named(around, call, cast, monkeypatch):
    from documents.errors import DamagedFile
    from proposals.services import copying

    def damaged(stored):
        raise DamagedFile("gone")

    monkeypatch.setattr(copying, "read_file", damaged)
    browser = Client()
    browser.force_login(cast["lead"])
    said = {"title": "Again", "source": str(around.case), "begin": mark(browser, call)}
    page = browser.post(start_url(call), said, follow=True).content.decode()
    assert "These files could not be copied: letter.txt. Attach them again." in page
    made = Proposal.objects.get(title="Again")
    assert (made.attachments.count(), made.outside_partners.get().letter) == (0, None)


def test_small_idea_that_is_begun_from_an_earlier_one_carries_its_money(lead, spark, cast):
    idea = perform(sparks.sent(spark, cast["lead"]), "withdraw", by=cast["lead"])
    page = lead.get(f"{start_url(spark)}?from={idea.case}").content.decode()
    assert f'name="from" value="{idea.case}"' in page
    begin = page.split('name="begin" value="')[1].split('"')[0]
    said = sparks.IDEA | {"title": "Again", "begin": begin, "from": str(idea.case)}
    for problem in ("Mine", "Mine", "Mine again"):
        lead.post(start_url(spark), said | {"problem": problem})
    made = Proposal.objects.get(title="Again")
    assert made.sections.get(key=SectionKey.BUDGET).answers == idea.sections.get(key=SectionKey.BUDGET).answers
    assert (made.copied_from, made.sections.get(key=SectionKey.SPARK).answers["problem"]) == (idea, "Mine again")


def test_small_idea_of_somebody_else_carries_nothing(lead, spark, cast):
    idea = perform(sparks.sent(spark, cast["stranger"]), "withdraw", by=cast["stranger"])
    lead.post(start_url(spark), sparks.IDEA | {"from": str(idea.case), "begin": mark(lead, spark)})
    made = Proposal.objects.get(created_by=cast["lead"])
    assert (made.copied_from, made.sections.count()) == (None, 1)


def test_without_the_mark_a_second_press_makes_a_second_idea(spark, cast):
    made = {sparking.begin(by=cast["lead"], call=spark, answers=sparks.IDEA).pk for _ in range(2)}
    assert len(made) == 2
