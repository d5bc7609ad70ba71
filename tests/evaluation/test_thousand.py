"""The lists of judging with many proposals: never more than twelve questions to the database, and pages of fifty."""

import gzip
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluation.locks import field_of
from evaluation.models import Appeal, Feedback, Review, Score
from evaluation.services import ranking
from fund.models import BudgetLine
from lifecycle import clock
from people.enums import Part, Role
from people.models import Involvement
from proposals.models import Proposal, Version

from .. import conftest, stages
from ..sizes import FULL_SIZE, once

MANY = 1000 if FULL_SIZE else 130
MOST = 12
HEAVIEST = 30_000  # bytes of a page, compressed
LISTS = {
    "panel": ("secretariat", "chair", "board"), "ranking": ("secretariat", "chair", "board"),
    "moderation_queue": ("secretariat", "chair"), "lots": ("secretariat", "board"), "run_sheet": ("secretariat",),
    "proposal_list": ("secretariat", "chair", "board", "lead"), "home": ("secretariat", "chair", "board", "reviewer"),
    "my_reviews": ("reviewer",), "appeals": ("secretariat", "appeals"),
}  # fmt: skip
OF_CALL = {"panel", "ranking", "moderation_queue", "lots", "run_sheet"}


@pytest.fixture
def crowded(eligible, cast, panel, agencies):
    """Many copies of one judged proposal in its call, ranked, each with feedback begun; and as many appeals."""
    first = stages.judge(eligible, cast, panel["reviewers"])
    call, version, now = first.call, first.versions.last(), clock.now()
    BudgetLine.objects.filter(pk=call.budget_line_id).update(allocated=stages.REQUESTED * (MANY // 3))
    common = {
        "call": call, "lead_agency": first.lead_agency, "created_by": cast["lead"], "created_at": now,
        "updated_at": now, "state": "ranked", "submitted_at": now,
    }  # fmt: skip
    rows = Proposal.objects.bulk_create(
        Proposal(case=uuid4(), title=f"Copy {n}", number=n, reference=f"COPY-{n:04d}", **common)
        for n in range(10, MANY + 10)
    )
    versions = Version.objects.bulk_create(
        Version(proposal=row, number=1, content=version.content, sha256=version.sha256, frozen_by=cast["lead"],
                frozen_at=now)
        for row in rows
    )  # fmt: skip
    Involvement.objects.bulk_create(
        Involvement(case=row.case, person=cast["lead"], part=Part.LEAD, agency=row.lead_agency, since=now)
        for row in rows
    )
    reviews = Review.objects.bulk_create(
        Review(proposal=row, version=kept, case=row.case, reviewer=person, assigned_by=cast["secretariat"],
               assigned_at=now, submitted_at=now, state="locked", chance="open", **stages.WHOLE)
        for row, kept in zip(rows, versions, strict=True) for person in panel["reviewers"]
    )  # fmt: skip
    criteria = list(call.criteria.values_list("pk", flat=True))
    Score.objects.bulk_create(
        Score(review=review, criterion_id=key, halves=4 + (n * 7 + place) % 6, reason="Because.")
        for n, review in enumerate(reviews) for place, key in enumerate(criteria)
    )  # fmt: skip
    Feedback.objects.bulk_create(
        Feedback(proposal=row, number=1, certified=False, by=panel["chair"], at=now, **stages.WHOLE) for row in rows
    )
    Appeal.objects.bulk_create(
        Appeal(proposal=row, case=row.case, told_at=now, ground="fact", words="A fact.", lodged_by=cast["lead"],
               lodged_at=now, due_on=now.date())
        for row in rows
    )  # fmt: skip
    ranking._write(call, list(field_of(call)), cast["secretariat"])
    cast |= {
        "chair": panel["chair"], "board": panel["board"][0], "reviewer": panel["reviewers"][0],
        "appeals": conftest.officers(Role.APPEALS, agencies["farms"], 1)[0],
    }  # fmt: skip
    return call


@once
def test_lists_of_many_ask_at_most_twelve_times_and_stay_light(crowded, cast):
    dear, heavy = {}, {}
    for name, people in LISTS.items():
        for person in people:
            client = Client()
            client.force_login(cast[person])
            client.get("/help/")
            path = reverse(name, args=[crowded.reference] if name in OF_CALL else [])
            for page in ("", "?page=2"):
                with CaptureQueriesContext(connection) as queries:
                    answer = client.get(path + page)
                assert answer.status_code == 200
                dear[name, person, page] = len(queries)
                heavy[name, person, page] = len(gzip.compress(answer.content))
    assert {key: count for key, count in dear.items() if count > MOST} == {}
    assert {key: size for key, size in heavy.items() if size > HEAVIEST} == {}
    for name in ("panel", "ranking", "moderation_queue"):
        each_stands_once(cast["secretariat"], reverse(name, args=[crowded.reference]))


def each_stands_once(person, path):
    """Hold that each proposal stands on exactly one of the pages of a list, fifty on each but the last."""
    client = Client()
    client.force_login(person)
    found, sizes, more = [], [], True
    while more:
        context = client.get(f"{path}?page={len(sizes) + 1}").context
        found += [row.proposal.pk for row in context["rows"]]
        sizes.append(len(context["rows"]))
        more = context["page_obj"].has_next()
    assert sizes[:-1] == [50] * (len(sizes) - 1)
    assert len(found) == len(set(found)) == MANY + 1
