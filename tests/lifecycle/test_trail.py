from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from lifecycle import trail
from lifecycle.checkpoints import faults, make_checkpoint
from lifecycle.models import Checkpoint, TrailEntry, TrailPayload, TrailStream
from lifecycle.performing import perform


@pytest.fixture
def attacker(proposal):
    """Raw SQL with the triggers gone, as a database administrator could."""
    key = trail.stream_key(proposal)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            for name in ("trailentry_no_update", "checkpoint_no_update", "trailpayload_blank_only"):
                cursor.execute(f"DROP TRIGGER lifecycle_{name}")
    return key


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_trail_untouched_has_no_fault(proposal):
    make_checkpoint()
    assert list(faults()) == []
    out = StringIO()
    call_command("verify_trail", stdout=out)
    assert out.getvalue() == f"{TrailEntry.objects.count()} entries checked, 0 faults\n"


def test_trail_flipped_action_is_named(attacker):
    run(
        "UPDATE lifecycle_trailentry SET action='forged' WHERE seq=2 AND stream_id="
        "(SELECT id FROM lifecycle_trailstream WHERE key=%s)",
        attacker,
    )
    assert list(faults()) == [f"{attacker} entry 2: was altered"]


def test_trail_flipped_details_are_named(attacker):
    entry = TrailEntry.objects.get(stream__key=attacker, seq=3)
    run("UPDATE lifecycle_trailpayload SET text=text || ' ' WHERE entry_id=%s", entry.pk)
    assert list(faults()) == [f"{attacker} entry 3: its details were altered"]


def test_trail_deleted_middle_row_is_named(attacker):
    entry = TrailEntry.objects.get(stream__key=attacker, seq=2)
    run("DELETE FROM lifecycle_trailpayload WHERE entry_id=%s", entry.pk)
    run("DELETE FROM lifecycle_trailentry WHERE id=%s", entry.pk)
    assert list(faults()) == [f"{attacker} entry 3: entry 2 is missing"]


def test_trail_deleted_last_row_is_named(attacker):
    entry = TrailEntry.objects.filter(stream__key=attacker).order_by("-seq").first()
    run("DELETE FROM lifecycle_trailpayload WHERE entry_id=%s", entry.pk)
    run("DELETE FROM lifecycle_trailentry WHERE id=%s", entry.pk)
    assert list(faults()) == [f"{attacker}: its last entries are missing"]


def test_trail_deleted_details_are_named(attacker):
    entry = TrailEntry.objects.get(stream__key=attacker, seq=2)
    run("DELETE FROM lifecycle_trailpayload WHERE entry_id=%s", entry.pk)
    assert list(faults()) == [f"{attacker} entry 2: its details were deleted"]


def test_checkpoint_altered_to_fit_a_later_forgery_is_named(attacker, cast, proposal):
    """Its heads are of today, its hash is of then: it and what follows no longer agree."""
    make_checkpoint()
    perform(proposal, "withdraw", by=cast["lead"])
    first, second = Checkpoint.objects.get(), make_checkpoint()
    run("UPDATE lifecycle_checkpoint SET heads=%s WHERE id=%s", second.heads, first.pk)
    assert list(faults()) == [f"checkpoint {first.pk}: was altered or one before it is missing"]


def test_checkpoint_taken_out_of_the_middle_is_named_by_the_next_one(attacker, cast, proposal, settings, tmp_path):
    first = make_checkpoint()
    perform(proposal, "withdraw", by=cast["lead"])
    second = make_checkpoint()
    run("DELETE FROM lifecycle_checkpoint WHERE id=%s", first.pk)
    assert f"checkpoint {second.pk}: was altered or one before it is missing" in list(faults())


def test_trail_reordered_rows_are_named(attacker):
    stream = TrailStream.objects.get(key=attacker)
    for old, new in ((2, 99), (3, 2), (99, 3)):
        run("UPDATE lifecycle_trailentry SET seq=%s WHERE seq=%s AND stream_id=%s", new, old, stream.pk)
    found = list(faults())
    assert found[0] == f"{attacker} entry 2: does not follow the entry before it"
    assert f"{attacker} entry 3: was altered" in found


def test_trail_deleted_stream_is_named_by_checkpoint(attacker):
    make_checkpoint()
    stream = TrailStream.objects.get(key=attacker)
    run(
        "DELETE FROM lifecycle_trailpayload WHERE entry_id IN (SELECT id FROM lifecycle_trailentry WHERE stream_id=%s)",
        stream.pk,
    )
    run("DELETE FROM lifecycle_trailentry WHERE stream_id=%s", stream.pk)
    run("DELETE FROM lifecycle_trailstream WHERE id=%s", stream.pk)
    point = Checkpoint.objects.get()
    assert list(faults()) == [f"{attacker}: entry {stream.head_seq} named by checkpoint {point.pk} is gone or changed"]


def test_trail_deleted_checkpoint_is_named_by_export(attacker, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    point = make_checkpoint()
    run("DELETE FROM lifecycle_checkpoint")
    (file,) = (tmp_path / "checkpoints").iterdir()
    assert list(faults()) == [f"checkpoint {file.name}: was exported but is not in the database"]
    assert point.hash in file.name


def test_trail_command_fails_on_a_fault(attacker):
    run(
        "UPDATE lifecycle_trailentry SET actor_id=NULL WHERE seq=1 AND stream_id="
        "(SELECT id FROM lifecycle_trailstream WHERE key=%s)",
        attacker,
    )
    out = StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("verify_trail", stdout=out)
    assert stop.value.code == 1
    assert out.getvalue().startswith(f"FAULT {attacker} entry 1: was altered\n")


@pytest.mark.parametrize("table", ["lifecycle_trailentry", "lifecycle_trailpayload"])
def test_trail_update_is_refused_by_the_database(proposal, table):
    column = "action" if table.endswith("entry") else "text"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(f"UPDATE {table} SET {column}='x'")


def test_trail_payload_may_be_blanked_and_keeps_its_digest(proposal, soon):
    TrailPayload.objects.filter(entry__stream__key=trail.stream_key(proposal)).update(text="", blanked_at=soon)
    assert list(faults()) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the SQLite test runner empties tables by DELETE")
def test_trail_delete_is_refused_by_postgresql(proposal):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run("DELETE FROM lifecycle_trailentry")


def test_trail_strips_nul_and_keeps_other_text(proposal, cast):
    entry = trail.record(proposal, action="noted", by=cast["lead"], note="a\x00b ཀ")
    assert entry.payload.note == "ab ཀ"


def test_checkpoint_without_movement_is_not_made(proposal):
    assert make_checkpoint() is not None
    assert make_checkpoint() is None


def test_checkpoint_holds_only_what_moved(proposal, cast):
    make_checkpoint()
    perform(proposal, "withdraw", by=cast["lead"])
    second = make_checkpoint()
    assert second.heads.split(" ")[0] == trail.stream_key(proposal)
    assert len(second.heads.splitlines()) == 1
