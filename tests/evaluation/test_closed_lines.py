"""No page of money tells who waits for a decision what was decided, before it is told."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from evaluation.enums import Choice
from evaluation.services import decide
from fund import closed_lines
from fund.closed_lines import lines_closed_to
from fund.models import BudgetLine, Transfer, YearEndItem
from fund.services import budget, ledger, money_sheets, year_end
from lifecycle import jobs
from lifecycle.errors import NotPossible
from lifecycle.models import Job
from people.enums import Grade, Role
from people.models import Block
from people.services.accounts import system_user
from people.services.grants import grant_role
from proposals.models import Proposal

from .. import factories, stages
from ..fund.test_budget import sheet

FRESH = re.compile(r'name="(?:csrfmiddlewaretoken|once|begin)" value="[^"]+"')


def hold(person, *roles):
    for role in roles:
        grant_role(by=system_user(), person=person, role=role, reason="test")
    if not person.authenticator_set.exists():
        factories.second_factor(person)
    return person


def read(client, person, line, call):
    """Return what each page says of money to the person: path -> status and text."""
    client.force_login(person)
    year = line.fiscal_year
    paths = [
        reverse("money"), reverse("budget"), reverse("budget_lines"), line.get_absolute_url(), reverse("transfers"),
        reverse("transfer_new"), reverse("year_end", args=[year]), reverse("grant_list"), call.get_absolute_url(),
        reverse("call_check", args=[call.reference]), reverse("call_people", args=[call.reference]),
        reverse("call_task", args=[call.reference, "money"]), reverse("panel", args=[call.reference]),
        reverse("innovation_share"), reverse("home"),
    ]  # fmt: skip
    answers = {path: client.get(path) for path in paths}
    return {path: (got.status_code, FRESH.sub("", got.content.decode())) for path, got in answers.items()}


def approve(pending, panel):
    stages.votes(pending, panel["board"][:3], *[Choice.APPROVE] * 3)
    return decide.approve(Proposal.objects.get(pk=pending.pk), by=panel["board"][0])


@pytest.mark.parametrize("name", ["lead", "colleague", "exmember", "sponsor", "conflicted"])
def test_pages_of_money_read_the_same_before_and_after_an_approval(client, cast, pending, panel, line, name):
    reader = hold(cast[name], Role.MAKER, Role.CHECKER, Role.SECRETARIAT)
    before, left = read(client, reader, line, pending.call), line.available
    approve(pending, panel)
    line.refresh_from_db()
    assert line.available < left
    after = read(client, reader, line, pending.call)
    assert {path for path in before if before[path] != after[path]} == set()
    free = read(client, hold(cast["stranger"], Role.MAKER, Role.SECRETARIAT), line, pending.call)
    assert "Set aside" in free[line.get_absolute_url()][1]


def test_without_the_rule_the_pages_tell(client, cast, pending, panel, line, monkeypatch):
    monkeypatch.setattr(closed_lines, "FINDERS", [])
    reader = hold(cast["lead"], Role.MAKER, Role.SECRETARIAT)
    before = read(client, reader, line, pending.call)
    approve(pending, panel)
    after = read(client, reader, line, pending.call)
    told = {path for path in before if before[path] != after[path]}
    assert told >= {
        reverse("budget"), reverse("budget_lines"), line.get_absolute_url(),
        reverse("year_end", args=[line.fiscal_year]), reverse("call_check", args=[pending.call.reference]),
    }  # fmt: skip


def test_the_line_is_open_again_once_the_decision_is_told(client, cast, pending, panel, line):
    reader = hold(cast["lead"], Role.MAKER)
    client.force_login(reader)
    refused = client.get(line.get_absolute_url())
    assert refused.status_code == 403
    assert closed_lines.CLOSED in refused.content.decode()
    for page in ("budget", "budget_lines"):
        assert f"{line} ({line.code})" in client.get(reverse(page)).content.decode()
    approved = approve(pending, panel)
    assert lines_closed_to(reader) == {line.pk}
    stages.tell(approved, cast, panel["chair"])
    assert lines_closed_to(reader) == frozenset()
    assert client.get(line.get_absolute_url()).status_code == 200


def test_acts_that_would_say_what_is_left_are_refused(cast, pending, line, agencies):
    other = factories.make_line(cast["head"], code="moal-1", amount=500, agency=agencies["farms"])
    maker, checker = hold(cast["lead"], Role.MAKER), hold(cast["colleague"], Role.CHECKER)
    for lines in ((line, other), (other, line)):
        with pytest.raises(NotPossible, match="waits for its decision") as no:
            budget.propose_transfer(by=maker, from_line=lines[0], to_line=lines[1], amount=10**12, reason="x")
        assert no.value.forbidden
    made = budget.propose_transfer(by=cast["maker"], from_line=line, to_line=other, amount=1, reason="x")
    with pytest.raises(NotPossible) as no:
        budget.approve_transfer(made, by=checker)
    assert no.value.forbidden
    assert Transfer.objects.get().state == "proposed"
    key = f"line-{line.pk}"
    with pytest.raises(NotPossible, match="was prepared or moved meanwhile"):
        year_end.prepare(by=maker, year=line.fiscal_year, choices={}, vouchers={key: "V"}, seen={key: line.available})
    assert not YearEndItem.objects.exists()
    budget.approve_transfer(made, by=cast["checker"])
    assert BudgetLine.objects.get(pk=other.pk).allocated == 501


def test_sheets_leave_the_line_out_and_end_with_a_new_tie(client, cast, pending, line):
    reader = hold(cast["lead"], Role.MAKER)
    for kind in ("budget", "reconciliation", "year-end"):
        assert line.code not in str(sheet(kind, str(line.fiscal_year), reader))
    assert line.code not in str(sheet("ledger", line.code, reader))
    client.force_login(reader)
    assert client.post(reverse("money_sheet", args=["ledger"]), {"about": line.code}).status_code == 404
    maker = cast["maker"]
    job = money_sheets.ask("budget", str(line.fiscal_year), by=maker)
    assert jobs.run(job.pk)
    client.force_login(maker)
    address = reverse("own_file", args=[Job.objects.get(pk=job.pk).result])
    assert client.get(address).status_code == 200
    now = Job.objects.get(pk=job.pk).created_at
    Block.objects.create(case=uuid4(), person=maker, grade=Grade.BLOCK, reason="x", since=now)
    assert client.get(address).status_code == 404


def test_ledger_of_another_line_stays_open(client, cast, pending, agencies):
    other = factories.make_line(cast["head"], code="moal-1", amount=500, agency=agencies["farms"])
    ledger.allocate(line=other, amount=77, source="more", by=cast["head"])
    client.force_login(hold(cast["lead"], Role.MAKER))
    assert "5.77" in client.get(other.get_absolute_url()).content.decode()
    text = client.get(reverse("budget")).content.decode()
    assert "The other lines: allocated Nu. 5.77" in text
