"""Factories, one per model that tests make directly; everything else goes through services."""

from datetime import date, timedelta
from uuid import uuid4

import factory
from allauth.mfa.models import Authenticator

from fund.enums import Stage
from fund.models import BudgetLine
from fund.services import calls, ledger
from fund.services.budget import add_line
from fund.services.calls import add_call
from fund.services.grants import offer
from lifecycle import clock
from lifecycle.fiscal import fiscal_year
from people.models import Agency, EmploymentSnapshot, User
from people.policies import owns_second_factor
from people.services.accounts import system_user

PASSWORD = "a long test phrase"


class AgencyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Agency

    code = factory.Sequence(lambda n: f"agency{n}")
    name = factory.Sequence(lambda n: f"Agency {n}")
    kind = "ministry"
    sector = "health"
    since = date(2022, 1, 1)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@x.example")
    full_name = factory.Sequence(lambda n: f"Person {n}")
    employee_number = factory.Sequence(lambda n: f"E{n:05d}")
    password = factory.django.Password(PASSWORD)


class SnapshotFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EmploymentSnapshot

    person = factory.SubFactory(UserFactory)
    agency = factory.SubFactory(AgencyFactory)
    level = "P3"
    level_since = date(2023, 7, 1)
    employment_type = "regular"
    as_of = date(2026, 1, 1)
    source = "Test register"


def civil_servant(email, agency, **fields):
    person = UserFactory(email=email, full_name=fields.pop("full_name", f"Name of {email.split('@')[0]}"), **fields)
    SnapshotFactory(person=person, agency=agency)
    return person


def second_factor(person):
    return Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "test"})


def make_call(by, **fields):
    """A whole call in preparation, paid by the first budget line there is."""
    now = clock.now()
    line = BudgetLine.objects.first() or make_line(system_user(), agency=Agency.objects.first(), code="calls")
    values = {
        "reference": "explore-1", "title": "Services without a second visit", "purpose": "Spare a second visit.",
        "who_can_apply": "Every civil servant.", "stage": Stage.EXPLORE, "ceiling": 100_000_000,
        "opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=30), "budget_line": line,
    } | fields  # fmt: skip
    return add_call(by=by, **values)


def open_call(by, head, **fields):
    """The same, handed over and approved by the head, who knows that people are few here."""
    return calls.approve(calls.hand_over(make_call(by, **fields), by=by), by=head, note="Few people in a test.")


def make_line(by, amount=1_000_000_000, **fields):
    values = {"code": "moh-2026", "name": "Health innovation", "fiscal_year": fiscal_year(clock.today())} | fields
    made = add_line(by=by, **values)
    ledger.allocate(line=made, amount=amount, source=f"{made.code}:budget", by=by)
    made.refresh_from_db()
    return made


TERMS = {
    "stage": "explore", "ambition": "open", "hypothesis": "One form halves the visits.", "indicator": "Visits",
    "unit": "visits", "baseline": "2.4", "target": "1.2", "source": "Counter log", "method": "Count for a month.",
    "stop_rule": "Above 2.0 after three months.", "stop_figure": "2.0", "stop_date": "2027-06-30",
    "second_rule": "Above 2.2 at any time.", "second_figure": "2.2",
}  # fmt: skip
STEPS = ((30, 40), (60, 40), (90, 20))  # days from today, share in percent


def make_grant(cast, line, case=None, amount=10_001, steps=STEPS, **fields):
    """Offer a grant of `line`; its money is set aside first, as a board decision does."""
    case = case or uuid4()
    lead = fields.get("lead", cast["lead"])
    if not owns_second_factor(lead):  # who signs has one
        second_factor(lead)
    ledger.commit(line=line, amount=amount, source=f"{case}:approve:1", case=case, by=cast["head"])
    values = {
        "by": cast["secretariat"], "case": case, "reference": f"g-{case.hex[:8]}", "title": "One visit is enough",
        "line": line, "amount": amount, "lead": cast["lead"], "sponsor": cast["sponsor"],
        "lead_agency": line.agency, "terms": TERMS,
        "milestones": [(f"Step {n}", clock.today() + timedelta(days=d), s) for n, (d, s) in enumerate(steps, 1)],
    }  # fmt: skip
    return offer(**values | fields)
