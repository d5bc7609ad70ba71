"""Versions that two people approve, points that are only added, evaluations that re-run to the same bytes."""

from datetime import date, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from incentives.models import EligibilityRun, PointEvent, PolicyVersion, RecordHolder
from incentives.rules.loading import PolicyFault
from incentives.rules.points import Basis
from incentives.rules.steps import canonical
from incentives.services import eligibility, points, versions
from incentives.services.points_policy import policy_on
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Role
from people.services.accounts import system_user
from people.services.grants import grant_role

from .. import factories
from .test_results import agreed


@pytest.fixture
def second(cast, agencies):
    person = factories.civil_servant("second@x.example", agencies["digital"])
    grant_role(by=system_user(), person=person, role=Role.RCSC, reason="test")
    return person


def draft(cast, name="FT-2026.2", days=0, **changes):
    data = {**versions.standard_policy(), "version": name, **changes}
    return versions.add_draft(by=cast["rcsc"], data=data, valid_from=clock.today() + timedelta(days=days))


def post(cast, policy, **changes):
    values = {
        "by": system_user(), "person": cast["lead"], "case": uuid4(), "code": "R1", "tenths": 200,
        "counts_on": clock.today(), "verified_on": clock.today(), "stage": "explore", "source": "a",
        "policy": policy, "steps": [["Your points", "20.0", "This is what goes on your record."]], "basis": Basis(),
    } | changes  # fmt: skip
    return points.post(**values)


def run_sql(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def without_triggers(*names):
    """As a database administrator could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            for name in names:
                cursor.execute(f"DROP TRIGGER {name}")


# Versions


def test_version_needs_two_people_and_then_holds_from_its_day(cast, second):
    version = versions.consult(draft(cast), by=cast["rcsc"])
    with pytest.raises(NotPossible, match="may not"):
        versions.approve(version, by=cast["rcsc"])
    version = versions.approve(version, by=second)
    assert (version.state, version.first_approver, version.second_approver) == ("in_force", cast["rcsc"], second)


def test_version_with_one_approver_twice_is_refused_by_the_database(cast):
    version = versions.consult(draft(cast), by=cast["rcsc"])
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(second_approver=cast["rcsc"])


def test_version_in_force_without_approvers_is_refused_by_the_database(cast):
    version = draft(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(state="in_force")


def test_second_version_in_force_is_refused_by_the_database(cast, second, points_policy):
    later = versions.approve(versions.consult(draft(cast, days=9), by=cast["rcsc"]), by=second)
    assert later.state == "approved"
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.filter(pk=later.pk).update(state="in_force")


@pytest.mark.parametrize("who", ["hr", "head", "administrator", "lead"])
def test_version_is_prepared_by_the_rcsc_alone(cast, who):
    with pytest.raises(NotPossible, match="Only the RCSC"):
        versions.add_draft(by=cast[who], data=versions.standard_policy(), valid_from=clock.today())
    assert PolicyVersion.objects.count() == 0


def test_version_that_breaks_the_order_is_not_stored(cast):
    with pytest.raises(PolicyFault, match="year_cap_tenths"):
        draft(cast, year_cap_tenths=0)
    assert PolicyVersion.objects.count() == 0


def test_version_is_never_dated_back(cast):
    with pytest.raises(NotPossible, match="never dated back"):
        draft(cast, days=-1)
    later = draft(cast, days=1)
    with clock.frozen(clock.shift(days=2)), pytest.raises(NotPossible, match="never dated back"):
        versions.consult(later, by=cast["rcsc"])


def test_wrong_draft_is_read_by_everybody_withdrawn_and_its_day_is_free(client, cast, points_policy):
    wrong = draft(cast, days=5)
    client.force_login(cast["colleague"])
    assert "it holds for nobody yet" in client.get(wrong.get_absolute_url()).content.decode()
    with pytest.raises(NotPossible, match="Choose another day, or withdraw"):
        draft(cast, "FT-2026.3", days=5)
    for by, note in ((cast["hr"], "x"), (cast["rcsc"], "")):
        with pytest.raises(NotPossible):
            versions.withdraw_version(wrong, by=by, note=note)
    with pytest.raises(NotPossible):
        versions.withdraw_version(points_policy, by=cast["rcsc"], note="It holds.")
    versions.withdraw_version(wrong, by=cast["rcsc"], note="A figure is wrong.")
    assert "withdrew it" in client.get(wrong.get_absolute_url()).content.decode()
    assert draft(cast, "FT-2026.3", days=5).state == "draft"
    with pytest.raises(NotPossible, match="Give it another name"):
        draft(cast, days=6)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.filter(pk=wrong.pk).update(state="draft")


def test_share_below_five_is_stored_where_the_policy_allows_it(worked, cast, points_policy):
    data = versions.standard_policy()
    data["shares"] |= {"least": 1, "most": 99}
    PolicyVersion.objects.filter(pk=points_policy.pk).update(state="draft")
    PolicyVersion.objects.filter(pk=points_policy.pk).update(data=canonical(data))
    PolicyVersion.objects.filter(pk=points_policy.pk).update(state="in_force")
    row = agreed(worked, cast, 97, 3)
    assert (row.state, set(row.shares.values_list("percent", flat=True))) == ("shares_agreed", {97, 3})
    with pytest.raises(IntegrityError), transaction.atomic():
        row.shares.update(percent=101)


def test_version_never_approved_out_of_the_act(cast):
    with pytest.raises(NotPossible, match="its own page"):
        perform(draft(cast), "consult", by=cast["rcsc"], person=cast["rcsc"])


def test_later_version_takes_over_on_its_day_and_each_day_keeps_its_own(cast, second, points_policy):
    first_day = clock.today() + timedelta(days=9)
    later = versions.approve(versions.consult(draft(cast, days=9), by=cast["rcsc"]), by=second)
    assert versions.take_effect_due() == 0
    with clock.frozen(clock.shift(days=9)):
        assert versions.take_effect_due() == 1
    points_policy.refresh_from_db()
    later.refresh_from_db()
    assert (points_policy.state, points_policy.valid_until, later.state) == ("superseded", first_day, "in_force")
    assert policy_on(first_day - timedelta(days=1)).row == points_policy
    assert policy_on(first_day).row == later


def test_day_before_any_version_has_no_policy(points_policy):
    with pytest.raises(NotPossible, match="No points policy"):
        policy_on(clock.today() - timedelta(days=1))


FROZEN = {"data": "{}", "sha256": "0" * 64, "name": "other", "valid_from": date(2030, 1, 1)}


@pytest.mark.parametrize("column", FROZEN)
def test_version_beyond_the_draft_is_frozen_by_the_database(points_policy, column):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PolicyVersion.objects.filter(pk=points_policy.pk).update(**{column: FROZEN[column]})


@pytest.mark.parametrize("column", FROZEN)
def test_draft_may_be_changed(cast, column):
    assert PolicyVersion.objects.filter(pk=draft(cast).pk).update(**{column: FROZEN[column]}) == 1


def test_version_frozen_without_the_trigger_would_change(points_policy):
    without_triggers("incentives_policyversion_frozen")
    assert PolicyVersion.objects.filter(pk=points_policy.pk).update(sha256="0" * 64) == 1


# Points


def test_points_are_posted_once_and_recorded(cast, points_policy):
    row = post(cast, points_policy)
    assert post(cast, points_policy) == row
    assert PointEvent.objects.count() == 1
    assert [entry.action for entry in trail.entries_of(row)] == ["points_posted"]


def test_points_with_another_figure_for_the_same_source_are_refused(cast, points_policy):
    post(cast, points_policy)
    with pytest.raises(NotPossible, match="already on the record"):
        post(cast, points_policy, tenths=120)
    assert [row.tenths for row in PointEvent.objects.all()] == [200]


def test_points_taken_back_are_not_given_again_under_the_same_source(cast, points_policy):
    points.reverse(post(cast, points_policy), by=cast["head"], reason="The log was altered")
    with pytest.raises(NotPossible, match="given anew"):
        post(cast, points_policy)


def test_points_are_reversed_once_by_an_event_of_their_own(cast, points_policy):
    row = post(cast, points_policy)
    back = points.reverse(row, by=cast["head"], reason="The log was altered")
    assert points.reverse(row, by=cast["head"], reason="again") == back
    assert [(e.tenths, e.reverses) for e in PointEvent.objects.order_by("pk")] == [(200, None), (-200, row)]
    assert [e.reverses for e in points.events_of(cast["lead"])] == ["", "a"]
    assert [(entry.action, entry.payload.note) for entry in trail.entries_of(back)] == [
        ("points_reversed", "The log was altered")
    ]


def test_reversal_needs_a_reason_and_is_not_itself_reversed(cast, points_policy):
    row = post(cast, points_policy)
    with pytest.raises(NotPossible, match="Say why"):
        points.reverse(row, by=cast["head"], reason=" ")
    back = points.reverse(row, by=cast["head"], reason="x")
    with pytest.raises(NotPossible, match="already takes"):
        points.reverse(back, by=cast["head"], reason="x")
    assert PointEvent.objects.count() == 2


@pytest.mark.parametrize(
    "changes", [{"tenths": -1}, {"verified_on": date(2020, 1, 1)}], ids=["negative", "verified before the claim"]
)
def test_impossible_points_are_refused_by_the_database(cast, points_policy, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        post(cast, points_policy, **changes)


def test_points_of_the_same_source_are_unique_in_the_database(cast, points_policy):
    row = post(cast, points_policy)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize("model", [PointEvent, EligibilityRun])
def test_record_is_never_updated(cast, points_policy, model):
    post(cast, points_policy)
    eligibility.run(by=cast["rcsc"], person=cast["lead"])
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.update(person=cast["colleague"])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the SQLite test runner empties tables by DELETE")
@pytest.mark.parametrize("model", [PointEvent, EligibilityRun])
def test_record_is_never_deleted(cast, points_policy, model):
    post(cast, points_policy)
    eligibility.run(by=cast["rcsc"], person=cast["lead"])
    RecordHolder.objects.all().delete()  # the list of HR, which is written anew from the record
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.all().delete()


# Evaluations


@pytest.mark.parametrize("who", ["hr", "rcsc"])
def test_evaluation_is_run_by_hr_of_the_agency_and_the_rcsc(cast, points_policy, who):
    assert eligibility.run(by=cast[who], person=cast["lead"]).day == clock.today()


@pytest.mark.parametrize(
    ("by", "person"),
    [("hr", "colleague"), ("hr", "hr"), ("rcsc", "rcsc"), ("auditor", "lead"), ("hrc", "lead"), ("lead", "lead")],
)
def test_evaluation_by_anybody_else_is_refused_and_nothing_is_written(cast, points_policy, by, person):
    with pytest.raises(NotPossible, match="Only HR") as stop:
        eligibility.run(by=cast[by], person=cast[person])
    assert (stop.value.forbidden, EligibilityRun.objects.count()) == (True, 0)


def test_evaluation_of_a_day_to_come_is_refused(cast, points_policy):
    with pytest.raises(NotPossible, match="today or an earlier"):
        eligibility.run(by=cast["rcsc"], person=cast["lead"], day=clock.today() + timedelta(days=1))


def test_evaluation_without_a_policy_is_refused(cast):
    with pytest.raises(NotPossible, match="No points policy"):
        eligibility.run(by=cast["rcsc"], person=cast["lead"])


def test_facts_come_from_the_register_entry_of_the_day(cast, agencies):
    day = clock.today()
    factories.SnapshotFactory(person=cast["lead"], agency=agencies["health"], level="P2", as_of=day)
    later = {"as_of": day + timedelta(days=1), "told_on": day + timedelta(days=1)}
    factories.SnapshotFactory(person=cast["lead"], agency=agencies["health"], level="P1", **later)
    level = eligibility.facts_of(cast["lead"], day).level
    assert (level.value, level.source, level.as_of) == ("P2", "Test register", day)


def test_facts_without_a_source_are_not_known(cast):
    facts = eligibility.facts_of(cast["lead"], clock.today())
    unknown = (facts.ratings, facts.open_case, facts.sanctions, facts.security_cleared, facts.audit_cleared)
    assert [fact.value for fact in unknown] == [None] * 5


def test_nomination_is_not_known_for_an_earlier_day(cast):
    facts = eligibility.facts_of(cast["lead"], clock.today() - timedelta(days=1))
    assert facts.nominated.as_of == clock.today()


def verified():
    out = StringIO()
    try:
        call_command("verify_eligibility", stdout=out)
    except CommandError as fault:
        return out.getvalue().splitlines(), str(fault)
    return out.getvalue().splitlines(), ""


def test_stored_evaluation_runs_again_to_the_same_bytes(cast, points_policy):
    post(cast, points_policy)
    row = eligibility.run(by=cast["rcsc"], person=cast["lead"])
    post(cast, points_policy, source="b")  # what comes later changes no stored answer
    assert eligibility.again(EligibilityRun.objects.get(pk=row.pk)) == row.result
    assert verified() == (["1 evaluations, 0 faults"], "")


@pytest.mark.parametrize(
    ("sql", "faults"),
    [
        (
            "UPDATE incentives_eligibilityrun SET result=replace(result, 'not known', 'no')",
            ["the trail tells another evaluation", "the stored answer was altered", "gives another answer"],
        ),
        (
            "UPDATE incentives_eligibilityrun SET inputs=replace(inputs, '200', '100')",
            ["the trail tells another evaluation", "gives another answer"],
        ),
        (
            "UPDATE incentives_policyversion SET data=replace(data, '\"tenths\":300', '\"tenths\":100')",
            ["the policy is not the one that was approved", "gives another answer"],
        ),
    ],
    ids=["result", "inputs", "policy"],
)
def test_altered_evaluation_is_named(cast, points_policy, sql, faults):
    post(cast, points_policy)
    row = eligibility.run(by=cast["rcsc"], person=cast["lead"])
    without_triggers("incentives_eligibilityrun_no_update", "incentives_policyversion_frozen")
    run_sql(sql)
    lines, error = verified()
    assert lines == [
        *(f"evaluation {row.pk} of {row.day}: {fault}" for fault in faults), f"1 evaluations, {len(faults)} faults",
    ]  # fmt: skip
    assert error == f"{len(faults)} faults in stored evaluations."


def test_evaluation_that_was_forged_as_a_whole_or_removed_is_named(cast, points_policy):
    """As the owner of the database could: inputs, answer and digest of one, and another row is gone."""
    forged, gone = (eligibility.run(by=cast["rcsc"], person=cast[name]) for name in ("lead", "colleague"))
    without_triggers("incentives_eligibilityrun_no_update")
    run_sql("UPDATE incentives_eligibilityrun SET inputs=replace(inputs, 'P3', 'P4') WHERE id=%s", forged.pk)
    result = eligibility.again(EligibilityRun.objects.get(pk=forged.pk))
    EligibilityRun.objects.filter(pk=forged.pk).update(result=result, sha256=eligibility.digest(result))
    run_sql("DELETE FROM incentives_eligibilityrun WHERE id=%s", gone.pk)
    lines, _ = verified()
    assert lines == [
        f"evaluation {forged.pk} of {forged.day}: the trail tells another evaluation",
        f"evaluation {gone.pk}: it was removed", "1 evaluations, 2 faults",
    ]  # fmt: skip
