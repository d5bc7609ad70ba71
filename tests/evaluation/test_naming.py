"""Names told to applicants, objections within five business days, and what the office answers."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from evaluation.models import Challenge, PanelName, Review
from evaluation.services import challenging, naming, permitting, reviewing
from evaluation.waiting import waiting_for
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.enums import Role
from people.models import Block, Notification
from people.queries import inbox
from people.services.accounts import system_user
from people.services.calendar import add_business_days
from people.services.grants import grant_role
from proposals.models import Proposal

from .. import factories, stages
from ..conftest import new_proposal
from ..remembering import remembered

WHY = "We are in a land dispute."


@remembered
def named(eligible, cast, panel):
    """The call's names are known: three reviewers and a board member."""
    people = [*panel["reviewers"], panel["board"][0]]
    naming.name_panel(eligible.call, by=cast["secretariat"], people=people)
    return people


@remembered
def objection(eligible, cast, named):
    return challenging.challenge(eligible, by=cast["lead"], person=named[0], reason=WHY)


def test_leads_are_told_once_that_names_are_known(eligible, cast, named, panel):
    told = Notification.objects.filter(subject="The names of the panel are known")
    assert [row.person for row in told] == [cast["lead"]]
    assert naming.name_panel(eligible.call, by=cast["secretariat"], people=named) == 0
    assert told.count() == 1
    assert naming.name_panel(eligible.call, by=cast["secretariat"], people=panel["board"]) == 3


def test_lead_of_what_passes_later_is_told_then(named, funded_call, cast):
    stages.check(new_proposal(funded_call, cast, "Later"), cast)
    assert Notification.objects.filter(subject="The names of the panel are known", body__contains="Later").count() == 1


def test_names_are_made_known_by_the_secretariat_of_people_who_judge(eligible, cast, panel):
    for name in ("head", "lead", "chair"):
        with pytest.raises(NotPossible) as no:
            naming.name_panel(eligible.call, by=cast[name], people=panel["reviewers"])
        assert no.value.forbidden
    with pytest.raises(NotPossible, match="neither reviewer nor chair"):
        naming.name_panel(eligible.call, by=cast["secretariat"], people=[*panel["reviewers"], cast["stranger"]])
    assert not PanelName.objects.exists()


def test_who_was_not_named_cannot_be_asked(eligible, cast, named, agencies):
    more = factories.civil_servant("more@x.example", agencies["farms"])
    grant_role(by=system_user(), person=more, role=Role.REVIEWER, reason="test")
    with pytest.raises(NotPossible, match="not among the names"):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=more)
    assert reviewing.assign(eligible, by=cast["secretariat"], reviewer=named[0])


def test_page_of_the_lead_shows_the_pool_and_nothing_else(eligible, cast, named, client):
    client.force_login(cast["lead"])
    url = f"{eligible.get_absolute_url()}names/"
    before = client.get(url).content
    assert all(person.full_name.encode() in before for person in named)
    stages.assign(eligible, cast, named[:2])
    Block.objects.create(case=eligible.case, person=named[2], grade="block", reason="x", since=clock.now())
    assert strip(client.get(url).content) == strip(before)


def strip(page):
    return b"".join(line for line in page.splitlines() if b"csrf" not in line)


@pytest.mark.parametrize(("days", "open_"), [(0, True), (5, True), (6, False)])
def test_one_can_object_for_five_business_days(eligible, cast, named, days, open_):
    day = clock.now() + timedelta(days=(add_business_days(clock.today(), days) - clock.today()).days)
    with clock.frozen(day):
        if open_:
            assert challenging.challenge(eligible, by=cast["lead"], person=named[0], reason=WHY).upheld is None
        else:
            with pytest.raises(NotPossible, match="5 business days for this name are over"):
                challenging.challenge(eligible, by=cast["lead"], person=named[0], reason=WHY)


def test_name_that_comes_later_has_its_own_five_days(eligible, cast, named, panel):
    with clock.frozen(clock.now() + timedelta(days=30)):
        naming.name_panel(eligible.call, by=cast["secretariat"], people=panel["board"])
        assert challenging.challenge(eligible, by=cast["lead"], person=panel["board"][1], reason=WHY)


def test_only_the_lead_objects_once_with_a_reason_to_a_name(eligible, cast, named, panel, objection):
    for name in ("colleague", "sponsor", "secretariat", "exmember"):
        with pytest.raises(NotPossible) as no:
            challenging.challenge(eligible, by=cast[name], person=named[1], reason=WHY)
        assert no.value.forbidden
    for person, reason, words in (
        (named[0], WHY, "already objected"), (named[1], " ", "Say why"), (panel["chair"], WHY, "not among the names"),
    ):  # fmt: skip
        with pytest.raises(NotPossible, match=words):
            challenging.challenge(eligible, by=cast["lead"], person=person, reason=reason)


def test_upheld_objection_leaves_the_person_no_trace(eligible, cast, named, objection):
    stages.assign(eligible, cast, named[:1])
    assert Proposal.objects.visible_to(named[0]).exists()
    challenging.answer(objection, by=cast["head"], upheld=True, answer="The court file shows it.")
    assert Review.objects.get().state == "invalidated"
    assert not Proposal.objects.visible_to(named[0]).exists()
    assert not Review.objects.visible_to(named[0]).exists()
    assert not inbox(named[0]).filter(case=eligible.case).exists()
    with pytest.raises(NotPossible, match="On record: An objection of the applicant was upheld"):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=named[0])
    told = Notification.objects.get(person=cast["lead"], subject="Your objection is answered")
    assert "takes no part" in told.body


def test_dismissed_objection_changes_nothing_but_the_answer(eligible, cast, named, objection):
    stages.assign(eligible, cast, named[:1])
    challenging.answer(objection, by=cast["secretariat"], upheld=False, answer="No dispute is on file.")
    assert Review.objects.get().state == "accepted"
    assert not Block.objects.filter(person=named[0]).exists()
    assert "may take part" in Notification.objects.get(subject="Your objection is answered").body


def test_objection_is_answered_once_by_the_office_with_a_reason(objection, cast, panel, named):
    for person in (cast["lead"], cast["auditor"], panel["chair"], named[0]):
        with pytest.raises(NotPossible) as no:
            challenging.answer(objection, by=person, upheld=False, answer="x")
        assert no.value.forbidden
    with pytest.raises(NotPossible, match="Say why"):
        challenging.answer(objection, by=cast["head"], upheld=False, answer=" ")
    challenging.answer(objection, by=cast["head"], upheld=False, answer="x")
    with pytest.raises(NotPossible, match="answered already"):
        challenging.answer(objection, by=cast["secretariat"], upheld=True, answer="x")


def test_handed_in_review_of_the_person_is_excluded(eligible, cast, panel, named, objection):
    proposal = stages.judge(eligible, cast, panel["reviewers"])
    challenging.answer(objection, by=cast["secretariat"], upheld=True, answer="True.")
    assert sorted(proposal.reviews.values_list("state", flat=True)) == ["invalidated", "submitted", "submitted"]


def test_team_reads_of_it_in_no_timeline_but_the_leads_page(eligible, cast, objection, client):
    challenging.answer(objection, by=cast["secretariat"], upheld=True, answer="CanaryAnswer")
    client.force_login(cast["colleague"])
    assert "CanaryAnswer" not in client.get(eligible.get_absolute_url()).content.decode()
    client.force_login(cast["lead"])
    assert "CanaryAnswer" in client.get(f"{eligible.get_absolute_url()}names/").content.decode()


def test_questions_wait_for_the_office_and_the_chair(eligible, cast, panel, objection, agencies):
    tied = factories.civil_servant("tied@x.example", agencies["digital"])
    for role in (Role.REVIEWER,):
        grant_role(by=system_user(), person=tied, role=role, reason="test")
    permitting.ask(eligible, by=cast["secretariat"], person=tied)
    words = "Answer an objection about “One visit is enough”"
    assert words in [row.what for row in waiting_for(cast["secretariat"], {Role.SECRETARIAT})]
    assert words in [row.what for row in waiting_for(cast["head"], {Role.HEAD})]
    chair = [row.what for row in waiting_for(panel["chair"], {Role.CHAIR})]
    assert chair == ["Permit a review of “One visit is enough”?"]
    challenging.answer(objection, by=cast["head"], upheld=False, answer="x")
    assert waiting_for(cast["head"], {Role.HEAD}) == []


def test_pages_of_all_three(eligible, cast, panel, agencies, client):
    """Names, an objection and its answer, a permission and its answer: each by its page."""
    tied = factories.civil_servant("tied@x.example", agencies["digital"])
    grant_role(by=system_user(), person=tied, role=Role.REVIEWER, reason="test")
    person, base = panel["reviewers"][0], eligible.get_absolute_url()
    client.force_login(cast["secretariat"])
    url = f"/calls/{eligible.call.reference}/names/"
    assert client.post(url, {}).status_code == 400
    assert client.post(url, {"people": [person.pk, tied.pk]}).status_code == 302
    assert client.post(f"{base}reviewers/", {"permission": tied.pk}).status_code == 302
    client.force_login(cast["lead"])
    empty = client.post(f"{base}names/", {}).content
    assert b"Choose a name" in empty
    assert b"Say why." in empty
    assert client.post(f"{base}names/", {"person": person.pk, "why": WHY}).status_code == 302
    client.force_login(cast["head"])
    row = Challenge.objects.get()
    assert client.post(f"{base}objections/", {"row": row.pk}).status_code == 400
    assert client.post(f"{base}objections/", {"row": row.pk, "answer": "yes", "why": "True."}).status_code == 302
    client.force_login(panel["chair"])
    row = eligible.permissions.get()
    assert b"GovTech" in client.get(f"{base}permissions/").content
    assert client.post(f"{base}permissions/", {"row": row.pk, "answer": "no", "why": "No."}).status_code == 302
    row.refresh_from_db()
    assert (Challenge.objects.get().upheld, row.given) == (True, False)


def test_database_refuses_half_an_answer(objection, cast):
    for values in ({"upheld": True}, {"answered_by": cast["head"]}, {"reason": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Challenge.objects.filter(pk=objection.pk).update(**values)
