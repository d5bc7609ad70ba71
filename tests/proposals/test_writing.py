import json
from datetime import timedelta

import pytest
from django.urls import reverse

from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.models import TrailPayload
from lifecycle.performing import perform
from proposals import guards
from proposals.enums import SectionKey
from proposals.history import compare
from proposals.models import Proposal, Section
from proposals.services import drafting, endorsing
from proposals.writing_queries import faults_in, history_of

from .. import stages
from ..conftest import ended

JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def lead_client(client, cast):
    client.force_login(cast["lead"])
    return client


def section_url(proposal, key="people"):
    return reverse("section", args=[proposal.case, key])


def save(proposal, by, version, served, consulted="", key=SectionKey.PEOPLE):
    answers = {"served": served, "consulted": consulted}
    return drafting.save_section(proposal, by=by, key=key, version=version, answers=answers)


def lines(proposal):
    return history_of(proposal, Section.objects.get(proposal=proposal, key=SectionKey.PEOPLE))


# Saving as one writes


def test_autosave_answers_with_the_version_the_time_and_what_is_still_wrong(lead_client, proposal):
    said = {"version": "0", "baseline": "many", "unit": "days"}
    with clock.frozen((clock.now() + timedelta(days=1)).replace(hour=4, minute=42)):
        answer = lead_client.post(section_url(proposal, "measure"), said, **JSON)
    found = answer.json()
    assert (answer.status_code, found["version"], found["words"]) == (200, 1, "Saved at 10:42")
    assert found["wrong"] == {"id_baseline": ["“What is it today?”: enter a number, such as 14,500."]}
    assert Section.objects.get(key=SectionKey.MEASURE).answers["baseline"] == "many"


def test_autosave_of_a_stale_page_names_who_and_when_and_writes_nothing(lead_client, proposal, cast):
    save(proposal, cast["colleague"], 0, "Theirs")
    answer = lead_client.post(section_url(proposal), {"version": "0", "served": "Mine"}, **JSON)
    assert answer.status_code == 409
    assert answer.json()["clash"].startswith("Name of colleague saved this section at ")
    assert Section.objects.get(key=SectionKey.PEOPLE).answers["served"] == "Theirs"


def test_autosave_of_what_arrived_already_is_no_clash(lead_client, proposal):
    said = {"version": "0", "served": "Mine", "consulted": ""}
    versions = [lead_client.post(section_url(proposal), said, **JSON).json()["version"] for _ in range(2)]
    assert versions == [1, 1]


def test_autosave_after_withdrawal_says_why_not(lead_client, proposal, cast):
    perform(proposal, "withdraw", by=cast["lead"])
    answer = lead_client.post(section_url(proposal), {"version": "0", "served": "x"}, **JSON)
    assert (answer.status_code, answer.json()) == (410, {"refused": "Only a draft can be changed."})


def test_save_keeps_what_is_too_long_and_the_title_stays(lead_client, proposal):
    text = "x" * 4000
    answer = lead_client.post(section_url(proposal, "problem"), {"version": "1", "title": "y" * 200, "problem": text})
    assert answer.status_code == 400
    stored = Section.objects.get(key=SectionKey.PROBLEM).answers
    assert (stored["problem"], stored["title"]) == (text, "y" * 200)
    assert Proposal.objects.get().title == "One visit is enough"


def test_wrong_answers_are_shown_when_the_section_is_opened_again_and_break_no_page(lead_client, proposal):
    lead_client.post(section_url(proposal, "budget"), {"version": "0", "item_1": "Forms", "cost_1": "NaN"})
    lead_client.post(section_url(proposal, "measure"), {"version": "0", "stop_date": "soon"})
    assert (
        "“Cost of one of item 1”: enter a number, such as 14,500."
        in lead_client.get(section_url(proposal, "budget")).content.decode()
    )
    page = lead_client.get(reverse("proposal_check", args=[proposal.case])).content.decode()
    assert f'href="{section_url(proposal, "measure")}#id_stop_date"' in page
    assert "soon" in page
    assert "Something to correct" in lead_client.get(proposal.get_absolute_url()).content.decode()


def test_text_sent_after_being_signed_out_comes_back_after_signing_in(proposal, cast):
    client = ended(cast["lead"])
    typed = {"version": "0", "served": "Typed by hand", "consulted": "", "writer": cast["lead"].pk}
    sent = client.post(section_url(proposal), typed)
    assert sent.headers["Location"] == f"/account/login/?next={section_url(proposal)}"
    assert not Section.objects.filter(key=SectionKey.PEOPLE).exists()
    client.post(sent.headers["Location"], {"login": cast["lead"].email, "password": "a long test phrase"})
    page = client.get(section_url(proposal)).content.decode()
    assert "Typed by hand" in page
    assert "You were signed out before this text could be saved." in page
    client.post(section_url(proposal), {"version": "0", "served": "Typed by hand", "consulted": ""})
    assert Section.objects.get(key=SectionKey.PEOPLE).answers["served"] == "Typed by hand"
    assert "You were signed out" not in client.get(section_url(proposal)).content.decode()


def test_text_kept_for_the_writer_is_not_shown_to_a_stranger(proposal, cast):
    client = ended(cast["lead"])
    client.post(section_url(proposal), {"version": "0", "served": "Typed by hand"})
    client.force_login(cast["stranger"])
    assert client.get(section_url(proposal)).status_code == 404


def test_text_kept_for_the_writer_is_not_shown_to_a_colleague_on_the_same_phone(proposal, cast):
    client = ended(cast["lead"])
    typed = {"version": "0", "served": "Typed by hand", "consulted": "", "writer": cast["lead"].pk}
    sent = client.post(section_url(proposal), typed)
    colleague = {"login": cast["colleague"].email, "password": "a long test phrase"}
    client.post(sent.headers["Location"], colleague)
    page = client.get(section_url(proposal)).content.decode()
    assert "Typed by hand" not in page
    assert f'data-autosave="{cast["colleague"].pk}:{proposal.case}:people"' in page
    assert f'name="writer" value="{cast["colleague"].pk}"' in page


def test_autosave_after_being_signed_out_says_so(client, proposal):
    answer = client.post(section_url(proposal), {"version": "0", "served": "x"}, **JSON)
    assert (answer.status_code, answer.json()) == (401, {"signed_out": True})


@pytest.mark.parametrize(("choice", "expected"), [("mine", "Mine"), ("saved", "Theirs"), ("both", "Theirs\n\nMine")])
def test_clash_page_keeps_the_chosen_text(lead_client, proposal, cast, choice, expected):
    save(proposal, cast["colleague"], 0, "Theirs")
    page = lead_client.post(section_url(proposal), {"version": "0", "served": "Mine", "consulted": ""})
    assert 'name="take_served" value="both"' in page.content.decode()
    chosen = {"version": "1", "served": "Mine", "consulted": "", "take_served": choice}
    lead_client.post(section_url(proposal), chosen)
    assert Section.objects.get(key=SectionKey.PEOPLE).answers["served"] == expected


def test_clash_choice_does_not_overwrite_a_third_save(lead_client, proposal, cast):
    for version, text in ((0, "First"), (1, "Second")):
        save(proposal, cast["colleague"], version, text)
    chosen = {"version": "1", "served": "Mine", "consulted": "", "take_served": "both"}
    assert lead_client.post(section_url(proposal), chosen).status_code == 409
    lead_client.post(section_url(proposal), chosen | {"take_served": "saved"})
    assert Section.objects.get(key=SectionKey.PEOPLE).answers["served"] == "Second"


# History


def test_compare_goes_word_by_word_and_by_syllable():
    assert [(p.kind, p.text) for p in compare("one old form", "one new form")] == [
        ("same", "one "), ("removed", "old"), ("added", "new"), ("same", " form"),
    ]  # fmt: skip
    assert [p.kind for p in compare("བཀྲ་ཤིས་བདེ་ལེགས", "བཀྲ་ཤིས་ལེགས")] == ["same", "removed", "same"]


def test_compare_of_very_long_texts_shows_both_whole():
    assert [p.kind for p in compare("a " * 3000, "b " * 3000)] == ["removed", "added"]


def test_history_takes_the_saves_of_one_sitting_together(proposal, cast):
    now = clock.now()
    for version, (minutes, who) in enumerate([(0, "lead"), (5, "lead"), (9, "colleague"), (30, "lead"), (45, "lead")]):
        with clock.frozen(now + timedelta(minutes=minutes)):
            save(proposal, cast[who], version, f"text {version}")
    found = lines(proposal)
    assert [(line.who, line.entry.changes["served"]) for line in found] == [
        ("Name of lead", ("text 3", "text 4")), ("Name of lead", ("text 2", "text 3")),
        ("Name of colleague", ("text 1", "text 2")), ("Name of lead", ("", "text 1")),
    ]  # fmt: skip
    assert [line.restorable for line in found] == [False, True, True, True]


def test_restore_is_a_new_save_and_the_text_before_it_stays(lead_client, proposal, cast):
    save(proposal, cast["colleague"], 0, "Old text")
    save(proposal, cast["lead"], 1, "New text")
    url = reverse("section_history", args=[proposal.case, "people"])
    page = lead_client.get(url).content.decode()
    assert "[removed: </span>Old<" in page
    assert "[added: </span>New<" in page
    seq = lines(proposal)[1].entry.last.seq
    lead_client.post(url, {"restore": seq, "version": "2"})
    stored = Section.objects.get(key=SectionKey.PEOPLE)
    assert (stored.answers["served"], stored.version) == ("Old text", 3)
    assert [line.entry.last.after["served"] for line in lines(proposal)] == ["Old text", "New text", "Old text"]
    assert lines(proposal)[0].entry.last.note.startswith("Brought back the text of ")


def test_restore_from_a_stale_page_overwrites_nothing(lead_client, proposal, cast):
    save(proposal, cast["colleague"], 0, "Old text")
    save(proposal, cast["lead"], 1, "New text")
    seq = lines(proposal)[1].entry.last.seq
    save(proposal, cast["colleague"], 2, "Newest text")
    url = reverse("section_history", args=[proposal.case, "people"])
    answer = lead_client.post(url, {"restore": seq, "version": "2"}, follow=True)
    assert "Name of colleague saved this section in the meantime." in answer.content.decode()
    assert Section.objects.get(key=SectionKey.PEOPLE).answers["served"] == "Newest text"


def test_history_ends_where_retention_has_blanked_the_trail(proposal, cast):
    for version in range(3):
        with clock.frozen(clock.now() + timedelta(hours=version)):
            save(proposal, cast["lead"], version, f"text {version}")
    middle = lines(proposal)[1].entry.last.seq
    TrailPayload.objects.filter(entry__seq=middle).update(text="", blanked_at=clock.now())
    assert [line.entry.last.after["served"] for line in lines(proposal)] == ["text 2"]


def test_history_reads_what_was_saved_after_every_kind_of_edit(proposal, cast):
    """The text before an answer was emptied and before one was added is read back exactly."""
    texts = [("a", ""), ("", "b"), ("c", "b"), ("c", "")]
    for version, (served, consulted) in enumerate(texts):
        with clock.frozen(clock.now() + timedelta(hours=version)):
            save(proposal, cast["lead"], version, served, consulted)
    found = [(s["served"], s["consulted"]) for s in (line.entry.last.after for line in lines(proposal))]
    assert found == texts[::-1]


# Copying, deleting, undoing


def test_copy_carries_answers_and_agencies_and_names_the_source(complete, call, cast, agencies):
    ended = perform(complete, "withdraw", by=cast["lead"])
    made = drafting.start(by=cast["colleague"], title="Second try", call=call, source=ended)
    stored = {section.key: section.answers for section in made.sections.all()}
    expected = {key: section.answers for key, section in ((s.key, s) for s in complete.sections.all())}
    named = {"agency_1": "moh", "agency_2": "moh"}  # whose money it was while that agency led
    assert stored == expected | {
        "problem": expected["problem"] | {"title": "Second try"},
        "budget": expected["budget"] | named,
    }
    assert [(p.agency.code, p.days) for p in made.partners.order_by("agency__code")] == [("govtech", 4), ("moh", 6)]
    assert (made.copied_from, made.lead_agency, made.title) == (ended, agencies["digital"], "Second try")


@pytest.mark.parametrize("who", ["stranger", "exmember", "conflicted"])
def test_copy_by_others_is_refused(complete, call, cast, who):
    with pytest.raises(NotPossible, match="Only its own team"):
        drafting.start(by=cast[who], title="T", call=call, source=complete)
    assert Proposal.objects.count() == 1


def test_start_page_offers_own_proposals_only(client, complete, call, cast):
    url = reverse("proposal_start", args=[call.reference])
    for who, offered in (("colleague", True), ("stranger", False)):
        client.force_login(cast[who])
        assert (f'value="{complete.case}"' in client.get(url).content.decode()) is offered
    refused = client.post(url, {"title": "T", "source": complete.case})
    assert refused.status_code == 302  # a stranger's form has no such question
    assert Proposal.objects.get(title="T").copied_from is None


def test_deleted_draft_is_seen_by_its_lead_alone_and_comes_back(proposal, cast):
    gone = perform(proposal, "delete_draft", by=cast["lead"])
    assert [Proposal.objects.visible_to(cast[who]).count() for who in ("lead", "colleague", "auditor")] == [1, 0, 0]
    with pytest.raises(NotPossible, match="Only a draft"):
        save(gone, cast["lead"], 0, "x")
    assert perform(gone, "undelete", by=cast["lead"]).state == "draft"
    assert Proposal.objects.visible_to(cast["colleague"]).count() == 1


def test_deletion_can_be_undone_for_fourteen_days(proposal, cast, monkeypatch):
    gone = perform(proposal, "delete_draft", by=cast["lead"])
    with clock.frozen(gone.deleted_at + guards.UNDO):
        assert not Proposal.objects.visible_to(cast["lead"]).exists()
        with pytest.raises(NotPossible, match="time to undo"):
            perform(gone, "undelete", by=cast["lead"])
        object.__setattr__(guards.undo_in_time, "holds", lambda proposal: True)
        try:
            assert perform(gone, "undelete", by=cast["lead"]).state == "draft"
        finally:
            object.__setattr__(guards.undo_in_time, "holds", undo_holds)


undo_holds = guards.undo_in_time.holds


def test_delete_after_the_agencies_were_asked_is_refused(awaiting, cast):
    draft = perform(awaiting, "recall", by=cast["lead"])
    with pytest.raises(NotPossible, match="Withdraw it instead"):
        perform(draft, "delete_draft", by=cast["lead"])


def test_delete_by_a_member_is_refused(proposal, cast):
    with pytest.raises(NotPossible) as no:
        perform(proposal, "delete_draft", by=cast["colleague"])
    assert no.value.forbidden


def test_list_offers_the_undo(lead_client, proposal, cast):
    lead_client.post(reverse("act", args=["proposals.proposal", proposal.pk, "delete_draft"]))
    assert "Undo: bring the draft back" in lead_client.get(reverse("proposal_list")).content.decode()
    assert "One visit is enough" not in lead_client.get("/").content.decode()
    lead_client.post(reverse("act", args=["proposals.proposal", proposal.pk, "undelete"]))
    assert Proposal.objects.get().state == "draft"


# Checking the answers


def test_faults_name_every_field_that_is_missing(proposal):
    found = [(fault.key, fault.anchor) for fault in faults_in(proposal)]
    assert found[:3] == [("problem", "id_problem"), ("problem", "id_idea"), ("measure", "id_hypothesis")]
    assert len(found) == 20


def test_check_page_calls_an_optional_answer_not_provided(lead_client, complete):
    page = lead_client.get(reverse("proposal_check", args=[complete.case])).content.decode()
    assert "What is still missing" not in page


def test_task_list_says_who_changed_a_task_last(lead_client, proposal, cast):
    save(proposal, cast["colleague"], 0, "x")
    assert "Last changed by Name of colleague, " in lead_client.get(proposal.get_absolute_url()).content.decode()


# Agreements at stake


def test_section_asks_before_agreements_fall_and_names_them(lead_client, awaiting, cast):
    endorsing.agree(awaiting, by=cast["sponsor2"], version=1)
    page = lead_client.get(reverse("proposal_recall", args=[awaiting.case])).content.decode()
    assert "GovTech Agency (agreed by Name of sponsor2" in page
    assert "Ministry of Health (agreed" not in page
    draft = perform(stages.fresh(awaiting), "recall", by=cast["lead"])
    asked = lead_client.get(section_url(draft)).content.decode()
    assert "A change needs new agreement" in asked
    sure = lead_client.get(section_url(draft), {"sure": "yes"})
    assert "Who is served" in sure.content.decode()
    save(draft, cast["lead"], 1, "Something else")
    assert "Who is served" in lead_client.get(section_url(draft)).content.decode()


def test_payload_of_a_save_holds_what_changed_alone(proposal, cast):
    save(proposal, cast["lead"], 0, "a", "b")
    save(proposal, cast["lead"], 1, "a", "c")
    said = json.loads(TrailPayload.objects.order_by("-pk").first().text)
    assert said["changes"] == {"consulted": ["b", "c"]}
