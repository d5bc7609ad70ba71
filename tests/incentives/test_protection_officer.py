"""The protection officer: named when a proposal is sent, told of what happens to its record, and replaced."""

from django.test import Client

from incentives.services import contests, integrity, outcomes, protecting
from lifecycle import clock
from lifecycle.performing import perform
from people.enums import Grade, Part, Role
from people.models import Block, Involvement, Notification, RoleGrant
from people.services.involvement import involve
from proposals.services import submitting

from .. import conftest, factories, stages
from .test_hr import text_of_main
from .test_results import verified


def named(case):
    found = Involvement.objects.filter(case=case, part=Part.PROTECTION, until=None)
    return [row.person for row in found]


def told(person):
    return Notification.objects.filter(person=person, subject="A record that you protect").count()


def test_officer_is_named_when_the_proposal_is_sent_and_the_team_reads_who(funded_call, cast):
    ready = stages.agree_all(stages.await_agreement(conftest.new_proposal(funded_call, cast, "Sent"), cast), cast)
    assert named(ready.case) == []
    sent = submitting.submit(ready, by=cast["lead"])
    assert named(sent.case) == [cast["protection"]]
    page = "Your protection officer, Name of protection,"
    for who, reads in (("lead", True), ("secretariat", False)):
        client = Client()
        client.force_login(cast[who])
        assert (page in text_of_main(client.get(sent.get_absolute_url()))) == reads


def test_officer_of_another_agency_with_the_fewest_cases_and_no_part_in_it_comes_first(grant, cast, agencies):
    """The cast's officer is of the lead's ministry; of two others one has a case, and a third a conflict."""
    busy, free, tied, reviewer = (conftest.officers(Role.PROTECTION, factories.AgencyFactory(), 1)[0] for _ in range(4))
    involve(case=factories.make_grant(cast, grant.line).case, person=busy, part=Part.PROTECTION)
    Block.objects.create(case=grant.case, person=tied, grade=Grade.BLOCK, reason="x", since=clock.now())
    involve(case=grant.case, person=reviewer, part=Part.REVIEWER)
    assert protecting.name_officer(grant.case) == free
    assert protecting.name_officer(grant.case) == free
    assert named(grant.case) == [free]


def test_officer_who_may_no_longer_act_is_replaced_by_the_hourly_job(funded_call, cast):
    ready = stages.agree_all(stages.await_agreement(conftest.new_proposal(funded_call, cast, "Sent"), cast), cast)
    sent = submitting.submit(ready, by=cast["lead"])
    RoleGrant.objects.filter(role=Role.PROTECTION).update(until=clock.now())
    assert (protecting.name_missing(), list(protecting.officers_of(sent.case))) == (0, [])
    other = conftest.officers(Role.PROTECTION, factories.AgencyFactory(), 1)[0]
    assert (protecting.name_missing(), protecting.name_missing(), named(sent.case)) == (1, 0, [other])


def test_named_officer_alone_is_told_of_a_second_look_a_hold_and_a_revocation(worked, cast, verifier):
    other = conftest.officers(Role.PROTECTION, factories.AgencyFactory(), 1)[0]
    assert protecting.name_officer(worked.case) == other
    outcome = perform(verified(worked, cast, verifier), "publish", by=cast["lead"])
    contests.lodge(outcome, by=cast["lead"], about="points", words="Too few.")
    assert told(other) == 1
    integrity.lift(integrity.hold(outcome, by=cast["head"], reason="x"), by=cast["head"], note="y")
    assert told(other) == 3
    integrity.hold(outcome, by=cast["head"], reason="z")
    outcomes.revoke(outcome, by=cast["head"], note="The log was altered.")
    assert (told(other), told(cast["protection"])) == (5, 0)
