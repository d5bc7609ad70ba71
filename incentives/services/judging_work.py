"""Reviews, checks and readings that were handed in on time: the secretariat or a chair lets them count."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from evaluation.enums import VALID
from evaluation.models import Review
from evaluation.services.reminding import due_on
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.remembering import reading
from people.enums import Role
from people.models import User
from people.policies import holds, post_of
from people.queries import blocked_cases
from people.services.calendar import add_business_days

from ..enums import CreditCode, CreditState
from ..models import Classification, Credit, Outcome
from ..models.outcome import CHECKED
from . import credits

READING_DAYS = 20  # business days for a reading of a learning record, as for a check
SHOWN = 100  # of each kind that do not count yet, oldest first
recognises_work = holds(Role.SECRETARIAT, Role.CHAIR)


@dataclass(frozen=True)
class Work:
    """One judgement for others that was on time; `key` names it once and for all."""

    key: str
    person: User
    what: str
    title: str
    done_on: date
    due_on: date


def waiting_work(user: User) -> list[Work]:
    """Return what was done on time, is told to its team, and does not count yet; the reader's own left out."""
    kinds = (_reviews(user), _checks(user), _readings(user)) if recognises_work(None, user) else ()
    with reading():
        found = [work for kind in kinds for work in islice((w for w in kind if w.done_on <= w.due_on), SHOWN)]
    return sorted(found, key=lambda work: (work.done_on, work.key))


def _uncounted(rows: Any, *key: Any) -> Any:
    """Return the rows whose key, put together of words and columns, does not count yet."""
    columns = [Cast(F(one[1:]), CharField()) if one.startswith("@") else Value(one) for one in key]
    counted = Credit.objects.filter(code=CreditCode.JUDGEMENT, reference=OuterRef("key"))
    rows = rows.annotate(key=Concat(*columns, output_field=CharField()))
    return rows.exclude(Exists(counted.exclude(state=CreditState.TURNED_DOWN)))


def _day(moment: datetime | None) -> date:
    return timezone.localtime(moment or clock.now()).date()


def _reviews(user: User) -> Iterator[Work]:
    """Yield reviews whose proposal's answer is told; of a practice call none."""
    rows = Review.objects.visible_to(user).of_practice(False).exclude(reviewer=user)
    rows = _uncounted(rows.filter(state__in=VALID, proposal__released_at__isnull=False), "review:", "@pk")
    for row in rows.select_related("reviewer", "proposal__call").order_by("submitted_at"):
        yield Work(row.key, row.reviewer, "Review", row.proposal.title, _day(row.submitted_at), due_on(row))


def _checks(user: User) -> Iterator[Work]:
    """Yield the checks that stand; one that is on its way again waits for its new end."""
    rows = Outcome.objects.filter(state__in=CHECKED).exclude(case__in=blocked_cases(user)).exclude(verified_by=user)
    rows = _uncounted(rows.exclude(verdict="").exclude(check_by=None), "check:", "@pk", ":", "@checks")
    for row in rows.select_related("verified_by", "grant").order_by("verified_at"):
        if row.check_by is not None and row.verified_by is not None:
            title, done = row.grant.title, _day(row.verified_at)
            yield Work(row.key, row.verified_by, "Check of a result", title, done, row.check_by)


def _readings(user: User) -> Iterator[Work]:
    """Yield readings of learning records whose classification is settled and shown to the team."""
    rows = Classification.objects.exclude(record__settled_kind="").exclude(record__case__in=blocked_cases(user))
    rows = _uncounted(rows.exclude(record__submitted_at=None).exclude(classifier=user), "reading:", "@pk")
    for row in rows.select_related("classifier", "record__grant").order_by("at"):
        due = add_business_days(_asked_on(row), READING_DAYS)
        yield Work(row.key, row.classifier, "Reading of a learning record", row.record.grant.title, _day(row.at), due)


def _asked_on(row: Classification) -> date:
    """Return the day on which the reader was asked: the sending, or for those who came after a contest the contest."""
    again = row.record.contested_at
    return _day(again if again and row.at > again else row.record.submitted_at)


def recognise_work(keys: Iterable[str], *, by: User) -> int:
    """Let the work with these keys count; returns how much did. NotPossible unless `by` is secretariat or chair."""
    if not recognises_work(None, by):
        raise NotPossible("Only the secretariat and a chair let this count.", forbidden=True)
    wanted, count = set(keys), 0
    for work in waiting_work(by):
        if work.key in wanted:
            _recognise(work, by)
            count += 1
    return count


def _recognise(work: Work, by: User) -> None:
    post = post_of(work.person)
    row = credits.write_down(
        code=CreditCode.JUDGEMENT, person=work.person, agency=post.agency if post else None, reference=work.key,
        words=f"{work.what}, handed in on {work.done_on.day} {work.done_on:%B %Y}, in time", by=by,
    )  # fmt: skip
    credits.recognise(row, by=by)
