"""Keeping and removing: what is over its time loses its words and names, unless a legal hold keeps it.

What was decided, paid and counted stays. Each removal leaves a tombstone: the row, the links of its trail with their
digests, and an entry that says what was removed when and by which rule (domain, section 8: keeping and leaving).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from fund.models import Grant
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.enums import Role
from people.models import EmploymentSnapshot, Involvement, User
from people.policies import holds
from people.services.accounts import system_user
from proposals.models import Member, Proposal

from ..enums import ContestState, CreditState, NominationState
from ..models import Adoption, Contest, Credit, LegalHold, Mentoring, Nomination, PointEvent
from . import leaving, removing
from .leaving import LEFT
from .removing import REMOVED, blank

BATCH = 100  # rows of one kind in one run; the next run takes the next
ENDED = (
    NominationState.NOT_ENDORSED, NominationState.WITHDRAWN, NominationState.RESULT_RECORDED, NominationState.REVOKED
)  # fmt: skip
decides_keeping = holds(Role.HEAD)


@dataclass(frozen=True)
class Keeping:
    """One rule: what is kept, for how long (a name in `settings.KEEP_YEARS`), and what then goes."""

    key: str
    what: str
    kept_as: str
    goes: str
    over: Callable[[datetime], QuerySet[Any]]
    remove: Callable[[Any], None]

    @property
    def years(self) -> int:
        """Return for how many years it is kept; a setting."""
        return settings.KEEP_YEARS[self.kept_as]


def _held_cases() -> QuerySet[LegalHold, Any]:
    return LegalHold.objects.filter(until=None, case__isnull=False).values("case")


def _held_people() -> QuerySet[LegalHold, Any]:
    return LegalHold.objects.filter(until=None, person__isnull=False).values("person")


def _cases_of_held_people() -> QuerySet[Involvement, Any]:
    """Return the cases in which somebody under a hold has, or had, a part: their words and answers are in them."""
    return Involvement.objects.filter(person__in=_held_people()).values("case")


def _unheld(find: Callable[[datetime], QuerySet[Proposal]]) -> Callable[[datetime], QuerySet[Proposal]]:
    """Return the finder without proposals that are held, or that somebody under a hold began or had a part in."""

    def found(before: datetime) -> QuerySet[Proposal]:
        rows = find(before).exclude(case__in=_held_cases()).exclude(created_by__in=_held_people())
        asked = Member.objects.filter(person__in=_held_people()).values("proposal")
        return rows.exclude(case__in=_cases_of_held_people()).exclude(pk__in=asked)

    return found


def _nominations(before: datetime) -> QuerySet[Nomination]:
    found = Nomination.objects.filter(state__in=ENDED, created_at__lt=before).exclude(statement=REMOVED)
    found = found.exclude(decided_on__gte=timezone.localtime(before).date())
    rests = PointEvent.objects.filter(case__in=_held_cases()).values("person")
    found = found.exclude(person__in=rests).exclude(nominated_by__in=_held_people())
    return found.exclude(person__in=_held_people())


def _contests(before: datetime) -> QuerySet[Contest]:
    ended = (ContestState.INADMISSIBLE, ContestState.UPHELD, ContestState.PARTLY, ContestState.DISMISSED)
    found = Contest.objects.filter(state__in=ended, ended_at__lt=before).exclude(words=REMOVED)
    found = found.exclude(case__in=_held_cases()).exclude(case__in=_cases_of_held_people())
    return found.exclude(lodged_by__in=_held_people()).exclude(officer__in=_held_people())


def _credits(before: datetime) -> QuerySet[Credit]:
    found = Credit.objects.filter(state=CreditState.TURNED_DOWN, stated_at__lt=before).exclude(words=REMOVED)
    for path in ("case", "grant__case", "record__case"):
        found = found.exclude(**{f"{path}__in": _held_cases()})
    for name in ("person", "stated_by", "seconded_by", "checked_by"):
        found = found.exclude(**{f"{name}__in": _held_people()})
    return found


# who stands in what is kept of a case: table, path of the case, path of the person
NAMED = (
    (Involvement, "case", "person"), (Proposal, "case", "created_by"), (Member, "proposal__case", "person"),
    (Mentoring, "grant__case", "mentor"), (Adoption, "outcome__case", "lead"), (Adoption, "idea__case", "lead"),
    (Credit, "grant__case", "stated_by"), (Credit, "record__case", "stated_by"),
)  # fmt: skip


def _people(before: datetime) -> QuerySet[User]:
    """Return closed accounts of people of whom register and record say nothing since, and whom no held case names."""
    day = timezone.localtime(before).date()
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("pk")).order_by("-as_of").values("as_of")[:1]
    recent = PointEvent.objects.filter(person=OuterRef("pk"), at__gte=before)
    found = User.objects.filter(is_active=False, is_system=False).exclude(full_name=LEFT)
    found = found.annotate(last_known=Subquery(newest)).filter(Q(last_known__lt=day))
    seen = found.filter(Q(last_login=None) | Q(last_login__lt=before)).exclude(Exists(recent))
    for table, case, person in NAMED:
        named = table._default_manager.filter(**{person: OuterRef("pk"), f"{case}__in": _held_cases()})
        seen = seen.exclude(Exists(named))
    return seen.exclude(pk__in=_held_people())


def _remove_words(*names: str) -> Callable[[Any], None]:
    def remove(row: Any) -> None:
        type(row)._base_manager.filter(pk=row.pk).update(**dict.fromkeys(names, REMOVED))

    return remove


RULES = (
    Keeping("draft", "Drafts that were never sent", "draft", "The text, the files and the messages about it",
            _unheld(removing.drafts), removing.remove_draft),
    Keeping("unfunded", "Proposals that were sent and not funded", "ended",
            "What the team wrote, the files, the letters and the messages; decision, scores and figures stay",
            _unheld(removing.unfunded), removing.remove_unfunded),
    Keeping("nomination", "Nominations that ended", "ended", "What the person wrote, and the reason of the result",
            _nominations, _remove_words("statement", "result")),
    Keeping("contest", "Second looks that ended", "ended", "What was asked and answered", _contests,
            _remove_words("words", "reason")),
    Keeping("credit", "Contributions that were turned down", "ended", "What was stated, and why it was turned down",
            _credits, _remove_words("words", "reason")),
    Keeping("file", "Files made for a reader", "files",
            "Lists, annexes for HR, sheets of judging and money, own records: what they were made from stays by its "
            "own rule",
            leaving.made_files, leaving.remove_file),
    Keeping("person", "People who left, since the register last named them", "people",
            "Name, e-mail address, employee number, own messages, the name in messages to others, and the files made "
            "about the person; what was decided and counted stays",
            _people, leaving.remove_person),
)  # fmt: skip


def due(rule: Keeping) -> QuerySet[Any]:
    """Return what is over its time by one rule and under no legal hold."""
    return rule.over(leaving.years_ago(rule.years)).order_by("pk")


def remove_due() -> int:
    """Remove what is over its time, BATCH rows of each kind; returns how many rows lost their words."""
    return sum(_remove(rule, row) for rule in RULES for row in list(due(rule)[:BATCH]))


def _remove(rule: Keeping, row: Any) -> int:
    with locked([row]):
        if not due(rule).filter(pk=row.pk).exists():  # a hold, or a change, came in between
            return 0
        rule.remove(row)
        blank(row)
        time = "1 year" if rule.years == 1 else f"{rule.years} years"
        note = f"{rule.what}: kept for {time}. Removed: {rule.goes.lower()}."
        trail.record(row, action="retention_removed", by=system_user(), note=note)
    return 1


def keep(*, by: User, case: Any = None, person: User | None = None, reason: str) -> LegalHold:
    """Put a case or a person under a legal hold. NotPossible for others than the head, without a reason, or twice."""
    _refuse(by, reason)
    try:
        with transaction.atomic():
            row = LegalHold.objects.create(case=case, person=person, reason=reason.strip(), by=by, since=clock.now())
            trail.record(row, action="legal_hold_begun", by=by, note=reason)
    except IntegrityError:
        raise NotPossible("This is under a legal hold already.") from None
    return row


def let_go(row: LegalHold, *, by: User, reason: str) -> None:
    """Lift a legal hold with the reason; what is over its time goes with the next run."""
    _refuse(by, reason)
    found = LegalHold.objects.filter(pk=row.pk, until=None)
    if not found.update(until=clock.now(), lifted_by=by, lift_reason=reason.strip()):
        raise NotPossible("This legal hold was lifted already.")
    trail.record(row, action="legal_hold_lifted", by=by, note=reason)


def subjects_of(holds: Sequence[LegalHold]) -> list[str]:
    """Return in words what each hold keeps: a person with their number, a reference, or a draft by who began it."""
    cases = [row.case for row in holds if row.case]
    words: dict[Any, str] = dict(Grant.objects.filter(case__in=cases).values_list("case", "reference"))
    for proposal in Proposal.objects.filter(case__in=cases).select_related("created_by"):
        day = timezone.localtime(proposal.created_at)
        draft = f"Draft begun on {day.day} {day:%B %Y} by {_with_number(proposal.created_by)}"
        words.setdefault(proposal.case, proposal.reference or draft)
    return [_with_number(row.person) if row.person else words.get(row.case, "") for row in holds]


def _with_number(person: User) -> str:
    return f"{person.full_name} · {person.employee_number or person.email}"


def _refuse(by: User, reason: str) -> None:
    if not decides_keeping(None, by):
        raise NotPossible("Only the head of secretariat decides this.", forbidden=True)
    if not reason.strip():
        raise NotPossible("Say why.")
