"""`make bench`: ratios measured in one run, printed as a table and written to build/bench.json."""

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from io import StringIO
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # threads that wait for each other burn a busy machine's time

import django

django.setup()

from django.conf import settings  # noqa: E402  (settings first, here and below)
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from config.celery import app  # noqa: E402
from people.models import Agency  # noqa: E402

from ..proof.registers import rows_of, seconds_of  # noqa: E402
from . import judging, measuring, recognition, seeding  # noqa: E402

PEOPLE = 20_000  # in the register of the whole service
SMALL = int(os.environ.get("BENCH_SMALL", "1000"))
LARGE = int(os.environ.get("BENCH_LARGE", "100000"))
RECORDS = (200, int(os.environ.get("BENCH_RECORDS", "20000")))  # people with ten verified contributions each
LIST_QUERIES = 12  # the most that a list may ask
LEDGER = (LARGE // 50, LARGE * 2)
FILE = Path(settings.BASE_DIR) / "build" / "bench.json"
LISTS = {
    "proposals, secretariat": ("officer", "/proposals/"),
    "proposals, page 10": ("officer", "/proposals/?page=10"),
    "proposals, a lead": ("lead", "/proposals/"),
    "proposals, common words": ("officer", "/proposals/?q=valley"),
    "proposals, one title": ("officer", "/proposals/?q=valley+331"),
    "proposals, one state": ("officer", "/proposals/?state=declined"),
    "home, secretariat": ("officer", "/"),
    "home, a lead": ("lead", "/"),
    "home, finance": ("maker", "/"),
    "calls": ("lead", "/calls/"),
    "calls, words": ("lead", "/calls/?q=number+1"),
    "money": ("maker", "/money/"),
    "grants, finance": ("maker", "/grants/"),
    "grants, a lead": ("lead", "/grants/"),
    "grants, words": ("maker", "/grants/?q=valley"),
}
CHEAP = ("/me/", "/inbox/")  # pages that ask for sign-in; the help page is public


@dataclass(frozen=True)
class Row:
    """One line of the table; `ratio` against `bar`."""

    what: str
    small: float
    large: float
    unit: str
    ratio: float
    bar: float

    @property
    def passes(self) -> bool:
        """Tell whether the bar is kept."""
        return self.ratio <= self.bar


def main() -> int:
    """Seed, measure, print, write; exit status 1 when a bar is missed."""
    setup_test_environment()
    app.loader.import_default_modules()  # every room's jobs, as a worker loads them
    sys.stdout.write(f"{connection.vendor}: {SMALL:,} against {LARGE:,} proposals\n")
    sys.stdout.write(f"{'what':<52}{'small':>9}{'large':>9} {'unit':<4}{'ratio':>7}{'bar':>6}\n")
    name = str(connection.settings_dict["TEST"]["NAME"])
    connection.settings_dict["TEST"]["NAME"] = name + "_bench"  # the tests may run beside it
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        parts = (lists, details, ledger, records, trail, sheets, register, weights, engine)
        rows = [row for part in parts for row in shown(part())]
    finally:
        connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)
    FILE.parent.mkdir(exist_ok=True)
    listed = [asdict(row) | {"pass": row.passes} for row in rows]
    said = {"database": connection.vendor, "small": SMALL, "large": LARGE, "rows": listed}
    FILE.write_text(json.dumps(said, indent=1))
    return 0 if all(row.passes for row in rows) else 1


def lists() -> list[Row]:
    """Measure every list at both sizes."""
    global fund
    fund = seeding.Fund()
    times = []
    for size in (SMALL, LARGE):
        fund.grow(size)
        analyse()
        clients = {name: measuring.signed_in(getattr(fund, name)) for name in ("officer", "lead", "maker")}
        times.append({what: measuring.fastest(clients[who], path) for what, (who, path) in LISTS.items()})
    few, many = times
    return [Row(what, few[what], many[what], "ms", many[what] / few[what], 1.5) for what in LISTS]


def analyse() -> None:
    """Let the planner know the tables and merge what waits beside the indexes, as autovacuum does."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def details() -> list[Row]:
    """Compare the pages of one thing with the cheapest page of the same server."""
    client = measuring.signed_in(fund.lead)
    cheapest = min(measuring.fastest(client, path) for path in CHEAP)
    case = fund.lead.involvements.order_by("case").first().case
    pages = {"a draft": f"/proposals/{case}/", "a grant": f"/grants/{case}/", "a call": "/calls/call-0/"}
    found = []
    for what, path in pages.items():
        took = measuring.fastest(client, path)
        found.append(Row(f"{what} against the cheapest page", cheapest, took, "ms", took / cheapest, 4))
    return found


def ledger() -> list[Row]:
    """Compare the page and the balance of a line with few and with many entries: time, and number of queries."""
    client = measuring.signed_in(fund.maker)
    lines = [fund.ledger(size) for size in LEDGER]
    analyse()
    words = f"{LEDGER[1]:,} against {LEDGER[0]:,}"
    paths = {"ledger": "/money/lines/{}/", "ledger, page 10": "/money/lines/{}/?page=10"}
    found = []
    for what, path in paths.items():
        few, many = (measuring.fastest(client, path.format(line.code)) for line in lines)
        found.append(Row(f"{what} of {words}", few, many, "ms", many / few, 3))
    asked = [measuring.queries(client, f"/money/lines/{line.code}/") for line in lines]
    found.append(Row(f"ledger of {words}, queries", *asked, "", asked[1] / asked[0], 1))
    few, many = (measuring.fastest_call(partial(fund.balance, line)) for line in lines)
    return [*found, Row(f"one entry and its balance, ledger of {words}", few, many, "ms", many / few, 3)]


def records() -> list[Row]:
    """Compare the lists of verified records at both sizes, and time the check of the rules for everybody."""
    people, times = recognition.Records(), []
    for size in RECORDS:
        people.grow(size)
        took = people.checked()
        analyse()
        times.append(people.lists())
    few, many = times
    aim, size = recognition.AIM * RECORDS[1] / 20_000, RECORDS[1]
    found = []
    for what, (took_few, _) in few.items():
        took_many, asked = many[what]
        found += [
            Row(what, took_few, took_many, "ms", took_many / took_few, 1.5),
            Row(f"{what}, queries, against {LIST_QUERIES}", LIST_QUERIES, asked, "", asked / LIST_QUERIES, 1),
        ]
    words = f"rules checked for {size:,} x {recognition.EVENTS}, against {aim:g} s"
    return [*found, Row(words, aim, took, "s", took / aim, 1)]


def trail() -> list[Row]:
    """Time the verifier over as many links as there are proposals."""
    seeding.chain(LARGE, LARGE // 100)
    start = time.perf_counter()
    call_command("verify_trail", stdout=StringIO())
    took = time.perf_counter() - start
    return [Row(f"verify_trail, {LARGE / took:,.0f} rows/s, against 10 s", 10, took, "s", took / 10, 1)]


def sheets() -> list[Row]:
    """Compare the peak memory of a short and a long xlsx."""
    few, many = measuring.sheet_memory(LARGE // 10), measuring.sheet_memory(LARGE)
    return [Row(f"xlsx of {LARGE:,} x 15, peak memory", few / 1024, many / 1024, "MiB", many / few, 1.2)]


def register() -> list[Row]:
    """Time the job that imports the whole service's register against a minute, and against that of a tenth of it."""
    agencies = [agency.code for agency in Agency.objects.order_by("pk")[:40]]
    found, tenth = [], PEOPLE // 10
    seconds_of("csv", rows_of(10, agencies, letter="W"), fund.rcsc)
    (_, few), _ = seconds_of("csv", rows_of(tenth, agencies, letter="F"), fund.rcsc)
    for kind in ("csv", "xlsx"):
        (checked, took), _ = seconds_of(kind, rows_of(PEOPLE, agencies, letter=kind[0].upper()), fund.rcsc)
        found.append(Row(f"check a register of {PEOPLE:,}, {kind}, against 60 s", 60, checked, "s", checked / 60, 1))
        found.append(Row(f"import a register of {PEOPLE:,}, {kind}, against 60 s", 60, took, "s", took / 60, 1))
        if kind == "csv":
            found.append(Row(f"import a register of {PEOPLE:,} against {tenth:,}", few, took, "s", took / few, 20))
    return found


def weights() -> list[Row]:
    """Weigh the first visit and each list page."""
    whole, requests = measuring.first_visit(measuring.signed_in(fund.lead), "/calls/")
    found = [
        Row("first visit, compressed", 100, whole / 1000, "KB", whole / 100_000, 1),
        Row("first visit, requests", 8, requests, "", requests / 8, 1),
    ]
    clients = {name: measuring.signed_in(getattr(fund, name)) for name in ("officer", "lead", "maker")}
    for path in ("/", "/proposals/", "/calls/", "/grants/", "/money/"):
        heaviest = max(measuring.weight(client, path) for client in clients.values())
        found.append(Row(f"weight of {path}, compressed", 30, heaviest / 1000, "KB", heaviest / 30_000, 1))
    return found


def engine() -> list[Row]:
    """Time ranking, lots and assignment against their aims, in seconds of one processor."""
    found = []
    for size, aim in judging.LOTS_AIMS.items():
        took = judging.drawn(size)
        found.append(Row(f"draw {size:,} lots, against {aim:g} s", aim, took, "s", took / aim, 1))
    for (n, r), aim in judging.RUN_AIMS.items():
        took = judging.run(n, r)
        found.append(Row(f"ranking run of {n:,} by {r:,}, against {aim:g} s", aim, took, "s", took / aim, 1))
    for (n, r), aim in judging.RANK_AIMS.items():
        took = judging.ranked(n, r)
        found.append(Row(f"rank {n:,} by {r:,}, against {aim:g} s", aim, took, "s", took / aim, 1))
    for (n, r, rules), aim in judging.MATCH_AIMS.items():
        took = judging.matched(n, r, rules)
        words = f"assign {n:,} to {r:,}{', side rules' if rules else ''}, against {aim:g} s"
        found.append(Row(words, aim, took, "s", took / aim, 1))
    return found


def shown(rows: list[Row]) -> list[Row]:
    """Print these lines of the table and return them."""
    for row in rows:
        verdict = "" if row.passes else "  MISSED"
        sys.stdout.write(
            f"{row.what:<52}{row.small:>9.1f}{row.large:>9.1f} {row.unit:<4}{row.ratio:>7.2f}{row.bar:>6.1f}{verdict}\n"
        )
    sys.stdout.flush()
    return rows


if __name__ == "__main__":
    sys.exit(main())
