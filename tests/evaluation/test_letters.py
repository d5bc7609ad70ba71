"""Letters: written with the release, without names, raw review text or hours; readable as a page and as a PDF."""

import re
from io import BytesIO

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from documents.models import StoredFile
from documents.services import read_file
from evaluation import letters as texts
from evaluation.enums import Choice
from evaluation.feedback import Released
from evaluation.letters import about_decision, deciding_votes
from evaluation.models import Decision, Letter, RankingRun, Review, Score, Vote
from evaluation.services import appeals, decide
from evaluation.services import panel as consensus
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.models import Job
from lifecycle.performing import available, perform
from people.models import Notification, User
from people.services.accounts import system_user
from people.services.grants import end_role

from .. import sparks, stages
from ..conftest import new_proposal
from .appeals import assigned, decline, make_letters, officer, refuse, refused

__all__ = ["officer", "refused"]
YES, NO = Choice.APPROVE, Choice.DECLINE
DZONGKHA = "སྐལ་བཟང་རྡོ་རྗེ"


def text_of(letter):
    said = letter.said
    return "\n".join([said["title"], *(w for p in said["parts"] for w in (p["title"], *p["lines"], *p["items"]))])


def get(person, name, *args):
    client = Client()
    client.force_login(person)
    return client.get(reverse(name, args=args))


@pytest.fixture
def canaries(pending, panel, cast):
    """Raw words where nothing of them may come into a letter."""
    Review.objects.update(strength="Canarystrength", weakness="Canaryweakness", change="Canarychange")
    Score.objects.update(reason="Canaryscore")
    User.objects.filter(pk=panel["board"][0].pk).update(full_name="Canarymember")
    return pending


def test_letter_gives_decision_reasons_place_money_and_the_way_to_an_appeal(refused):
    words = text_of(Letter.objects.get())
    for part in (
        "decided not to fund “One visit is enough” this time", "No money is set aside", "Too dear.", "Too early.",
        "Too small.", "It was ranked alone", "An appeal harms nobody", "You need not do anything",
        f"until {texts.in_words(texts.last_day(refused.released_at))}, 30 days from the day of this letter",
    ):  # fmt: skip
        assert part in words, part


def test_letter_of_one_that_is_funded_names_the_money_and_the_last_day_to_sign(pending, panel, cast):
    approved = decide.approve(stages.votes(pending, panel["board"][:3], YES, YES, YES), by=panel["board"][0])
    stages.tell(approved, cast, panel["chair"])
    words = text_of(Letter.objects.get())
    assert "Nu. 399,999.99 is set aside" in words
    assert "Released by the chair of the panel" in words
    assert re.search(r"sign the agreement by \d+ \w+ 20\d\d", words)
    assert "no appeal against a decision to fund" in words
    assert Notification.objects.filter(person=cast["lead"], subject__contains="is to be funded").count() == 1


def test_place_is_said_among_all_that_were_ranked(funded_call, cast, panel):
    made = [stages.check(new_proposal(funded_call, cast, f"No {number}"), cast) for number in (1, 2)]
    for proposal, halves in zip(made, (8, 6), strict=True):
        stages.judge(proposal, cast, panel["reviewers"], (halves,) * 3)
    stages.ranking.run(stages.fresh(made[0]), by=cast["secretariat"])
    for proposal in made:
        row = perform(stages.fresh(proposal), "not_recommend", by=panel["chair"], note="No.")
        decline(perform(row, "bring_to_board", by=cast["secretariat"]), panel)
    stages.tell(stages.fresh(made[0]), cast, panel["chair"])
    assert "Place 2 of 2 in the official ranking" in text_of(Letter.objects.get(proposal=made[1]))
    assert "It did not reach the least" in text_of(Letter.objects.get(proposal=made[1]))
    run = RankingRun.objects.get()
    for proposal in made:
        (row,) = (row for row in run.said["advice"]["proposals"] if row["id"] == proposal.reference)
        said = text_of(Letter.objects.get(proposal=proposal))
        assert f"The mean of its 3 reviews is {texts.percent(row['raw_mean'])}" in said
        assert f"the estimate is {texts.percent(row['merit'])}" in said
        assert f"The money pays for {run.said['advice']['places']} place" in said
        assert f"at about place {row['expected_rank']:.0f}: in half of all cases" in said
        low, high = (f"{row[key]:.0f}" for key in ("rank_q05", "rank_q95"))
        assert f"in nine of ten {'at ' + low if low == high else f'between {low} and {high}'}." in said


def test_likely_place_is_not_invented_where_a_run_has_no_figures(funded_call, cast, panel, eligible):
    stages.ranking.run(stages.judge(eligible, cast, panel["reviewers"]), by=cast["secretariat"])
    assert texts.likely_place(RankingRun.objects.get(), "another") == ()


def test_only_reasons_that_carried_the_decision_by_the_alphabet_and_without_names(canaries, panel, cast, monkeypatch):
    monkeypatch.setattr(texts, "released_feedback", lambda proposal: None)
    choices = [(NO, "Zebra."), (YES, "Canarydissent."), (NO, "Apple."), (NO, "Mango.")]
    for member, (choice, reason) in zip(panel["board"], choices, strict=True):
        decide.vote(canaries, by=member, choice=choice, reason=reason)
    stages.tell(decide.decline(stages.fresh(canaries), by=panel["board"][0]), cast, panel["chair"])
    letter = Letter.objects.get()
    board = next(p for p in letter.said["parts"] if p["title"] == "The board's reasons")
    assert board["items"] == ["Apple.", "Mango.", "Zebra."]
    names = User.objects.values_list("full_name", "email", "employee_number")
    assert [name for row in names for name in row if name and name in letter.content] == []
    assert "Canary" not in letter.content


def test_votes_of_who_no_longer_might_and_of_an_earlier_sitting_give_no_reasons(pending, panel):
    decision = Decision.objects.get(proposal=decline(pending, panel))
    assert len(deciding_votes(decision)) == 3
    gone = panel["board"][0]
    end_role(gone.role_grants.get(), by=system_user(), reason="left")
    assert len(deciding_votes(decision)) == 3  # left after the decision
    type(gone.role_grants.get()).objects.filter(person=gone).update(until=decision.at)
    assert len(deciding_votes(decision)) == 2
    Vote.objects.filter(member=panel["board"][1]).update(sitting=2)
    assert [vote.member for vote in deciding_votes(decision)] == [panel["board"][1]]


def test_second_tie_is_explained(pending, panel, cast):
    tied = stages.votes(pending, panel["board"], YES, YES, NO, NO)
    again = stages.put_off(tied, panel["board"][0], cast["secretariat"])
    done = decide.decline(stages.votes(again, panel["board"], YES, YES, NO, NO), by=panel["board"][0])
    stages.tell(done, cast, panel["chair"])
    assert "The votes were equal for a second time" in text_of(Letter.objects.get())


def test_text_of_reviews_that_nobody_released_never_enters_a_letter(canaries, panel, cast, monkeypatch):
    monkeypatch.setattr(texts, "released_feedback", lambda proposal: None)
    refuse(canaries, panel, cast)
    make_letters()
    letter = Letter.objects.get()
    assert "No reasons of the reviewers were released" in letter.content
    assert "Canary" not in letter.content
    assert "Canary" not in words_of(read_file(letter.file))


def test_what_the_chair_released_stands_in_the_letter_and_nothing_else(canaries, panel, cast, monkeypatch):
    criteria = list(canaries.call.criteria.all())
    found = Released(
        [(criteria[0], ["The need is shown."]), (criteria[1], [])], "Clear.", "Small.", "Ask drivers.", panel["chair"],
        clock.now(),
    )  # fmt: skip
    monkeypatch.setattr(texts, "released_feedback", lambda proposal: found)
    refuse(canaries, panel, cast)
    words = text_of(Letter.objects.get())
    for part in ("One strength: Clear.", "One thing to change: Ask drivers.", "The need is shown.", criteria[0].name):
        assert part in words
    assert criteria[1].name not in words
    assert panel["chair"].full_name not in words
    assert "Canary" not in words


def test_lines_of_a_lottery_receipt_stand_in_a_part_of_their_own(refused):
    decision = Decision.objects.get()
    titles = [part["title"] for part in about_decision(refused, decision)["parts"]]
    with_lots = about_decision(refused, decision, lots=["Number 7", "Drawn third"])["parts"]
    assert "How the lot fell" not in titles
    assert next(p["items"] for p in with_lots if p["title"] == "How the lot fell") == ["Number 7", "Drawn third"]


def test_nothing_of_a_letter_exists_before_the_release(pending, panel, cast):
    def pages():
        found = [get(cast["lead"], name, pending.case).content for name in ("letters", "proposal_detail")]
        return [re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", page) for page in found]

    before = pages()
    decline(pending, panel)
    assert pages() == before
    assert not Letter.objects.exists()
    assert not Job.objects.filter(name="evaluation.make_letter").exists()
    assert not StoredFile.objects.filter(kind="letter").exists()
    assert not Notification.objects.filter(subject__contains="did not fund").exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [("lead", 200), ("colleague", 200), ("sponsor", 200), ("sponsor2", 200), ("secretariat", 200), ("auditor", 200),
     ("conflicted", 404), ("exmember", 404), ("stranger", 404), ("board", 404), ("appeals", 404)],
)  # fmt: skip
def test_letter_is_read_by_the_team_and_the_office_and_by_nobody_else(refused, cast, who, status):
    make_letters()
    letter = Letter.objects.get()
    names = (("letters",), ("letter", letter.pk), ("letter_pdf", letter.pk))
    assert [get(cast[who], name, refused.case, *pk).status_code for name, *pk in names] == [status] * 3


def test_reviewers_chair_and_board_have_no_part_in_the_letter(refused, panel):
    for person in (panel["reviewers"][0], panel["chair"], panel["board"][0]):
        assert get(person, "letters", refused.case).status_code == 404


def test_letter_of_another_proposal_is_not_found_under_this_one(refused, cast, funded_call):
    other = stages.submit(new_proposal(funded_call, cast, "Other"), cast)
    letter = Letter.objects.get()
    assert get(cast["lead"], "letter", other.case, letter.pk).status_code == 404
    assert get(cast["lead"], "letter_pdf", other.case, letter.pk).status_code == 404


def words_of(content):
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def test_pdf_is_tagged_keeps_dzongkha_and_says_who_wrote_nothing(pending, panel, cast):
    refuse_with = decline(pending, panel, reasons=(DZONGKHA, DZONGKHA, "<b>Bold</b> & plain"))
    stages.tell(refuse_with, cast, panel["chair"])
    letter = Letter.objects.get()
    assert b"is being made" in get(cast["lead"], "letter_pdf", pending.case, letter.pk).content
    make_letters()
    answer = get(cast["lead"], "letter_pdf", pending.case, letter.pk)
    assert answer.headers["Content-Type"] == "application/pdf"
    words = words_of(answer.content)
    assert DZONGKHA in re.sub(r"\s", "", words)
    assert "<b>Bold</b> & plain" in words
    with pikepdf.open(BytesIO(answer.content)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root
        assert "/Author" not in pdf.docinfo
        assert b"creator>" not in pdf.Root.Metadata.read_bytes()


def test_page_and_pdf_say_the_same(refused, cast):
    make_letters()
    letter = Letter.objects.get()
    page = get(cast["lead"], "letter", refused.case, letter.pk).content.decode()
    plain = re.sub(r"\s", "", words_of(read_file(letter.file)))
    for part in letter.said["parts"]:
        for words in (part["title"], *part["lines"], *part["items"]):
            assert re.sub(r"\s", "", words) in plain, words
            assert words.replace("'", "&#x27;") in page, words


def test_team_reads_no_hours_and_no_names_of_the_judging_after_the_release(pending, panel, cast):
    refuse(pending, panel, cast)
    page = get(cast["lead"], "proposal_detail", pending.case).content.decode()
    people = [panel["chair"], *panel["board"], *panel["reviewers"]]
    assert [person.full_name for person in people if person.full_name in page] == []
    assert [word for word in ("ranked the call", "voted", "declined it") if word in page] == []
    assert "released the result" in page


def test_reason_of_an_agreed_score_is_not_read_by_the_team_after_the_release(eligible, panel, cast):
    closed = stages.judge(eligible, cast, panel["reviewers"], scores=(8, 8, [4, 8, 8, 8, 8]))
    talked = perform(closed, "moderate", by=panel["chair"])
    first = talked.call.criteria.first()
    consensus.settle(talked, by=panel["chair"], criterion=first.pk, halves=7, reason="Canaryconsensus")
    refuse(stages.to_board(stages.fresh(talked), cast, panel["chair"]), panel, cast)
    assert "Canaryconsensus" not in get(cast["lead"], "proposal_detail", talked.case).content.decode()
    assert "Canaryconsensus" in get(cast["secretariat"], "proposal_detail", talked.case).content.decode()


def test_page_of_letters_says_what_is_true_where_there_is_none(eligible, cast, line, panel):
    def page(proposal):
        return get(cast["lead"], "letters", proposal.case).content.decode()

    coming = "It comes with the decision, on one day for the whole call."
    assert coming in page(eligible)
    idea = sparks.sent(sparks.spark_call(cast, line), cast["lead"])
    for proposal, words in (
        (idea, "A small idea has no letter"),
        (perform(eligible, "withdraw", by=cast["lead"]), "was withdrawn"),
    ):
        assert words in page(proposal)
        assert coming not in page(proposal)


def test_small_idea_has_no_letter_because_it_was_told_at_once_with_its_one_reason(cast, line, panel):
    call = sparks.spark_call(cast, line)
    sparks.set_limit(panel["board"])
    pending = sparks.judged(sparks.sent(call, cast["lead"]), cast["secretariat"], panel["reviewers"][:2])
    sparks.approved(pending, panel["board"])
    assert not Letter.objects.exists()


def test_new_letter_says_what_it_takes_the_place_of_and_the_old_one_stays(refused, panel, cast, officer):
    old = Letter.objects.get()
    before = old.content
    appeals.uphold(assigned(refused, cast, officer), by=officer, note="The baseline is there.")
    outcome = Letter.objects.get(appeal__isnull=False)
    assert "Your appeal is upheld" in outcome.content
    assert "The baseline is there." in outcome.content
    assert officer.full_name not in outcome.content
    page = get(cast["lead"], "proposal_detail", refused.case).content.decode()
    assert "An appeal was upheld, so it is being judged again" in page
    decide.approve(stages.votes(stages.fresh(refused), panel["board"][:3], YES, YES, YES), by=panel["board"][0])
    assert Letter.objects.count() == 2
    stages.tell(stages.fresh(refused), cast, panel["chair"])
    newest = Letter.objects.last()
    assert "It takes the place of the decision of" in newest.content
    old.refresh_from_db()
    assert old.content == before
    assert newest.decision.replaces == old.decision


@pytest.mark.parametrize(("end", "title"), [("uphold_partly", "right in part"), ("dismiss", "is not upheld")])
def test_each_end_of_an_appeal_has_its_letter(refused, cast, officer, end, title):
    getattr(appeals, end)(assigned(refused, cast, officer), by=officer, note="First line.\nSecond line.")
    letter = Letter.objects.last()
    assert title in str(letter)
    assert "First line." in letter.said["parts"][1]["lines"]
    told = Notification.objects.filter(person__in=[cast["lead"], cast["colleague"]], subject__contains=str(letter))
    assert told.count() == 2


def test_refused_team_can_withdraw_until_it_is_told_and_no_longer(pending, panel, cast):
    """The button of a refusal that nobody was told stays: else it would tell the result by going away."""
    declined = decline(pending, panel)
    assert "withdraw" in [action.name for action in available(declined, cast["lead"])]
    told = stages.tell(declined, cast, panel["chair"])
    assert "withdraw" not in [action.name for action in available(told, cast["lead"])]
    with pytest.raises(NotPossible, match="told already"):
        perform(told, "withdraw", by=cast["lead"])
