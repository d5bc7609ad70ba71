"""A page records what it was opened for once, however often its button is pressed."""

import re
from contextlib import contextmanager
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from fund.models import FieldNote, Finding, Reading, Receipt, Transfer
from fund.services import budget, delivery, findings, following, payments
from lifecycle import clock
from lifecycle.errors import NotPossible

from ..factories import make_line
from ..races import race
from .paths import paid, tranche

KINDS = {
    "receipt": (Receipt, payments), "note": (FieldNote, delivery), "transfer": (Transfer, budget),
    "reading": (Reading, following), "finding": (Finding, findings),
}  # fmt: skip


@pytest.fixture
def acts(cast, grant, agencies):
    """Return kind -> the act that records one, given the key of a page and its words."""
    paid(cast, grant, 1)
    other = make_line(cast["head"], amount=10_000, code="other", agency=agencies["health"])
    ends = {"from_line": grant.line, "to_line": other, "amount": 5}
    day = clock.today()
    return {
        "receipt": lambda key, words="x": payments.account_for(
            tranche(grant, 1), by=cast["lead"], note=words, amount=100, key=key
        ),
        "note": lambda key, words="x": delivery.add_note(grant, by=cast["lead"], happened_on=day, text=words, key=key),
        "transfer": lambda key, words="x": budget.propose_transfer(by=cast["maker"], reason=words, key=key, **ends),
        "reading": lambda key, words="x": following.read_measure(
            grant, by=cast["lead"], measured_on=day, value=Decimal("2.5"), source=words, key=key
        ),
        "finding": lambda key, words="x": findings.raise_finding(
            by=cast["auditor"], grant=grant, office="team", title="No receipt", text=words, key=key
        ),
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.django_db(transaction=True)
def test_eight_presses_at_once_record_once_and_are_answered_alike(acts, kind):
    key = uuid4()
    assert len(set(race(8, lambda _: acts[kind](key).pk))) == 1
    assert KINDS[kind][0].objects.count() == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.django_db(transaction=True)
def test_without_the_look_before_the_database_refuses_all_but_one(monkeypatch, acts, kind):
    """Negative control: what the act no longer looks for, the unique key refuses."""
    model, module = KINDS[kind]
    monkeypatch.setattr(module, "recorded", lambda *args, **said: None)
    key = uuid4()
    outcomes = race(8, lambda _: acts[kind](key).pk, IntegrityError)
    assert (outcomes.count("IntegrityError"), model.objects.count()) == (7, 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_nothing_is_recorded_twice_either(monkeypatch, acts, kind):
    model, module = KINDS[kind]

    @contextmanager
    def unlocked(row, *args):
        with transaction.atomic():
            yield row

    name = "changing" if kind == "receipt" else "locked"
    monkeypatch.setattr(module, name, unlocked)
    key = uuid4()
    outcomes = race(8, lambda _: acts[kind](key).pk, (IntegrityError, NotPossible))
    assert (model.objects.count(), any(isinstance(one, int) for one in outcomes)) == (1, True)


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_key_each_press_records(acts, kind):
    """Negative control: what a second press did before."""
    for _ in range(2):
        acts[kind](None)
    assert KINDS[kind][0].objects.count() == 2


@pytest.mark.parametrize("kind", KINDS)
def test_same_page_with_other_words_is_refused_and_says_what_to_do(acts, kind):
    key = uuid4()
    acts[kind](key)
    with pytest.raises(NotPossible, match="press the button again"):
        acts[kind](key, "y")
    assert KINDS[kind][0].objects.count() == 1


FOUND = {"kind": "other", "title": "No receipt", "text": "Where?", "office": "team"}
FORMS = {
    "receipt": ("payment_account", [1], "lead", {"amount": "40", "note": "Tea"}),
    "note": ("grant_note", [], "lead", {"happened_on": "2026-01-02", "text": "Visited"}),
    "transfer": ("transfer_new", None, "maker", {"amount": "1", "reason": "Too much there"}),
    "reading": ("reading_new", [], "lead", {"measured_on": "2026-01-02", "value": "2.5", "source": "Log"}),
    "finding": ("grant_finding_new", [], "auditor", FOUND),
}


@pytest.mark.parametrize("kind", KINDS)
def test_second_press_in_the_browser_is_answered_like_the_first(client, cast, grant, acts, kind):
    """The receipt takes all that is left, so that nothing but the key makes the second answer a good one."""
    name, args, who, data = FORMS[kind]
    path = reverse(name, args=None if args is None else [grant.case, *args])
    client.force_login(cast[who])
    once = re.search(r'name="once" value="([^"]+)"', client.get(path).content.decode()).group(1)
    lines = {"from_line": grant.line_id, "to_line": grant.line._meta.model.objects.get(code="other").pk}
    data = data | {"once": once} | (lines if kind == "transfer" else {})
    answers = [client.post(path, data) for _ in range(2)]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (302, answers[0].headers["Location"])
    }
    assert KINDS[kind][0].objects.count() == 1
    said = client.get(answers[0].headers["Location"]).content.decode()
    assert "There is a problem" not in said
    field = {"note": "text", "finding": "text", "transfer": "reason", "reading": "source"}.get(kind, "note")
    changed = client.post(path, data | {field: "Other words"})
    assert (changed.status_code, KINDS[kind][0].objects.count()) == (400, 1)
    assert "Other words" in changed.content.decode()
    assert once not in changed.content.decode()  # pressed again, it is another one


def test_key_that_is_none_is_as_good_as_no_key(client, cast, grant):
    client.force_login(cast["lead"])
    path = reverse("grant_note", args=[grant.case])
    assert client.post(path, {"happened_on": "2026-01-02", "text": "x", "once": "no key"}).status_code == 302
    assert FieldNote.objects.count() == 1
