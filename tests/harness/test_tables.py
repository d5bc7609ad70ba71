"""The written tables equal the code: transitions, wiring, directions, sizes, migrations."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from lifecycle.checks import wiring_faults
from lifecycle.errors import WiringError
from lifecycle.guards import provided
from lifecycle.reactions import wiring
from lifecycle.tables import document
from lifecycle.transitions import lifecycle_models, rules_of

ROOT = Path(__file__).resolve().parents[2]

FREE = " and not blocked by a conflict of interest"
OUTSIDER = " and outside the team and free of conflicts of interest"
CHECKS = f"Finance: releases payments and not the one who prepared it{OUTSIDER}"
LEADS, TEAM = f"lead or deputy lead{FREE}", f"lead or deputy lead or team member{FREE}"
NAMED, OVERSEES = f"the approver named in the agreement{FREE}", f"Secretariat officer{OUTSIDER}"
PAYABLE = (
    "grant_is_active", "agreement_signed", "milestone_before_settled", "payment_before_accounted", "no_overdue_report",
)  # fmt: skip
# model -> transition -> (sources, target, who, guards and needs)
TRANSITIONS = {
    "fund.Call": {
        "approve": (
            ("draft",), "approved", "Head of secretariat and not its author", ("weights_sum", "closes_later"),
        ),
        "cancel": (("draft", "approved"), "cancelled", "Head of secretariat and not its author", ()),
    },
    "fund.Grant": {
        "sign_as_lead": (("offered",), "offered", LEADS, ("offer_in_time", "unsigned_by_lead", "lead_has_room")),
        "sign_as_sponsor": (("offered",), "offered", NAMED, ("offer_in_time", "unsigned_by_sponsor")),
        "activate": (
            ("offered",), "active", f"({LEADS} or {NAMED})", ("both_signed", "offer_in_time", "lead_has_room"),
        ),
        "stop_early": (("stopping",), "stopped_early", OVERSEES, ("rest_is_unspent",)),
        "complete": (
            ("active",), "completed", OVERSEES, ("milestones_settled", "payments_accounted", "reports_accepted"),
        ),
        "stop": (("active",), "stopping", LEADS, ()),
        "decline": (("offered",), "declined", LEADS, ()),
        "expire": (("offered",), "expired", "the system", ("offer_is_over",)),
    },
    "fund.Milestone": {
        "submit": (("in_progress", "returned"), "submitted", TEAM, ("grant_is_active",)),
        "accept": (("submitted",), "accepted", OVERSEES, ("grant_is_active",)),
        "send_back": (("submitted",), "returned", OVERSEES, ("grant_is_active",)),
        "mark_not_met": (("submitted",), "not_met", OVERSEES, ("grant_is_active",)),
        "begin": (("planned",), "in_progress", "the system", ("grant_is_active",)),
        "waive": (("planned", "in_progress"), "waived", f"Fund board member{OUTSIDER}", ("grant_is_active",)),
    },
    "fund.Report": {
        "submit": (("open", "returned"), "submitted", TEAM, ("grant_is_running",)),
        "accept": (("submitted",), "accepted", OVERSEES, ()),
        "send_back": (("submitted",), "returned", OVERSEES, ()),
    },
    "fund.Tranche": {
        "prepare": (("releasable",), "prepared", f"Finance: prepares payments{OUTSIDER}", PAYABLE),
        "pay": (("prepared",), "released", CHECKS, PAYABLE),
        "acknowledge": (("released",), "acknowledged", TEAM, ("grant_is_running",)),
        "account": (("acknowledged",), "acknowledged", TEAM, ("grant_is_running",)),
        "cancel": (("locked", "releasable", "prepared", "held"), "cancelled", "the system", ()),
        "return_rest": (("released", "acknowledged"), "accounted", f"({CHECKS} or the system)", ()),
        "settle": (("acknowledged",), "accounted", "the system", ("fully_accounted",)),
        "unlock": (("locked",), "releasable", "the system", PAYABLE),
        "hold": (("locked", "releasable", "prepared"), "held", f"Head of secretariat{OUTSIDER}", ()),
        "lift_hold": (("held",), "locked", f"Head of secretariat{OUTSIDER}", ()),
    },
    "proposals.Proposal": {
        "withdraw": (
            ("draft",), "withdrawn", "lead or deputy lead and not blocked by a conflict of interest", (),
        ),
    },
}  # fmt: skip
INITIAL = {
    "fund.Call": "draft", "fund.Grant": "offered", "fund.Milestone": "planned", "fund.Report": "open",
    "fund.Tranche": "locked", "proposals.Proposal": "draft",
}  # fmt: skip
FINAL = {
    "fund.Call": {"cancelled"}, "fund.Grant": {"declined", "expired", "stopped_early", "completed"},
    "fund.Milestone": {"accepted", "not_met", "waived"}, "fund.Report": {"accepted"},
    "fund.Tranche": {"accounted", "cancelled"}, "proposals.Proposal": {"withdrawn"},
}  # fmt: skip
REACTIONS: dict[str, list[str]] = {}
NEEDS: dict[str, str] = {}


def test_transition_table_equals_the_code():
    found = {
        model._meta.label: {
            rule.name: (rule.sources, rule.target, rule.who.name, (*(g.name for g in rule.guards), *rule.needs))
            for rule in rules_of(model).values()
        }
        for model in lifecycle_models()
    }
    assert found == TRANSITIONS


@pytest.mark.parametrize("label", sorted(TRANSITIONS))
def test_every_state_is_reachable_and_every_other_than_final_has_an_exit(label):
    model = apps.get_model(label)
    states = {value for value, _ in model._meta.get_field("state").choices}
    rules = rules_of(model).values()
    assert {rule.target for rule in rules} | {INITIAL[label]} == states
    assert {source for rule in rules for source in rule.sources} == states - FINAL[label]


def test_lifecycles_document_is_up_to_date():
    assert (ROOT / "docs" / "lifecycles.md").read_text() == document()


def test_wiring_equals_the_literal_table():
    assert (wiring(), provided(), wiring_faults()) == (REACTIONS, NEEDS, [])


def test_unwired_need_stops_the_start(monkeypatch):
    from lifecycle import checks

    monkeypatch.setattr(checks, "wiring_faults", lambda: ["x needs 'y', which no room provides"])
    with pytest.raises(WiringError, match="which no room provides"):
        checks.refuse_faulty_wiring()


def test_foreign_keys_point_left():
    rooms = settings.ROOMS
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in rooms
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model._meta.app_label in rooms
        if rooms.index(field.related_model._meta.app_label) > rooms.index(model._meta.app_label)
    ]
    assert wrong == []


def test_lock_order_is_written_for_what_is_locked():
    known = {model._meta.label for model in apps.get_models()}
    written = [label for label in settings.LIFECYCLE_LOCK_ORDER if label in known]
    assert written == ["fund.BudgetLine", "fund.Call", "proposals.Proposal", "fund.Grant"]


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def sources():
    for room in [*settings.ROOMS, "config", "tests"]:
        yield from (f for f in (ROOT / room).rglob("*.py") if "migrations" not in f.parts)


def test_sizes_of_files_functions_and_templates():
    long_files = [f for f in sources() if f.read_text().count("\n") > 400]
    long_functions = [
        f"{file.name}:{node.lineno} {node.name}"
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > 50
    ]
    long_templates = [f for f in (ROOT / "templates").rglob("*.html") if f.read_text().count("\n") > 150]
    assert (long_files, long_functions, long_templates) == ([], [], [])


def test_templates_hold_no_unsafe_output():
    allowed = {"forms/field.html"}  # help texts are ours, written in the code
    found = {
        str(f.relative_to(ROOT / "templates"))
        for f in (ROOT / "templates").rglob("*.html")
        if any(word in f.read_text() for word in ("|safe", "autoescape off", "mark_safe"))
    }
    assert found == allowed
