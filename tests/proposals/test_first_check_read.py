"""What team, agencies and officer read around the first check, and the mistakes of an answer beside their field."""

import pytest
from django.urls import reverse

from lifecycle.performing import perform
from people.queries import role_names
from proposals import queries
from proposals.differing import differences
from proposals.enums import EligibilityRule
from proposals.services import endorsing, information, sparking
from proposals.services import screening as checking

from .. import sparks, stages
from .test_asked_again import answer, ask, disputed  # noqa: F401 - the last is a fixture

NOT_MET = stages.MET | {EligibilityRule.PURPOSE: (False, "It buys a car.")}


def text(client, person, url):
    client.force_login(person)
    return client.get(url).content.decode()


def test_team_and_agencies_read_a_not_met_only_after_the_second_person(client, screening, cast):
    checking.record_results(screening, by=cast["secretariat"], results=NOT_MET)
    url = screening.get_absolute_url()
    for name in ("lead", "colleague", "sponsor"):
        assert [word for word in ("It buys a car.", "Not met") if word in text(client, cast[name], url)] == []
    for name in ("secretariat", "head"):
        assert "It buys a car." in text(client, cast[name], url)
    assert "read a result only when the check is passed" in text(client, cast["secretariat"], f"{url}first-check/")
    checking.confirm_ineligible(screening, by=cast["head"], note="So it is.")
    for name in ("lead", "sponsor"):
        assert "It buys a car." in text(client, cast[name], url)


def test_not_met_of_one_person_is_not_read_after_a_withdrawal_and_met_is_read_once_passed(client, screening, cast):
    checking.record_results(screening, by=cast["secretariat"], results=stages.MET)
    assert "Met</dd>" not in text(client, cast["lead"], screening.get_absolute_url())
    passed = perform(screening, "find_eligible", by=cast["secretariat"])
    assert "Met</dd>" in text(client, cast["lead"], passed.get_absolute_url())


def test_withdrawn_with_an_unconfirmed_result_hides_it(client, screening, cast):
    checking.record_results(screening, by=cast["secretariat"], results=NOT_MET)
    perform(screening, "withdraw", by=cast["lead"])
    assert "It buys a car." not in text(client, cast["lead"], screening.get_absolute_url())


def test_small_ideas_applicant_reads_no_unconfirmed_result(client, cast, line):
    idea = sparks.draft(sparks.spark_call(cast, line), cast["lead"])
    sparking.name_approver(idea, by=cast["lead"], approver=cast["sponsor"])
    held = checking.claim(sparks.submitting.send(sparks.fresh(idea), by=cast["lead"]), by=cast["secretariat"])
    met = dict.fromkeys(sparks.SMALL_RULES, (True, "")) | {EligibilityRule.PURPOSE: (False, "It buys a car.")}
    checking.record_results(held, by=cast["secretariat"], results=met)
    for name in ("lead", "sponsor"):
        assert "It buys a car." not in text(client, cast[name], held.get_absolute_url())


def test_officer_sees_the_no_with_its_reason_and_both_ways_on(client, disputed, cast):  # noqa: F811
    page = text(client, cast["secretariat"], reverse("proposal_first_check", args=[disputed.case]))
    wanted = (
        "does not agree to the change", "Two months are too long.", "Open answers for the team again",
        "Asked again after the change, no answer yet", "each rule needs a new one", ": met",
    )  # fmt: skip
    assert [word for word in wanted if word not in page] == []


def test_team_and_approver_read_what_happens_next(client, disputed, cast):  # noqa: F811
    for name in ("lead", "sponsor"):
        page = text(client, cast[name], disputed.get_absolute_url())
        assert ("opens answers for the team again" in page, "Returned to the team" in page) == (True, False)


def test_approver_who_says_no_in_the_check_reads_what_follows(client, screening, cast):
    changed = answer(ask(screening, cast, ("measure.method",)), cast, measure_method="Count for two months.")
    client.force_login(cast["sponsor"])
    said = {"answer": "return", "reason": "Too long.", "version": "2"}
    page = client.post(reverse("proposal_endorse", args=[changed.case]), said, follow=True).content.decode()
    assert "Your no is with the secretariat and the team" in page


def test_head_finds_the_no_under_my_work(disputed, cast):  # noqa: F811
    rows = queries.waiting_for(cast["head"], role_names(cast["head"]))
    assert [row.what for row in rows if "does not agree to the change" in row.what] != []


def test_recalled_returned_or_withdrawn_nothing_is_said_to_be_asked(client, awaiting, cast):
    url = awaiting.get_absolute_url()
    assert "Answer by" in text(client, cast["lead"], url)
    perform(awaiting, "recall", by=cast["lead"])
    page = text(client, cast["lead"], url)
    assert ("Answer by" in page, "Asked, no answer yet" in page, "No longer asked" in page) == (False, False, True)
    again = endorsing.ask(stages.fresh(awaiting), by=cast["lead"])
    endorsing.give_back(again, by=cast["sponsor"], note="Not yet.", version=1)
    page = text(client, cast["lead"], url)
    assert ("Answer by" in page, "Returned to the team" in page) == (False, True)
    perform(stages.fresh(awaiting), "withdraw", by=cast["lead"])
    page = text(client, cast["lead"], url)
    assert ("Answer by" in page, "No longer asked" in page) == (False, True)


def test_withdrawn_small_idea_asks_nobody(client, cast, line):
    idea = sparks.draft(sparks.spark_call(cast, line), cast["lead"])
    sent = sparks.submitting.send(idea, by=cast["lead"])
    perform(sent, "withdraw", by=cast["lead"])
    page = text(client, cast["lead"], sent.get_absolute_url())
    assert ("Answer by" in page, "No longer asked" in page) == (False, True)


@pytest.mark.parametrize("name", ["proposal_partners", "proposal_outside_add", "proposal_data_add", "proposal_team"])
def test_pages_of_the_long_form_do_not_exist_for_a_small_idea(client, cast, line, name):
    idea = sparks.draft(sparks.spark_call(cast, line), cast["lead"])
    client.force_login(cast["lead"])
    url = reverse(name, args=[idea.case])
    assert (client.get(url).status_code, client.post(url, {"who": "x"}).status_code) == (404, 404)


def test_changed_title_is_told_once(screening, cast):
    done = answer(ask(screening, cast, ("problem.title",)), cast, problem_title="Another name")
    old, new = done.versions.all()
    assert [(row.before, row.after) for row in differences(old.facts, new.facts)] == [
        (old.facts["title"], "Another name")
    ]


@pytest.mark.parametrize(
    ("opened", "said", "words"),
    [
        ("measure.target", "3.4", "You said that lower is better; the target must be lower than what it is today."),
        ("measure.target_date", "2020-01-01", "The work cannot begin before that."),
        ("people.served", "", "Answer “Who is served, and how many?”."),
    ],
)
def test_mistake_against_the_rest_of_the_section_stands_beside_its_field(
    client, screening, cast, opened, said, words
):  # fmt: skip
    ask(screening, cast, (opened,))
    client.force_login(cast["lead"])
    answer = client.post(reverse("info_answer", args=[screening.case]), {opened: said, "explanation": "x"})
    page = answer.content.decode()
    assert (answer.status_code, words in page, "Check your answers" in page) == (400, True, False)
    assert f'id="id_{opened}-error"' in page or f'id="id_{opened}_error"' in page


def test_mistake_at_a_closed_answer_says_so(client, screening, cast):
    ask(screening, cast, ("measure.direction",))
    client.force_login(cast["lead"])
    url = reverse("info_answer", args=[screening.case])
    page = client.post(url, {"measure.direction": "higher", "explanation": ""}).content.decode()
    assert "the target must be higher than what it is today. This answer is not opened." in page
    assert information.open_request(stages.fresh(screening)) is not None
