"""Tasks survive kill -9 at five points: one effect each, done within a minute of the kill, on both brokers."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import psycopg
import pytest
import redis
from django.conf import settings

from ..sizes import full_size_only

POSTGRESQL = os.environ.get("TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS = "redis://127.0.0.1:6379/0"
STAND = ("start", "progress", "done", "child", "naive", "inside")
LIMIT = 60  # seconds from the kill until everything is done


def big_stack(name):
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=2).ping()
        with psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=3) as server:
            server.execute(f'CREATE DATABASE "{name}"')
    except (psycopg.OperationalError, redis.exceptions.ConnectionError):
        pytest.skip("PostgreSQL or Redis does not answer on this machine")
    return {"DATABASE_URL": POSTGRESQL.rsplit("/", 1)[0] + f"/{name}", "REDIS_URL": REDIS, "REDIS_PREFIX": f"{name}:"}


@pytest.fixture(params=["SQLite + filesystem", "PostgreSQL + Redis"])
def environment(request, tmp_path):
    name = f"proof_kill_{os.getpid()}"
    extra = big_stack(name) if "Redis" in request.param else {}
    keep = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")}
    yield keep | extra | {
        "DATA_DIR": str(tmp_path), "FUND_ENV": "development", "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip
    if extra:
        with psycopg.connect(POSTGRESQL, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(environment, *words):
    done = subprocess.run(
        [sys.executable, *words], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=600,
        check=True,
    )  # fmt: skip
    return done.stdout


@contextmanager
def worker(environment, log):
    """A worker with its scheduler, in a process group of its own; whatever is left of it is killed at the end."""
    words = ["celery", "-A", "tests.proof.worker", "worker", "--beat", "--concurrency", "6", "--loglevel", "WARNING"]
    with log.open("a") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *words], cwd=settings.BASE_DIR, env=environment, stdout=file,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait(condition, seconds, log):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.5)


def told(environment):
    return json.loads(run(environment, "-m", "tests.proof.worker", "tell"))


@full_size_only
def test_killed_at_five_points_each_job_has_one_effect_within_a_minute(environment, tmp_path, record_property):
    log = tmp_path / "log"
    run(environment, "manage.py", "prepare", "--without-demo")
    run(environment, "-m", "tests.proof.worker", "ask")
    with worker(environment, log):
        wait(lambda: all((tmp_path / f"reached-{point}").exists() for point in STAND), 240, log)
    killed = time.monotonic()
    with worker(environment, log):
        wait(lambda: set(told(environment)["states"].values()) == {"done"}, 240, log)
        took = time.monotonic() - killed
        time.sleep(5)  # a second delivery would show now
        effects = told(environment)["effects"]
    record_property("recovered in seconds", round(took))
    assert effects.pop("naive") == 2  # the control: an effect outside the transaction of its done-mark happens twice
    assert set(effects.values()) == {1}
    assert took <= LIMIT
