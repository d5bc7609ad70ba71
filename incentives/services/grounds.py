"""When points are taken back: who is told, because a nomination or a grant rests on them."""

from collections.abc import Iterable
from datetime import datetime

from fund.models import Grant
from people.enums import Role
from people.models import User
from people.queries import blocked_people, holders, snapshot_of
from people.services.notify import notify

from ..enums import NominationState
from ..models import Nomination, Outcome, PointEvent, ShownToHr

FAILURE = "F1"
LEARNING = (FAILURE, "F2")  # an office learns of these only while the person shows them
CHANGED = "The record has changed since the rules were checked."
GONE = "A contribution was taken back after the rules were checked."
NEXT = {NominationState.HRC_REVIEW: Role.HRC, NominationState.FORWARDED: Role.RCSC}


def tell_of_taking_back(reversal: PointEvent) -> None:
    """Tell the person and the offices of each nomination on its way, and of each grant that rests on it."""
    for row in Nomination.objects.running().filter(person=reversal.person):
        roles = {Role.HR, NEXT.get(NominationState(row.state), Role.HR)}
        words = "was taken back" if _is_shown(reversal) else "has changed"
        _tell(row, reversal, roles, f"Something on the record {words}. The rules are checked again first.")
    for row in Nomination.objects.filter(supports__event=reversal.reverses, supports__until=None):
        _tell(row, reversal, {Role.RCSC}, "What was granted rests on it. Say whether it stands, or revoke it.")


def doubt_failure(grant: Grant) -> None:
    """Tell the heads that a finding of the audit stands against a failure that gave points; nothing is taken back."""
    given = PointEvent.objects.filter(case=grant.case, code=FAILURE, reverses=None, reversal=None)
    if not given.exists():
        return
    outcome = Outcome.objects.get(grant=grant)
    for head in holders(Role.HEAD).exclude(pk__in=blocked_people(grant.case)):
        notify(
            person=head, key=f"failure-doubted:{outcome.pk}:{head.pk}", subject="A counted failure and a finding",
            body=f"“{grant.title}” counts as a failure in good faith. A finding of the audit that stands says "
            "otherwise. Hold the record, look into it, then revoke it or lift the hold.",
            path=outcome.get_absolute_url(), case=grant.case,
        )  # fmt: skip


def _tell(row: Nomination, reversal: PointEvent, roles: set[Role], words: str) -> None:
    who = f"{row.person.full_name} · {row.person.employee_number}"
    for officer in _officers(row, roles):
        notify(
            person=officer, key=f"ground:{row.pk}:{reversal.pk}:{officer.pk}", subject="A ground of a nomination",
            body=f"{who}: {words}", path=row.get_absolute_url(),
        )  # fmt: skip
    notify(
        person=row.person, key=f"ground:{row.pk}:{reversal.pk}", subject="Your nomination", path=row.get_absolute_url(),
        body="A contribution on your record was taken back. The offices that handle your nomination look at it again.",
    )  # fmt: skip


def _officers(row: Nomination, roles: Iterable[Role]) -> list[User]:
    post = snapshot_of(row.person)
    found = {
        officer.pk: officer
        for role in roles
        for officer in holders(role, None if role == Role.RCSC else post.agency if post else row.agency)
    }
    return [officer for pk, officer in sorted(found.items()) if pk != row.person_id]


def since_check(person: User, checked_at: datetime | None) -> str:
    """Say what an office has to know of an older check: empty while it holds; what is not shown is not told."""
    rows = PointEvent.objects.filter(person=person, reverses__isnull=False, at__gt=checked_at) if checked_at else []
    found = list(rows)
    return "" if not found else GONE if any(map(_is_shown, found)) else CHANGED


def _is_shown(reversal: PointEvent) -> bool:
    shown = ShownToHr.objects.filter(person=reversal.person_id, case=reversal.case, until=None)
    return reversal.code not in LEARNING or shown.exists()
