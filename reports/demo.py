"""The demonstration fund: believable, invented, and made only through the services."""

import os
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from fund.enums import Stage
from fund.models import Call
from fund.services.calls import add_call
from lifecycle import clock
from lifecycle.performing import perform
from people.enums import AGENCY_ROLES, AgencyKind, EmploymentType, Role, Sector
from people.models import Agency, EmploymentSnapshot, Holiday, User
from people.services.accounts import add_user, system_user
from people.services.grants import grant_role
from proposals.enums import SectionKey
from proposals.models import Proposal
from proposals.services import drafting, team

DOMAIN = "demo.example"
# code, name, kind, sector
AGENCIES = (
    ("moal", "Ministry of Agriculture and Livestock", AgencyKind.MINISTRY, Sector.AGRICULTURE),
    ("moesd", "Ministry of Education and Skills Development", AgencyKind.MINISTRY, Sector.EDUCATION),
    ("moenr", "Ministry of Energy and Natural Resources", AgencyKind.MINISTRY, Sector.ENERGY),
    ("mof", "Ministry of Finance", AgencyKind.MINISTRY, Sector.FINANCE),
    ("mofaet", "Ministry of Foreign Affairs and External Trade", AgencyKind.MINISTRY, Sector.FOREIGN),
    ("moh", "Ministry of Health", AgencyKind.MINISTRY, Sector.HEALTH),
    ("moha", "Ministry of Home Affairs", AgencyKind.MINISTRY, Sector.HOME),
    ("moice", "Ministry of Industry, Commerce and Employment", AgencyKind.MINISTRY, Sector.INDUSTRY),
    ("moit", "Ministry of Infrastructure and Transport", AgencyKind.MINISTRY, Sector.INFRASTRUCTURE),
    ("cabinet", "Cabinet Secretariat", AgencyKind.CENTRAL, Sector.OVERSIGHT),
    ("govtech", "GovTech Agency", AgencyKind.CENTRAL, Sector.DIGITAL),
    ("rcsc", "Royal Civil Service Commission", AgencyKind.CONSTITUTIONAL, Sector.OVERSIGHT),
    ("raa", "Royal Audit Authority", AgencyKind.CONSTITUTIONAL, Sector.OVERSIGHT),
    ("acc", "Anti-Corruption Commission", AgencyKind.CONSTITUTIONAL, Sector.OVERSIGHT),
    ("thimphu", "Thimphu Dzongkhag Administration", AgencyKind.DZONGKHAG, Sector.LOCAL),
    ("paro", "Paro Dzongkhag Administration", AgencyKind.DZONGKHAG, Sector.LOCAL),
    ("trashigang", "Trashigang Dzongkhag Administration", AgencyKind.DZONGKHAG, Sector.LOCAL),
)
# account, full name, agency, level, roles; one name is a single word, one is in Tibetan script, two are equal
PEOPLE: tuple[tuple[str, str, str, str, tuple[Role, ...]], ...] = (
    ("lead", "Sonam Choden", "moh", "P3", ()),
    ("colleague", "Tashi", "govtech", "P4", ()),
    ("stranger", "སྐལ་བཟང་རྡོ་རྗེ", "moal", "P4", ()),
    ("sponsor", "Karma Wangdi", "moh", "ES2", (Role.SPONSOR,)),
    ("sponsor2", "Deki Yangzom", "govtech", "ES3", (Role.SPONSOR,)),
    ("secretariat", "Pema Lhamo", "cabinet", "P2", (Role.SECRETARIAT,)),
    ("secretariat2", "Ugyen Tshering", "cabinet", "P3", (Role.SECRETARIAT,)),
    ("head", "Chimi Dema", "cabinet", "ES3", (Role.HEAD,)),
    ("reviewer1", "Sonam Choden", "moesd", "P2", (Role.REVIEWER,)),
    ("reviewer2", "Kinley Wangchuk", "moenr", "P2", (Role.REVIEWER,)),
    ("reviewer3", "Phuntsho Namgay", "moit", "P1", (Role.REVIEWER,)),
    ("reviewer4", "Yeshi Zangmo", "moice", "P2", (Role.REVIEWER,)),
    ("reviewer5", "Dorji Gyeltshen", "moh", "P2", (Role.REVIEWER,)),
    ("chair", "Rinzin Pelden", "moha", "P1", (Role.CHAIR,)),
    ("board1", "Tshewang Lhaden", "mof", "EX3", (Role.BOARD,)),
    ("board2", "Jigme Thinley", "moesd", "EX3", (Role.BOARD,)),
    ("board3", "Namgay Bidha", "moit", "EX3", (Role.BOARD,)),
    ("maker", "Sangay Tenzin", "mof", "P4", (Role.MAKER,)),
    ("checker", "Choki Wangmo", "mof", "P2", (Role.CHECKER,)),
    ("verifier", "Lobzang Dorji", "moal", "P2", (Role.VERIFIER,)),
    ("verifier2", "Dawa Dem", "moenr", "P2", (Role.VERIFIER,)),
    ("classifier1", "Thinley Rabgay", "moice", "P2", (Role.CLASSIFIER,)),
    ("classifier2", "Kuenzang Om", "moha", "P2", (Role.CLASSIFIER,)),
    ("classifier3", "Gyem Tshering", "moit", "P2", (Role.CLASSIFIER,)),
    ("hr", "Tandin Wangmo", "moh", "P3", (Role.HR,)),
    ("hrc", "Leki Phuntsho", "moh", "ES3", (Role.HRC,)),
    ("rcsc", "Sherab Zangpo", "rcsc", "P1", (Role.RCSC,)),
    ("appeals", "Norbu Lhendup", "acc", "P1", (Role.APPEALS,)),
    ("auditor", "Sithar Dolma", "raa", "P2", (Role.AUDITOR,)),
)
HOLIDAYS = (
    (date(2026, 12, 17), "National Day"),
    (date(2027, 1, 2), "Winter Solstice"),
    (date(2027, 2, 21), "Birthday of the King"),
)


class DemoRefused(Exception):
    """The database is not empty, or the settings say production."""


def password() -> str:
    """Return the password of every demo account."""
    return os.environ.get("DEMO_PASSWORD", "learn-by-trying")


def load() -> bool:
    """Fill an empty database; False when the demo fund is already there. Raises DemoRefused."""
    if settings.PRODUCTION:
        raise DemoRefused("The settings say production: a demonstration fund is refused.")
    if User.objects.filter(is_demo=True).exists():
        return False
    if User.objects.exclude(is_system=True).exists() or Agency.objects.exists():
        raise DemoRefused("The database holds other data. Load the demonstration fund into an empty one.")
    with transaction.atomic():
        _fill()
    return True


def _fill() -> None:
    """Live through the last thirty days under the injected clock."""
    with clock.frozen(clock.now() - timedelta(days=30)):
        people = _people(_agencies())
    with clock.frozen(clock.now() - timedelta(days=20)):
        call = _calls(people)
    with clock.frozen(clock.now() - timedelta(days=3)):
        _drafts(people, call)


def _agencies() -> dict[str, Agency]:
    Holiday.objects.bulk_create(Holiday(day=day, name=name) for day, name in HOLIDAYS)
    return {
        code: Agency.objects.create(code=code, name=name, kind=kind, sector=sector, since=date(2022, 12, 30))
        for code, name, kind, sector in AGENCIES
    }


def _people(agencies: dict[str, Agency]) -> dict[str, User]:
    system, people = system_user(), {}
    for number, (account, name, code, level, roles) in enumerate(PEOPLE, start=1):
        person = add_user(
            by=system, email=f"{account}@{DOMAIN}", full_name=name, employee_number=f"2026{number:04d}", is_demo=True
        )
        EmploymentSnapshot.objects.create(
            person=person, agency=agencies[code], level=level, level_since=date(2023, 7, 1),
            employment_type=EmploymentType.REGULAR, as_of=clock.today(), source="Invented demonstration register",
        )  # fmt: skip
        for role in roles:
            agency = agencies[code] if role in AGENCY_ROLES else None
            grant_role(by=system, person=person, role=role, agency=agency, reason="Demonstration fund")
        people[account] = person
    people["citizen"] = add_user(by=system, email=f"citizen@{DOMAIN}", full_name="Aum Zam", is_demo=True)
    people["admin"] = add_user(by=system, email=f"admin@{DOMAIN}", full_name="Administrator", is_demo=True)
    people["admin"].is_staff = people["admin"].is_superuser = True
    hashed = make_password(password())  # once: hashing is slow on purpose
    for person in people.values():
        person.password = hashed
        person.save()
    return people


def _calls(people: dict[str, User]) -> Call:
    closes = datetime.combine(clock.today() + timedelta(days=60), datetime.min.time(), UTC).replace(hour=18)
    call = add_call(
        by=people["secretariat"], opens_at=clock.now() + timedelta(days=1), closes_at=closes,
        reference="explore-2026-2", title="Services without a second visit", stage=Stage.EXPLORE, ceiling=100_000_000,
        purpose="Many people travel for hours to a counter and are sent home because one paper is missing. "
        "We look for ideas of two or more agencies that spare people the second visit.",
        who_can_apply="Every civil servant, with a partner agency of another sector. "
        "Colleagues on contract can lead and take part; recognition that depends on rank is not open to them.",
    )  # fmt: skip
    call = perform(call, "approve", by=people["head"])
    add_call(
        by=people["secretariat2"], opens_at=closes, closes_at=closes + timedelta(days=45), reference="explore-2027-1",
        title="Safe roads in the monsoon", stage=Stage.EXPLORE, ceiling=100_000_000,
        purpose="Slides close roads for days. We look for ways to know earlier and to reopen sooner.",
        who_can_apply="Every civil servant, with a partner agency of another sector.",
    )  # fmt: skip
    return call


def _drafts(people: dict[str, User], call: Call) -> None:
    lead, colleague = people["lead"], people["colleague"]
    first = drafting.start(by=lead, title="Birth certificate before the mother goes home", call=call)
    team.invite(first, by=lead, person=colleague)
    team.join(first, by=colleague)
    drafting.save_section(
        first, by=lead, key=SectionKey.PROBLEM, version=1,
        answers={
            "title": first.title,
            "problem": "Parents return to the gewog office two or three times after a birth, because the hospital's "
            "notice arrives on paper and late.",
            "idea": "The ward sends the notice of birth to the civil registry on the day of birth; the registry "
            "prepares the certificate before the mother is discharged.",
        },
    )  # fmt: skip
    drafting.save_section(
        first, by=colleague, key=SectionKey.PEOPLE, version=0,
        answers={"served": "About 900 families a year in two hospitals.", "consulted": ""},
    )  # fmt: skip
    second = drafting.start(by=colleague, title="One phone number for farm advice and market prices", call=call)
    team.invite(second, by=colleague, person=people["stranger"])
    third = drafting.start(by=lead, title="Paper slips for vaccine fridges", call=call)
    perform(Proposal.objects.get(pk=third.pk), "withdraw", by=lead, note="Another department already does this.")
