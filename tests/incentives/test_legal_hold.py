"""What a legal hold keeps: everything of a person, also of who has left, and of a case, with the names in it."""

import pytest
from django.urls import reverse

from incentives.models import Credit, LegalHold
from incentives.services import retention
from lifecycle import clock
from people.models import User
from proposals.services import drafting, team

from .test_retention import WORD, rule, years


def closed(person):
    User.objects.filter(pk=person.pk).update(is_active=False)
    return person


def put_under_hold(client, cast, about):
    client.force_login(cast["head"])
    answer = client.post(reverse("keeping"), {"about": about, "reason": "A court asked."})
    assert answer.status_code == 302, answer.content.decode()
    return LegalHold.objects.latest("pk")


@pytest.mark.parametrize("named", ["employee_number", "email"])
def test_who_has_left_can_be_held(client, cast, named):
    person = closed(cast["colleague"])
    put_under_hold(client, cast, getattr(person, named))
    with years(11):
        assert person not in retention.due(rule("person"))
        LegalHold.objects.all().delete()
        assert person in retention.due(rule("person"))


def test_hold_on_a_case_keeps_the_names_of_its_people(client, grant, cast):
    people = [closed(cast[name]) for name in ("lead", "colleague", "sponsor", "stranger")]
    put_under_hold(client, cast, grant.reference)
    with years(11):
        assert set(retention.due(rule("person"))) == {people[3]}


def test_hold_on_a_case_and_on_who_answered_keeps_what_was_stated_about_it(client, grant, cast):
    row = Credit.objects.create(
        code="S1", person=cast["stranger"], grant=grant, reference="Sprint", words=WORD, stated_by=cast["stranger"],
        stated_at=clock.now(), state="turned_down", checked_by=cast["secretariat"], checked_at=clock.now(), reason="x",
    )  # fmt: skip
    for about in (grant.reference, cast["secretariat"].email):
        hold = put_under_hold(client, cast, about)
        with years(8):
            assert row not in retention.due(rule("credit"))
        retention.let_go(hold, by=cast["head"], reason="Done.")
    with years(8):
        assert row in retention.due(rule("credit"))


@pytest.mark.parametrize("about", ["member", "invited", "page"])
def test_draft_is_kept_by_a_hold_on_who_has_a_part_in_it_or_on_its_page(client, proposal, cast, about):
    row = drafting.start(by=cast["stranger"], title=f"Idea {WORD}", call=proposal.call)
    team.invite(row, by=cast["stranger"], person=cast["colleague"])
    if about == "member":
        team.join(row, by=cast["colleague"])
    held = put_under_hold(
        client, cast, f"https://fund.example{row.get_absolute_url()}" if about == "page" else cast["colleague"].email
    )
    with years(3):
        assert row not in retention.due(rule("draft"))
    retention.let_go(held, by=cast["head"], reason="Done.")
    with years(3):
        assert row in retention.due(rule("draft"))


def test_page_says_which_of_two_people_with_a_name_is_held_and_what_was_lifted(client, proposal, grant, cast):
    User.objects.filter(pk__in=[cast["lead"].pk, cast["colleague"].pk]).update(full_name="Tashi")
    number = cast["lead"].employee_number
    holds = [put_under_hold(client, cast, about) for about in (number, grant.reference, str(proposal.case))]
    page = reverse("keeping")

    def said():
        return client.get(page).content.decode()

    for words in (f"Tashi · {number}", grant.reference, f"by Tashi · {number}"):
        assert words in said()
    assert proposal.title not in said()
    for row in holds:
        client.post(page, {"hold": row.pk, "note": "The court is done."})
    lifted = said().split("Lifted</h2>")[1]
    for words in (f"Tashi · {number}", grant.reference, "Draft begun on"):
        assert words in lifted
