"""From a verified contribution to points on people's records, each step kept in words."""

from datetime import date
from uuid import UUID

from lifecycle import clock
from lifecycle.performing import perform
from people.enums import TEAM_PARTS, Part
from people.models import Involvement, User
from people.services.accounts import system_user

from ..enums import ContributionState
from ..models import Contribution, Outcome, PointEvent
from ..rules.points import Basis, Member, base_points, base_steps, basis_of, equal_shares, pool, split, team_size
from ..rules.policy import OPEN
from ..rules.steps import in_points
from . import points
from .contributions import member_of, workers_of
from .points_policy import policy_on

EQUALLY = "In equal parts among those who wrote the proposal."


def award(contribution: Contribution, *, code: str, outcome: Outcome, counts_on: date, source: str) -> None:
    """Post each holder's points under the policy in force on `counts_on`. The contribution is locked by the caller."""
    credit_team(
        contribution, code=code, stage=outcome.stage, ambition=outcome.ambition, counts_on=counts_on, source=source,
    )  # fmt: skip
    perform(contribution, "verify", by=system_user(), code=code)


def credit_team(
    contribution: Contribution, *, code: str, stage: str, ambition: str, counts_on: date, source: str
) -> None:
    """Post the points of one code to everybody with a share of the contribution, by the shares as they were agreed."""
    version = policy_on(counts_on)
    workers = workers_of(contribution)
    members = [member_of(worker) for worker in workers]
    grant = contribution.grant
    days = (grant.ends_on - grant.starts_on).days if grant.starts_on else 0
    people = team_size(version.rules, members, claimed=counts_on, project_days=days)
    base = base_points(version.rules, code, stage, ambition)
    team = pool(version.rules, code, base=base, people=people)
    before = base_steps(version.rules, code, stage, ambition)
    by_number = {worker.person.employee_number or "": worker for worker in workers}
    shares = {number: worker.percent for number, worker in by_number.items()}
    lead = grant.lead.employee_number or ""
    for credit in split(team, shares, lead=lead):
        worker = by_number[credit.number]
        if worker.percent:
            points.post(
                by=system_user(), person=worker.person, code=code, tenths=credit.tenths, counts_on=counts_on,
                verified_on=clock.today(), stage=stage, source=source, policy=version.row,
                steps=[[step.label, step.figure, step.how] for step in (*before, *credit.steps)], case=grant.case,
                basis=basis_of(members, credit.number, ambition=ambition, project_days=days, lead=lead),
            )  # fmt: skip


def credit_person(
    person: User,
    *,
    code: str,
    counts_on: date,
    source: str,
    case: UUID,
    why: str,
    stage: str = "",
    ambition: str = OPEN,
) -> None:
    """Post the points of one code to one person alone; `why` is the last step that the person reads."""
    version = policy_on(counts_on)
    base = base_points(version.rules, code, stage, ambition)
    label = version.rules.codes[code].label
    how = base_steps(version.rules, code, stage, ambition)
    steps = [
        *([step.label, step.figure, step.how] for step in how),
        [label, in_points(base), "The points for one person."], ["Your points", in_points(base), why],
    ]  # fmt: skip
    points.post(
        by=system_user(), person=person, code=code, tenths=base, counts_on=counts_on, verified_on=clock.today(),
        stage=stage, source=source, policy=version.row, steps=steps, case=case, basis=Basis(ambition),
    )  # fmt: skip


def credit_originators(origin: UUID, *, code: str, stage: str, counts_on: date, source: str, case: UUID) -> None:
    """Post the points of one code in equal parts to those who wrote the proposal of the case `origin`.

    Nobody agreed on shares there and no work is recorded, so the team factor is that of one person.
    """
    version = policy_on(counts_on)
    parts = Involvement.objects.filter(case=origin, part__in=TEAM_PARTS, until=None).select_related("person")
    people = {row.person.employee_number or "": row.person for row in parts}
    leads = [row.person.employee_number or "" for row in parts if row.part == Part.LEAD]
    lead = leads[0] if leads else ""
    team = pool(version.rules, code, base=base_points(version.rules, code, stage), people=1)
    shares = equal_shares(list(people), lead)
    members = [Member(number, share, False, counts_on) for number, share in shares.items()]
    for credit in split(team, shares, lead=lead):
        steps = [[s.label, s.figure, EQUALLY if s.label == "Your share" else s.how] for s in credit.steps]
        points.post(
            by=system_user(), person=people[credit.number], code=code, tenths=credit.tenths, counts_on=counts_on,
            verified_on=clock.today(), stage=stage, source=source, policy=version.row, steps=steps, case=case,
            basis=basis_of(members, credit.number, ambition=OPEN, project_days=0, lead=lead),
        )  # fmt: skip


def take_back_source(source: str, *, by: User, reason: str) -> None:
    """Reverse every point that one source gave and that still stands."""
    for event in PointEvent.objects.filter(source=source, reverses=None, reversal=None):
        points.reverse(event, by=by, reason=reason)


def void(contribution: Contribution) -> None:
    """Close the contribution without points; the learning stays, and nothing is held against anybody."""
    perform(contribution, "void", by=system_user())


def take_back(contribution: Contribution, *, by: User, reason: str) -> Contribution:
    """Reverse every point that the verified contribution gave; the contribution is locked by the caller."""
    given = PointEvent.objects.filter(
        case=contribution.grant.case, code=contribution.code, reverses=None, reversal=None
    )
    for event in given:
        points.reverse(event, by=by, reason=reason)
    if contribution.state != ContributionState.VERIFIED:
        return contribution
    return perform(contribution, "reverse", by=system_user())
