"""Reviews, checks and readings that were handed in on time: the secretariat or a chair lets them count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from evaluation.enums import VALID
from evaluation.models import Review
from evaluation.services.reminding import due_on
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.enums import Role
from people.models import User
from people.policies import holds, post_of
from people.queries import blocked_cases
from people.services.calendar import add_business_days

from ..enums import CreditCode, CreditState
from ..models import Classification, Credit, LearningRecord, Outcome
from . import credits

READING_DAYS = 20  # business days for a reading of a learning record, as for a check
SHOWN = 100  # of each kind, oldest first
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
    keys = Credit.objects.filter(code=CreditCode.JUDGEMENT).exclude(state=CreditState.TURNED_DOWN)
    done = set(keys.values_list("reference", flat=True))
    found = [*_reviews(user), *_checks(user), *_readings(user)] if recognises_work(None, user) else []
    fresh = [work for work in found if work.key not in done and work.person != user]
    return sorted((w for w in fresh if w.done_on <= w.due_on), key=lambda work: (work.done_on, work.key))


def _day(moment: datetime | None) -> date:
    return timezone.localtime(moment or clock.now()).date()


def _reviews(user: User) -> list[Work]:
    """Return reviews whose proposal's answer is told; of a practice call none."""
    rows = (
        Review.objects.visible_to(user).of_practice(False).filter(state__in=VALID, proposal__released_at__isnull=False)
    )
    rows = rows.select_related("reviewer", "proposal__call").order_by("submitted_at")[:SHOWN]
    return [
        Work(f"review:{row.pk}", row.reviewer, "Review", row.proposal.title, _day(row.submitted_at), due_on(row))
        for row in rows
    ]


def _checks(user: User) -> list[Work]:
    rows = Outcome.objects.exclude(verdict="").exclude(check_by=None).exclude(case__in=blocked_cases(user))
    rows = rows.select_related("verified_by", "grant").order_by("verified_at")[:SHOWN]
    return [
        Work(f"check:{row.pk}:{row.checks}", row.verified_by, "Check of a result", row.grant.title,
             _day(row.verified_at), row.check_by)
        for row in rows if row.verified_by and row.check_by
    ]  # fmt: skip


def _readings(user: User) -> list[Work]:
    """Return readings of learning records whose classification is settled and shown to the team."""
    rows = Classification.objects.exclude(record__settled_kind="").exclude(record__case__in=blocked_cases(user))
    rows = rows.exclude(record__submitted_at=None).select_related("classifier", "record__grant").order_by("at")[:SHOWN]
    return [
        Work(
            f"reading:{row.pk}", row.classifier, "Reading of a learning record", row.record.grant.title, _day(row.at),
            add_business_days(_asked_on(row.record), READING_DAYS),
        )
        for row in rows
    ]  # fmt: skip


def _asked_on(record: LearningRecord) -> date:
    """Return the day on which readers were asked last: the sending, or a contest since."""
    return _day(record.contested_at or record.submitted_at)


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
