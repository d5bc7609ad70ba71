"""The written tables equal the code: transitions, wiring, directions, sizes, migrations."""

import ast
import importlib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import RequestFactory

from lifecycle import acts
from lifecycle.checks import wiring_faults
from lifecycle.errors import WiringError
from lifecycle.guards import provided
from lifecycle.reactions import wiring
from lifecycle.tables import document
from lifecycle.transitions import lifecycle_models, rules_of
from proposals.enums import JUDGING
from proposals.models import Proposal
from proposals.views.reading import CONCEALED

from .table_wiring import NEEDS, REACTIONS
from .tables import FINAL, INITIAL, TRANSITIONS

ROOT = Path(__file__).resolve().parents[2]


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


def test_act_that_nobody_wrote_fails_the_check_of_every_start(monkeypatch):
    entered = acts.find_act("evaluation.services.decide.approve")
    monkeypatch.setattr(acts, "_acts", {name: act for name, act in acts._acts.items() if act is not entered})
    words = "proposals.Proposal.approve names 'evaluation.services.decide.approve', which is not an act"
    assert wiring_faults() == [words]
    with pytest.raises(SystemCheckError, match=words):
        call_command("check")


@pytest.mark.django_db
def test_wired_server_starts_and_answers():
    """As gunicorn does: the module is loaded anew and its application called."""
    application, told = importlib.reload(importlib.import_module("config.wsgi")).application, []
    body = application(RequestFactory()._base_environ(PATH_INFO="/health/live"), lambda *said: told.append(said[0]))
    assert (told, b"".join(body)) == (["200 OK"], b'{"live": true}')


def test_lifecycles_command_prints_the_document(capsys):
    call_command("show_lifecycles")
    assert capsys.readouterr().out == document()


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


TOLD = ("tell_refusal", "tell_reserve", "leave_reserve")


def test_every_step_inside_the_judging_is_hidden_from_the_team():
    """But for those of a small idea that are told at once, and the telling itself."""
    inside = {name for name, rule in rules_of(Proposal).items() if {*rule.sources, rule.target} <= set(JUDGING)} - {
        "approve_small",
        "decline_small",
        "refuse_for_agency",
        *TOLD,
    }
    assert {"reopen_review", "approve", "decline"} <= inside <= set(CONCEALED)
