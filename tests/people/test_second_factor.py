import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import NoReverseMatch, reverse

from evaluation.models import Vote
from fund.models import Grant, Signature
from fund.services.grants import sign
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.transitions import rules_of
from people.enums import AGENCY_ROLES, SECOND_FACTOR_ROLES, Role
from people.middleware import SecondFactorIsDemanded
from people.models import RoleGrant, User
from people.queries import in_frame, with_frame, with_second_factor
from people.services.accounts import system_user
from people.services.grants import grant_role
from people.services.notify import notify

from ..factories import PASSWORD, TERMS, UserFactory, civil_servant, make_grant, second_factor
from ..harness.pages import route_names

PAGE = "/me/second-factor/"
OPEN = {"account", "help", "second_factor", "mfa_index", "account_change_password", "live", "ready"}


def holder(role, agencies, **fields):
    person = civil_servant("holder@a.example", agencies["health"], **fields)
    agency = agencies["health"] if role in AGENCY_ROLES else None
    grant_role(by=system_user(), person=person, role=role, agency=agency, reason="test")
    return person


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


@pytest.mark.parametrize("role", Role)
def test_second_factor_is_demanded_by_role(client, agencies, role):
    client.force_login(holder(role, agencies))
    answer = client.get(reverse("proposal_list"))
    if role in SECOND_FACTOR_ROLES:
        assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
        page = client.get(PAGE).content.decode()
        assert "Set up a second factor first" in page
        assert f"“{role.label}”" in page
    else:
        assert answer.status_code == 200


def test_second_factor_is_demanded_of_djangos_staff(client, db):
    client.force_login(UserFactory(is_staff=True))
    assert client.get("/admin/").headers["Location"] == PAGE
    assert "administer this fund" in client.get(PAGE).content.decode()


def test_second_factor_is_not_demanded_of_demo_accounts(client, agencies):
    client.force_login(holder(Role.BOARD, agencies, is_demo=True))
    assert client.get("/").status_code == 200


def test_second_factor_is_not_demanded_before_or_after_the_grant(client, agencies, soon):
    person = holder(Role.BOARD, agencies)
    grant = person.role_grants.get()
    client.force_login(person)
    for since, until in ((soon, None), (grant.since, grant.since)):
        type(grant).objects.filter(pk=grant.pk).update(since=since, until=until)
        assert client.get("/").status_code == 200


def test_without_it_only_the_way_to_it_is_open(client, agencies):
    client.force_login(holder(Role.BOARD, agencies))
    for name in OPEN:
        assert client.get(reverse(name)).status_code == 200, name
    argless = {name for name in route_names() if not name.startswith(("account_", "mfa_"))} - OPEN
    for name in argless:
        try:
            path = reverse(name)
        except NoReverseMatch:  # it needs an object; the door is the same
            continue
        assert client.get(path).headers["Location"] == PAGE, name
        assert client.post(path).headers["Location"] == PAGE, name
    assert client.post(reverse("account_logout")).headers["Location"] == reverse("call_list")


@pytest.fixture
def bare(client, pending, panel):
    """A board member who took the second factor away."""
    person = panel["board"][0]
    Authenticator.objects.filter(user=person).delete()
    client.force_login(person)
    return person


def send_vote(client, pending):
    return client.post(reverse("vote", args=[pending.case]), {"choice": "approve", "reason": "Good"})


def test_vote_without_second_factor_is_refused_and_not_counted(client, pending, bare):
    assert send_vote(client, pending).headers["Location"] == PAGE
    assert not Vote.objects.filter(member=bare).exists()


def test_vote_without_the_guard_would_count(client, pending, bare, monkeypatch):
    monkeypatch.setattr(SecondFactorIsDemanded, "process_view", lambda *args: None)
    send_vote(client, pending)
    assert Vote.objects.filter(member=bare).count() == 1


def send_signature(offered, person):
    client = Client()
    client.force_login(person)
    return client.post(reverse("act", args=["fund.grant", offered.pk, "sign_as_sponsor"]), {"note": ""})


def test_signature_without_second_factor_is_refused(offered, cast, monkeypatch):
    Authenticator.objects.filter(user=cast["sponsor"]).delete()
    assert send_signature(offered, cast["sponsor"]).headers["Location"] == PAGE
    assert Signature.objects.count() == 0
    with monkeypatch.context() as patch:
        patch.setattr(SecondFactorIsDemanded, "process_view", lambda *args: None)
        send_signature(offered, cast["sponsor"])
    assert Signature.objects.count() == 1


def test_page_that_was_wanted_is_offered_after_the_setup(client, agencies):
    person = holder(Role.BOARD, agencies)
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert client.get("/calls/?q=health").headers["Location"] == PAGE
    again = client.get(reverse("mfa_activate_totp")).headers["Location"]
    client.post(again, {"password": PASSWORD})
    form = client.get(reverse("mfa_activate_totp")).context["form"]
    done = client.post(reverse("mfa_activate_totp"), {"code": code_of(form.secret)})
    assert done.headers["Location"] == reverse("mfa_view_recovery_codes")
    assert f'href="{PAGE}"' in client.get(done.headers["Location"]).content.decode()
    assert 'href="/calls/?q=health"' in client.get(PAGE).content.decode()
    assert client.get("/calls/?q=health").status_code == 200


def test_sign_in_with_a_second_factor_asks_for_the_code(client, agencies):
    person = holder(Role.BOARD, agencies)
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert answer.headers["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get("/").status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": code_of("JBSWY3DPEHPK3PXP")})
    assert client.get("/").status_code == 200


def test_djangos_own_sign_in_leads_to_the_one_door(client, db):
    person = UserFactory(is_staff=True)
    answer = client.post("/admin/login/", {"username": person.email, "password": PASSWORD})
    assert answer.headers["Location"].startswith(reverse("account_login"))
    assert client.get("/").status_code == 302


def test_deactivated_holder_is_out_on_the_next_request(client, cast):
    client.force_login(cast["board"])
    assert client.get("/").status_code == 200
    type(cast["board"]).objects.filter(pk=cast["board"].pk).update(is_active=False)
    assert client.get("/").headers["Location"].startswith(reverse("account_login"))


def test_second_factor_needs_no_confirmed_address(client, agencies):
    person = holder(Role.BOARD, agencies)
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=False)
    client.force_login(person)
    answer = client.get(reverse("mfa_activate_totp"))
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))


# --- the lead's signature: no role demands it, the act does ---------------------------------------------------


@pytest.fixture
def unsigned(client, offered, cast):
    """An offer whose lead has no second factor; returns the page that signs."""
    Authenticator.objects.filter(user=cast["lead"]).delete()
    client.force_login(cast["lead"])
    return reverse("act", args=["fund.grant", offered.pk, "sign_as_lead"])


def test_lead_is_led_to_the_second_factor_and_back_to_the_signing(client, cast, unsigned):
    assert "Sign the agreement as lead" in client.get(Grant.objects.get().get_absolute_url()).content.decode()
    for answer in (client.get(unsigned), client.post(unsigned, {"note": ""})):
        assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    assert Signature.objects.count() == 0
    text = client.get(PAGE).content.decode()
    assert "“Sign the agreement as lead” binds your agency" in text
    assert client.get("/calls/").status_code == 200  # nothing else is closed meanwhile
    second_factor(cast["lead"])
    assert f'href="{unsigned}"' in client.get(PAGE).content.decode()
    assert client.get(unsigned).status_code == 200
    client.post(unsigned, {"note": ""})
    assert Signature.objects.get().second_factor
    assert "with a second factor" in client.get(reverse("agreement", args=[Grant.objects.get().case])).content.decode()


def test_signature_of_a_lead_without_the_guard_would_count(client, cast, unsigned, monkeypatch):
    with pytest.raises(NotPossible, match="second factor"):
        sign(Grant.objects.get(), by=cast["lead"])
    monkeypatch.setitem(rules_of(Grant)["sign_as_lead"].__dict__, "proof", None)
    client.post(unsigned, {"note": ""})
    assert Signature.objects.get().second_factor is False


def test_small_idea_is_signed_with_one_tap(cast, line):
    made = make_grant(cast, line, terms=TERMS | {"stage": "spark"}, steps=((50, 100),))
    Authenticator.objects.filter(user=cast["lead"]).delete()
    assert sign(made, by=cast["lead"]).signed_by_lead_at


def test_compiled_question_answers_as_the_plain_one_for_each_person_and_moment(agencies, cast):
    people = [holder(Role.BOARD, agencies), cast["lead"], cast["citizen"]]
    told = ("has_second_factor", "lacks_second_factor", "unread", "invented")

    def answers():
        plain = {person.pk: person for person in with_frame(with_second_factor(User.objects.all()))}
        found = [[bool(getattr(in_frame(person.pk), name)) for name in told] for person in people]
        assert found == [[bool(getattr(plain[person.pk], name)) for name in told] for person in people]
        return [row[1] for row in found]

    assert answers() == [True, False, False]
    RoleGrant.objects.filter(person=people[0]).update(until=clock.now())
    assert answers() == [False, False, False]
    second_factor(people[0])
    notify(person=people[1], key="k", subject="s", body="b")
    assert answers() == [False, False, False]
    assert in_frame(0) is None
