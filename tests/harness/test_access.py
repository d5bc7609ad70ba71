"""The access matrix: every route x person x method; denied also means unchanged."""

import re
from hashlib import sha256

import pytest
from django.apps import apps
from django.urls import reverse

from fund.services.calls import add_call
from people.services.notify import notify

from .. import conftest
from ..fund.paths import paid
from .pages import PUBLIC, SIGNED_IN, Access, route_names

TEAM = ("lead", "colleague")
FINANCE = ("secretariat", "head", "board", "maker", "checker", "auditor")  # they see all money
# Touched by any request of a signed-in person; the two tables a GET may write.
TOUCHED = {"sessions.Session"}

# route -> access. `args` names objects of the `world` fixture.
MATRIX = {
    "home": Access(),
    "help": Access(who=PUBLIC),
    "inbox": Access(),
    "open_message": Access(args=("message",), who=("lead",), get=False),
    "account": Access(),
    "act": Access(args=("label", "proposal_pk", "withdraw"), who=("lead",)),
    "register": Access(who=("administrator", "rcsc")),
    "register_import": Access(args=("case",), who=(), get=False),
    "live": Access(who=PUBLIC),
    "ready": Access(who=PUBLIC),
    "call_list": Access(who=PUBLIC),
    "call_detail": Access(args=("hidden_call",), who=("secretariat", "head", "auditor")),
    "proposal_start": Access(args=("open_call",)),
    "proposal_list": Access(),
    "proposal_detail": Access(args=("case",), who=TEAM),
    "proposal_team": Access(args=("case",), who=TEAM),
    "proposal_join": Access(args=("case",), who=TEAM),
    "proposal_leave": Access(args=("case",), who=TEAM, get=False),
    "section": Access(args=("case", "people"), who=TEAM),
    "money": Access(who=FINANCE),
    "budget_lines": Access(who=FINANCE),
    "budget_line": Access(args=("line",), who=FINANCE),
    "grant_list": Access(),
    "grant_detail": Access(args=("grant",), who=(*TEAM, "sponsor", *FINANCE)),
    "grant_note": Access(args=("grant",), who=TEAM, forbidden=("sponsor", *FINANCE)),
    "grant_stop": Access(args=("grant",), who=("lead",), forbidden=("colleague", "sponsor", *FINANCE)),
    "milestone_submit": Access(args=("grant", 1), who=TEAM, forbidden=("sponsor", *FINANCE)),
    "report_submit": Access(args=("grant", 1), who=TEAM, forbidden=("sponsor", *FINANCE)),
    "payment_account": Access(args=("grant", 1), who=TEAM, forbidden=("sponsor", *FINANCE)),
}
# Pages with a form of their own on a grant.
GRANT_FORMS = ("grant_note", "grant_stop", "milestone_submit", "report_submit", "payment_account")
# allauth's own pages: who may open them is allauth's rule; here only that none breaks and none leaks.
ALLAUTH = {
    "account_change_password", "account_confirm_email", "account_confirm_login_code",
    "account_email", "account_email_verification_sent",
    "account_inactive", "account_login", "account_logout", "account_reauthenticate", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    "account_set_password", "account_signup", "mfa_activate_totp", "mfa_authenticate", "mfa_deactivate_totp",
    "mfa_download_recovery_codes", "mfa_generate_recovery_codes", "mfa_index", "mfa_reauthenticate",
    "mfa_view_recovery_codes",
}  # fmt: skip


GRANT_FORM = {
    "happened_on": "2026-01-01", "text": "x", "note": "x", "unspent": "0", "evidence": "x", "done": "x",
    "measured": "x", "next_steps": "x", "amount": "1",
}  # fmt: skip


@pytest.fixture
def world(proposal, call, cast, grant):
    paid(cast, grant, 1)
    hidden = add_call(
        by=cast["secretariat"], reference="hidden", title="Not yet", purpose="p", who_can_apply="w", stage="explore",
        ceiling=1, opens_at=call.opens_at, closes_at=call.closes_at,
    )  # fmt: skip
    message = notify(person=cast["lead"], key="m", subject="s", body="b")
    return {
        "case": proposal.case, "proposal_pk": proposal.pk, "label": "proposals.proposal", "open_call": call.reference,
        "hidden_call": hidden.reference, "message": message.pk, "grant": grant.case, "line": grant.line.code,
    }  # fmt: skip


def address(name, world):
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


PEOPLE = [*conftest.TEAM, *conftest.OFFICERS, "conflicted", "citizen"]


def test_matrix_names_every_route():
    assert set(MATRIX) | ALLAUTH == route_names()


@pytest.mark.parametrize("person", PEOPLE)
def test_get_answers_as_the_matrix_says_and_writes_nothing(client, world, cast, person):
    client.force_login(cast[person])
    client.get("/help/")  # the session row itself
    missing = body(client.get("/no-such-page/"))
    for name, access in MATRIX.items():
        before = photograph()
        answer = client.get(address(name, world))
        assert photograph() == before, f"GET {name} as {person} wrote"
        if name == "register_import":
            assert answer.status_code == (405 if may("register", person) else 404), person
        elif not access.get:
            assert answer.status_code == 405, name
        elif may(name, person):
            assert answer.status_code == 200, (name, person)
        elif (name == "act" and person == "colleague") or person in access.forbidden:
            assert answer.status_code == 403, (name, person)
        else:
            assert (answer.status_code, body(answer)) == (404, missing), (name, person)


def test_get_by_anonymous_leads_to_sign_in_or_is_public(client, world):
    for name, access in MATRIX.items():
        answer = client.get(address(name, world))
        if name == "call_detail":
            assert answer.status_code == 404
        elif access.who == PUBLIC:
            assert answer.status_code == 200, name
        else:
            assert answer.headers["Location"].startswith("/account/login/?next="), name


@pytest.mark.parametrize("person", [p for p in PEOPLE if p not in TEAM])
def test_post_by_others_is_denied_and_changes_nothing(client, world, cast, person):
    client.force_login(cast[person])
    before = photograph()
    for name in ("section", "proposal_team", "proposal_leave", "act", "open_message"):
        answer = client.post(address(name, world), {"version": "0", "served": "x", "consulted": "y", "who": "x"})
        assert answer.status_code == 404, (name, person)
    for name in GRANT_FORMS:
        answer = client.post(address(name, world), GRANT_FORM)
        assert answer.status_code == (403 if person in MATRIX[name].forbidden else 404), (name, person)
    assert photograph() == before


def test_post_by_a_member_of_what_only_the_lead_may_is_403_and_changes_nothing(client, world, cast):
    client.force_login(cast["colleague"])
    before = photograph()
    assert client.post(address("act", world)).status_code == 403
    assert client.post(address("proposal_team", world), {"who": cast["stranger"].email}).status_code == 403
    assert client.post(address("open_message", world)).status_code == 404
    assert photograph() == before


def test_post_by_anonymous_changes_nothing(client, world):
    before = photograph()
    for name in MATRIX:
        assert client.post(address(name, world)).status_code in (302, 405), name
    assert photograph() == before


def test_post_without_csrf_token_is_403(world, cast):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["lead"])
    for name in (
        "section",
        "proposal_team",
        "proposal_leave",
        "act",
        "open_message",
        "proposal_start",
        "proposal_join",
        *GRANT_FORMS,
    ):
        assert client.post(address(name, world)).status_code == 403, name


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_405(client, world, cast, method):
    client.force_login(cast["lead"])
    for name in MATRIX:
        if name not in (
            "call_detail",
            "register",
            "register_import",
            "money",
            "budget_lines",
            "budget_line",
        ):  # hidden from the lead
            assert getattr(client, method)(address(name, world)).status_code == 405, name


@pytest.mark.parametrize("path", [
    "/act/people.user/1/withdraw/", "/act/nonsense/1/withdraw/", "/act/proposals.proposal/1/save/",
    "/act/proposals.proposal/999/withdraw/",
])  # fmt: skip
def test_act_on_anything_else_does_not_exist(client, world, cast, path):
    client.force_login(cast["lead"])
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


def test_administrator_in_djangos_admin_changes_accounts_and_nothing_judged(client, world, cast):
    person = cast["administrator"]
    person.is_staff = person.is_superuser = True
    person.save()
    client.force_login(person)
    assert client.get("/admin/people/user/").status_code == 200
    assert client.get("/admin/people/rolegrant/add/").status_code == 403
    assert client.get("/admin/proposals/proposal/").status_code == 404


def test_admin_is_closed_to_everybody_else(client, world, cast):
    client.force_login(cast["head"])
    assert client.get("/admin/").status_code == 302
