"""What is known of people on a day: from the register, from HR, and from their own record; nothing is guessed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from fund.ledger_queries import midnight
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from people.models import EmploymentSnapshot, User

from ..enums import FACT_VALUES, FactKind, FactValue, NominationState, Wish
from ..models import HrFact, IntegrityHold, Nomination, Outcome, PointEvent, Share
from ..models.nomination import RUNNING
from ..policies import may_evaluate
from ..rules.counting import Event
from ..rules.facts import Fact, Facts, Rating, Sanction
from .points import event_of

OWN_RECORD = "Innovation Fund"
FLAGS = {
    FactKind.OPEN_CASE: "open_case", FactKind.SECURITY: "security_cleared", FactKind.AUDIT: "audit_cleared",
}  # fmt: skip
REACHED = ("R1", "R2")  # a result of one's own that was reached; that others learn from a failure is another thing


def record_fact(*, by: User, person: User, kind: FactKind, value: FactValue, as_of: date, source: str) -> HrFact:
    """Note what HR's own source says; NotPossible for a day to come, and unless `by` is HR for the person."""
    if not may_evaluate(person, by):
        raise NotPossible("Only HR of the person's agency and the RCSC note facts.", forbidden=True)
    if value not in FACT_VALUES[kind]:
        raise NotPossible(f"“{value.label}” is not an answer to “{kind.label}”.")
    if as_of > clock.today():
        raise NotPossible("Choose the day on which the source says so, today or earlier.")
    if not source.strip():
        raise NotPossible("Name the source.")
    row = HrFact.objects.create(
        person=person, kind=kind, value=value, as_of=as_of, source=source.strip(), by=by, at=clock.now()
    )
    trail.record(row, action="hr_fact_noted", by=by)
    return row


def facts_of(person: User, day: date) -> Facts:
    """Return what is known of one person on `day`."""
    return facts_for([person], day)[person.pk]


def facts_for(people: Sequence[User], day: date) -> dict[int, Facts]:
    """Return pk -> what is known on `day`, from the register's entry of that day; six queries for any number.

    A nomination is known as it stands today, so that for an earlier day it is not known either.
    """
    pks = [person.pk for person in people]
    posts = _newest(EmploymentSnapshot.objects.filter(person__in=pks, as_of__lte=day))
    noted = _grouped(HrFact.objects.filter(person__in=pks, as_of__lte=day))
    events = events_for(pks)
    adopted = _adopted(pks, day)
    nominated, granted, used = _fast_track(pks, day)
    held = _held(pks, day)
    found = {}
    for person in people:
        own = {
            "adopted_elsewhere": Fact(len(adopted[person.pk]), OWN_RECORD, day),
            "nominated": Fact(person.pk in nominated, OWN_RECORD, clock.today()),
            "granted": Fact(tuple(sorted(granted[person.pk])), OWN_RECORD, day),
            "used_events": Fact(tuple(used[person.pk]), OWN_RECORD, day),
            "events": events[person.pk],
        }
        told = _of_register(person, posts.get(person.pk)) | _of_hr(noted[person.pk])
        if person.pk in held:  # whatever HR's own source says, the fund knows of a case that is open
            told["open_case"] = Fact(True, OWN_RECORD, day)
        found[person.pk] = Facts(**own, **told)  # type: ignore[arg-type]
    return found


def _of_register(person: User, post: EmploymentSnapshot | None) -> dict[str, Fact[Any]]:
    if post is None:
        return {}
    values = {
        "employment_type": post.employment_type, "in_service": person.is_active, "level": post.level,
        "level_since": post.level_since,
    }  # fmt: skip
    return {name: Fact(value, post.source, post.as_of) for name, value in values.items()}


def _of_hr(rows: list[HrFact]) -> dict[str, Fact[Any]]:
    """Return the facts that HR noted; `rows` come newest first."""
    found: dict[str, Fact[Any]] = {}
    for row in reversed(rows):
        if row.kind in FLAGS:
            found[FLAGS[FactKind(row.kind)]] = Fact(row.value == FactValue.YES, row.source, row.as_of)
    for kind, name, noted in ((FactKind.RATING, "ratings", _rating), (FactKind.SANCTION, "sanctions", _sanction)):
        told = [row for row in rows if row.kind == kind]
        if told:
            days = {row.as_of: row for row in reversed(told)}  # of two notes of one day the later one
            found[name] = Fact(tuple(map(noted, days.values())), told[0].source, told[0].as_of)
    return found


def _rating(row: HrFact) -> Rating:
    said = row.value
    return Rating(row.as_of, said == FactValue.LOWEST, said == FactValue.VERY_GOOD, said != FactValue.NOT_RATED)


def _sanction(row: HrFact) -> Sanction:
    return Sanction(row.as_of, row.value == FactValue.YES)


def events_for(pks: Iterable[int]) -> dict[int, tuple[Event, ...]]:
    """Return pk -> the person's point events as the rules take them; one query."""
    found: dict[int, list[Event]] = defaultdict(list)
    for row in PointEvent.objects.filter(person__in=pks).select_related("reverses").order_by("counts_on", "pk"):
        found[row.person_id].append(event_of(row))
    return {pk: tuple(found[pk]) for pk in pks}


def _newest(rows: Any) -> dict[int, Any]:
    """Return person -> newest row; the rows come newest first."""
    found: dict[int, Any] = {}
    for row in rows:
        found.setdefault(row.person_id, row)
    return found


def _grouped(rows: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append(row)
    return found


def _held(pks: list[int], day: date) -> set[int]:
    """Return who has a share in a result that was held on `day` while somebody looked into it."""
    end = midnight(day + timedelta(days=1))
    holds = IntegrityHold.objects.filter(Q(until=None) | Q(until__gte=end), since__lt=end).values("case")
    shares = Share.objects.filter(person__in=pks, percent__gt=0, contribution__grant__case__in=holds)
    return set(shares.values_list("person", flat=True))


def _adopted(pks: list[int], day: date) -> dict[int, set[Any]]:
    """Return person -> reached results of theirs that another agency had confirmed by `day` to use, or repeated."""
    used = Outcome.objects.filter(use_confirmed_at__date__lte=day).order_by()
    elsewhere = Q(code__in=REACHED, case__in=used.values("case")) | Q(code="P1")
    mine = PointEvent.objects.filter(elsewhere, person__in=pks, verified_on__lte=day, reverses=None, reversal=None)
    found: dict[int, set[Any]] = defaultdict(set)
    for person, case in mine.order_by().values_list("person", "case"):
        found[person].add(case)
    return found


def _fast_track(pks: list[int], day: date) -> tuple[set[int], dict[int, set[date]], dict[int, dict[str, None]]]:
    """Return who is nominated, days of promotions that stand, and the events that supported them; one query."""
    running = Q(wish=Wish.FAST_TRACK, state__in=RUNNING)
    stands = Q(granted=Wish.FAST_TRACK, state=NominationState.RESULT_RECORDED, decided_on__lte=day)
    rows = Nomination.objects.filter(running | stands, person__in=pks).order_by("decided_on", "pk", "supports__pk")
    nominated: set[int] = set()
    days: dict[int, set[date]] = defaultdict(set)
    events: dict[int, dict[str, None]] = defaultdict(dict)
    for person, on, source, until in rows.values_list(
        "person", "decided_on", "supports__event__source", "supports__until"
    ):
        if on is None:
            nominated.add(person)
            continue
        days[person].add(on)
        if source is not None and until is None:
            events[person][source] = None
    return nominated, days, events
