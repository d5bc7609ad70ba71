"""Nominations: by oneself or one's line manager, through the HR committee to the RCSC, and what was granted."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, perform
from people.enums import Role
from people.models import EmploymentSnapshot, User
from people.queries import holders, snapshot_of
from people.services.accounts import system_user
from people.services.calendar import add_business_days
from people.services.notify import notify

from ..enums import NominationState, Wish
from ..guards import check_still_holds
from ..models import EligibilityRun, IntegrityHold, Nomination, PointEvent, Support
from ..models.nomination import RUNNING
from ..rules.calendar import cycle_of, cycles_of
from ..rules.counting import count
from ..rules.eligibility import ELIGIBLE
from .eligibility import look
from .points import events_of
from .points_policy import policy_for_checking, policy_on

BEFORE_COMMITTEE = (NominationState.SUBMITTED, NominationState.DEFERRED)
CLOSES = ("E1", "E10", "E12")  # not in service, promoted on this ground before, nothing left to rest on


def nominate_oneself(*, by: User, wish: Wish, statement: str) -> Nomination:
    """Nominate oneself at one's present agency; one open nomination at a time."""
    return _begin(by, by=by, wish=wish, statement=statement)


def nominate_report(*, by: User, person: User, wish: Wish, statement: str) -> Nomination:
    """Nominate, as line manager by the register, a direct report, who is told at once and can withdraw it."""
    post = snapshot_of(person)
    if person == by or post is None or post.line_manager_id != by.pk:
        raise NotPossible("Only the line manager by the register nominates somebody else.", forbidden=True)
    row = _begin(person, by=by, wish=wish, statement=statement)
    notify(
        person=person, key=f"nominated:{row.pk}", subject="You were nominated",
        body=f"{by.full_name} nominated you. You can state another wish, or withdraw it.", path=row.get_absolute_url(),
    )  # fmt: skip
    return row


def _begin(person: User, *, by: User, wish: Wish, statement: str) -> Nomination:
    post = snapshot_of(person)
    if post is None:
        raise NotPossible("The register does not name your agency yet. Ask your agency's HR officer.")
    try:
        with transaction.atomic():
            row = Nomination.objects.create(
                person=person, agency=post.agency, wish=wish, statement=statement, created_at=clock.now(),
                nominated_by=None if by == person else by, **_days(clock.today()),
            )  # fmt: skip
            trail.record(row, action="nomination_written", by=by)
            return nominate(row, by=by)
    except IntegrityError:
        whose = "You already have" if by == person else f"{person.full_name} already has"
        raise NotPossible(f"{whose} a nomination on its way.") from None


def _days(day: date) -> dict[str, date | None]:
    """Return the cycle that a nomination of `day` is in time for, and the day by which the committee comments.

    Awards, leave and training need no points policy; without one there are no days.
    """
    try:
        rules = policy_on(day).rules
    except NotPossible:
        return {}
    cycle, rule = cycle_of(rules, day), rules.rules["E11"].on_day(day)
    return {
        "effective_on": cycle.effective_on if cycle else None,
        "comment_by": add_business_days(day, rule.params["comment_business_days"]),
    }


@act
def nominate(row: Nomination, *, by: User, note: str = "") -> Nomination:
    """Send it to the HR officers of the agency, who are told."""
    with changing(row, "submit") as fresh:
        fresh = perform(fresh, "submit", by=by, note=note)
        _tell_hr(fresh)
        return fresh


def _tell_hr(row: Nomination) -> None:
    for officer in holders(Role.HR, row.agency).exclude(pk=row.person_id):
        notify(
            person=officer, key=f"nomination:{row.pk}:{officer.pk}", subject="A nomination waits for you",
            body=f"{row.person.full_name} · {row.person.employee_number}: {row.get_wish_display()}.",
            path=row.get_absolute_url(),
        )  # fmt: skip


def change_wish(row: Nomination, *, by: User, wish: Wish) -> Nomination:
    """State another wish, as the person, while the committee has not taken it up."""
    with changing(row, "bring_to_committee") as fresh:
        if fresh.person_id != by.pk:
            raise NotPossible("Only the person states the wish.", forbidden=True)
        if fresh.state not in BEFORE_COMMITTEE:
            raise NotPossible("The HR committee has taken it up; the wish can no longer be changed.")
        try:
            with transaction.atomic():
                Nomination.objects.filter(pk=fresh.pk).update(wish=wish)
        except IntegrityError:
            raise NotPossible("You already have a nomination for this on its way.") from None
        trail.record(fresh, action="wish_changed", by=by, changes={"wish": [fresh.wish, wish]})
        return Nomination.objects.get(pk=fresh.pk)


@act
def record_result(
    row: Nomination,
    *,
    by: User,
    note: str = "",
    granted: Wish | None = None,
    decided_on: date | None = None,
    all_the_same: bool = False,
) -> Nomination:
    """Record what the RCSC granted (None: nothing) and on which day, with its reason.

    What was granted rests on the contributions that count on that day; they support no second benefit of the kind.
    Where a wish, the rules or the record say otherwise, it is recorded only `all_the_same`.
    """
    if decided_on is None or not note.strip():
        raise NotPossible("Record the result on its own page, with its day and the reason.")
    if decided_on > clock.today():
        raise NotPossible("The day of the result cannot lie ahead.")
    with changing(row, "record_result") as fresh:
        first = fresh.forwarded_on or timezone.localtime(fresh.created_at).date()
        if decided_on < first:
            raise NotPossible(f"It was forwarded to the RCSC on {first:%-d %B %Y}; the result cannot be older.")
        supports = _supporting(fresh.person, decided_on, granted) if granted else []
        if granted:
            _refuse(fresh, granted, supports, all_the_same)
        fresh = perform(
            fresh, "record_result", by=by, note=note, granted=granted or "", decided_on=decided_on,
            result=note.strip()[:300],
        )  # fmt: skip
        try:
            with transaction.atomic():
                Support.objects.bulk_create(Support(nomination=fresh, event=e, kind=fresh.granted) for e in supports)
        except IntegrityError:
            raise NotPossible("Another result of this person was recorded at the same moment. Try again.") from None
        return fresh


def _supporting(person: User, day: date, kind: Wish) -> list[PointEvent]:
    """Return the events that count on `day`, at least in part, and support no grant of the kind yet."""
    found = count(policy_on(day).rules, events_of(person), day)
    counted = [fate.key for fate in found.events if fate.tenths]
    used = Support.objects.filter(kind=kind, until=None).values("event")
    rows = PointEvent.objects.filter(person=person, source__in=counted, reverses=None)
    return list(rows.exclude(pk__in=used).order_by("source"))


def _refuse(row: Nomination, granted: Wish, supports: list[PointEvent], all_the_same: bool) -> None:
    """Refuse what the rules close, and what nobody has looked at."""
    doubts = [] if granted == row.wish else [f"the wish is “{row.get_wish_display()}”"]
    if not check_still_holds.holds(row):
        raise NotPossible(check_still_holds.reason)
    if granted == Wish.FAST_TRACK:
        policy_for_checking(clock.today())  # while it is suspended nobody is checked, and nobody passes
        if not EligibilityRun.objects.filter(person=row.person_id).exists():
            raise NotPossible("The rules were never checked. Check them in the person's file first.")
        found = look(row.person, clock.today())
        closed = [f"“{rule.label}” is not met" for rule in found.rules if rule.key in CLOSES and rule.passed is False]
        if closed:
            raise NotPossible(f"The fast track is not open: {'; '.join(closed)}.")
        doubts += ["the rules are not all met"] if found.result != ELIGIBLE else []
    if not supports:
        doubts.append("no contribution that counts on this day is free to support it")
    held = IntegrityHold.objects.filter(until=None, case__in=[event.case for event in supports])
    held = held.select_related("outcome__grant")
    doubts += [f"“{hold.outcome.grant.title}” is held while somebody looks into it" for hold in held]
    if doubts and not all_the_same:
        raise NotPossible(f"Look at this first: {'; '.join(doubts)}. If it was granted all the same, say so below.")


def free_supports(row: Nomination) -> None:
    """Let what supported a grant that was revoked or corrected support another."""
    Support.objects.filter(nomination=row, until=None).update(until=clock.now())


def begin_days(row: Nomination) -> None:
    """Let the days for the committee's comments begin anew for what was deferred."""
    if row.comment_by is None:
        Nomination.objects.filter(pk=row.pk).update(comment_by=_days(clock.today()).get("comment_by"))


def follow() -> int:
    """Bring nominations to the agency where the register has the person, and deferred ones into the next cycle."""
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("person")).order_by("-as_of")
    rows: Any = Nomination.objects.annotate(agency_now=Subquery(newest.values("agency")[:1]))
    moved = rows.exclude(state=NominationState.DRAFTED).exclude(agency_now=None).exclude(agency=F("agency_now"))
    late = [row for row in Nomination.objects.filter(state=NominationState.DEFERRED).exclude(effective_on=None)
            if _is_over(row)]  # fmt: skip
    for row in moved:
        _change(row, "nomination_moved", agency_id=row.agency_now)
        if row.state in RUNNING:
            _tell_hr(Nomination.objects.get(pk=row.pk))
    for row in late:
        _change(row, "cycle_moved", effective_on=_days(clock.today()).get("effective_on"))
        tell_the_person(row, "It was deferred, and belongs to the next cycle now.")
    return len(moved) + len(late)


def _is_over(row: Nomination) -> bool:
    """Tell whether the day by which its cycle's nominations are at the committee has passed."""
    day = row.effective_on or clock.today()
    cycles = cycles_of(policy_on(timezone.localtime(row.created_at).date()).rules, day)
    return not cycles or cycles[0].to_hrc_by < clock.today()


def _change(row: Nomination, action: str, **values: object) -> None:
    ((name, value),) = values.items()
    with transaction.atomic():
        Nomination.objects.filter(pk=row.pk).update(**values)
        trail.record(row, action=action, by=system_user(), changes={name: [str(getattr(row, name)), str(value)]})


def tell_the_person(row: Nomination, words: str = "") -> None:
    """Tell the person where their nomination stands now."""
    notify(
        person=row.person, key=f"nomination-now:{row.pk}:{row.state}:{trail.entries_of(row).count()}",
        subject="Your nomination", body=words or f"{row.get_state_display()}.", path=row.get_absolute_url(),
    )  # fmt: skip
