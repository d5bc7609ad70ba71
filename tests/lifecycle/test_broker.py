"""The embedded broker: a message is whole or not there, whoever looks in between."""

from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.transport import filesystem

from config import broker

from ..commands import embedded
from ..sizes import once


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "messages").mkdir()
    folder = str(tmp_path / "messages")
    return {"data_folder_in": folder, "data_folder_out": folder, "control_folder": str(tmp_path / "control")}


def channel(folders, transport):
    return Connection("filesystem://", transport=transport, transport_options=folders).channel()


def look_while_it_is_put(monkeypatch, writer, reader, owner, step):
    """Put a message; let the reader look just before `step` of the writer; return what it found."""
    found, original = [], getattr(owner, step)

    def first_the_reader(*args):
        if not found:
            found.append("looked")
            try:
                found.append(reader._get("jobs"))
            except (Empty, ValueError) as no:
                found.append(type(no).__name__)
        return original(*args)

    monkeypatch.setattr(owner, step, first_the_reader)
    writer._put("jobs", {"job": 1})
    return found[1]


def test_message_is_not_seen_before_it_is_whole(monkeypatch, folders):
    one, two = channel(folders, broker.Transport), channel(folders, broker.Transport)
    assert look_while_it_is_put(monkeypatch, one, two, Path, "rename") == "Empty"
    assert two._get("jobs") == {"job": 1}
    with pytest.raises(Empty):
        two._get("jobs")


def test_without_the_rename_a_worker_reads_nothing_and_ends(monkeypatch, folders):
    one, two = channel(folders, filesystem.Transport), channel(folders, filesystem.Transport)
    assert look_while_it_is_put(monkeypatch, one, two, filesystem, "lock") == "JSONDecodeError"


def test_torn_message_is_left_out_and_the_next_is_taken(folders):
    one = channel(folders, broker.Transport)
    (Path(folders["data_folder_in"]) / "0_torn.jobs.msg").write_bytes(b"")
    one._put("jobs", {"job": 2})
    assert one._get("jobs") == {"job": 2}


def test_queues_are_listed_once_bound_and_not_after(folders):
    one = channel(folders, broker.Transport)
    one._queue_bind("all", "", "", "jobs")
    one._put_fanout("all", {"job": 3}, "")
    assert (one._get("jobs"), [row.queue for row in one.get_table("all")]) == ({"job": 3}, ["jobs"])
    one._delete("jobs", "all", "", "")
    assert one.get_table("all") == []


@once
def test_the_product_uses_it_where_no_redis_is_named(tmp_path):
    asked = "from config.celery import app; print(type(app.connection_for_write().transport).__module__)"
    made = embedded(tmp_path, "shell", "-v", "0", "-c", asked)
    assert (made.stdout.split(), made.stderr) == (["config.broker"], "")
