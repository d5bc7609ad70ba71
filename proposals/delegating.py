"""Who can answer for an agency here: nobody whose own part in the case rules it out, and no delegate from the team."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from people.enums import TEAM_PARTS, Part
from people.models import Agency, Involvement, User
from people.policies import in_force
from people.services.delegates import obstacle
from people.toxic import first_clash

from .enums import ProposalState
from .models import Proposal

RULED_OUT = tuple(part for part in Part if first_clash([part], Part.SPONSOR))
# In these the answer of an agency is asked, or can still be
STILL_ASKED = (
    ProposalState.DRAFT, ProposalState.AWAITING_ENDORSEMENT, ProposalState.SUBMITTED, ProposalState.SCREENING,
    ProposalState.INFO_REQUESTED,
)  # fmt: skip


def kept_from_answering(case: UUID) -> QuerySet[Any, Any]:
    """Return the people, as a subquery, whose part in the case, past or present, rules out answering for an agency."""
    return Involvement.objects.filter(case=case, part__in=RULED_OUT).values("person")


def cases_not_to_answer(person: User) -> QuerySet[Any, Any]:
    """Return the cases, as a subquery, in which the person cannot answer for an agency."""
    return Involvement.objects.filter(person=person, part__in=RULED_OUT).values("case")


@obstacle
def writes_with_the_agency(person: User, agency: Agency) -> str:
    """Say that the person is in the team of a proposal about which the agency is, or will be, asked."""
    teams = Involvement.objects.filter(in_force(), person=person, part__in=TEAM_PARTS).values("case")
    asked = Proposal.objects.of_practice(False).filter(
        case__in=teams, partners__agency=agency, state__in=STILL_ASKED
    )  # fmt: skip
    if not asked.exists():
        return ""
    return (
        f"{person.full_name} is in the team of a proposal in which {agency.name} takes part, and so cannot answer for "
        "it. Name a colleague who is in no such team."
    )
