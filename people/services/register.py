"""Import of the HR register: look first, then all rows or none."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from documents.reading import Row, Table
from lifecycle import trail
from lifecycle.errors import NotPossible

from ..enums import EmploymentType, Role
from ..models import Agency, EmploymentSnapshot, User
from ..models.register import LEVELS
from ..models.user import FULL_NAME_LENGTH
from ..policies import holds
from .accounts import add_user

REQUIRED = ("employee_number", "full_name", "email", "agency", "level", "level_since", "employment_type")
OPTIONAL = ("manager",)
may_import = holds(Role.ADMINISTRATOR) | holds(Role.RCSC)


@dataclass(frozen=True)
class RowError:
    """One thing to correct: the row as a spreadsheet shows it, the column, and what to do."""

    row: int
    column: str
    message: str


@dataclass
class Plan:
    """What an import would do: counts of people, and every error found."""

    new: int = 0
    known: int = 0
    errors: list[RowError] = field(default_factory=list)


class RegisterRefused(NotPossible):
    """The table has errors; nothing was written."""

    def __init__(self, errors: list[RowError]) -> None:
        super().__init__(f"The register was not imported: {len(errors)} things to correct.")
        self.errors = errors


def look(table: Table) -> Plan:
    """Return what an import of `table` would do, writing nothing; three queries for any length."""
    numbers = [row.values["employee_number"] for row in table.rows]
    known = dict(User.objects.filter(employee_number__in=numbers).values_list("employee_number", "email"))
    emails = [row.values["email"].lower() for row in table.rows]
    owners = dict(User.objects.filter(email__in=emails).values_list("email", "employee_number"))
    agencies = set(Agency.objects.values_list("code", flat=True))
    plan = Plan(known=len(known), new=len(set(numbers) - set(known)))
    managers, seen_numbers, seen_emails = set(numbers), set[str](), set[str]()
    for row in table.rows:
        plan.errors += _form_errors(row, agencies)
        plan.errors += _identity_errors(row, owners, seen_numbers, seen_emails)
        manager = row.values.get("manager", "")
        if manager and (manager not in managers or manager == row.values["employee_number"]):
            plan.errors.append(RowError(row.number, "manager", f"“{manager}” is not another person of this file."))
    return plan


def _form_errors(row: Row, agencies: set[str]) -> Iterator[RowError]:
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
            User(employee_number=values["employee_number"]).clean_fields(
                exclude=[f.name for f in User._meta.fields if f.name != "employee_number"]
            )
        except ValidationError:
            yield RowError(row.number, "employee_number", "Use 3 to 20 letters, digits, / or -.")
    try:
        validate_email(values["email"])
    except ValidationError:
        yield RowError(row.number, "email", "This is not an e-mail address.")
    try:
        date.fromisoformat(values["level_since"])
    except ValueError:
        yield RowError(row.number, "level_since", "Write the date as 2026-07-01.")
    if len(values["full_name"]) > FULL_NAME_LENGTH:
        yield RowError(row.number, "full_name", "The name is longer than 200 characters.")


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

    People are matched by employee number alone, never by name. Raises RegisterRefused, or NotPossible for a
    person who may not import. Side effects: accounts, one register entry a person, one trail entry each.
    """
    if not may_import(None, by):
        raise NotPossible("Only the administrator or the RCSC imports the register.", forbidden=True)
    with transaction.atomic():
        plan = look(table)
        if plan.errors:
            raise RegisterRefused(plan.errors)
        people = {row.values["employee_number"]: _person(row, by) for row in table.rows}
        agencies = {agency.code: agency for agency in Agency.objects.all()}
        for row in table.rows:
            values = row.values
            EmploymentSnapshot.objects.update_or_create(
                person=people[values["employee_number"]],
                as_of=as_of,
                defaults={
                    "agency": agencies[values["agency"]],
                    "level": values["level"],
                    "level_since": date.fromisoformat(values["level_since"]),
                    "employment_type": values["employment_type"],
                    "line_manager": people.get(values.get("manager", "")),
                    "source": source[:200],
                },
            )
    return plan


def _person(row: Row, by: User) -> User:
    """Return the account of a row, made or brought up to date."""
    values = row.values
    person = User.objects.filter(employee_number=values["employee_number"]).first()
    if person is None:
        return add_user(
            by=by, email=values["email"], full_name=values["full_name"], employee_number=values["employee_number"]
        )
    before = trail.picture(person)
    person.full_name, person.email = values["full_name"], values["email"].lower()
    changes = trail.difference(before, trail.picture(person))
    if changes:
        person.save(update_fields=["full_name", "email"])
        trail.record(person, action="register_changed", by=by, changes=changes)
    return person
