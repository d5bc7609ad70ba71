"""Time, memory and weight, each taken so that a busy machine disturbs it as little as possible."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

RUNS = 15


def fastest(client: Client, path: str, runs: int = RUNS) -> float:
    """Return the shortest of several times of one page in milliseconds; the shortest is the least disturbed."""
    client.get(path)
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        answer = client.get(path)
        best = min(best, time.perf_counter() - start)
        if answer.status_code != 200:
            raise AssertionError(f"{path} answered {answer.status_code}")
    return best * 1000


def fastest_call(work: Callable[[], object], runs: int = RUNS) -> float:
    """Return the shortest of several times of `work` in milliseconds."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best * 1000


def queries(client: Client, path: str) -> int:
    """Return how many questions a page asks of the database, its session being touched."""
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return len(asked)


def signed_in(person: object) -> Client:
    """Return a client signed in as `person`."""
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def weight(client: Client, path: str) -> int:
    """Return the compressed bytes of a page."""
    return len(client.get(path, headers={"Accept-Encoding": "gzip"}).content)


def first_visit(client: Client, path: str) -> tuple[int, int]:
    """Return (bytes, requests) of a page with all that it loads, as compressed as it is served."""
    page = client.get(path)
    found = set(re.findall(r'(?:src|href)="/static/([^"]+\.(?:css|js|svg|png|ico|woff2))"', page.content.decode()))
    folder = Path(settings.STATIC_ROOT)
    sizes = [_served(folder / name) for name in found]
    return weight(client, path) + sum(sizes), 1 + len(sizes)


def _served(file: Path) -> int:
    """Return the size in which a static file is served: Brotli where it was made."""
    packed = file.with_name(file.name + ".br")
    return (packed if packed.exists() else file).stat().st_size


def sheet_memory(rows: int) -> int:
    """Return the peak memory in KiB of a process that writes an xlsx of so many rows."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.sheet", str(rows)],
        cwd=settings.BASE_DIR, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return int(done.stdout)
