"""Questions that are put together once ask for each person what they would ask put together anew."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from fund import grant_page, queries
from lifecycle import clock
from lifecycle.fiscal import fiscal_year
from lifecycle.prepared import PREPARED, NotPreparable, Prepared
from lifecycle.trail import stream_key
from people import policies, timeline
from people.enums import Grade, Role
from people.models import Block, Involvement, RoleGrant, User
from people.policies import in_force
from people.queries import role_names
from people.services.calendar import months_before
from proposals import page_query, questions
from proposals.models import Proposal
from proposals.models.visible import SEES_JUDGING

LATER = timedelta(days=400, hours=7)  # another fiscal year, another day, another hour


def asked(person, row, team, leads):
    """Return every prepared question of the product with values and shape, as its page asks it of `row`'s case."""
    roles, case, year = frozenset(role_names(person)), row.case, fiscal_year(clock.today())
    return [
        (policies._roles_of, (person.pk,), {}),
        (policies._parts_in_case, (case,), {}),
        (policies._grades_in_case, (case, person.pk), {}),
        (timeline._entries, (stream_key(row),), {"limit": 50, "without": ("saved",), "only": ()}),
        (questions._questions_of_call, (1,), {}),
        (page_query._prepared_page, (case, person), {"roles": roles - SEES_JUDGING}),
        (page_query._answers_to, (Proposal(pk=row.pk),), {}),
        (grant_page._page, (case, person), {"officer": Role.SECRETARIAT in roles}),
        (grant_page._findings, (row.pk, person), {"roles": roles}),
        (grant_page._notes, (row.pk,), {}),
        (queries._waiting_in, (case, person), {"roles": roles, "leads": leads, "in_team": team, "year": year}),
    ]


def differing(people, rows):
    """Return which prepared question differs from the one put together anew, for whom."""
    found = set()
    for name, person in people.items():
        for row in rows:
            for question, values, shape in asked(person, row, name in ("lead", "colleague"), name == "lead"):
                plan = question.plan_for(values, shape)
                with clock.frozen(clock.now()):
                    same = (
                        plan
                        and (plan.sql, plan.filled(values)) == question.build(*values, **shape).query.sql_with_params()
                    )
                found |= set() if same else {(question.__name__, name)}
    return found


def test_every_prepared_question_is_the_one_put_together_anew_for_everybody_at_any_time(cast, proposal, grant):
    known = {question for question, *_ in asked(cast["lead"], proposal, True, True)}
    assert known == {question for question in PREPARED if not question.__module__.startswith("tests.")}
    staff = User.objects.create(email="staff@x.example", full_name="Staff", is_staff=True)
    people = cast | {"staff": staff}
    assert differing(people, [proposal, grant]) == set()
    with clock.frozen(clock.now() + LATER):
        assert differing(people, [grant, proposal]) == set()


def test_rows_are_those_of_the_person_asked_about(cast, proposal, grant):
    for person in cast.values():
        for row in (grant, proposal):
            for question, values, shape in asked(person, row, True, False):
                assert question(*values, **shape) == list(question.build(*values, **shape))


def test_the_first_question_asks_no_more_than_each_later_one(cast, grant, monkeypatch):
    lead = cast["lead"]
    monkeypatch.setattr(grant_page._page, "plans", {})
    asked = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as seen:
            assert grant_page._page(grant.case, lead, officer=False) == [grant]
        asked.append(len(seen))
        assert "80000000000000000000000000000000" not in str(seen.captured_queries).replace("-", "")
    assert asked == [4, 4, 4]


def test_an_involvement_that_ends_is_seen_at_once(cast, proposal):
    lead = cast["lead"]
    assert page_query.proposal_page(proposal.case, lead) == proposal
    Involvement.objects.filter(case=proposal.case, person=lead).update(until=clock.now())
    assert page_query.proposal_page(proposal.case, lead) is None
    colleague = cast["colleague"]
    assert page_query.proposal_page(proposal.case, colleague) == proposal
    Block.objects.create(case=proposal.case, person=colleague, grade=Grade.BLOCK, reason="x", since=clock.now())
    assert page_query.proposal_page(proposal.case, colleague) is None


def since(moment):
    return RoleGrant.objects.filter(since__gte=moment)


HOSTILE = {
    "asks the database": lambda person: RoleGrant.objects.filter(person=User.objects.first()),
    "its own time": lambda person: since(datetime.now().astimezone()),
    "months": lambda person: RoleGrant.objects.filter(since__date__gte=months_before(clock.today(), 3)),
    "the year": lambda person: RoleGrant.objects.filter(since__year=clock.today().year),
    "a day that stays": lambda person: RoleGrant.objects.filter(since__date__gte=date(2026, 1, 1)),
    "more of the person than the key": lambda person: RoleGrant.objects.filter(reason=person.email),
    "a shape that is not said": lambda person: (
        RoleGrant.objects.all() if person.email else RoleGrant.objects.filter(person=person)
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_question_that_cannot_be_prepared_is_put_together_each_time_and_logged(cast, kind, caplog):
    question = Prepared(HOSTILE[kind])
    PREPARED.remove(question)
    with pytest.raises(NotPreparable):
        question._plan((cast["lead"],), {})
    assert question(cast["lead"]) == list(HOSTILE[kind](cast["lead"]))
    assert "not_preparable" in caplog.text


def test_values_of_other_kinds_are_other_questions(cast):
    question = Prepared(lambda value: RoleGrant.objects.filter(person=value).order_by(F("pk")))
    PREPARED.remove(question)
    officer = cast["maker"]
    assert question(officer) == question(officer.pk) == question(str(officer.pk)) != []
    assert question(None) == []
    assert question(uuid4().int % 1000 + 10**6) == []


def test_moments_are_those_of_the_question(cast):
    question = Prepared(lambda person: RoleGrant.objects.filter(in_force(), person=person))
    PREPARED.remove(question)
    assert question(cast["maker"].pk)
    with clock.frozen(clock.now() - LATER):
        assert question(cast["maker"].pk) == []
