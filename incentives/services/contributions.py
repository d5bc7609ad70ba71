"""Who did how much: written by the lead, agreed by each holder, settled by the head when disputed."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count
from django.utils import timezone

from fund.models import FieldNote, Grant
from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.models import TrailEntry
from lifecycle.performing import changing, perform
from lifecycle.remembering import remembered
from people.enums import TEAM_PARTS, Part
from people.models import EmploymentSnapshot, Involvement, User
from people.policies import in_force
from people.services.notify import notify

from ..enums import ContributionState
from ..models import Contribution, Share, WorkConfirmation
from ..policies import may_share
from ..rules.points import Member, check_shares, equal_shares
from .points_policy import policy_on


@dataclass(frozen=True)
class Worker:
    """One person of the team with what is recorded of their work and their part of it."""

    person: User
    notes: int
    handed_in: int
    joined: date
    superior: bool
    confirmed_by: str
    percent: int
    agreed: bool

    @property
    def has_record(self) -> bool:
        """Tell whether work is recorded: a milestone or report handed in, or a dated field note."""
        return self.notes + self.handed_in > 0


@remembered
def workers_of(contribution: Contribution) -> list[Worker]:
    """Return the team with recorded work and shares; the lead first, then by employee number.

    Once it is claimed, that is the team of the claim, and whoever was somebody's manager by what the register had told
    by then: the day of the claim counts, so that a slow check moves nothing.
    """
    grant = contribution.grant
    moment = claimed_at(contribution) or clock.now()
    parts = Involvement.objects.filter(in_force(moment), case=grant.case, part__in=TEAM_PARTS).select_related("person")
    notes = dict(FieldNote.objects.filter(grant=grant).values_list("person").annotate(count=Count("pk")).order_by())
    handed_in = _handed_in(grant)
    confirmed = dict(contribution.confirmations.values_list("person", "by__full_name"))
    shares = {share.person_id: share for share in contribution.shares.all()}
    people = {row.person_id: row for row in parts.order_by("since")}
    told = EmploymentSnapshot.objects.filter(person__in=people, told_on__lte=timezone.localtime(moment).date())
    managers = set(told.values_list("line_manager", flat=True))
    rows = sorted(people.values(), key=lambda row: (row.part != Part.LEAD, row.person.employee_number or ""))
    return [
        Worker(
            row.person, notes.get(row.person_id, 0), handed_in[row.person_id], timezone.localtime(row.since).date(),
            row.person_id in managers, confirmed.get(row.person_id, ""),
            shares[row.person_id].percent if row.person_id in shares else 0,
            bool(shares[row.person_id].agreed_at) if row.person_id in shares else False,
        )
        for row in rows
    ]  # fmt: skip


def claimed_at(contribution: Contribution) -> datetime | None:
    """Return when the result, or the record of a failure, was handed in with these shares; None before."""
    grant = contribution.grant
    record = getattr(grant, "learning_record", None)
    moment: datetime | None = record.submitted_at if record else grant.outcome.claimed_at
    return moment


def _handed_in(grant: Grant) -> Counter[int | None]:
    """Return person pk -> how many milestones and reports of the grant they handed in, each once."""
    rows = [*grant.milestones.all(), *grant.reports.all()]
    entries = TrailEntry.objects.filter(stream__key__in=map(trail.stream_key, rows), action="submit")
    return Counter(pk for pk, _ in entries.values_list("actor_id", "stream").distinct())


def member_of(worker: Worker) -> Member:
    """Return the worker as the rules know one."""
    return Member(
        number=worker.person.employee_number or "", share=worker.percent, recorded_work=worker.has_record,
        joined=worker.joined, superior=worker.superior, work_confirmed=bool(worker.confirmed_by),
    )  # fmt: skip


def suggestion(contribution: Contribution) -> dict[int, int]:
    """Return equal shares of those with recorded work: person pk -> percent."""
    workers = workers_of(contribution)
    able = {w.person.employee_number or "": w.person.pk for w in workers if member_of(w).has_work}
    lead = contribution.grant.lead.employee_number or ""
    equal = equal_shares(list(able), lead)
    return {w.person.pk: equal.get(w.person.employee_number or "", 0) for w in workers}


def problems(contribution: Contribution, percents: dict[int, int]) -> list[tuple[int | None, str]]:
    """Return what the rules refuse in these shares: (person pk or None for the whole, sentence)."""
    workers = workers_of(contribution)
    pks = {w.person.employee_number or "": w.person.pk for w in workers}
    members = [replace(one, share=percents.get(pks[one.number], 0)) for one in map(member_of, workers)]
    found = check_shares(policy_on(clock.today()).rules, members)
    return [(pks.get(problem.number), problem.text) for problem in found]


def _write(contribution: Contribution, percents: dict[int, int]) -> None:
    found = problems(contribution, percents)
    if found:
        raise NotPossible(found[0][1])
    Contribution.objects.filter(pk=contribution.pk).update(version=contribution.version + 1)
    contribution.shares.all().delete()
    for worker in workers_of(contribution):
        Share.objects.create(contribution=contribution, person=worker.person, percent=percents.get(worker.person.pk, 0))


@act
def open_shares(
    contribution: Contribution,
    *,
    by: User,
    note: str = "",
    percents: dict[int, int] | None = None,
    version: int | None = None,
) -> Contribution:
    """Write the shares (person pk -> whole percent) and ask each holder; earlier agreements fall.

    `version` is that of the shares on the page where they are written anew; who wrote in between is not overwritten.
    """
    if percents is None:
        raise NotPossible("Write down who did how much on its own page.")
    with changing(contribution, "open_shares") as fresh:
        refuse_stale(fresh, version)
        fresh = perform(fresh, "open_shares", by=by, note=note)
        _write(fresh, percents)
        trail.record(fresh, action="shares_written", by=by, changes={"shares": [None, percents]})
        for share in fresh.shares.filter(percent__gt=0).exclude(person=by).select_related("person"):
            notify(
                person=share.person,
                key=f"shares:{fresh.grant.case}:{share.pk}",
                subject="Do you agree to who did how much?",
                body=f"{by.full_name} wrote down {share.percent} % for you in “{fresh.grant.title}”.",
                path=f"/grants/{fresh.grant.case}/shares/",
            )
        Share.objects.filter(contribution=fresh, person=by).update(agreed_at=clock.now())
        return _close_if_all_agreed(Contribution.objects.get(pk=fresh.pk), by)


def refuse_stale(contribution: Contribution, version: int | None) -> None:
    """Refuse what was answered to other figures than those that stand."""
    if version is not None and version != contribution.version:
        raise NotPossible("Who did how much was written anew since you opened the page. Read it again, then answer.")


@act
def agree(contribution: Contribution, *, by: User, note: str = "", version: int | None = None) -> Contribution:
    """Agree to one's own share as `version` of the shares says it; the last agreement closes it."""
    if version is None:
        raise NotPossible("Agree on the page that shows who did how much.")
    with changing(contribution, "agree_shares") as fresh:
        refuse_stale(fresh, version)
        if fresh.state != ContributionState.SHARES_OPEN or not may_share(fresh, by):
            raise NotPossible("Nothing waits for your agreement here.")
        if not Share.objects.filter(contribution=fresh, person=by, agreed_at=None).update(agreed_at=clock.now()):
            raise NotPossible("You have already agreed, or hold no share.")
        trail.record(fresh, action="share_agreed", by=by)
        return _close_if_all_agreed(fresh, by)


def _close_if_all_agreed(contribution: Contribution, by: User) -> Contribution:
    open_ones = contribution.shares.filter(percent__gt=0, agreed_at=None).exists()
    return contribution if open_ones else perform(contribution, "agree_shares", by=by)


@act
def dispute(contribution: Contribution, *, by: User, note: str = "", version: int | None = None) -> Contribution:
    """Say that one does not agree, with the reason; nothing is verified until it is settled."""
    with changing(contribution, "dispute") as fresh:
        refuse_stale(fresh, version)
        if not fresh.shares.filter(person=by).exists():
            raise NotPossible("You are not named in these shares.")
        return perform(fresh, "dispute", by=by, note=note)


@act
def settle(
    contribution: Contribution,
    *,
    by: User,
    note: str = "",
    percents: dict[int, int] | None = None,
    version: int | None = None,
) -> Contribution:
    """Decide the shares in the place of the team, with the reason."""
    if percents is None:
        raise NotPossible("Settle the shares on their own page.")
    with changing(contribution, "settle") as fresh:
        refuse_stale(fresh, version)
        fresh = perform(fresh, "settle", by=by, note=note)
        write_shares(fresh, percents, by=by, note=note)
        return fresh


CONFIRMING = (
    ContributionState.PROPOSED, ContributionState.SHARES_OPEN, ContributionState.SHARES_AGREED,
    ContributionState.DISPUTED,
)  # fmt: skip


def confirm_work(contribution: Contribution, *, by: User, person: int) -> None:
    """Confirm, as another member, the recorded work of somebody (pk) who leads people of the team, once."""
    with locked([contribution]):
        fresh = Contribution.objects.get(pk=contribution.pk)
        if not may_share(fresh, by) or by.pk == person:
            raise NotPossible("Another member of the team confirms this.", forbidden=True)
        asked = [w for w in workers_of(fresh) if w.person.pk == person and w.superior and not w.confirmed_by]
        if fresh.state not in CONFIRMING or not asked:
            raise NotPossible("Nothing waits for your confirmation here.")
        if not asked[0].has_record:
            raise NotPossible("There is no recorded work of this person yet. They write a field note first.")
        WorkConfirmation.objects.create(contribution=fresh, person_id=person, by=by, at=clock.now())
        trail.record(fresh, action="work_confirmed", by=by, changes={"person": [None, person]})


def write_shares(contribution: Contribution, percents: dict[int, int], *, by: User, note: str) -> None:
    """Write shares that nobody is asked to agree to, inside the head's act; NotPossible names what the rules refuse."""
    _write(contribution, percents)
    Share.objects.filter(contribution=contribution).update(agreed_at=clock.now())
    trail.record(contribution, action="shares_settled", by=by, changes={"shares": [None, percents]}, note=note)


def contribution_for(grant: Grant) -> Contribution:
    """Return the contribution of a grant, made at its start."""
    return Contribution.objects.get_or_create(grant=grant)[0]
