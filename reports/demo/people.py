"""Agencies and people of the demonstration fund, all invented."""

import os
from datetime import date

from django.contrib.auth.hashers import make_password

from lifecycle import clock
from people.enums import AGENCY_ROLES, AgencyKind, EmploymentType, Role, Sector
from people.models import Agency, EmploymentSnapshot, Holiday, User
from people.services.accounts import add_user, system_user
from people.services.grants import grant_role

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
    ("rcsc2", "Pema Choki", "rcsc", "P2", (Role.RCSC,)),
    ("sponsor-moal", "Ugyen Penjor", "moal", "ES2", (Role.SPONSOR,)),
    ("sponsor-thimphu", "Karma Yangden", "thimphu", "ES3", (Role.SPONSOR,)),
    ("sponsor-paro", "Tenzin Wangchuk", "paro", "ES3", (Role.SPONSOR,)),
    ("sponsor-trashigang", "Dorji Wangmo", "trashigang", "ES3", (Role.SPONSOR,)),
    ("officer01", "Kezang Dorji", "thimphu", "P4", ()),
    ("officer02", "Sonam Yangchen", "moh", "P4", ()),
    ("officer03", "Phub Gyem", "moal", "P5", ()),
    ("officer04", "Jamtsho", "moh", "P5", ()),
    ("officer05", "Karma Tenzin", "paro", "P4", ()),
    ("officer06", "Nima Lhamo", "trashigang", "S1", ()),
    ("officer07", "Tashi", "paro", "P5", ()),
    ("officer08", "Ugyen Dema", "paro", "S2", ()),
    ("officer09", "Chencho Gyeltshen", "thimphu", "P3", ()),
    ("officer10", "Rinchen Zangmo", "thimphu", "P5", ()),
    ("officer11", "ཀརྨ་ཚེ་རིང", "trashigang", "P4", ()),
    ("officer12", "Yeshey Nidup", "trashigang", "P5", ()),
    ("newcomer", "Dechen Pelden", "moh", "S2", ()),  # has sent nothing yet
    ("protection", "Tshering Yangki", "rcsc", "P2", (Role.PROTECTION,)),
)
MANAGERS = {"newcomer": "sponsor"}  # by the register

HOLIDAYS = (
    (date(2026, 12, 17), "National Day"),
    (date(2027, 1, 2), "Winter Solstice"),
    (date(2027, 2, 21), "Birthday of the King"),
)


def password() -> str:
    """Return the password of every demo account."""
    return os.environ.get("DEMO_PASSWORD", "learn-by-trying")


def add_agencies() -> dict[str, Agency]:
    """Add holidays and agencies; return code -> agency."""
    Holiday.objects.bulk_create(Holiday(day=day, name=name) for day, name in HOLIDAYS)
    return {
        code: Agency.objects.create(code=code, name=name, kind=kind, sector=sector, since=date(2022, 12, 30))
        for code, name, kind, sector in AGENCIES
    }


def add_people(agencies: dict[str, Agency]) -> dict[str, User]:
    """Add accounts, posts and roles; return account -> person."""
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
    for account, manager in MANAGERS.items():
        EmploymentSnapshot.objects.filter(person=people[account]).update(line_manager=people[manager])
    people["citizen"] = add_user(by=system, email=f"citizen@{DOMAIN}", full_name="Aum Zam", is_demo=True)
    people["admin"] = add_user(by=system, email=f"admin@{DOMAIN}", full_name="Administrator", is_demo=True)
    grant_role(by=system, person=people["admin"], role=Role.ADMINISTRATOR, reason="Demonstration fund")
    people["admin"].is_staff = people["admin"].is_superuser = True
    hashed = make_password(password())  # once: hashing is slow on purpose
    for person in people.values():
        person.password = hashed
        person.save()
    return people


def renew_register(people: dict[str, User]) -> None:
    """Import the register again, as HR does each month: the same posts as of today."""
    for snapshot in EmploymentSnapshot.objects.filter(person__in=people.values()):
        EmploymentSnapshot.objects.create(
            person_id=snapshot.person_id, agency_id=snapshot.agency_id, level=snapshot.level,
            level_since=snapshot.level_since, employment_type=snapshot.employment_type, as_of=clock.today(),
            source=snapshot.source, line_manager_id=snapshot.line_manager_id,
        )  # fmt: skip
