"""What one contribution is worth, and to whom: base, pool, shares, split, ambition, progress, bands."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .policy import OPEN, SPARK, Band, Policy
from .steps import Step, in_points

WHOLE = 100  # percent


@dataclass(frozen=True)
class Member:
    """A person of the team on the day of the claim.

    `recorded_work` is a milestone, a report section or a dated field note. A `superior` is a sponsor or line
    manager; their work counts only when another member has confirmed it.
    """

    number: str
    share: int
    recorded_work: bool
    joined: date
    superior: bool = False
    work_confirmed: bool = False

    @property
    def has_work(self) -> bool:
        """Tell whether the recorded work counts."""
        return self.recorded_work and (self.work_confirmed or not self.superior)


@dataclass(frozen=True)
class Basis:
    """What one person's points for one contribution were worked out from, without names.

    `members` are (share, whether recorded work counts, day of joining) by employee number, `me` and `lead` places
    among them; none for a contribution of one person alone.
    """

    ambition: str = OPEN
    members: tuple[tuple[int, bool, str], ...] = ()
    project_days: int = 0
    me: int = 0
    lead: int = 0


@dataclass(frozen=True)
class ShareProblem:
    """What is wrong with the shares: of one person, or (`number` empty) of the whole."""

    number: str
    text: str


@dataclass(frozen=True)
class Pool:
    """The points of a whole team in tenths."""

    tenths: int
    base: int
    people: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Credit:
    """What one person gets of a pool; `forfeited` is what lay above the base."""

    number: str
    tenths: int
    forfeited: int
    steps: tuple[Step, ...]


def base_points(policy: Policy, code: str, stage: str, ambition: str = OPEN) -> int:
    """Return the base of one contribution in tenths. A Spark counts as open; unstaged codes ignore both."""
    return policy.base(code, stage, ambition)


def by_number(number: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Return the sorting key of employee numbers: figures by value, so that E9 stands before E10."""
    pieces = re.findall(r"[0-9]+|[^0-9]+", number)
    return tuple((0, int(piece), "") if piece.isdigit() else (1, 0, piece) for piece in pieces), number


def ambition_class(marks: Sequence[str]) -> str:
    """Return the median of the reviewers' chance marks (`likely`, `open`, `bold`).

    With an even number the two middle marks count: where they agree that is the class, where they differ it is
    `open`, because the median is then neither surely over 80 % nor surely under 50 %.
    """
    if not marks:
        raise ValueError("A median needs at least one mark.")
    order = ("bold", OPEN, "likely")
    ranked = sorted(order.index(mark) for mark in marks)
    low, high = ranked[(len(ranked) - 1) // 2], ranked[len(ranked) // 2]
    return order[low] if low == high else OPEN


def team_size(policy: Policy, members: Sequence[Member], *, claimed: date, project_days: int) -> int:
    """Return how many people enlarge the pool: a share, recorded work, and joined early enough.

    Early enough is `joined_days` before the claim or half of the project's days, whichever is less. At least 1.
    """

    def counts(member: Member) -> bool:
        days = (claimed - member.joined).days
        early = days >= policy.team.joined_days or 2 * days >= project_days
        return member.share >= policy.shares.least and member.has_work and early

    return max(1, sum(1 for member in members if counts(member)))


def pool(policy: Policy, code: str, *, base: int, people: int) -> Pool:
    """Return base x min(4, 1 + 0.5 (n - 1)), floored to a tenth; the base itself for codes of one person."""
    team = policy.team
    factor = min(team.most_tenths, 10 + team.step_tenths * (people - 1)) if policy.codes[code].team else 10
    tenths = base * factor // 10
    steps = (
        Step(policy.codes[code].label, in_points(base), "The points for one person."),
        Step("Team", f"× {in_points(factor)}", f"{people} with recorded work who joined early enough."),
        Step("Points of the team", in_points(tenths), f"{in_points(base)} × {in_points(factor)}, cut to a tenth."),
    )
    return Pool(tenths, base, people, steps)


def base_steps(policy: Policy, code: str, stage: str, ambition: str = OPEN) -> tuple[Step, ...]:
    """Return how the points for one person come about where the chance and the stage change them; else none."""
    kind = policy.codes[code]
    if not kind.staged:
        return ()
    ambition, factor = OPEN if stage == SPARK else ambition, policy.stages[stage]
    whole, base = in_points(kind.bases[ambition]), in_points(policy.base(code, stage, ambition))
    chance = f"Every {factor.label} counts so." if stage == SPARK else f"{policy.classes[ambition]}."
    times = in_points(factor.factor_tenths)
    return (
        Step("How likely the target was", whole, chance),
        Step(f"Stage {factor.label}", f"× {times}", f"{whole} × {times} = {base}, cut to a tenth."),
    )


def equal_shares(numbers: Sequence[str], lead: str) -> dict[str, int]:
    """Return equal whole percents for those with recorded work; the remainder goes to the lead.

    Where the lead has no recorded work, and so no share, the remainder goes to the lowest employee number.
    """
    if not numbers:
        return {}
    each, rest = divmod(WHOLE, len(numbers))
    shares = dict.fromkeys(sorted(numbers, key=by_number), each)
    shares[lead if lead in shares else next(iter(shares))] += rest
    return shares


def check_shares(policy: Policy, members: Sequence[Member]) -> list[ShareProblem]:
    """Return what is wrong with the shares, in the order of the members, then of the whole; empty when agreed."""
    limits, alone = policy.shares, sum(1 for member in members if member.has_work) == 1
    problems = [
        ShareProblem(member.number, text)
        for member in members
        for text in [_share_problem(policy, member, alone)]
        if text
    ]
    total, holders = sum(member.share for member in members), sum(1 for member in members if member.share)
    if total != WHOLE:
        problems.append(ShareProblem("", f"The shares add up to {total} %. Change them so that they add up to 100 %."))
    if holders > limits.holders:
        problems.append(ShareProblem("", f"{holders} people hold a share. At most {limits.holders} can."))
    return problems


def _share_problem(policy: Policy, member: Member, alone: bool) -> str:
    limits = policy.shares
    if member.share == 0:
        return ""
    if member.recorded_work and not member.has_work:
        return "A manager or approver needs a record of work that another member has confirmed; until then give 0 %."
    if not member.has_work:
        return "There is no recorded work of this person. Add the record, or give 0 %."
    if alone:
        return "" if member.share == WHOLE else "Only one person has recorded work, so this share is 100 %."
    if not limits.least <= member.share <= limits.most:
        return f"Give 0 %, or from {limits.least} % to {limits.most} %."
    return ""


def split(team: Pool, shares: Mapping[str, int], *, lead: str) -> tuple[Credit, ...]:
    """Return what each person gets, by employee number: floors, left-over tenths, then the ceiling of the base.

    `shares` maps employee number -> percent. Left-over tenths go to the largest remainder (tie: the lead, then the
    lowest employee number). Nobody gets more than the base: what lies above is forfeited. ValueError unless the
    shares are whole, not negative and add up to 100.
    """
    if sum(shares.values()) != WHOLE or min(shares.values()) < 0:
        raise ValueError("Shares are whole percents that add up to 100.")
    numbers = sorted(shares, key=by_number)
    floors = {number: team.tenths * shares[number] // WHOLE for number in numbers}
    left = team.tenths - sum(floors.values())
    order = sorted(numbers, key=lambda n: (-(team.tenths * shares[n] % WHOLE), n != lead, by_number(n)))
    lucky = set(order[:left])
    return tuple(_credit(team, number, shares[number], floors[number], number in lucky) for number in numbers)


def _credit(team: Pool, number: str, share: int, floor: int, extra: bool) -> Credit:
    before = floor + extra
    tenths = min(before, team.base)
    steps = [*team.steps, Step("Your share", f"{share} %", "As everybody agreed when the result was claimed.")]
    steps.append(Step("Your part", in_points(floor), f"{share} % of {in_points(team.tenths)}, cut to a tenth."))
    if extra:
        steps.append(Step("Left over", in_points(1), "A tenth that the cutting left over fell to you."))
    if before > tenths:
        how = f"Nobody gets more than one person alone would: {in_points(team.base)}."
        steps.append(Step("Above the ceiling", in_points(tenths - before), how))
    steps.append(Step("Your points", in_points(tenths), "This is what goes on your record."))
    return Credit(number, tenths, before - tenths, tuple(steps))


def basis_of(members: Sequence[Member], number: str, *, ambition: str, project_days: int, lead: str) -> Basis:
    """Return what the points of the member with this number are worked out from."""
    ordered = sorted(members, key=lambda member: by_number(member.number))
    places = {member.number: place for place, member in enumerate(ordered)}
    rows = tuple((member.share, member.has_work, member.joined.isoformat()) for member in ordered)
    return Basis(ambition, rows, project_days, places[number], places.get(lead, -1))


def scored(policy: Policy, code: str, stage: str, basis: Basis, claimed: date) -> int:
    """Return the tenths that the same contribution gives the same person under a policy."""
    base = base_points(policy, code, stage, basis.ambition)
    if not basis.members:
        return base
    members = [
        Member(str(place), share, work, date.fromisoformat(joined))
        for place, (share, work, joined) in enumerate(basis.members)
    ]
    people = team_size(policy, members, claimed=claimed, project_days=basis.project_days)
    shares = {member.number: member.share for member in members}
    credits = split(pool(policy, code, base=base, people=people), shares, lead=str(basis.lead))
    return credits[basis.me].tenths


def progress_to(policy: Policy, *, baseline: Decimal, target: Decimal, endline: Decimal) -> str:
    """Return `met`, `partial` or `not_met` for rising and falling targets alike.

    Partial from `partial_from_percent` of the way from baseline to target. ValueError where the target equals
    the baseline or a figure is not finite.
    """
    if not all(figure.is_finite() for figure in (baseline, target, endline)):
        raise ValueError("Progress needs figures.")
    way = Fraction(target) - Fraction(baseline)
    if way == 0:
        raise ValueError("A target equal to the baseline promises nothing.")
    gone = (Fraction(endline) - Fraction(baseline)) / way
    if gone >= 1:
        return "met"
    return "partial" if gone * 100 >= policy.partial_from_percent else "not_met"


def band_of(policy: Policy, tenths: int) -> Band:
    """Return the band that counted points fall into."""
    return [band for band in policy.bands if band.from_tenths <= tenths][-1]
