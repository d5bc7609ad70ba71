"""The access matrix, walked: every route x person x method; denied also means unchanged."""

import re
from hashlib import sha256

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from proposals.enums import EligibilityRule

from .. import conftest
from ..sizes import FULL_SIZE, once
from .matrix import ALLAUTH, MATRIX, OUT, world  # noqa: F401  (the fixture)
from .pages import PUBLIC, SIGNED_IN, route_names

pytestmark = once

# What any visit of a signed-in person may write: the session, and the log of looks at somebody's record.
TOUCHED = {"sessions.Session", "people.AccessLog"}
PEOPLE = [*conftest.TEAM, *conftest.OFFICERS, "conflicted", "citizen", *OUT]
# One of each standing is walked in `make test`, everybody in `make proof`.
FEW = (
    "lead colleague exmember stranger conflicted citizen sponsor secretariat head maker hr hrc rcsc auditor "
    "administrator protection out_reviewer out_chair out_board out_verifier out_classifier out_appeals"
).split()
# Walked in four parts, which several processes share.
WALKED = PEOPLE if FULL_SIZE else FEW
parts = pytest.mark.parametrize("people", [WALKED[part::4] for part in range(4)], ids=" ".join)
MOST_QUERIES = 15  # of a page
# One form that fits every page.
FORM = {
    "version": "1", "served": "x", "consulted_1": "y", "who": "x", "answer": "agree", "certify": "on", "days": "3",
    "contribution": "z", "remove": "yes", "happened_on": "2026-01-01", "text": "x", "note": "x", "unspent": "0",
    "evidence": "x", "done": "x", "measured": "x", "next_steps": "x", "amount": "1", "reviewer": "1",
    "criterion": "1", "halves": "5", "reason": "x", "choice": "approve", "step": "write", "endline": "1", "how": "x",
    "confidence": "high", "believed": "x", "kind": "complex", "check": "yes",
} | {f"{rule}_passed": "yes" for rule in EligibilityRule}  # fmt: skip


def address(name, world):  # noqa: F811
    return reverse(name, args=[world.get(arg, arg) for arg in MATRIX[name].args])


def photograph():
    """Return model label -> digest of all rows, without what any visit touches."""
    return {
        model._meta.label: sha256(repr(sorted(map(repr, model._base_manager.values_list()))).encode()).hexdigest()
        for model in apps.get_models()
        if model._meta.label not in TOUCHED
    }


def body(answer):
    """Return the page without the token that is new in every response."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", answer.content)


def may(name, person):
    who = MATRIX[name].who
    return who in (PUBLIC, SIGNED_IN) or person in who


def test_matrix_names_every_route():
    assert set(MATRIX) | ALLAUTH == route_names()


def expected(name, person):
    """Return the status of a GET."""
    access = MATRIX[name]
    if name == "register_import":
        return 405 if may("register", person) else 404
    if not access.get:
        return 405
    if may(name, person):
        return 200
    return 403 if person in access.forbidden else 404


@parts
def test_get_answers_as_the_matrix_says_asks_little_and_writes_nothing(world, cast, people):  # noqa: F811
    dear = {}
    for person in people:
        client = Client()
        client.force_login(cast[person])
        client.post(reverse("hr_people"), {"purpose": "committee"})  # asked before people's records are shown
        missing = body(client.get("/no-such-page/"))
        before = photograph()
        for name in MATRIX:
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(address(name, world))
            assert answer.status_code == expected(name, person), (name, person)
            if len(asked) > MOST_QUERIES:
                dear[name, person] = len(asked)
            if answer.status_code == 404:
                assert body(answer) == missing, (name, person)
        assert photograph() == before, f"a GET as {person} wrote"
    assert dear == {}


def test_get_by_anonymous_leads_to_sign_in_or_is_public(client, world):  # noqa: F811
    for name, access in MATRIX.items():
        answer = client.get(address(name, world))
        if name == "call_detail":
            assert answer.status_code == 404
        elif access.who == PUBLIC:
            assert answer.status_code == 200, name
        else:
            assert answer.headers["Location"].startswith("/account/login/?next="), name


@parts
def test_post_by_those_who_may_not_is_denied_and_changes_nothing(world, cast, people):  # noqa: F811
    open_to_all = (PUBLIC, SIGNED_IN)
    for person in people:
        client = Client()
        client.force_login(cast[person])
        before = photograph()
        for name, access in MATRIX.items():
            if access.who in open_to_all or person in access.may_post or name == "register_import":
                continue
            answer = client.post(address(name, world), FORM)
            seen = person in access.forbidden or person in access.who
            allowed = {405, 403} if seen else {405, 404}
            assert answer.status_code in allowed, (name, person, answer.status_code)
        assert photograph() == before, f"a denied POST as {person} wrote"


def test_post_by_a_member_of_what_only_the_lead_may_is_403_and_changes_nothing(client, world, cast):  # noqa: F811
    client.force_login(cast["colleague"])
    before = photograph()
    assert client.post(address("act", world)).status_code == 403
    assert client.post(address("proposal_team", world), {"who": cast["stranger"].email}).status_code == 403
    assert client.post(address("shares", world), {"step": "settle"}).status_code == 403
    assert photograph() == before


def test_post_by_anonymous_changes_nothing(client, world):  # noqa: F811
    before = photograph()
    for name in MATRIX:
        assert client.post(address(name, world)).status_code in (302, 405), name
    assert photograph() == before


def test_post_without_csrf_token_is_403(world, cast):  # noqa: F811
    client = Client(enforce_csrf_checks=True)
    for person in ("lead", "secretariat", "out_board", "out_reviewer", "out_verifier", "out_classifier", "hr"):
        client.force_login(cast[person])
        for name, access in MATRIX.items():
            if person in access.may_post or access.who == SIGNED_IN:
                assert client.post(address(name, world)).status_code in (403, 405), name


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_405(client, world, cast, method):  # noqa: F811
    client.force_login(cast["lead"])
    for name in MATRIX:
        if may(name, "lead"):
            assert getattr(client, method)(address(name, world)).status_code == 405, name


@pytest.mark.parametrize("path", [
    "/act/people.user/1/withdraw/", "/act/nonsense/1/withdraw/", "/act/proposals.proposal/1/save/",
    "/act/proposals.proposal/999/withdraw/",
])  # fmt: skip
def test_act_on_anything_else_does_not_exist(client, proposal, cast, path):
    client.force_login(cast["lead"])
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


def test_administrator_in_djangos_admin_changes_accounts_and_nothing_judged(client, cast):
    person = cast["administrator"]
    person.is_staff = person.is_superuser = True
    person.save()
    client.force_login(person)
    assert client.get("/admin/people/user/").status_code == 200
    assert client.get("/admin/people/rolegrant/add/").status_code == 403
    assert client.get("/admin/proposals/proposal/").status_code == 404


def test_admin_is_closed_to_everybody_else(client, cast):
    client.force_login(cast["head"])
    assert client.get("/admin/").status_code == 302
