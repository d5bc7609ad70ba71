"""Around the written sections: what a request opens of them, who changed them last, which agreements a change drops."""

from datetime import timedelta

import pytest
from django.urls import reverse

from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from people.templatetags.fund import moment
from proposals.models import Endorsement, InfoRequest, Partner
from proposals.services import drafting, endorsing, information, outside, partners, submitting
from proposals.services import screening as checking
from proposals.views.base import DraftPart

from .. import conftest, factories, sparks, stages
from ..remembering import remembered
from .test_attachments import attach


def places(proposal, cast):
    """Return the place of the second agency's days and part, of a firm's interests and of needed data."""
    partner = proposal.partners.last()
    return (
        f"partners.days_{partner.pk}", f"partners.contribution_{partner.pk}",
        f"outside.interests_{proposal.outside_partners.get().pk}", f"data.answer_{proposal.data_needs.get().pk}",
    )  # fmt: skip


@remembered
def around(call, cast, agencies):
    """A draft with a firm and needed data."""
    made = stages.complete(conftest.new_proposal(call, cast), cast)
    firm = {"name": "Firm", "kind": "firm", "contribution": "Days", "interests": "None known", "letter": None}
    outside.save_partner(made, partner=None, by=cast["lead"], **firm)
    need = {"dataset": "Births", "owner": agencies["digital"], "answer": "asked"}
    outside.save_data_need(made, need=None, by=cast["lead"], **need)
    return made


@pytest.fixture
def checking_it(around, cast):
    sent = submitting.submit(stages.agree_all(endorsing.ask(around, by=cast["lead"]), cast), by=cast["lead"])
    return checking.claim(sent, by=cast["secretariat"])


def ask(proposal, cast, *fields):
    return information.ask(proposal, by=cast["secretariat"], fields=fields, question="How many days?", days=5)


def test_days_of_a_partner_are_opened_changed_and_agreed_again(client, checking_it, cast):
    days, part, *_ = places(checking_it, cast)
    client.force_login(cast["secretariat"])
    page = client.get(reverse("info_ask", args=[checking_it.case])).content.decode()
    assert "GovTech Agency: Working days a month it gives" in page
    asked = ask(checking_it, cast, days, part)
    client.force_login(cast["lead"])
    answer = reverse("info_answer", args=[asked.case])
    assert 'value="4"' in client.get(answer).content.decode()
    assert client.post(answer, {days: "400", part: "Builds it"}).status_code == 400
    assert client.post(answer, {days: "6", part: "Builds it", "explanation": ""}).status_code == 302
    assert (Partner.objects.last().days, Partner.objects.last().contribution) == (6, "Builds it")
    newest = asked.versions.last()
    assert newest.facts["partners"][1]["days"] == 6
    assert set(newest.endorsements.values_list("answer", flat=True)) == {"asked"}
    checking.record_results(asked, by=cast["secretariat"], results=stages.MET)
    assert any("asked again" in reason for reason in explain(stages.fresh(asked), "find_eligible"))
    for name in ("sponsor", "sponsor2"):
        endorsing.agree(stages.fresh(asked), by=cast[name], version=newest.number)
    assert perform(stages.fresh(asked), "find_eligible", by=cast["secretariat"]).state == "eligible"
    text = client.get(asked.get_absolute_url()).content.decode()
    assert "GovTech Agency: Working days a month it gives" in text


def test_interest_of_a_firm_is_agreed_again_and_the_answer_about_data_is_not(checking_it, cast):
    *_, interests, data = places(checking_it, cast)
    asked = ask(checking_it, cast, data)
    information.answer(asked, by=cast["lead"], answers={data: "agreed"})
    assert asked.data_needs.get().answer == "agreed"
    assert not asked.versions.last().endorsements.exists()
    asked = ask(stages.fresh(asked), cast, interests)
    information.answer(asked, by=cast["lead"], answers={interests: "It sells the tool"})
    assert asked.outside_partners.get().interests == "It sells the tool"
    assert Endorsement.objects.filter(version=asked.versions.last()).count() == 2


def test_part_that_was_not_opened_or_is_of_another_proposal_is_refused(client, checking_it, cast, call):
    days, part, *_ = places(checking_it, cast)
    other = conftest.new_proposal(call, cast, "Another")
    with pytest.raises(NotPossible, match="Choose which answers"):
        ask(checking_it, cast, f"partners.days_{other.partners.get().pk}")
    asked = ask(checking_it, cast, days)
    with pytest.raises(NotPossible, match="Only the answers that the secretariat opened"):
        information.answer(asked, by=cast["lead"], answers={part: "x"})
    client.force_login(cast["lead"])
    posted = client.post(reverse("info_answer", args=[asked.case]), {days: "6", part: "x"})
    assert (posted.status_code, Partner.objects.filter(days=6, proposal=asked).count()) == (400, 1)  # the lead agency's
    assert InfoRequest.objects.get().answered_at is None


def test_small_idea_opens_its_answers_alone(cast, line):
    sent = sparks.sent(sparks.spark_call(cast, line), cast["lead"])
    assert {place.split(".")[0] for place in information.openable(sent)} == {"spark", "budget"}


def test_pages_say_who_changed_team_partners_and_files_last(client, around, cast):
    attach(around, cast["colleague"])
    client.force_login(cast["lead"])
    text = client.get(around.get_absolute_url()).content.decode()
    for part, who in (("team", "exmember"), ("partners", "lead"), ("files", "colleague")):
        hint = text.split(f'id="stamp-{part}">')[1].split("</div>")[0]
        assert hint.startswith(f"Last changed by Name of {who}, "), hint
    with clock.frozen(clock.now() + timedelta(hours=2)):
        at = moment(clock.now())
        partners.change(around.partners.last(), by=cast["colleague"], days=9, contribution="More")
    for name, stamp in (("proposal_partners", f"Name of colleague, {at}"), ("proposal_team", "Name of exmember")):
        assert f"Last changed by {stamp}" in client.get(reverse(name, args=[around.case])).content.decode(), name


def test_page_of_a_fresh_draft_has_no_stamp(client, call, cast):
    made = drafting.start(by=cast["lead"], title="Fresh", call=call)
    client.force_login(cast["lead"])
    text = client.get(made.get_absolute_url()).content.decode()
    assert [part for part in ("team", "partners", "files") if f"stamp-{part}" in text] == []


def forms_around(proposal):
    """Return the pages on which a change would drop agreements, with the words of their button."""
    case = proposal.case
    return {
        reverse("proposal_partner", args=[case, proposal.partners.last().pk]): "Change “what govtech agency gives”",
        reverse("proposal_outside", args=[case, proposal.outside_partners.get().pk]): "Change “a partner outside",
        reverse("proposal_outside_add", args=[case]): "Change “a partner outside",
        reverse("proposal_data", args=[case, proposal.data_needs.get().pk]): "Change “data of another agency”",
        reverse("proposal_data_add", args=[case]): "Change “data of another agency”",
    }


def test_warning_comes_before_a_change_around_the_text_drops_agreements(client, around, cast):
    asked = stages.agree_all(endorsing.ask(around, by=cast["lead"]), cast)
    recalled = perform(asked, "recall", by=cast["lead"])
    client.force_login(cast["lead"])
    for page, words in forms_around(recalled).items():
        warned = client.get(page).content.decode()
        assert ("these agreements fall" in warned, words in warned, "<input" in warned.split("<main")[1]) == (
            True, True, False,
        ), page  # fmt: skip
        sure = client.get(f"{page}?sure=yes").content.decode()
        assert ("these agreements fall" in sure, "Save" in sure) == (False, True), page
    for name in ("proposal_partners", "proposal_team", "proposal_attachments"):
        assert "these agreements fall" in client.get(reverse(name, args=[recalled.case])).content.decode(), name
    partners.change(recalled.partners.last(), by=cast["lead"], days=9, contribution="More")
    for page in forms_around(recalled):
        assert "these agreements fall" not in client.get(page).content.decode(), page


def test_without_the_warning_the_form_would_open_at_once(client, around, cast, monkeypatch):
    recalled = perform(stages.agree_all(endorsing.ask(around, by=cast["lead"]), cast), "recall", by=cast["lead"])
    client.force_login(cast["lead"])
    monkeypatch.setattr(DraftPart, "sure", lambda self, request, words: None)
    for page in forms_around(recalled):
        assert "these agreements fall" not in client.get(page).content.decode(), page


def test_lapsed_proposal_is_copied_into_an_open_call(client, around, call, cast, line):
    with clock.frozen(call.closes_at + timedelta(hours=1)):
        assert submitting.lapse_late() == 1
        later = factories.open_call(
            cast["secretariat"], cast["head"], reference="later", title="The next call", budget_line=line,
            opens_at=clock.now() - timedelta(minutes=1), closes_at=clock.now() + timedelta(days=30),
        )  # fmt: skip
        sparks.spark_call(cast, line)
        client.force_login(cast["lead"])
        text = client.get(around.get_absolute_url()).content.decode()
        link = f"{reverse('proposal_start', args=[later.reference])}?from={around.case}"
        assert (text.count("Copy into a new draft"), f'href="{link}"' in text) == (1, True)
        page = client.get(link).content.decode()
        assert f'value="{around.case}" selected' in page
        client.post(link.split("?")[0], {"title": "Again", "source": str(around.case)})
        made = later.proposals.get()
        assert made.sections.get(key="people").answers == stages.ANSWERS["people"]
        client.force_login(cast["secretariat"])
        assert "Copy into a new draft" not in client.get(around.get_absolute_url()).content.decode()


def test_proposal_that_goes_on_offers_no_copy(client, around, cast):
    client.force_login(cast["lead"])
    assert "Copy into a new draft" not in client.get(around.get_absolute_url()).content.decode()


def test_small_idea_that_is_over_brings_its_answers_along(client, cast, line):
    spark = sparks.spark_call(cast, line)
    idea = perform(sparks.sent(spark, cast["lead"]), "withdraw", by=cast["lead"])
    client.force_login(cast["lead"])
    link = f"{reverse('spark_start', args=[spark.reference])}?from={idea.case}"
    assert f'href="{link}"' in client.get(idea.get_absolute_url()).content.decode()
    assert sparks.IDEA["problem"] in client.get(link).content.decode()
    client.force_login(cast["stranger"])
    assert sparks.IDEA["problem"] not in client.get(link).content.decode()


@pytest.mark.parametrize("reviews", [2, 4])
def test_words_about_a_small_idea_follow_the_figures_of_its_call(client, cast, line, reviews):
    spark = sparks.spark_call(cast, line, reviews_needed=reviews, names_hidden=reviews == 2)
    idea = sparks.sent(spark, cast["lead"])
    client.force_login(cast["lead"])
    text = client.get(idea.get_absolute_url()).content.decode()
    words = f"then {reviews} people of other agencies read it{' without your name' if reviews == 2 else ''}."
    assert words in text
