"""A practice call: the whole of judging on invented proposals, and no trace of it in any list or figure."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from evaluation.models import Review
from evaluation.services import decide
from fund.models import BudgetLine, Call, Grant, LedgerEntry, Subscription
from fund.models.call import CallQuerySet
from fund.services import call_setup, calls, subscriptions
from incentives.models import PointEvent
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import available, perform
from people.models import Notification, User
from proposals.models import Proposal
from proposals.models.visible import ProposalQuerySet
from proposals.practice_texts import INVENTED
from proposals.queries import late_decisions
from proposals.reading import groups_of
from proposals.sections import sections_of, stored_answers
from proposals.services import practising, screening, submitting
from proposals.services.information import ask

from .. import conftest, sparks, stages
from ..factories import make_call
from ..harness.matrix import MATRIX, world  # noqa: F401  (the fixture)
from ..harness.test_access import address, may
from ..proposals.test_questions import asking_call  # noqa: F401  (the fixture)
from ..remembering import remembered
from ..sizes import FULL_SIZE, once

READERS = ("lead", "secretariat", "auditor", "out_board", "maker", None)
if FULL_SIZE:
    READERS += ("out_reviewer", "hr", "sponsor", "head", "out_chair", "rcsc")
OWN = {"practices", "call_practice"}  # the pages about practice itself
PROBES = {"live", "ready"}  # what they say depends on the machine
LOGGED = {"person_file"}  # reading it is itself shown, on the person's own record
NARROWED = ("/calls/?q=a", "/calls/?state=over", "/proposals/?q=Practice", "/proposals/?state=submitted", "/?as=Team")
COUNTED = (BudgetLine, LedgerEntry, Grant, PointEvent, Notification, Subscription)
TOKEN = re.compile(r'name="(csrfmiddlewaretoken|begin|once)" value="[^"]+"')  # new in every answer


@remembered
def practice(funded_call, cast):
    return practising.make(funded_call, by=cast["secretariat"])


def first_of(call):
    return call.proposals.order_by("number").first()


def checked(proposal, cast):
    held = screening.claim(proposal, by=cast["secretariat"])
    screening.record_results(held, by=cast["secretariat"], results=stages.MET)
    return perform(held, "find_eligible", by=cast["secretariat"])


def judged(call, cast, panel):
    """Take every proposal but the last of the practice to its decision."""
    for proposal in call.proposals.order_by("number")[: len(INVENTED) - 1]:
        pending = stages.judge(checked(proposal, cast), cast, panel["reviewers"])
        pending = stages.to_board(pending, cast, panel["chair"])
        decide.approve(stages.votes(pending, panel["board"][:3], *["approve"] * 3), by=panel["board"][0])


def figures(cast, world, readers=READERS):  # noqa: F811
    """Return (who, page) -> the page without its tokens, and the rows that money and people are counted from."""
    found = {}
    for name in readers:
        client = Client()
        if name:
            client.force_login(cast[name])
        pages = [
            (n, address(n, world))
            for n, access in MATRIX.items()
            if access.get and n not in OWN | LOGGED | PROBES and may(n, name)
        ]
        for page, path in [*pages, *((path, path) for path in (NARROWED if name else NARROWED[:2]))]:
            text = client.get(path, follow=True).content.decode(errors="replace")
            found[name, page] = TOKEN.sub("", text)
    rows = {model: sorted(map(repr, model._base_manager.values_list())) for model in COUNTED}
    rows[User] = sorted(User.objects.values_list("pk", flat=True))  # signing in changes the rest
    return found | rows


@once
def test_no_page_and_no_figure_is_changed_by_a_practice(world, cast, panel, funded_call, monkeypatch):  # noqa: F811
    call = Call.objects.get(reference=world["open_call"])
    with clock.frozen(clock.now()):
        before = figures(cast, world)
        made = practising.make(call, by=cast["secretariat"])
        practising.make(Call.objects.get(reference=world["spark_call"]), by=cast["secretariat"])
        judged(made, cast, panel)
        assert subscriptions.tell_of_opened() == submitting.lapse_late() == 0
        assert changed(before, figures(cast, world)) == []
        perform(Call.objects.get(pk=made.pk), "close_practice", by=cast["secretariat"])
        submitting.lapse_late()
        assert changed(before, figures(cast, world)) == []
        monkeypatch.setattr(ProposalQuerySet, "of_practice", lambda self, practice: self)
        few = ("secretariat", "auditor", None)
        seen = changed(before, figures(cast, world, few))
        assert {("secretariat", "home"), ("auditor", "proposal_list")} <= set(seen)
        monkeypatch.setattr(CallQuerySet, "real", lambda self: self)
        assert (None, "call_list") in changed(before, figures(cast, world, few))


def changed(before, after):
    return [key for key in after if before[key] != after[key]]


def test_practice_has_whole_invented_proposals_with_the_rules_of_its_call(practice, funded_call, cast):
    assert (practice.state, practice.reference, practice.practice_of) == ("judging", "practice-1", funded_call)
    assert list(practice.criteria.values_list("name", "weight")) == list(
        funded_call.criteria.values_list("name", "weight")
    )
    found = list(practice.proposals.order_by("number"))
    assert [p.title for p in found] == [text.title for text in INVENTED]
    for proposal in found:
        stored = stored_answers(proposal)
        assert [s.key for s in sections_of(proposal) if s.needed and s.problems(stored.get(s.key, {}))] == []
        assert (proposal.state, proposal.answer_by, proposal.members.count()) == ("submitted", None, 0)
        assert proposal.versions.get().facts["requested"] <= practice.ceiling
        assert proposal.title.startswith("Practice: ")
    assert not late_decisions(cast["board"]).exists()


def test_own_questions_of_the_call_are_answered_in_their_kind(asking_call, cast):  # noqa: F811
    proposal = first_of(practising.make(asking_call, by=cast["secretariat"]))
    assert {s.key: s.problems(stored_answers(proposal).get(s.key, {})) for s in sections_of(proposal) if s.needed} == {
        s.key: [] for s in sections_of(proposal) if s.needed
    }
    assert groups_of(proposal.versions.get().facts)[-1].title == "Questions of this call"


def test_question_for_a_file_is_answered_by_an_invented_file(cast, line, client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    call = make_call(cast["secretariat"], budget_line=line)
    for text in ("The plan", "The map"):
        values = {"text": text, "kind": "file", "required": True, "limit": 500, "choices": [], "columns": []}
        call_setup.save_question(call, by=cast["secretariat"], question=None, values=values)
    proposal = first_of(practising.make(call, by=cast["secretariat"]))
    told = str(proposal.versions.get().facts)
    assert ("practice-1.txt" in told, "practice-2.txt" in told) == (True, True)
    assert proposal.attachments.count() == 2
    client.force_login(cast["secretariat"])
    assert client.get(proposal.attachments.first().get_absolute_url()).status_code == 200


def test_run_sheet_of_a_practice_leads_to_where_its_proposals_are(practice, cast, client):
    client.force_login(cast["secretariat"])
    page = client.get(reverse("run_sheet", args=[practice.reference])).content.decode()
    assert f'href="{reverse("practices")}">First checks to finish</a>' in page
    listed = client.get(reverse("practices")).content.decode()
    assert first_of(practice).get_absolute_url() in listed


def test_every_page_of_a_practice_says_so(practice, cast, panel, client):
    proposal = stages.assign(checked(first_of(practice), cast), cast, panel["reviewers"])
    review = Review.objects.get(proposal=proposal, reviewer=panel["reviewers"][0])
    pages = {
        "secretariat": [
            practice.get_absolute_url(), reverse("panel", args=[practice.reference]), proposal.get_absolute_url(),
            reverse("run_sheet", args=[practice.reference]), reverse("assign_reviewers", args=[proposal.case]),
            reverse("call_people", args=[practice.reference]), reverse("call_questions", args=[practice.reference]),
            reverse("moderation_queue", args=[practice.reference]),
            reverse("moderation_notes", args=[proposal.case]), reverse("feedback", args=[proposal.case]),
        ],
        "out_reviewer": [
            review.get_absolute_url(), reverse("review_history", args=[review.pk]), proposal.get_absolute_url(),
        ],
    }  # fmt: skip
    people = cast | {"out_reviewer": panel["reviewers"][0]}
    for name, paths in pages.items():
        client.force_login(people[name])
        for path in paths:
            answer = client.get(path)
            assert (answer.status_code, "This is a practice." in answer.content.decode()) == (200, True), path
    client.force_login(people["out_reviewer"])
    assert f"Review “{INVENTED[0].title}”" in client.get(reverse("practices")).content.decode()
    assert not Notification.objects.filter(person=people["out_reviewer"]).exists()


def test_practice_is_taken_to_its_decision_and_no_further(practice, cast, panel):
    money = list(LedgerEntry.objects.values_list())
    judged(practice, cast, panel)
    proposal = first_of(practice)
    assert (proposal.state, proposal.decisions.get().amount) == ("approved", proposal.versions.get().facts["requested"])
    assert list(LedgerEntry.objects.values_list()) == money
    assert "offer" not in [action.name for action in available(proposal, cast["secretariat"])]
    with pytest.raises(NotPossible, match="practice ends with the decisions"):
        from evaluation.services import release

        release.release(proposal, by=cast["secretariat"])


def test_small_idea_is_practised_to_its_decision(cast, line, panel):
    sparks.set_limit(panel["board"])
    made = practising.make(sparks.spark_call(cast, line), by=cast["secretariat"])
    proposal = sparks.judged(first_of(made), cast["secretariat"], panel["reviewers"][:2])
    assert sparks.approved(proposal, panel["board"]).state == "approved"
    assert not Grant.objects.exists()
    assert not LedgerEntry.objects.filter(case=proposal.case).exists()


def test_invented_team_is_asked_nothing(practice, cast):
    held = screening.claim(first_of(practice), by=cast["secretariat"])
    with pytest.raises(NotPossible, match="invented"):
        ask(held, by=cast["secretariat"], fields=("people.served",), question="How many?", days=5)


@pytest.mark.parametrize("name", ["head", "lead", "board"])
def test_only_the_secretariat_makes_a_practice(name, funded_call, cast):
    with pytest.raises(NotPossible):
        practising.make(funded_call, by=cast[name])
    assert not Call.objects.exclude(practice_of=None).exists()


def test_practice_of_a_practice_and_of_an_unfinished_call_is_refused(practice, cast, line):
    with pytest.raises(NotPossible, match="practice call itself"):
        practising.make(practice, by=cast["secretariat"])
    empty = calls.start_call(by=cast["secretariat"], reference="empty", title="x", stage="explore", kind="dated")
    with pytest.raises(NotPossible, match="budget line"):
        practising.make(empty, by=cast["secretariat"])


def test_real_call_never_takes_an_invented_proposal_and_never_becomes_a_practice(funded_call, practice, cast):
    real = conftest.new_proposal(funded_call, cast)
    from people.services.accounts import system_user

    with pytest.raises(NotPossible, match="Only a practice call"):
        practising.invent(real, by=system_user(), number=9)
    for pk, value in ((funded_call.pk, practice.pk), (practice.pk, None)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Call.objects.filter(pk=pk).update(practice_of=value)
    assert {action.name for action in available(funded_call, cast["secretariat"])}.isdisjoint(
        {"begin_practice", "close_practice"}
    )


def test_others_do_not_find_a_practice(practice, cast, client):
    for name in ("lead", "sponsor", "hr", "maker", None):
        if name:
            client.force_login(cast[name])
        assert client.get(practice.get_absolute_url()).status_code == 404, name
        if name:
            assert client.get(reverse("practices")).status_code == 404, name


def test_closed_practice_leaves_its_list(practice, cast, client):
    client.force_login(cast["secretariat"])
    assert "practice-1" in client.get(reverse("practices")).content.decode()
    perform(practice, "close_practice", by=cast["secretariat"])
    assert "practice-1" not in client.get(reverse("practices")).content.decode()
    submitting.lapse_late()
    assert set(Proposal.objects.filter(call=practice).values_list("state", flat=True)) == {"lapsed"}


def test_secretariat_makes_one_by_a_button(funded_call, cast, client):
    client.force_login(cast["secretariat"])
    page = reverse("call_practice", args=[funded_call.reference])
    assert page in client.get(funded_call.get_absolute_url()).content.decode()
    assert "Make a practice call" in client.get(page).content.decode()
    assert client.post(page).url == reverse("practices")
    assert f"Take the first check of “{INVENTED[0].title}”" in client.get(reverse("practices")).content.decode()
    assert "practice-1" in client.get(page).content.decode()


def test_reviewer_who_withdraws_from_a_practice_sends_no_message(practice, cast, panel):
    proposal = stages.assign(checked(first_of(practice), cast), cast, panel["reviewers"])
    before = Notification.objects.count()
    perform(proposal.reviews.first(), "abstain", by=panel["reviewers"][0], note="Only trying")
    assert Notification.objects.count() == before
