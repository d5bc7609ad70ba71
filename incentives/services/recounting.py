"""Points that a second look found counted wrongly: the head takes them back and gives them anew, in one step."""

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, perform
from people.models import User
from people.queries import blocked_people
from people.services.accounts import system_user
from people.services.notify import notify

from ..models import Contest, Contribution, PointEvent, Support
from .awarding import award, take_back
from .contributions import refuse_stale, write_shares


@act
def recount(
    contribution: Contribution, *, by: User, note: str = "", percents: dict[int, int] | None = None,
    version: int | None = None,
) -> Contribution:  # fmt: skip
    """Write the shares (person pk -> whole percent), take the points back and give them anew by these shares.

    The code and the day that counts stay; what a benefit rested on before supports no second one. The people are told.
    """
    if percents is None:
        raise NotPossible("Give the points anew on the page of who did how much.")
    with changing(contribution, "recount") as fresh:
        refuse_stale(fresh, version)
        fresh = perform(fresh, "recount", by=by, note=note)
        contest = Contest.objects.to_carry_out().get(outcome=fresh.grant.outcome)
        old = list(PointEvent.objects.filter(case=fresh.case, code=fresh.code, reverses=None, reversal=None))
        source, day = f"{fresh.case}:recount:{contest.pk}", old[0].counts_on
        fresh = take_back(fresh, by=by, reason=f"A second look was {contest.get_state_display().lower()}. {note}")
        write_shares(fresh, percents, by=by, note=note)
        award(fresh, code=fresh.code, outcome=fresh.grant.outcome, counts_on=day, source=source)
        _keep_used(old, source)
        Contest.objects.filter(pk=contest.pk).update(carried_out_at=clock.now())
        trail.record(contest, action="carried_out", by=by, note=note)
        _tell(contest, old)
        return Contribution.objects.get(pk=fresh.pk)


def _keep_used(old: list[PointEvent], source: str) -> None:
    """Let what was granted rest on the new points instead, so that they support no second benefit."""
    for row in Support.objects.filter(event__in=old, until=None).select_related("nomination", "event"):
        Support.objects.filter(pk=row.pk).update(until=clock.now())
        new = PointEvent.objects.filter(person=row.event.person_id, source=source).first()
        if new is not None:
            Support.objects.create(nomination=row.nomination, event=new, kind=row.kind)
        trail.record(row.nomination, action="supports_recounted", by=system_user())


def _tell(contest: Contest, old: list[PointEvent]) -> None:
    now = PointEvent.objects.filter(case=contest.case, reverses=None, reversal=None).values_list("person", flat=True)
    people = {contest.lodged_by_id, *(event.person_id for event in old), *now}
    kept_out = set(blocked_people(contest.case))
    for person in User.objects.filter(pk__in=people - kept_out):
        notify(
            person=person, key=f"recount:{contest.pk}:{person.pk}", subject="Points were counted anew",
            body=f"“{contest.outcome.grant.title}”: they had been counted wrongly. My record shows each step.",
            path="/my-record/", case=contest.case,
        )  # fmt: skip
