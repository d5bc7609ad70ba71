"""Pairs of parts that nobody may have in one case: refused at assignment and again at action."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from lifecycle.errors import NotPossible
from lifecycle.policies import Policy
from lifecycle.remembering import remembered

from .enums import TEAM_PARTS, Grade, Part
from .models import Block, Involvement
from .policies import involved_in, is_administrator

# Who decides an appeal did nothing else in the case.
_APPEALS_NEVER = (
    Part.SPONSOR, Part.SCREENER, Part.REVIEWER, Part.CHAIR, Part.BOARD, Part.MAKER, Part.CHECKER, Part.VERIFIER,
    Part.CLASSIFIER, Part.PROTECTION,
)  # fmt: skip
_APPLICANT_NEVER = (
    Part.SPONSOR, Part.SCREENER, Part.REVIEWER, Part.CHAIR, Part.BOARD, Part.MAKER, Part.CHECKER, Part.VERIFIER,
    Part.CLASSIFIER, Part.APPEALS,
)  # fmt: skip
TOXIC: frozenset[frozenset[Part]] = frozenset(
    [frozenset({mine, other}) for mine in TEAM_PARTS for other in _APPLICANT_NEVER]
    + [frozenset({Part.APPEALS, other}) for other in _APPEALS_NEVER]
    + [
        frozenset(pair)
        for pair in (
            (Part.SPONSOR, Part.REVIEWER),
            (Part.SPONSOR, Part.CHAIR),
            (Part.SPONSOR, Part.BOARD),
            (Part.SPONSOR, Part.VERIFIER),
            (Part.REVIEWER, Part.VERIFIER),
            (Part.REVIEWER, Part.BOARD),
            (Part.MAKER, Part.CHECKER),
        )
    ]
)


class ConflictOfInterest(NotPossible):
    """The person already has a part that rules the new one out."""


def first_clash(held: Iterable[str], part: Part) -> Part | None:
    """Return the first of the parts `held` that rules out `part`."""
    return next((Part(one) for one in held if frozenset({Part(one), part}) in TOXIC), None)


def clash(case: UUID, person: Any, part: Part) -> Part | None:
    """Return the part of `person` in `case`, past or present, that rules out `part`."""
    return first_clash((row.part for row in involved_in(case) if row.person_id == person.pk), part)


def barred_cases(person: Any, part: Part) -> QuerySet[Involvement, UUID]:
    """Return the cases in which a part of `person`, past or present, rules out `part`, for a subquery."""
    others = [other for pair in TOXIC if part in pair for other in pair - {part}]
    return Involvement.objects.filter(person=person, part__in=others).values_list("case", flat=True)


@remembered
def closed_cases(person: Any, part: Part) -> frozenset[UUID]:
    """Return the cases in which the person cannot act in `part`: a conflict of interest, or a part that clashes."""
    kept_out = Block.objects.filter(person=person, grade=Grade.BLOCK).values_list("case", flat=True)
    return frozenset(kept_out.union(barred_cases(person, part), all=True))


def is_barred(case: UUID, person: Any, part: Part) -> bool:
    """Tell whether `person` may not act in `part` here: a toxic pair, or an administrator of the machine; one query."""
    return bool(person.is_staff) or clash(case, person, part) is not None


def acting_as(policy: Policy, *parts: Part) -> Policy:
    """Return `policy` that also refuses, at each act, whoever is barred from every one of `parts` in the case."""

    def test(instance: Any, user: Any) -> bool:
        return policy(instance, user) and not all(is_barred(instance.case, user, part) for part in parts)

    return Policy(test, policy.name)


def refuse_clash(case: UUID, person: Any, part: Part, *, acting: bool = False) -> None:
    """Raise ConflictOfInterest when `person` may not have `part` in `case`; `acting`: it is they who try."""
    held = clash(case, person, part)
    if held is not None:
        raise ConflictOfInterest(
            f"{person.full_name} already has the part “{held.label}” here and so cannot be “{part.label}”.",
            forbidden=acting,
        )
    if is_administrator(None, person):
        raise ConflictOfInterest(
            f"{person.full_name} is an administrator, and an administrator takes part in nothing.", forbidden=acting
        )
