"""The product as it is served: web, worker and scheduler, on both stacks, with real Chromium."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest
import redis
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SERVER = "postgresql://postgres@127.0.0.1:5432/"
REDIS = "redis://127.0.0.1:6379/0"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread of the test


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def execute(statement):
    with psycopg.connect(SERVER + "postgres", autocommit=True, connect_timeout=3) as connection:
        connection.execute(statement)


def big_stack(name):
    """Return the settings of PostgreSQL + Redis; skips when one of them does not answer."""
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=2).ping()
        execute(f'CREATE DATABASE "{name}"')
    except (psycopg.OperationalError, redis.exceptions.ConnectionError):
        pytest.skip("PostgreSQL or Redis does not answer on this machine")
    return {"DATABASE_URL": SERVER + name, "REDIS_URL": REDIS, "REDIS_PREFIX": f"{name}:"}


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


class Server:
    """A served copy with the demonstration fund."""

    def __init__(self, folder, extra):
        self.port, self.log = free_port(), folder / "log"
        keep = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")}
        self.environment = keep | extra | {
            "FUND_ENV": "development", "DATA_DIR": str(folder / "data"), "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "config.settings", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        self.url = f"http://localhost:{self.port}"
        self.process = None

    def manage(self, *words):
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True, timeout=600
        ).stdout

    def start(self):
        self.manage("migrate", "--verbosity", "0")
        self.manage("createcachetable")
        self.manage("load_demo")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "honcho", "start"], cwd=ROOT, env=self.environment, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.wait(lambda: answers(self.url + "/health/ready"))

    def wait(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(self.log.read_text()[-3000:])
            time.sleep(0.2)

    def stop(self):
        if self.process is None:
            return
        os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)


STACKS = ("SQLite + filesystem", "PostgreSQL + Redis")
# The journeys: with script on both stacks, and once more without.
WALKS = [
    pytest.param(STACKS[0], True, id="sqlite-script"),
    pytest.param(STACKS[0], False, id="sqlite-script-free"),
    pytest.param(STACKS[1], True, id="postgresql-script"),
]
walked = pytest.mark.parametrize(("server", "javascript"), WALKS, indirect=["server"])


@pytest.fixture(scope="session")
def servers(tmp_path_factory):
    """Return a function from the name of a stack to its server, started once a run."""
    started, databases = {}, []

    def serve(stack):
        if stack not in started:
            extra = {}
            if stack.startswith("PostgreSQL"):
                name = f"fund_journey_{os.getpid()}"
                extra = big_stack(name)
                databases.append(name)
            started[stack] = made = Server(tmp_path_factory.mktemp("server"), extra)
            made.start()
        return started[stack]

    yield serve
    for made in started.values():
        made.stop()
    for name in databases:
        execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=STACKS)
def server(request, servers):
    return servers(request.param)


@pytest.fixture(scope="session")
def chromium():
    if not shutil.which("chromium"):
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


class Person:
    """One person at one browser."""

    def __init__(self, browser, base, account, width=1280, javascript=True):
        self.context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=javascript)
        self.page, self.base, self.faults = self.context.new_page(), base, []
        self.page.set_default_timeout(40_000)
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: self.faults.append(dialog.message))
        if account:
            self.go("/account/login/")
            self.fill("E-mail address", f"{account}@demo.example")
            self.fill("Password", "learn-by-trying")
            self.press("Sign in")

    def go(self, path):
        self.page.goto(path if path.startswith("http") else self.base + path)

    def fill(self, label, text):
        self.page.get_by_label(label, exact=True).fill(text)

    def press(self, name):
        self.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()

    def follow(self, name):
        self.page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()
        self.page.wait_for_load_state()

    def sees(self, text):
        self.page.get_by_text(text).first.wait_for()

    def heading(self):
        return self.page.get_by_role("heading", level=1).inner_text()


@pytest.fixture
def enter(chromium, server):
    """Return a function that seats a person at a browser; faults of any page fail the test."""
    people = []

    def seat(account, **how):
        people.append(Person(chromium, server.url, account, **how))
        return people[-1]

    yield seat
    for person in people:
        person.context.close()
    allowed = "the server responded with a status of 4"  # a refused form is 400, a clash 409
    assert [fault for person in people for fault in person.faults if allowed not in fault] == []
