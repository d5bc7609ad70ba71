"""Conflicts over random data: found at once as each rule finds them alone, and as loops over all rows find them."""

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from evaluation.enums import LIVE
from evaluation.models import Review
from evaluation.services import conflict_finders, conflicts
from fund.enums import CallKind
from lifecycle import clock
from people.enums import TEAM_PARTS, Grade, Part
from people.models import Block, EmploymentSnapshot, Involvement
from people.services.calendar import months_before
from proposals.enums import UNDECIDED
from proposals.models import Proposal, Version

from .. import factories
from ..sizes import once

ROUNDS = 25
STATES = ("draft", "submitted", "in_review", "declined", "approved", "withdrawn")
REVIEWS = ("assigned", "in_progress", "recused", "refused")
PARTS = ("lead", "member", "sponsor", "reviewer", "chair")


@pytest.fixture
def crowd(cast, call, line, agencies):
    """Five people; a dated and a rolling call on one budget line; six proposals."""
    people = [factories.civil_servant(f"p{n}@x.example", agencies["farms"]) for n in range(5)]
    rolling = {"reference": "rolling", "kind": CallKind.ROLLING, "closes_at": None, "budget_line": line}
    calls = [call, factories.open_call(cast["secretariat"], cast["head"], **rolling)]
    now, rows = clock.now(), []
    for number in range(6):
        row = Proposal.objects.create(
            case=uuid4(), title=f"P{number}", call=calls[number % 2], lead_agency=agencies["health"],
            created_by=cast["lead"], created_at=now, updated_at=now, state="submitted", submitted_at=now,
            number=number, reference=f"p-{number}",
        )  # fmt: skip
        Version.objects.create(
            proposal=row, number=1, content="{}", sha256="0" * 64, frozen_by=cast["lead"], frozen_at=now
        )
        rows.append(row)
    return people, rows


def shuffle(generator, people, rows, by):
    """Give everybody random parts, posts, blocks and reviews; and the proposals random states and times."""
    now = clock.now()
    for row in rows:
        sent = now - timedelta(days=generator.choice((0, 10, 20, 400, 1200)))
        Proposal.objects.filter(pk=row.pk).update(state=generator.choice(STATES), submitted_at=sent)
        for person in generator.sample(people, 2):
            part, since = generator.choice(PARTS), now - timedelta(days=generator.randrange(1, 500))
            Involvement.objects.create(case=row.case, person=person, part=part, agency=row.lead_agency, since=since)
        if generator.random() < 0.3:
            Block.objects.create(
                case=row.case, person=generator.choice(people), grade=generator.choice(Grade.values), reason="Said.",
                since=now,
            )  # fmt: skip
        for person in generator.sample(people, 2):
            Review.objects.create(
                proposal=row, version=row.versions.get(), case=row.case, reviewer=person, assigned_by=by,
                assigned_at=now, state=generator.choice(REVIEWS),
            )  # fmt: skip
    for person in people:
        if generator.random() < 0.5:
            EmploymentSnapshot.objects.filter(person=person).update(line_manager=generator.choice(people))


def alone(proposal, people, part):
    """Return what each finder finds by itself, with nothing remembered."""
    found = {person.pk: set() for person in people}
    for find in conflict_finders.finders(part):
        for pk, conflict in find(proposal, people):
            found[pk].add(conflict)
    return {pk: {row for row in rows if not any(_again(row, other) for other in rows)} for pk, rows in found.items()}


def _again(row, other):
    return row.reason == f"On record: {other.reason}"[:311] or other.reason == f"On record: {row.reason}"


def by_loops(proposal, person, part):
    """Return the grades and first words of the ties by other proposals, by loops over all rows."""
    reviews, call, found = part == Part.REVIEWER, proposal.call, set()
    team = {row.person_id for row in Involvement.objects.filter(case=proposal.case, part__in=TEAM_PARTS)}
    start = months_before(clock.today(), 36)
    for other in Proposal.objects.exclude(pk=proposal.pk):
        if not Involvement.objects.filter(case=other.case, person=person, part__in=TEAM_PARTS).exists():
            continue
        near = call.kind != CallKind.ROLLING or abs(other.submitted_at - proposal.submitted_at) <= timedelta(days=14)
        if reviews and other.call == call and near:
            found.add("Applied to the same call")
        with_team = Involvement.objects.filter(case=other.case, part__in=TEAM_PARTS, person__in=team).exists()
        if with_team and timezone.localdate(other.submitted_at) >= start:
            found.add("Applied together with")
        same_line = other.call.budget_line_id == call.budget_line_id and other.state in UNDECIDED
        if same_line and not (reviews and other.call == call):
            found.add("Has a proposal of")
        theirs = Review.objects.filter(proposal=other, reviewer__in=team, state__in=LIVE)
        if reviews and other.call == call and theirs.exists():
            found.add("Somebody of this team")
    return found


WORDS = ("Applied to the same call", "Applied together with", "Has a proposal of", "Somebody of this team")


@once
def test_found_at_once_as_alone_and_as_by_loops(crowd, cast):
    people, rows = crowd
    generator, seen = random.Random(7), set()
    for _ in range(ROUNDS):
        with transaction.atomic():
            shuffle(generator, people, rows, cast["secretariat"])
            proposal = Proposal.objects.get(pk=generator.choice(rows).pk)
            for part in (Part.REVIEWER, Part.BOARD):
                found = conflicts.conflicts_among(proposal, people, part)
                assert {pk: set(said) for pk, said in found.items()} == alone(proposal, people, part)
                for person in people:
                    said = {word for row in found[person.pk] for word in WORDS if row.reason.startswith(word)}
                    assert said == by_loops(proposal, person, part)
                    seen |= said
            transaction.set_rollback(True)
    assert seen == set(WORDS)


def test_look_at_one_person_asks_few_questions_and_each_afresh(eligible, panel, cast):
    person = panel["reviewers"][0]
    with CaptureQueriesContext(connection) as queries:
        assert conflicts.conflicts_of(eligible, person) == []
    assert len(queries) <= 7
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(line_manager=person)
    assert [row.grade for row in conflicts.conflicts_of(eligible, person)] == [Grade.BLOCK]
