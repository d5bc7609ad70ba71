"""What the register says later, who is outside then, and what the day of the claim has fixed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from incentives.enums import ContestAbout, Wish
from incentives.models import Contest, Outcome, PointEvent
from incentives.policies import may_check_adoption, may_take_check
from incentives.rules.facts import Fact
from incentives.services import adoptions, contests, eligibility, facts, integrity, outcomes, versions
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Part, Role
from people.models import EmploymentSnapshot, Involvement
from people.policies import agencies_of_case, is_of_another_agency

from .. import conftest
from ..factories import AgencyFactory
from .test_adoptions import claimed_there, numbers
from .test_nominations import forwarded, record
from .test_results import claimed, points, verified
from .test_revoking import agency_with
from .test_second_look import lodged


def moved(person, agency, days=0, **fields):
    """Let the register have the person at the agency from today, or in so many days."""
    day = clock.today() + timedelta(days=days)
    post = EmploymentSnapshot.objects.filter(person=person).first()
    post.pk, post.as_of, post.told_on, post.agency = None, day, day, agency
    for name, value in fields.items():
        setattr(post, name, value)
    with clock.frozen(clock.now() + timedelta(days=days)):
        post.save()


def yesterday(*people):
    """Let the posts of the people be of yesterday, so that the register can say something else today."""
    day = clock.today() - timedelta(days=1)
    EmploymentSnapshot.objects.filter(person__in=people).update(as_of=day)


def test_verifier_of_the_agency_to_which_one_of_the_team_moved_checks_nothing(worked, cast, verifier, agencies):
    outcome = claimed(worked, cast)
    assert may_take_check(outcome, verifier)
    outcome = outcomes.take(outcome, by=verifier)
    yesterday(cast["lead"])
    moved(cast["lead"], agencies["farms"])
    assert not is_of_another_agency(outcome, verifier)  # nor does a classifier or an appeals officer from there
    assert not may_take_check(outcome, verifier)
    with pytest.raises(NotPossible) as no:
        outcomes.record_verdict(outcome, by=verifier, endline=Decimal("1.2"), how="Log", confidence="high")
    assert no.value.forbidden
    assert Outcome.objects.get().state != "verified_met"


def test_who_left_the_team_takes_the_case_nowhere(worked, cast, agencies):
    before = agencies_of_case(worked.case)
    assert before == {agencies["health"].pk, agencies["digital"].pk}
    yesterday(cast["colleague"])
    moved(cast["colleague"], agencies["farms"])
    assert agencies_of_case(worked.case) == before | {agencies["farms"].pk}
    Involvement.objects.filter(person=cast["colleague"], case=worked.case, part=Part.MEMBER).update(until=clock.now())
    assert agencies_of_case(worked.case) == before


def test_ones_new_agency_repeats_and_uses_nothing_of_ones_own(worked, cast, verifier):
    outcome = perform(verified(worked, cast, verifier), "publish", by=cast["lead"])
    adopter, approver = agency_with("works")
    there = adopter.snapshots.get().agency
    yesterday(cast["lead"])
    moved(cast["lead"], there)
    with pytest.raises(NotPossible, match="the team's own agency"):
        adoptions.adopt(outcome, by=adopter, **numbers())
    Outcome.objects.update(used_by=there)
    with pytest.raises(NotPossible):
        perform(Outcome.objects.get(), "confirm_use", by=approver)


def test_verifier_of_the_agency_to_which_the_adopter_moved_does_not_check_the_adoption(worked, cast, verifier, second):
    outcome = perform(verified(worked, cast, verifier), "publish", by=cast["lead"])
    adopter, approver = agency_with("works")
    row = claimed_there(outcome, adopter, approver)
    assert may_check_adoption(row, second)
    yesterday(adopter)
    moved(adopter, second.snapshots.get().agency)
    assert not may_check_adoption(row, second)


@pytest.mark.parametrize(("days", "given"), [(0, {80, 120}), (40, {80, 120})])
def test_points_are_those_of_the_day_of_the_claim_whatever_the_register_says_later(
    worked, cast, verifier, agencies, days, given
):
    """The lead becomes the other member's manager after the claim, and the other leaves the team."""
    outcome = outcomes.take(claimed(worked, cast), by=verifier)
    yesterday(cast["colleague"])
    moved(cast["colleague"], agencies["digital"], days=days or 1, line_manager=cast["lead"])
    with clock.frozen(clock.now() + timedelta(days=days or 1)):
        Involvement.objects.filter(person=cast["colleague"], case=worked.case).update(until=clock.now())
        outcomes.record_verdict(outcome, by=verifier, endline=Decimal("1.2"), how="Log", confidence="high")
    assert {tenths for _, _, tenths in points(worked)} == given


def test_officer_of_one_second_look_takes_no_other_of_the_case(worked, cast, verifier, officer):
    outcome = verified(worked, cast, verifier)
    first = contests.admit(lodged(outcome, cast), by=officer, note="x")
    second = lodged(outcome, cast, about=ContestAbout.POINTS)
    other = conftest.officers(Role.APPEALS, AgencyFactory(code="roads"), 1)[0]
    second = contests.admit(second, by=other, note="x")
    first = contests.assign(first, by=officer)
    with pytest.raises(NotPossible) as no:
        contests.assign(second, by=officer)
    assert no.value.forbidden
    first = contests.dismiss(first, by=officer, note="It was read.")
    with pytest.raises(NotPossible):
        contests.assign(Contest.objects.get(pk=second.pk), by=officer)
    assert contests.assign(second, by=other).officer == other


def test_result_that_is_held_is_an_open_case_until_the_hold_is_lifted(worked, cast, verifier):
    outcome = verified(worked, cast, verifier)
    people, today = (cast["lead"], cast["colleague"], cast["stranger"]), clock.today()
    before = facts.facts_for(people, today)
    hold = integrity.hold(outcome, by=cast["head"], reason="The log reads like another.")
    found = facts.facts_for(people, today)
    held = Fact(True, facts.OWN_RECORD, today)
    assert [found[person.pk].open_case == held for person in people] == [True, True, False]
    integrity.lift(hold, by=cast["head"], note="It is another log.")
    assert facts.facts_for(people, today + timedelta(days=1)).keys() == before.keys()
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert facts.facts_of(cast["lead"], clock.today()).open_case == before[cast["lead"].pk].open_case


def test_nothing_is_granted_on_a_held_result_unseen_nor_the_fast_track_while_the_policy_rests(
    recorded, cast, points_policy
):
    row = forwarded(cast, wish=Wish.AWARD)
    hold = integrity.hold(Outcome.objects.get(), by=cast["head"], reason="The log reads like another.")
    with pytest.raises(NotPossible, match="is held while somebody looks into it"):
        record(row, cast, Wish.AWARD, all_the_same=False)
    integrity.lift(hold, by=cast["head"], note="It is another log.")
    assert record(row, cast, Wish.AWARD, all_the_same=False).granted == Wish.AWARD
    row = forwarded(cast)
    eligibility.run(by=cast["rcsc"], person=cast["lead"])
    versions.suspend_policy(points_policy, by=cast["rcsc"], note="It is looked into.")
    with pytest.raises(NotPossible, match="suspended"):
        record(row, cast, Wish.FAST_TRACK)
    assert PointEvent.objects.count() == 2
