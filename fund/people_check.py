"""Before a call opens: whether the people suffice who judge, check, decide and pay.

Which agencies will apply is not known yet. So every count is taken in the worst case: the agencies with most people
of a role are the ones that apply, and their people may not act.
"""

from collections import Counter
from dataclasses import dataclass

from people.enums import Role, Sector
from people.models import Agency, EmploymentSnapshot, RoleGrant
from people.policies import in_force

from .enums import Stage
from .models import Call

LOAD = 12  # reviews that one reviewer can write well for one call
FUNDED = 5  # of so many expected proposals one may be funded
CHECKS = 12  # results that one verifier can check well for one call


@dataclass(frozen=True)
class Check:
    """One thing that is needed: how many, how many there are in the worst case, and what is short (empty: enough)."""

    what: str
    needed: int
    there: int
    short: str


@dataclass(frozen=True)
class Pool:
    """The people of one role: id -> head of their agency tree, and sector."""

    trees: dict[int, int]
    sectors: dict[int, str]

    def left_without(self, agencies: int) -> int:
        """Return how many people stay when the agencies with most of them apply."""
        largest = Counter(self.trees.values()).most_common(agencies)
        return len(self.trees) - sum(count for _, count in largest)

    def agencies_left_without(self, agencies: int) -> int:
        """Return how many agencies with people stay when that many apply."""
        return max(0, len(set(self.trees.values())) - agencies)


def _pools() -> dict[str, Pool]:
    """Return role -> pool of all who hold it now; three queries."""
    parents = {pk: (parent, sector) for pk, parent, sector in Agency.objects.values_list("pk", "parent", "sector")}

    def head(pk: int) -> int:
        while parents[pk][0] is not None:
            pk = parents[pk][0]  # type: ignore[assignment]
        return pk

    posts = dict(EmploymentSnapshot.objects.order_by("as_of").values_list("person", "agency"))  # the newest stays
    pools: dict[str, Pool] = {role: Pool({}, {}) for role in Role.values}
    grants = RoleGrant.objects.filter(in_force(), person__is_active=True).values_list("role", "person")
    for role, person in grants:
        if person in posts:
            pools[role].trees[person] = head(posts[person])
            pools[role].sectors[person] = parents[posts[person]][1]
    return pools


def checks_of(call: Call) -> list[Check]:
    """Return every check, in the order of the work."""
    pools = _pools()
    apart = 1 if call.stage == Stage.SPARK else 2  # agencies that one proposal has at least
    return [
        *_reviewers(call, pools[Role.REVIEWER], apart),
        _enough("Panel chairs of another agency", pools[Role.CHAIR].left_without(apart), 1, "No chair would be left"),
        _enough(
            "Board members without a conflict",
            pools[Role.BOARD].left_without(apart),
            call.quorum,
            "The board has no quorum",
        ),
        _verifiers(call, pools[Role.VERIFIER].left_without(apart)),
        _two("One who checks first and another who confirms", pools[Role.SECRETARIAT], pools[Role.HEAD]),
        _two("One who prepares payments and another who releases", pools[Role.MAKER], pools[Role.CHECKER]),
    ]


def _reviewers(call: Call, pool: Pool, apart: int) -> list[Check]:
    wanted = call.expected * call.reviews_needed
    can = pool.left_without(apart) * LOAD
    rows = [
        _enough(
            "Agencies with reviewers, besides those that apply", pool.agencies_left_without(apart),
            call.reviews_needed, "Each review of a proposal comes from another agency"
        ),
        _enough(
            f"Reviews that can be written, {LOAD} by each reviewer", can, wanted,
            f"{call.expected} proposals need {call.reviews_needed} reviews each"
        ),
    ]  # fmt: skip
    sectors = set(pool.sectors.values())
    missing = [str(sector.label) for sector in Sector if sector not in sectors]
    few = f"No reviewer yet from: {', '.join(missing)}." if len(sectors) < 2 else ""
    return [*rows, Check("Sectors that reviewers come from", 2, len(sectors), few)]


def _verifiers(call: Call, there: int) -> Check:
    """Each funded proposal ends in a result that somebody of another agency checks."""
    each = FUNDED * CHECKS
    return _enough(
        f"Verifiers of another agency, one for every {each} proposals", there, -(-call.expected // each),
        f"One proposal in {FUNDED} may be funded, and one verifier checks {CHECKS} results well"
    )  # fmt: skip


def _enough(what: str, there: int, needed: int, why: str) -> Check:
    short = "" if there >= needed else f"{what}: {there}, and {needed} needed. {why}."
    return Check(what, needed, there, short)


def _two(what: str, first: Pool, second: Pool) -> Check:
    """Two different people: nobody is both first and second."""
    people = set(first.trees) | set(second.trees)
    there = min(len(people), 2) if first.trees and second.trees else min(len(people), 1)
    return _enough(what, there, 2, "They must be two people")


def shortages_of(call: Call) -> list[str]:
    """Return a sentence for each thing that is short."""
    return [check.short for check in checks_of(call) if check.short]
