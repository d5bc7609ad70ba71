"""Every page: strict HTML, headers, weight, query counts."""

import gzip
import re

import html5lib
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from proposals.services import drafting

from ..sizes import FULL_SIZE, once
from .matrix import ALLAUTH, MATRIX, world  # noqa: F401  (the fixture)
from .test_access import address

pytestmark = once  # the same pages come from both databases
FIRST_VISIT = 100_000  # bytes, compressed, with style and scripts
LATER_PAGE = 30_000


def all_pages(client, world):  # noqa: F811
    for name, access in MATRIX.items():
        if access.get:
            yield name, client.get(address(name, world))
    for name in sorted(ALLAUTH - {"account_confirm_email", "account_reset_password_from_key"}):
        yield name, client.get(reverse(name))
    yield "missing", client.get("/missing/")


def strict(content):
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(content.decode())


READERS = ["lead", "maker", "secretariat", "out_board", None]
if FULL_SIZE:
    READERS += ["rcsc", "out_reviewer", "out_chair"]


@pytest.mark.parametrize("person", READERS)
def test_every_page_is_strict_html_with_one_h1(client, world, cast, person):  # noqa: F811
    if person:
        client.force_login(cast[person])
    for name, answer in all_pages(client, world):
        if answer.headers["Content-Type"].startswith("text/html") and answer.status_code != 302:
            strict(answer.content)
            assert len(re.findall(rb"<h1[ >]", answer.content)) == 1, name


def test_error_pages_and_clash_are_strict_html(client, proposal, cast):
    client.force_login(cast["lead"])
    url = reverse("section", args=[proposal.case, "measure"])
    strict(client.post(url, {"baseline": "x"}).content)
    client.post(url, {"version": "0", "unit": "days"})
    clash = client.post(url, {"version": "0", "unit": "weeks"})
    assert clash.status_code == 409
    strict(clash.content)


def test_server_error_page_tells_nothing_and_needs_no_database(client, proposal, cast, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("secret detail")

    client.raise_request_exception = False
    monkeypatch.setattr("reports.views.Home.get_context_data", broken)
    client.force_login(cast["lead"])
    answer = client.get("/")
    strict(answer.content)
    assert answer.status_code == 500
    assert b"secret detail" not in answer.content


@pytest.mark.parametrize("person", ["lead", None])
def test_every_response_has_the_security_headers(client, world, cast, person):  # noqa: F811
    if person:
        client.force_login(cast[person])
    for name, answer in all_pages(client, world):
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, name
        for part in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert part in policy, name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Referrer-Policy"] == "same-origin", name
        assert re.fullmatch(r"[0-9a-f]{12}", answer.headers["X-Request-ID"]), name
        if person and answer.status_code == 200 and name not in ("live", "ready"):
            assert "no-store" in answer.headers["Cache-Control"], name


def test_no_page_has_inline_script_or_style(client, world, cast):  # noqa: F811
    client.force_login(cast["lead"])
    for name, answer in all_pages(client, world):
        assert not re.search(rb"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", answer.content), name


def test_weight_first_visit_and_later_pages(client, world, cast):  # noqa: F811
    client.force_login(cast["lead"])
    home = client.get("/").content
    names = set(re.findall(rb"/static/([\w.-]+)", home)) | {b"govuk-frontend.min.js"}
    from django.conf import settings

    files = [settings.STATIC_ROOT / name.decode() for name in names]
    assert len(files) == 4
    weight = sum(len(gzip.compress(file.read_bytes())) for file in files) + len(gzip.compress(home))
    assert weight <= FIRST_VISIT
    for name, answer in all_pages(client, world):
        assert len(gzip.compress(answer.content)) <= LATER_PAGE, name


# literal numbers: a list page costs the same at one row and at three
LISTS = {"home": 9, "proposal_list": 4, "call_list": 4, "inbox": 3}


@pytest.mark.parametrize(("name", "literal"), LISTS.items())
def test_list_page_costs_the_same_at_one_and_three_rows(client, call, cast, name, literal):
    from people.services.notify import notify

    from ..factories import open_call

    client.force_login(cast["lead"])
    client.get("/help/")
    counts = []
    for row in range(3):
        drafting.start(by=cast["lead"], title=f"Row {row}", call=call)
        notify(person=cast["lead"], key=f"row {row}", subject="s", body="b")
        open_call(cast["secretariat"], cast["head"], reference=f"row-{row}")
        if row in (0, 2):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(name)).status_code == 200
            counts.append(len(queries))
    assert counts == [literal, literal]


def test_detail_page_costs_at_most_fifteen_queries(client, proposal, cast):
    client.force_login(cast["lead"])
    client.get("/help/")
    with CaptureQueriesContext(connection) as queries:
        client.get(proposal.get_absolute_url())
    assert len(queries) <= 15
