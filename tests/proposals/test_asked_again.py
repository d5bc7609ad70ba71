"""An agency's no, or its silence, in the first check: no later answer of the team steps over it."""

import pytest
from django.urls import reverse

from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from people.models import Notification
from proposals.models import Endorsement, Proposal
from proposals.services import endorsing, information
from proposals.services import screening as checking

from .. import stages
from ..fund.paths import without
from ..remembering import remembered

MEASURE, TITLE = ("measure.method",), ("problem.title",)


def ask(proposal, cast, fields):
    return information.ask(proposal, by=cast["secretariat"], fields=fields, question="Please look again.", days=5)


def answer(proposal, cast, explanation="", **said):
    answers = {name.replace("_", "."): text for name, text in said.items()}
    return information.answer(proposal, by=cast["lead"], answers=answers, explanation=explanation)


@remembered
def disputed(screening, cast):
    """Version 2 changes the measure: one agency does not agree, the other is silent; every rule was met before."""
    checking.record_results(screening, by=cast["secretariat"], results=stages.MET)
    changed = answer(ask(screening, cast, MEASURE), cast, measure_method="Count for two months.")
    endorsing.give_back(changed, by=cast["sponsor"], note="Two months are too long.", version=2)
    return stages.fresh(changed)


def said(number):
    found = Endorsement.objects.filter(version__number=number)
    return sorted(found.values_list("answer", flat=True))


def test_change_of_the_title_alone_does_not_step_over_a_no(disputed, cast):
    done = answer(ask(disputed, cast, TITLE), cast, problem_title="Another name")
    assert (said(2), said(3)) == (["asked", "returned"], ["asked", "asked"])
    checking.record_results(done, by=cast["secretariat"], results=stages.MET)
    with pytest.raises(NotPossible, match="asked again"):
        perform(done, "find_eligible", by=cast["secretariat"])
    endorsing.agree(done, by=cast["sponsor"], version=3)
    assert explain(stages.fresh(done), "find_eligible") != []
    endorsing.agree(done, by=cast["sponsor2"], version=3)
    assert perform(stages.fresh(done), "find_eligible", by=cast["secretariat"]).state == "eligible"


def test_newer_version_that_nobody_was_asked_about_does_not_take_the_no_away(disputed, cast, monkeypatch):
    monkeypatch.setattr(information, "_ask_again", lambda *about: None)
    done = answer(ask(disputed, cast, TITLE), cast, problem_title="Another name")
    checking.record_results(done, by=cast["secretariat"], results=stages.MET)
    assert "asked again" in explain(done, "find_eligible")[0]
    without(monkeypatch, Proposal, "agreements_stand")
    assert perform(done, "find_eligible", by=cast["secretariat"]).state == "eligible"


def test_results_are_given_again_after_a_changed_text_and_stay_after_an_explanation(screening, cast):
    checking.record_results(screening, by=cast["secretariat"], results=stages.MET)
    kept = answer(ask(screening, cast, TITLE), cast, "It is so.")
    assert explain(kept, "find_eligible") == []
    changed = answer(ask(kept, cast, TITLE), cast, problem_title="Another name")
    assert explain(stages.fresh(changed), "find_eligible") == ["Every rule of the first check needs a result."]


def test_without_the_guard_of_results_nobody_would_check_the_newer_text(screening, cast, monkeypatch):
    checking.record_results(screening, by=cast["secretariat"], results=stages.MET)
    changed = answer(ask(screening, cast, TITLE), cast, problem_title="Another name")
    without(monkeypatch, Proposal, "every_rule_checked")
    assert perform(stages.fresh(changed), "find_eligible", by=cast["secretariat"]).state == "eligible"


def test_explanation_alone_is_put_to_the_agency_that_said_no(disputed, cast):
    done = answer(ask(disputed, cast, TITLE), cast, "One month misses the harvest.")
    assert (done.versions.count(), said(2)) == (2, ["asked", "asked"])
    told = Notification.objects.filter(body__contains="One month misses the harvest.", path__endswith="/endorse/")
    assert told.values_list("person__email", flat=True).get() == cast["sponsor"].email
    endorsing.agree(done, by=cast["sponsor"], version=2)
    endorsing.agree(done, by=cast["sponsor2"], version=2)
    assert (
        Notification.objects.filter(subject="Every agency has agreed to a change").get().person == cast["secretariat"]
    )
    assert not Notification.objects.filter(body__contains="You can submit it now", key__regex=r":2:\d+$").exists()


def test_agencies_can_answer_about_the_version_that_they_were_asked_about(client, disputed, cast):
    client.force_login(cast["sponsor2"])
    url = reverse("proposal_endorse", args=[disputed.case])
    assert "version 2" in client.get(url).content.decode()
    assert client.post(url, {"answer": "agree", "version": "2"}).status_code == 302
    assert said(2) == ["agreed", "returned"]


def test_head_can_end_the_check_on_an_agencys_no_and_the_team_reads_it(disputed, cast):
    checking.record_results(disputed, by=cast["secretariat"], results=stages.MET)
    ended = checking.confirm_ineligible(disputed, by=cast["head"], note="No agreement was found.")
    assert ended.state == "ineligible"
    told = Notification.objects.get(subject__startswith="Your proposal did not pass").body
    assert "does not agree to the change: Two months are too long." in told
