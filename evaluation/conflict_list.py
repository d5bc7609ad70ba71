"""The conflicts of a call as they are written down: who, with which proposal, why and since when."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from fund.models import Call
from people.enums import Grade, Role
from people.models import Block, User
from people.policies import holds
from people.queries import with_agency
from proposals.models import Proposal

from .enums import LIVE
from .models import Permission, Review
from .models.review import still_to_review

sees_conflicts = holds(Role.SECRETARIAT, Role.HEAD, Role.AUDITOR)
STRENGTH = {grade: place for place, grade in enumerate(Grade)}


@dataclass(frozen=True)
class Row:
    """One conflict on record; `permitted` is the chair's answer, None where nobody asked or it is open."""

    person: Any
    proposal: Proposal
    block: Block
    permitted: bool | None
    reviews: bool


def rows_of(call: Call, user: User, *, grade: str = "", words: str = "") -> list[Row]:
    """Return the conflicts of the call's proposals that the user may see, the strongest first, then the newest.

    Of a proposal on which the own review is not in yet none is shown, for they name its reviewers.

    `words` narrows to a part of a name, an employee number, a reference or a ground. Five queries.
    """
    seen = Proposal.objects.visible_to(user).filter(call=call, submitted_at__isnull=False).not_concealed()
    seen = seen.exclude(pk__in=still_to_review(user))
    proposals = {row.case: row for row in seen}
    found = Block.objects.filter(case__in=proposals)
    if grade in Grade.values:
        found = found.filter(grade=grade)
    if words:
        cases = [case for case, row in proposals.items() if words.lower() in (row.reference or "").lower()]
        person = Q(person__full_name__icontains=words) | Q(person__employee_number__iexact=words)
        found = found.filter(person | Q(reason__icontains=words) | Q(case__in=cases))
    blocks = list(found)
    people = with_agency(User.objects.filter(pk__in={row.person_id for row in blocks})).in_bulk()
    answers = {
        (row.proposal_id, row.person_id): row.given
        for row in Permission.objects.filter(proposal__in=proposals.values())
    }
    live = Review.objects.filter(proposal__in=proposals.values(), state__in=LIVE)
    reviewing = set(live.values_list("proposal", "reviewer"))
    rows = []
    for block in blocks:
        proposal = proposals[block.case]
        key = (proposal.pk, block.person_id)
        rows.append(Row(people[block.person_id], proposal, block, answers.get(key), key in reviewing))
    return sorted(rows, key=lambda row: (STRENGTH[Grade(row.block.grade)], -row.block.since.timestamp(), row.block.pk))
