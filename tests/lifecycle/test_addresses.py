"""`make run` tells every process where the web is: honcho gives each a port of its own, and mails carry links."""

import subprocess
from pathlib import Path

from honcho.environ import expand_processes, parse_procfile

ROOT = Path(__file__).parent.parent.parent


def test_every_process_of_make_run_is_told_the_address_of_the_web():
    shown = subprocess.run(
        ["make", "-n", "-o", "setup", "-o", "build", "run", "PORT=8133"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    line = next(row for row in shown.splitlines() if row.endswith("honcho start"))
    told = subprocess.run(
        ["sh", "-c", line.replace(".venv/bin/honcho start", "env")], env={"PATH": "/usr/bin:/bin"}, capture_output=True,
        text=True, check=True,
    ).stdout  # fmt: skip
    env = dict(row.split("=", 1) for row in told.splitlines() if "=" in row)
    processes = parse_procfile((ROOT / "Procfile").read_text()).processes
    found = {p.name: p.env for p in expand_processes(processes, env=env, port=8133)}
    assert {name: own["BASE_URL"] for name, own in found.items()} == {
        "web.1": "http://localhost:8133", "worker.1": "http://localhost:8133", "scheduler.1": "http://localhost:8133",
    }  # fmt: skip
    assert found["worker.1"]["PORT"] == "8233"  # why the address is told and not made from the port
