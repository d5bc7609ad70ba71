"""The cast, the databases, and what a run left out."""

import gc
import os
import shutil
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, settings

from config.celery import app
from fund.models import Call
from fund.services import delivery
from fund.services.grants import sign
from incentives.services import versions
from lifecycle import clock
from people.enums import Grade, Part, Role
from people.models import Block
from people.services.accounts import system_user
from people.services.grants import grant_role
from people.services.involvement import involve
from proposals.services import drafting, team

from . import factories, stages
from .flushing import flush_by_deleting
from .remembering import forget_path, remembered
from .sizes import CASES
from .stacks import ByStack
from .vacuuming import Vacuuming

# What is imported stays; to look for cycles among it every few hundred objects takes an eighth of the time.
gc.freeze()
gc.set_threshold(100_000, 50, 100)

# Properties are about what holds, not about how busy the machine is.
settings.register_profile("fund", deadline=None, max_examples=CASES, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fund")

TRIGGERS = {
    # The test runner empties tables between transaction tests; only that is allowed here.
    "postgresql": ["DROP TRIGGER IF EXISTS fund_no_truncate ON {}"],
    "sqlite": ["DROP TRIGGER IF EXISTS {}_no_delete"],
}
APPEND_ONLY = (
    "lifecycle_trailentry",
    "lifecycle_checkpoint",
    "lifecycle_trailpayload",
    "proposals_version",
    "fund_ledgerentry",
    "incentives_pointevent",
    "incentives_eligibilityrun",
    "incentives_classification",
    "incentives_hrfact",
    "incentives_workconfirmation",
    "incentives_policycomment",
    "people_accesslog",
    "fund_signature",
    "evaluation_feedback",
    "evaluation_feedbackreason",
    "evaluation_moderationnote",
    "evaluation_reviewversion",
    "evaluation_declaration",
    "fund_fieldnote",
    "fund_reading",
    "fund_paymentfile",
    "fund_asset",
    "fund_agreementversion",
    "fund_stopanswer",
    "fund_receipt",
    "fund_milestonefile",
    "fund_callversion",
    "fund_extension",
    "fund_criterion",  # its rows are frozen, not append-only; SQLite empties tables row by row
    "fund_question",
    "fund_callsector",
    "evaluation_rankingrun",
    "evaluation_place",
    "evaluation_departure",
    "evaluation_lottery",
)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for statement in TRIGGERS[connection.vendor]:
            for table in APPEND_ONLY:
                cursor.execute(statement.format(table))
        if connection.vendor == "postgresql":
            flush_by_deleting()


def pytest_configure(config):
    config.pluginmanager.register(Vacuuming())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return ByStack(config, log) if config.getoption("dist") == "loadscope" else None


def pytest_terminal_summary(terminalreporter):
    left_out = []
    if not shutil.which("chromium"):
        left_out.append("browser tests: no Chromium on this machine and none could be installed")
    if os.environ.get("NO_POSTGRESQL"):
        left_out.append("the run on PostgreSQL: no server answers on 127.0.0.1:5432")
    for line in left_out:
        terminalreporter.write_line(f"LEFT OUT {line}")


@pytest.fixture(scope="session", autouse=True)
def task_modules():
    """Load every room's tasks.py, as a worker does at its start."""
    app.loader.import_default_modules()


@pytest.fixture(autouse=True)
def own_data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def ended(person):
    """Return a browser in which this person was signed in until their session ended."""
    client = Client()
    client.force_login(person)
    client.get("/account/")
    client.session.delete()
    return client


RECEIVES_UNTIL = Call.receives_until


@pytest.fixture(autouse=True)
def judged_while_open(monkeypatch):
    """Let dated calls be judged while they are open: a test lives one day. `test_closing` takes it back."""
    monkeypatch.setattr(Call, "receives_until", lambda call: None)


@pytest.fixture(autouse=True)
def path_of_the_test():
    forget_path()


@remembered
def agencies(db):
    return {
        "health": factories.AgencyFactory(code="moh", name="Ministry of Health", sector="health"),
        "digital": factories.AgencyFactory(code="govtech", name="GovTech Agency", sector="digital", kind="central"),
        "farms": factories.AgencyFactory(code="moal", name="Ministry of Agriculture", sector="agriculture"),
    }


TEAM = ("lead", "colleague", "stranger", "exmember")
OFFICERS = tuple(
    "sponsor sponsor2 secretariat head reviewer chair board maker checker verifier classifier hr hrc rcsc appeals "
    "auditor protection administrator".split()
)


@remembered
def cast(agencies):
    """Everybody by part: a dict of name -> User."""
    home = {"colleague": "digital", "sponsor2": "digital", "stranger": "farms", "reviewer": "farms", "maker": "farms"}
    people = {n: factories.civil_servant(f"{n}@x.example", agencies[home.get(n, "health")]) for n in (*TEAM, *OFFICERS)}
    people["conflicted"] = factories.civil_servant("conflicted@x.example", agencies["health"])
    people["citizen"] = factories.UserFactory(email="citizen@x.example", employee_number=None)
    by = system_user()
    for name in OFFICERS:
        role = Role.SPONSOR if name == "sponsor2" else Role(name)
        agency = people[name].snapshots.get().agency if role in (Role.SPONSOR, Role.HR, Role.HRC) else None
        grant_role(by=by, person=people[name], role=role, agency=agency, reason="test")
        factories.second_factor(people[name])
    return people


@remembered
def call(cast, line):
    return factories.open_call(cast["secretariat"], cast["head"], budget_line=line)


def new_proposal(call, cast, title="One visit is enough"):
    """A draft of lead and colleague; exmember has left; conflicted is blocked."""
    made = drafting.start(by=cast["lead"], title=title, call=call)
    for name in ("colleague", "exmember", "conflicted"):
        team.invite(made, by=cast["lead"], person=cast[name])
        team.join(made, by=cast[name])
    team.leave(made, by=cast["exmember"])
    Block.objects.create(
        case=made.case, person=cast["conflicted"], grade=Grade.BLOCK, reason="relative", since=clock.now()
    )
    made.refresh_from_db()
    return made


@remembered
def proposal(call, cast):
    return new_proposal(call, cast)


@pytest.fixture
def soon():
    return clock.now() + timedelta(days=7)


@remembered
def complete(proposal, cast):
    return stages.complete(proposal, cast)


@remembered
def awaiting(proposal, cast):
    return stages.await_agreement(proposal, cast)


@remembered
def submitted(proposal, cast):
    return stages.submit(proposal, cast)


@remembered
def screening(proposal, cast):
    return stages.screen(proposal, cast)


@remembered
def line(cast, agencies):
    """A budget line of this year with Nu. 10,000,000."""
    return factories.make_line(cast["head"], agency=agencies["health"])


@remembered
def offered(cast, line):
    """A grant of Nu. 100.01 in three payments, offered to lead and sponsor; colleague is in the team."""
    made = factories.make_grant(cast, line)
    digital = cast["colleague"].snapshots.get().agency
    involve(case=made.case, person=cast["colleague"], part=Part.MEMBER, agency=digital)
    Block.objects.create(
        case=made.case, person=cast["conflicted"], grade=Grade.BLOCK, reason="relative", since=clock.now()
    )
    return made


@remembered
def grant(cast, offered):
    """The same, signed by both."""
    sign(offered, by=cast["lead"])
    return sign(offered, by=cast["sponsor"])


@remembered
def points_policy(cast):
    """FT-2026.1, approved by two people of the RCSC and in force from today."""
    second = factories.civil_servant("rcsc2@x.example", cast["rcsc"].snapshots.get().agency)
    grant_role(by=system_user(), person=second, role=Role.RCSC, reason="test")
    version = versions.add_draft(by=cast["rcsc"], data=versions.standard_policy(), valid_from=clock.today())
    versions.approve(versions.consult(version, by=cast["rcsc"]), by=second)
    return type(version).objects.get(pk=version.pk)


def note_work(grant, *people):
    for person in people:
        delivery.add_note(grant, by=person, happened_on=clock.today(), text="Worked at the counter")


@remembered
def worked(grant, cast, points_policy):
    """A running grant on which lead and colleague have recorded work."""
    note_work(grant, cast["lead"], cast["colleague"])
    return grant


def officers(role, agency, count):
    """Return `count` new people with `role` at `agency`."""
    people = []
    for number in range(count):
        person = factories.civil_servant(f"{role}-{agency.code}-{number}@x.example", agency)
        grant_role(by=system_user(), person=person, role=role, reason="test")
        factories.second_factor(person)
        people.append(person)
    return people


@remembered
def panel(cast, agencies):
    """Reviewers, a chair and board members of agencies outside the team (the team: health and digital)."""
    roads = factories.AgencyFactory(code="moit", name="Ministry of Infrastructure", sector="infrastructure")
    return {
        "reviewers": officers(Role.REVIEWER, agencies["farms"], 3),
        "chair": officers(Role.CHAIR, roads, 1)[0],
        "board": officers(Role.BOARD, roads, 4),
    }


@remembered
def funded_call(call):
    """The open call; its budget line is `line`."""
    return call


@remembered
def eligible(funded_call, cast):
    return stages.check(new_proposal(funded_call, cast), cast)


@remembered
def pending(eligible, cast, panel):
    """On the board's sheet, with three good reviews."""
    return stages.to_board(stages.judge(eligible, cast, panel["reviewers"]), cast, panel["chair"])
