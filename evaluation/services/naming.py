"""The names of the panel, as the applicants of a call are told them: the pool, never who judges what."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from fund.enums import CallState
from fund.models import Call
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.enums import Role
from people.models import User
from people.policies import holds
from people.queries import holders, with_agency
from people.services.calendar import add_business_days
from people.services.notify import notify
from proposals.enums import JUDGING
from proposals.models import Proposal
from proposals.services.team import leads_of

from ..models import PanelName

JUDGES = (Role.REVIEWER, Role.CHAIR, Role.BOARD)
DAYS = 5  # business days in which an applicant may object to a name
may_name = holds(Role.SECRETARIAT)


def name_panel(call: Call, *, by: User, people: Sequence[User]) -> int:
    """Make names known to the applicants of the call; returns how many are new. A name once known stays.

    From the first on nobody else is asked to review. NotPossible for a practice, a call that is not running, and for
    who judges nothing. Side effects: a message to the lead of each proposal that is with the panel.
    """
    if not may_name(None, by):
        raise NotPossible("Only the secretariat makes the names of the panel known.", forbidden=True)
    with locked([call]):
        call = Call.objects.get(pk=call.pk)
        if call.is_practice or call.state not in (CallState.APPROVED, CallState.JUDGING):
            raise NotPossible("Names are made known while a call is running.")
        known = set(call.panel_names.values_list("person", flat=True))
        fresh = [person for person in people if person.pk not in known]
        for person in fresh:
            if not person.is_active or not holds(*JUDGES)(None, person):
                raise NotPossible(f"{person.full_name} is neither reviewer nor chair nor member of the board.")
        now = clock.now()
        PanelName.objects.bulk_create(
            [PanelName(call=call, person=person, named_by=by, named_at=now) for person in fresh]
        )
        if fresh:
            trail.record(call, action="panel_named", by=by, changes={"people": [None, [p.pk for p in fresh]]})
            for proposal in Proposal.objects.filter(call=call, state__in=JUDGING, released_at=None):
                tell_leads(proposal, f"{now:%Y%m%d%H%M%S}")
        return len(fresh)


def tell_leads(proposal: Proposal, occasion: str) -> None:
    """Tell the leads that they can read the names and until when they can object; nothing where none are known."""
    if not PanelName.objects.filter(call=proposal.call).exists():
        return
    body = (
        f"You can read who may judge the proposals of your call, among them “{proposal.title}”. If one of them should "
        f"not judge yours, say so within {DAYS} business days. You do not learn who judges what."
    )
    for person in leads_of(proposal):
        notify(
            person=person, key=f"panel-names:{proposal.case}:{occasion}:{person.pk}",
            subject="The names of the panel are known", body=body, path=f"{proposal.get_absolute_url()}names/",
        )  # fmt: skip


def may_be_asked(proposal: Proposal, reviewer: User) -> bool:
    """Tell whether the reviewer is among the names of the call, or none were made known."""
    names = PanelName.objects.filter(call=proposal.call)
    return not names.exists() or names.filter(person=reviewer).exists()


def could_be_named(call: Call) -> list[User]:
    """Return all who judge for the fund and are not named yet, by name."""
    known = PanelName.objects.filter(call=call).values("person")
    found = holders(Role.REVIEWER) | holders(Role.CHAIR) | holders(Role.BOARD)
    return list(with_agency(found.exclude(pk__in=known)).distinct().order_by("full_name", "employee_number"))


def last_day(proposal: Proposal, named_at: datetime) -> date | None:
    """Return the last day on which the lead may object to a name; None before the proposal passed the first check."""
    passed = trail.entries_of(proposal).filter(action="find_eligible").first()
    if passed is None:
        return None
    return add_business_days(timezone.localtime(max(named_at, passed.at)).date(), DAYS)
