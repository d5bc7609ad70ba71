"""Import of the HR register: look first, then all rows or none."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from documents.reading import Row, Table
from lifecycle import clock, trail
from lifecycle.errors import NotPossible

from ..enums import EmploymentType, Role
from ..models import Agency, EmploymentSnapshot, User
from ..models.register import LEVELS
from ..models.user import FULL_NAME_LENGTH
from ..policies import holds, is_administrator

REQUIRED = ("employee_number", "full_name", "email", "agency", "level", "level_since", "employment_type")
OPTIONAL = ("manager", "agency_since")
BATCH = 1000  # rows written at a time
may_import = is_administrator | holds(Role.RCSC)


@dataclass(frozen=True)
class RowError:
    """One thing to correct: the row as a spreadsheet shows it, the column, and what to do."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class RowChange:
    """What a row says otherwise than what is known of the person; what a level or a post says is kept by its day."""

    row: int
    employee_number: str
    column: str
    old: str
    new: str


@dataclass
class Plan:
    """What an import would do: counts of people, every change of name, address and agency, and every error found."""

    new: int = 0
    known: int = 0
    older: int = 0  # rows of people of whom a newer day is known: they change nothing
    changes: list[RowChange] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    @property
    def current(self) -> int:
        """Return how many known people the import brings up to date."""
        return self.known - self.older


class RegisterRefused(NotPossible):
    """The table has errors; nothing was written."""

    def __init__(self, errors: list[RowError]) -> None:
        super().__init__(f"The register was not imported: {len(errors)} things to correct.")
        self.errors = errors


@dataclass(frozen=True)
class Known:
    """Everybody in the register, their newest posts and the agencies, read in three queries for any length of file."""

    people: dict[str, User]
    owners: dict[str, str | None]
    agencies: dict[str, Agency]
    posts: dict[int, tuple[date, str]]  # person -> the newest day that is known, and the agency's code on it

    def is_older(self, row: Row, as_of: date) -> bool:
        """Tell whether a newer day is known of the person: then the row changes nothing."""
        person = self.people.get(row.values["employee_number"])
        return person is not None and person.pk in self.posts and self.posts[person.pk][0] > as_of


def _known() -> Known:
    accounts = list(User.objects.all())
    return Known(
        people={person.employee_number: person for person in accounts if person.employee_number},
        owners={person.email: person.employee_number for person in accounts},
        agencies={agency.code: agency for agency in Agency.objects.all()},
        posts={
            person: (day, code)  # the newest stays
            for person, day, code in EmploymentSnapshot.objects.order_by("as_of").values_list(
                "person", "as_of", "agency__code"
            )
        },
    )


def look(table: Table, as_of: date, known: Known | None = None) -> Plan:
    """Return what an import of `table` would do, writing nothing; three queries for any length."""
    known = known or _known()
    numbers = {row.values["employee_number"] for row in table.rows}
    plan = Plan(known=len(numbers & set(known.people)), new=len(numbers - set(known.people)))
    seen_numbers, seen_emails = set[str](), set[str]()
    for row in table.rows:
        older = known.is_older(row, as_of)
        plan.older += older
        plan.errors += _form_errors(row, set(known.agencies), as_of)
        plan.errors += _identity_errors(row, {} if older else known.owners, seen_numbers, seen_emails)
        plan.changes += [] if older else _changes(row, known)
        manager = row.values.get("manager", "")
        if manager and manager == row.values["employee_number"]:
            plan.errors.append(RowError(row.number, "manager", "Nobody is their own manager."))
        elif manager and manager not in numbers and manager not in known.people:
            plan.errors.append(
                RowError(row.number, "manager", f"“{manager}” is neither in this file nor in the register.")
            )
    return plan


def _changes(row: Row, known: Known) -> Iterator[RowChange]:
    """Yield what the row says otherwise of a person who is known."""
    number = row.values["employee_number"]
    person = known.people.get(number)
    if person is None:
        return
    before = {"full_name": person.full_name, "email": person.email, "agency": known.posts.get(person.pk, ("", ""))[1]}
    for column, old in before.items():
        new = row.values[column].lower() if column == "email" else row.values[column]
        if old != new:
            yield RowChange(row.number, number, column, old, new)


def _form_errors(row: Row, agencies: set[str], as_of: date) -> Iterator[RowError]:
    """Yield what is wrong with the values of one row, each taken alone."""
    values = row.values
    for column in REQUIRED:
        if not values[column]:
            yield RowError(row.number, column, "This is empty. Fill it.")
    choices = {"agency": agencies, "level": set(LEVELS), "employment_type": set(EmploymentType.values)}
    for column, allowed in choices.items():
        if values[column] and values[column] not in allowed:
            yield RowError(row.number, column, f"“{values[column]}” is not known here.")
    if values["employee_number"]:
        try:
            User._meta.get_field("employee_number").run_validators(values["employee_number"])
        except ValidationError:
            yield RowError(row.number, "employee_number", "Use 3 to 20 letters, digits, / or -.")
    try:
        validate_email(values["email"])
    except ValidationError:
        yield RowError(row.number, "email", "This is not an e-mail address.")
    for column in ("level_since", "agency_since"):
        if not _is_date(values.get(column, "")):
            yield RowError(row.number, column, "Write the date as 2026-07-01.")
        elif values.get(column) and date.fromisoformat(values[column]) > as_of:
            yield RowError(row.number, column, f"This day lies after the {as_of:%Y-%m-%d} that the file describes.")
    if len(values["full_name"]) > FULL_NAME_LENGTH:
        yield RowError(row.number, "full_name", "The name is longer than 200 characters.")


def _is_date(text: str) -> bool:
    """Tell whether it is empty (said elsewhere where it must not be) or a day."""
    try:
        return not text or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _identity_errors(
    row: Row, owners: dict[str, str | None], seen_numbers: set[str], seen_emails: set[str]
) -> Iterator[RowError]:
    """Yield numbers and addresses that appear twice or belong to somebody else."""
    number, email = row.values["employee_number"], row.values["email"].lower()
    if number in seen_numbers:
        yield RowError(row.number, "employee_number", "This number appears twice in the file.")
    if email in seen_emails:
        yield RowError(row.number, "email", "This address appears twice in the file.")
    if email in owners and owners[email] != number:
        yield RowError(row.number, "email", "This address belongs to another account.")
    seen_numbers.add(number)
    seen_emails.add(email)


def apply(table: Table, *, by: User, as_of: date, source: str) -> Plan:
    """Import every row or, with any error, none.

    People are matched by employee number alone, never by name. What a row says of a person of whom a newer day is
    known changes nothing. Raises RegisterRefused, or NotPossible for a person who may not import and for a day to
    come. Side effects: accounts, one register entry a person, one trail entry for each account that is new or
    changed. The number of queries grows by the thousand rows.
    """
    if not may_import(None, by):
        raise NotPossible("Only the administrator or the RCSC imports the register.", forbidden=True)
    if as_of > clock.today():
        raise NotPossible("The day that the file describes is still to come.")
    with transaction.atomic():
        known = _known()
        plan = look(table, as_of, known)
        if plan.errors:
            raise RegisterRefused(plan.errors)
        _add_people(table, known, by)
        rows = [row for row in table.rows if not known.is_older(row, as_of)]
        _change_people(rows, known, by)
        _write_posts(rows, known, as_of, source[:200])
    return plan


def _add_people(table: Table, known: Known, by: User) -> None:
    """Add the accounts of unknown numbers, without a usable password, to `known`."""
    new = [
        User(
            employee_number=row.values["employee_number"], full_name=row.values["full_name"],
            email=row.values["email"].lower(), password=make_password(None),
        )
        for row in table.rows
        if row.values["employee_number"] not in known.people
    ]  # fmt: skip
    User.objects.bulk_create(new, batch_size=BATCH)
    trail.record_many([(person, {}) for person in new], action="account_added", by=by)
    known.people.update({person.employee_number: person for person in new if person.employee_number})


def _change_people(rows: list[Row], known: Known, by: User) -> None:
    """Bring names and addresses up to date."""
    changed = []
    for row in rows:
        person = known.people[row.values["employee_number"]]
        told = {"full_name": row.values["full_name"], "email": row.values["email"].lower()}
        changes = {name: [getattr(person, name), value] for name, value in told.items()}
        changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        if changes:
            person.full_name, person.email = told["full_name"], told["email"]
            changed.append((person, changes))
    User.objects.bulk_create(  # many times faster than an update with a case for each person
        [person for person, _ in changed], batch_size=BATCH, update_conflicts=True, unique_fields=["id"],
        update_fields=["full_name", "email"],
    )  # fmt: skip
    trail.record_many(changed, action="register_changed", by=by)


def _write_posts(rows: list[Row], known: Known, as_of: date, source: str) -> None:
    """Write one post a person for the day; the same file again writes the same rows."""
    posts = []
    for row in rows:
        values = row.values
        agency_since = values.get("agency_since", "")
        posts.append(
            EmploymentSnapshot(
                person=known.people[values["employee_number"]],
                as_of=as_of,
                source=source,
                agency=known.agencies[values["agency"]],
                level=values["level"],
                level_since=date.fromisoformat(values["level_since"]),
                employment_type=values["employment_type"],
                agency_since=date.fromisoformat(agency_since) if agency_since else None,
                line_manager=known.people.get(values.get("manager", "")),
            )
        )
    told = ["agency", "agency_since", "level", "level_since", "employment_type", "line_manager", "source"]
    EmploymentSnapshot.objects.bulk_create(
        posts, batch_size=BATCH, update_conflicts=True, unique_fields=["person", "as_of"], update_fields=told
    )
