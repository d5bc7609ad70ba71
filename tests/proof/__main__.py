"""`make proof`: every bar at full size, each by its own run; writes docs/evidence.md with commit and date.

`make proof ONLY=deadline` runs and prints what promises that, and writes nothing.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "docs" / "evidence.md"
POSTGRESQL = os.environ.get("TEST_POSTGRESQL", "postgres://postgres@127.0.0.1:5432/postgres")
FULL = {
    "PROOF": "1", "PROOF_ROUNDS": "50", "PROOF_STEPS": "10000", "PROOF_CASES": "10000", "PROOF_MAILS": "1000",
    "PROOF_LINKS": "100000", "PROOF_PEOPLE": "20000",
}  # fmt: skip
ZONES = ("UTC", "Asia/Thimphu", "America/Los_Angeles")


@dataclass(frozen=True)
class Bar:
    """One promise: which tests show it, at what bar, and what shows that the test can fail."""

    promise: str
    bar: str
    tests: str
    control: str
    both: bool = True  # on both databases; otherwise on PostgreSQL only
    zones: tuple[str, ...] = ("",)


BARS = (
    Bar("no overspend on one budget line", "0 of 40 threads x 50 rounds",
        "tests/fund/test_ledger.py -k forty_approvals",
        "tests/fund/test_ledger.py -k without_lock_and_check", both=False),
    Bar("no double award by the board", "0 of 40 presses x 50 rounds",
        "tests/evaluation/test_deciding.py -k forty_threads",
        "tests/evaluation/test_deciding.py -k without_the_lock", both=False),
    Bar("three members at once never overspend", "0 of 3 members x 50 rounds",
        "tests/evaluation/test_board_race.py -k three_members",
        "tests/evaluation/test_board_race.py -k 'away'", both=False),
    Bar("no double submission", "1 of 40 presses x 50 rounds", "tests/proposals/test_submitting.py -k forty_presses",
        "tests/proposals/test_submitting.py -k presses_without_the_lock", both=False),
    Bar("no lost update, no forked chain", "0 of 40 writers x 50 rounds",
        "tests/proposals/test_drafting.py -k 'editors_final or forty_writers'",
        "tests/proposals/test_drafting.py -k lose_updates", both=False),
    Bar("ledger agrees with a plain model", "10,000 steps", "tests/fund/test_ledger_machine.py",
        "tests/fund/test_ledger.py -k verify_ledger"),
    Bar("grants and ledger hold whatever anybody does", "10,000 steps",
        "tests/fund/test_money_machine.py -k 'keeps_every_invariant'",
        "tests/fund/test_money_machine.py -k 'sabotaged or chance'"),
    Bar("approve, release, reverse and transfer at once", "0 below nought, 0 deadlocks of 40 threads x 50 rounds",
        "tests/fund/test_money_races.py -k leave_no_line", "tests/fund/test_money_races.py -k without_locks",
        both=False),
    Bar("points agree with their rules", "200 random records", "tests/incentives/test_counting.py",
        "tests/incentives/test_policy.py"),
    Bar("recognition: shares, pools, old answers, counts, what HR reads; failures alone never suffice",
        "10,000 cases each", "tests/incentives/test_properties.py -k property",
        "tests/incentives/test_properties.py -k without_the_sixth", both=False),
    Bar("two checks at once make one set of points", "1 of 2 verifiers x 50 rounds",
        "tests/incentives/test_races.py -k two_verifiers", "tests/incentives/test_races.py -k without_the_lock",
        both=False),
    Bar("mail exactly once", "1,000 mails, 4 dispatchers, 1 in 7 refused", "tests/proof/test_mail.py -k four",
        "tests/proof/test_mail.py -k without"),
    Bar("jobs survive kill -9", "5 points, 1 effect, 60 s", "tests/proof/test_kill.py",
        "in the same run: an effect outside the done-mark's transaction happens twice", both=False),
    Bar("the HR register of 20,000 people is imported", "check and import under 60 s each, csv and xlsx",
        "tests/proof/test_register.py -k 'minute or nobody'", "tests/proof/test_register.py -k without"),
    Bar("the trail cannot be edited", "every change named", "tests/lifecycle/test_trail.py",
        "tests/lifecycle/test_trail.py -k untouched"),
    Bar("backups restore", "every row, file and chain", "tests/lifecycle/test_backups.py -k 'all_is_lost or during'",
        "tests/lifecycle/test_backups.py -k 'damaged or unreadable'"),
    Bar("a whole panel through the pages", "60 proposals x 12 reviewers",
        "tests/evaluation/test_whole_panel.py -k sixty",
        "in the same run: a bundle with one place altered is refused", both=False),
    Bar("lists of judging with 1,000 proposals", "12 questions, 30 KB", "tests/evaluation/test_thousand.py",
        "in the same run: every proposal stands once on the pages of a list", both=False),
    Bar("deadline exact under any time zone", "same answer to the second",
        "tests/proposals/test_submitting.py -k 'deadline'", "tests/lifecycle/test_clock.py", zones=ZONES),
    Bar("no hostile file is kept", "0 of the corpus, each with its own reason",
        "tests/documents/test_uploads.py -k 'hostile or whole_corpus'", "tests/documents/test_uploads.py -k good_file",
        both=False),
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What one run of pytest said."""

    passed: int
    failed: int
    skipped: int
    seconds: float
    said: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Tell whether something ran and all of it passed."""
        return self.passed > 0 and not self.failed

    def __str__(self) -> str:
        """Return the figures as they stand in the table."""
        rest = f", {self.failed} failed" if self.failed else ""
        return "; ".join((f"{self.passed} passed{rest}, {self.seconds:.0f} s", *self.said))


def run(tests: str, **environment: str) -> Run:
    """Run pytest in a process of its own and count."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        words = re.findall(r"'[^']*'|\S+", tests)
        options = ("-q", "-o", "junit_family=xunit1", f"--junitxml={file.name}")  # the newer family takes no properties
        command = [sys.executable, "-m", "pytest", *options, *(w.strip("'") for w in words)]
        subprocess.run(command, cwd=ROOT, env=os.environ | FULL | environment, capture_output=True, check=False)
        suite = ElementTree.parse(file.name).getroot()[0]
    count = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
    failed = count["failures"] + count["errors"]
    named = ((p.get("name", ""), p.get("value")) for p in suite.iter("property"))
    said = tuple(f"{name}: {value}" for name, value in named if not name.startswith("hypothesis-"))
    passed = count["tests"] - failed - count["skipped"]
    return Run(passed, failed, count["skipped"], float(suite.get("time", "0")), said)


def rows_of(bar: Bar) -> list[str]:
    """Run one bar on its databases and zones; return its rows of the table."""
    found = []
    for database in ("PostgreSQL", "SQLite") if bar.both else ("PostgreSQL",):
        for zone in bar.zones:
            environment = {"TZ": zone} if zone else {}
            environment |= {"DATABASE_URL": POSTGRESQL} if database == "PostgreSQL" else {}
            real = run(bar.tests, **environment)
            named = bar.control.startswith("tests/")
            control = run(bar.control, **environment) if named else None
            holds = real.holds and (control is None or control.holds)
            where = f"{database}, TZ={zone}" if zone else database
            shown = str(control) if control else bar.control
            found.append(f"| {bar.promise} | {bar.bar} | {where}: {real} | {shown} | {'yes' if holds else '**no**'} |")
            sys.stdout.write(found[-1] + "\n")
            sys.stdout.flush()
    return found


def bench() -> list[str]:
    """Run the bench on PostgreSQL and return its rows."""
    environment = os.environ | {"DATABASE_URL": POSTGRESQL}
    subprocess.run([sys.executable, "-m", "tests.bench"], cwd=ROOT, env=environment, check=False)
    said = json.loads((ROOT / "build" / "bench.json").read_text())
    return [
        f"| {r['what']} | {r['small']:.1f} {r['unit']} | {r['large']:.1f} {r['unit']} | {r['ratio']:.2f} | {r['bar']} |"
        f" {'yes' if r['pass'] else '**no**'} |"
        for r in said["rows"]
    ]


def commit() -> str:
    """Return the commit that is measured."""
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main(words: list[str]) -> int:
    """Run all and write the document, or with `words` only what promises one of them; 1 when a bar is missed."""
    if words:
        rows = [row for bar in BARS if any(word in bar.promise for word in words) for row in rows_of(bar)]
        return 1 if not rows or "**no**" in "".join(rows) else 0
    head = f"Commit `{commit()}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors."
    rows = [row for bar in BARS for row in rows_of(bar)]
    speed = bench()
    TARGET.write_text(
        "# Evidence\n\nWritten by `make proof`; every bar of the design at full size. The control is the same test "
        f"with the guard taken away: it passes when the fault shows.\n\n{head}\n\n"
        "| promise | bar | measured | negative control | holds |\n|---|---|---|---|---|\n" + "\n".join(rows)
        + "\n\n## Speed and weight\n\nFew and many rows measured in one run, on PostgreSQL.\n\n"
        "| what | few | many | ratio | bar | holds |\n|---|---|---|---|---|---|\n" + "\n".join(speed) + "\n"
    )  # fmt: skip
    return 1 if "**no**" in TARGET.read_text() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
