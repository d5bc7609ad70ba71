"""The pages of appeals: lodging, the officers' list, one appeal, its officer and its outcome."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from evaluation.models import Appeal
from evaluation.services import appeals
from evaluation.waiting import waiting_for
from lifecycle import clock, trail
from people.enums import Grade, Role
from people.models import Block, RoleGrant

from .. import factories, stages
from ..conftest import new_proposal, officers
from ..harness.test_queries import queries_of
from ..harness.test_queries import seated as touched
from ..proposals.test_attachments import upload
from .appeals import WORDS, assigned, lodge, officer, refused

__all__ = ["officer", "refused"]


def seated(person):
    client = Client()
    client.force_login(person)
    return client


def page(person, path):
    return seated(person).get(path).content.decode()


def test_lead_finds_the_way_reads_what_counts_and_lodges(refused, cast):
    client = seated(cast["lead"])
    found = client.get(refused.get_absolute_url()).content.decode()
    path = reverse("appeal_lodge", args=[refused.case])
    assert f'href="{path}"' in found
    assert "Read the letter" in found
    form = client.get(path).content.decode()
    for words in ("What it can be about", "What it cannot change", "An appeal harms nobody", "20 working days"):
        assert words in form
    answer = client.post(path, {"ground": "fact", "words": WORDS, "file": upload()}, follow=True)
    assert "Your appeal is lodged. You have an answer by" in answer.content.decode()
    again = client.get(refused.get_absolute_url()).content.decode()
    assert "Under appeal" in again
    assert f'href="{path}"' not in again
    assert "letter.txt" in answer.content.decode()


def test_empty_form_names_each_field_and_what_to_do(refused, cast):
    answer = seated(cast["lead"]).post(reverse("appeal_lodge", args=[refused.case]), {"ground": "", "words": ""})
    words = answer.content.decode()
    assert answer.status_code == 400
    assert ("Choose what your appeal is about." in words, "Say in your own words what was wrong." in words) == (
        True,
        True,
    )
    assert not Appeal.objects.exists()


def test_file_that_is_refused_is_named_beside_its_field(refused, cast):
    data = {"ground": "fact", "words": WORDS, "file": upload(b"MZ\x90\x00", "program.exe")}
    answer = seated(cast["lead"]).post(reverse("appeal_lodge", args=[refused.case]), data)
    assert answer.status_code == 400
    assert "program.exe" in answer.content.decode()
    assert not Appeal.objects.exists()


def test_second_appeal_leads_back_with_the_reason(refused, cast):
    lodge(refused, cast)
    answer = seated(cast["lead"]).get(reverse("appeal_lodge", args=[refused.case]), follow=True)
    assert "already lodged" in answer.content.decode()


def test_letters_page_says_until_when_or_why_not(refused, cast):
    path = reverse("letters", args=[refused.case])
    assert "Appeal against the decision" in page(cast["lead"], path)
    assert "The lead can appeal until" in page(cast["colleague"], path)
    type(refused).objects.filter(pk=refused.pk).update(released_at=clock.now() - timedelta(days=40))
    assert "The 30 days for an appeal are over." in page(cast["lead"], path)


def test_officer_takes_it_through_its_pages_to_the_outcome(refused, cast, officer):
    made = lodge(refused, cast)
    client = seated(officer)
    assert "It will be heard" in client.get(made.get_absolute_url()).content.decode()
    admit = reverse("act", args=["evaluation.appeal", made.pk, "admit"])
    assert client.post(admit, {"note": ""}).status_code == 400
    client.post(admit, {"note": "A fact is named."})
    assign = reverse("appeal_assign", args=[made.pk])
    assert client.post(assign, {"officer": ""}).status_code == 400
    client.post(assign, {"officer": officer.pk})
    outcome = reverse("appeal_outcome", args=[made.pk])
    bare = client.post(outcome, {"outcome": "upheld", "reason": "It is there."})
    assert "Say that you did nothing in this case before" in bare.content.decode()
    done = client.post(outcome, {"outcome": "upheld", "reason": "It is there.", "sure": "on"}, follow=True)
    assert "Decided. The team has a letter" in done.content.decode()
    assert (Appeal.objects.get().state, stages.fresh(refused).state) == ("upheld", "decision_pending")


def test_assign_page_says_who_cannot_and_why_and_takes_no_such_person(refused, cast, officer):
    acted = officers(Role.APPEALS, factories.AgencyFactory(), 1)[0]
    made = appeals.admit(lodge(refused, cast), by=officer, note="A fact.")
    trail.record(refused, action="voted", by=acted)
    path = reverse("appeal_assign", args=[made.pk])
    words = page(officer, path)
    assert "did something in this case before" in words
    assert "works in an agency that takes part" in words  # the appeals officer of the cast
    options = set(re.findall(r'<option value="(\d+)"', words))
    assert options == {str(officer.pk)}
    assert seated(officer).post(path, {"officer": acted.pk}).status_code == 400
    assert Appeal.objects.get().officer is None


def test_generic_door_leads_nowhere_without_what_the_pages_ask(refused, cast, officer):
    made = appeals.admit(lodge(refused, cast), by=officer, note="A fact.")
    client = seated(officer)
    client.post(reverse("act", args=["evaluation.appeal", made.pk, "assign"]), {"note": "x"})
    assert Appeal.objects.get().state == "admissible"
    made = appeals.assign(made, by=officer, officer=officer)
    answer = client.post(
        reverse("act", args=["proposals.proposal", refused.pk, "decide_again"]), {"note": "x"}, follow=True
    )
    assert "Only an appeal that was upheld" in answer.content.decode()
    assert stages.fresh(refused).state == "declined"
    empty = client.post(reverse("act", args=["evaluation.appeal", made.pk, "dismiss"]), {"note": ""}, follow=True)
    assert empty.status_code == 400
    assert Appeal.objects.get().state == "assigned"


def test_team_reads_days_and_no_names_of_officers(refused, cast, officer):
    made = assigned(refused, cast, officer)
    words = page(cast["lead"], made.get_absolute_url())
    assert officer.full_name not in words
    assert "(Thimphu)" not in words.split("<footer")[0]
    assert "An officer who had no part in the case looks into it" in words
    assert officer.full_name in page(cast["secretariat"], made.get_absolute_url())


@pytest.mark.parametrize(
    ("who", "status"),
    [("lead", 200), ("colleague", 200), ("secretariat", 200), ("head", 200), ("auditor", 200), ("sponsor", 404),
     ("stranger", 404), ("conflicted", 404), ("exmember", 404), ("board", 404), ("appeals", 404)],
)  # fmt: skip
def test_appeal_and_its_file_are_read_by_the_team_and_the_office(refused, cast, who, status):
    made = lodge(refused, cast, upload=upload())
    paths = (made.get_absolute_url(), reverse("appeal_file", args=[made.pk]))
    assert [seated(cast[who]).get(path).status_code for path in paths] == [status, status]


def test_conflict_found_later_closes_the_appeal_to_its_officer(refused, cast, officer):
    made = assigned(refused, cast, officer)
    Block.objects.create(case=made.case, person=officer, grade=Grade.BLOCK, reason="x", since=clock.now())
    assert seated(officer).get(made.get_absolute_url()).status_code == 404
    assert waiting_for(officer, {Role.APPEALS}) == []


def test_lead_takes_it_back_and_can_lodge_again(refused, cast):
    made = lodge(refused, cast)
    client = seated(cast["lead"])
    assert "Take the appeal back" in client.get(made.get_absolute_url()).content.decode()
    client.post(reverse("act", args=["evaluation.appeal", made.pk, "withdraw"]), {"note": ""})
    assert Appeal.objects.get().state == "withdrawn"
    assert "Under appeal" not in client.get(refused.get_absolute_url()).content.decode()
    assert client.get(reverse("appeal_lodge", args=[refused.case])).status_code == 200


def test_list_narrows_by_state_lateness_and_officer(refused, cast, officer):
    made = lodge(refused, cast)
    path = reverse("appeals")

    def listed(query):
        return made.get_absolute_url() in page(officer, f"{path}{query}")

    assert [listed(q) for q in ("", "?state=", "?state=lodged", "?state=upheld", "?late=yes", "?mine=yes")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    Appeal.objects.update(due_on=clock.today() - timedelta(days=1))
    assert listed("?late=yes")
    appeals.assign(appeals.admit(made, by=officer, note="x"), by=officer, officer=officer)
    assert listed("?mine=yes")
    assert page(cast["appeals"], path).count(made.get_absolute_url()) == 0
    for who in ("lead", "board", "stranger"):
        assert seated(cast[who]).get(path).status_code == 404


def test_my_work_says_what_to_do_next_by_when_and_when_it_is_late(refused, cast, officer):
    made = lodge(refused, cast)
    assert [row.what for row in waiting_for(officer, {Role.APPEALS})] == [
        "Can the appeal about “One visit is enough” be heard?"
    ]
    assert waiting_for(cast["appeals"], {Role.APPEALS}) == []
    made = appeals.admit(made, by=officer, note="x")
    assert waiting_for(officer, {Role.APPEALS})[0].path == reverse("appeal_assign", args=[made.pk])
    made = appeals.assign(made, by=officer, officer=officer)
    row = waiting_for(officer, {Role.APPEALS})[0]
    assert (row.what, row.due) == ("Decide the appeal about “One visit is enough”", made.due_on)
    Appeal.objects.update(due_on=clock.today() - timedelta(days=1))
    other = officers(Role.APPEALS, factories.AgencyFactory(), 1)[0]
    assert "is with another officer" in waiting_for(other, {Role.APPEALS})[0].what
    home = page(officer, reverse("home"))
    assert ("Overdue" in home, "Decide the appeal" in home) == (True, True)
    appeals.dismiss(Appeal.objects.get(), by=officer, note="Nothing was wrong.")
    assert waiting_for(officer, {Role.APPEALS}) == []


def test_who_lost_the_role_sees_no_appeal(refused, cast, officer):
    made = lodge(refused, cast)
    RoleGrant.objects.filter(person=officer).update(until=clock.now())
    assert seated(officer).get(made.get_absolute_url()).status_code == 404


def test_pages_of_an_appeal_ask_at_most_fifteen_questions_and_the_list_as_many_for_any_length(
    refused, cast, officer, funded_call
):
    made = assigned(refused, cast, officer)
    client = touched(officer)
    pages = (made.get_absolute_url(), reverse("appeal_outcome", args=[made.pk]),
             reverse("letters", args=[refused.case]))  # fmt: skip
    assert {path: count for path in pages if (count := queries_of(client, path)) > 15} == {}
    assert queries_of(touched(cast["secretariat"]), made.get_absolute_url()) <= 15
    assert queries_of(touched(cast["lead"]), refused.get_absolute_url()) <= 20  # the whole frozen text is on it
    appeals.hand_back(made, by=officer, note="I am away.")
    assert queries_of(client, reverse("appeal_assign", args=[made.pk])) <= 15
    one = queries_of(client, reverse("appeals"))
    for number in (1, 2):
        other = new_proposal(funded_call, cast, f"Other {number}")
        values = {f.attname: getattr(made, f.attname) for f in Appeal._meta.concrete_fields}
        Appeal.objects.create(**values | {"id": None, "proposal_id": other.pk, "case": other.case})
    assert queries_of(client, reverse("appeals")) == one  # both others are listed
    assert one <= 12
