import ast
from pathlib import Path

import pytest

from lifecycle import acts, guards, reactions
from lifecycle.errors import NotPossible, UndeclaredLock, WiringError
from lifecycle.locking import locked
from lifecycle.models import TrailEntry
from lifecycle.performing import available, explain, perform
from lifecycle.trail import stream_key
from lifecycle.transitions import lifecycle_models, rules_of
from proposals.enums import ProposalState
from proposals.models import Proposal

from ..factories import make_call

ROOT = Path(__file__).resolve().parents[2]


def test_perform_moves_records_and_returns_fresh(proposal, cast):
    fresh = perform(proposal, "withdraw", by=cast["lead"], note="no longer needed")
    assert fresh.state == ProposalState.WITHDRAWN
    entry = TrailEntry.objects.filter(stream__key=stream_key(proposal)).latest("seq")
    assert (entry.action, entry.actor_id, entry.payload.note) == ("withdraw", cast["lead"].pk, "no longer needed")
    assert '"state":["draft","withdrawn"]' in entry.payload.text


def test_perform_wrong_state_is_refused_and_changes_nothing(proposal, cast):
    perform(proposal, "withdraw", by=cast["lead"])
    before = TrailEntry.objects.count()
    with pytest.raises(NotPossible, match="it is now “Withdrawn”"):
        perform(proposal, "withdraw", by=cast["lead"])
    assert TrailEntry.objects.count() == before


@pytest.mark.parametrize("who", ["colleague", "stranger", "exmember", "conflicted", "secretariat", "head", "citizen"])
def test_perform_wrong_person_is_refused(proposal, cast, who):
    with pytest.raises(NotPossible) as no:
        perform(proposal, "withdraw", by=cast[who])
    assert no.value.forbidden
    assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.DRAFT


def test_perform_superuser_is_refused(proposal, cast):
    cast["stranger"].is_superuser = True
    cast["stranger"].save()
    with pytest.raises(NotPossible):
        perform(proposal, "withdraw", by=cast["stranger"])


def test_perform_inactive_person_is_refused(proposal, cast):
    cast["lead"].is_active = False
    with pytest.raises(NotPossible):
        perform(proposal, "withdraw", by=cast["lead"])


def test_perform_unknown_name_is_refused(proposal, cast):
    with pytest.raises(NotPossible, match="no such action"):
        perform(proposal, "delete", by=cast["lead"])


def test_perform_reaction_error_undoes_everything(proposal, cast, monkeypatch):
    def fails(instance, *, by, data):
        raise RuntimeError("boom")

    monkeypatch.setitem(
        reactions._reactions, ("proposals.Proposal", "withdraw"),
        [reactions.Reaction(fails, reactions.no_further_locks)],
    )  # fmt: skip
    before = TrailEntry.objects.count()
    with pytest.raises(RuntimeError):
        perform(proposal, "withdraw", by=cast["lead"])
    assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.DRAFT
    assert TrailEntry.objects.count() == before


def test_available_lists_only_what_the_person_may(proposal, cast):
    assert [a.name for a in available(proposal, cast["lead"])] == ["ask_agencies", "withdraw", "delete_draft"]
    assert available(proposal, cast["colleague"]) == []


def test_explain_names_each_fact_that_fails(cast):
    call = make_call(cast["secretariat"])
    call.criteria.filter(position=1).update(weight=10)
    assert explain(call, "approve") == ["The weights of the criteria must add up to 100."]


def test_locked_nested_undeclared_row_raises(proposal, call):
    with locked([proposal]), pytest.raises(UndeclaredLock), locked([call]):
        raise AssertionError("never entered")


def test_locked_nested_declared_row_passes(proposal, call):
    with locked([call, proposal]), locked([proposal]):
        assert True


def test_need_without_provider_fails_closed():
    with pytest.raises(WiringError):
        guards.provider("nobody_provides_this")


def test_act_outside_its_service_is_not_inside():
    assert not acts.inside("evaluation.services.decide.approve")


def test_transition_methods_are_called_by_perform_alone():
    names = {name for model in lifecycle_models() for name in rules_of(model)}
    offenders = []
    for file in ROOT.rglob("*.py"):
        parts = file.relative_to(ROOT).parts
        if parts[0] in {".venv", "node_modules", "tests", "build"}:
            continue
        nodes = list(ast.walk(ast.parse(file.read_text())))
        imported = {a.asname or a.name for n in nodes if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names}
        for node in nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
                if isinstance(node.func.value, ast.Name) and node.func.value.id in imported:
                    continue  # an act of a services module, which itself goes through perform
                offenders.append(f"{'/'.join(parts)}:{node.lineno} {node.func.attr}")
    assert offenders == []
