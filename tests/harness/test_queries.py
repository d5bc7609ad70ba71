"""What every page asks of the database: lists the same number at one row and at three, details at most fifteen."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluation.services import reviewing
from fund.services import findings
from fund.services.budget import add_line
from incentives.models import PointEvent
from incentives.services.holders import hold
from lifecycle.remembering import reading, remembered
from people.enums import Role
from people.services.notify import notify
from proposals.services import drafting

from .. import conftest, factories, stages
from ..incentives.test_results import verified
from ..sizes import once
from .matrix import MATRIX, world  # noqa: F401  (the fixture)

MOST_ON_A_LIST, MOST_ON_A_DETAIL = 12, 15
# (list, person) -> literal number, at one row and at three
LISTS = {
    ("home", "lead"): 9, ("home", "sponsor"): 10, ("home", "secretariat"): 12, ("home", "head"): 10,
    ("home", "reader"): 10, ("home", "out_chair"): 11, ("home", "out_board"): 12, ("home", "maker"): 9,
    ("home", "out_verifier"): 10, ("home", "classifier"): 10, ("home", "hr"): 9, ("home", "rcsc"): 9,
    ("proposal_list", "lead"): 4, ("proposal_list", "secretariat"): 4, ("proposal_list", "out_board"): 5,
    ("call_list", "lead"): 4, ("call_list", "secretariat"): 4, ("inbox", "lead"): 3, ("grant_list", "lead"): 7,
    ("grant_list", "maker"): 8, ("money", "maker"): 9, ("budget_lines", "head"): 6, ("budget_line", "head"): 9,
    ("my_reviews", "reader"): 5, ("panel", "secretariat"): 11, ("panel", "out_chair"): 12, ("panel", "out_board"): 12,
    ("assign_reviewers", "secretariat"): 15, ("hr_people", "hr"): 10, ("hr_people", "rcsc"): 9,
    ("nomination_list", "hr"): 6,
    ("my_record", "lead"): 15,
    ("finding_list", "auditor"): 6,
    ("budget", "head"): 8, ("innovation_share", "lead"): 6, ("transfers", "maker"): 6, ("year_end", "maker"): 12,
}  # fmt: skip
DETAILS_AS_LISTS = {"assign_reviewers", "my_record"}  # many lists on one page: no more than a detail page


def queries_of(client, path):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200, path
    return len(queries)


def seated(person):
    """Return a signed-in client whose session has been touched, so that the pages write nothing."""
    client = Client()
    client.force_login(person)
    client.post(reverse("hr_people"), {"purpose": "committee"})  # asked before people's records are shown
    client.get("/help/")
    return client


def add_row(number, cast, call, line, agencies):
    """Add one more of everything that a list shows."""
    drafting.start(by=cast["lead"], title=f"Row {number}", call=call)
    notify(person=cast["lead"], key=f"row {number}", subject="s", body="b")
    factories.open_call(cast["secretariat"], cast["head"], reference=f"row-{number}", budget_line=line)
    stages.await_agreement(conftest.new_proposal(call, cast, f"Awaiting {number}"), cast)
    judged = stages.check(conftest.new_proposal(call, cast, f"Judged {number}"), cast)
    reviewing.assign(judged, by=cast["secretariat"], reviewer=cast["reader"])
    add_line(by=cast["head"], code=f"line-{number}", name="Line", fiscal_year=line.fiscal_year)
    made = factories.make_grant(cast, line)
    findings.raise_finding(by=cast["auditor"], grant=made, title="No receipt", text="x", office="team")
    conftest.officers(Role.REVIEWER, factories.AgencyFactory(), 1)
    event = PointEvent.objects.filter(person=cast["lead"]).values().first()
    for person in (cast["lead"], factories.civil_servant(f"row{number}@x.example", agencies["health"])):
        PointEvent.objects.create(**event | {"id": None, "person_id": person.pk, "source": f"row:{number}"})
        hold(person)


@pytest.fixture
def lists(cast, panel, funded_call, line, agencies, worked):
    """One row of everything; returns (the cast with judges of other agencies, how to add a row)."""
    cast["reader"], cast["out_chair"], cast["out_board"] = panel["reviewers"][0], panel["chair"], panel["board"][0]
    cast["out_verifier"] = conftest.officers(Role.VERIFIER, agencies["farms"], 1)[0]
    verified(worked, cast, cast["out_verifier"])
    add_row(0, cast, funded_call, line, agencies)
    return lambda number: add_row(number, cast, funded_call, line, agencies)


def list_path(name, call, line):
    case = call.proposals.filter(title="Judged 0").get().case
    args = {
        "budget_line": [line.code],
        "year_end": [line.fiscal_year],
        "panel": [call.reference],
        "moderation_queue": [call.reference],
        "assign_reviewers": [case],
    }
    return reverse(name, args=args.get(name, []))


@once
def test_lists_cost_the_same_at_one_row_and_at_three(lists, cast, funded_call, line):
    clients = {person: seated(cast[person]) for _, person in LISTS}
    counts = []
    for rows in ((), (1, 2)):
        for number in rows:
            lists(number)
        counts.append({(n, p): queries_of(clients[p], list_path(n, funded_call, line)) for n, p in LISTS})
    assert counts[0] == LISTS
    assert counts[1] == LISTS
    most = {name: MOST_ON_A_DETAIL if name in DETAILS_AS_LISTS else MOST_ON_A_LIST for name, _ in LISTS}
    assert [key for key, count in LISTS.items() if count > most[key[0]]] == []


def test_question_is_asked_once_while_reading_and_afresh_elsewhere():
    asked = []

    @remembered
    def question(who):
        asked.append(who)
        return len(asked)

    with reading():
        assert (question("a"), question("a"), question("b")) == (1, 1, 2)
    assert (question("a"), question("a")) == (3, 4)
    with reading():
        assert question("a") == 5


def test_post_sees_a_role_that_ended_a_moment_ago(client, proposal, cast):
    """Only pages that write nothing remember: `reads_ask_once` leaves a POST alone."""
    from lifecycle.middleware import reads_ask_once
    from lifecycle.remembering import _answers

    seen = []
    handle = reads_ask_once(lambda request: seen.append(_answers.get()))
    for method in ("GET", "HEAD", "POST"):
        handle(type("Request", (), {"method": method})())
    assert seen == [{}, {}, None]
