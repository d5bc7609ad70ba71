"""Who stands apart from the judging of a whole call, because one of its proposals is theirs or kept from them."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from lifecycle.policies import policy
from lifecycle.remembering import remembered
from people.models import Involvement
from people.queries import blocked_cases, role_names
from proposals.enums import ProposalState
from proposals.models import Proposal
from proposals.models.visible import OWN, SEES_SUBMITTED, asked_of, of_own_agency

from .models import Letter, Place

OUT_OF_IT = (ProposalState.WITHDRAWN, ProposalState.LAPSED)  # these wait for no result
UNTOLD = Q(~Exists(Letter.objects.filter(proposal=OuterRef("pk"))), released_at=None)
PLACED = Q(Exists(Place.objects.filter(proposal=OuterRef("pk"))))


@remembered
def _counts(call: Any, user: Any) -> dict[str, int]:
    """Return how many proposals of the call are what to the person; one query."""
    judges_only = not role_names(user) & SEES_SUBMITTED
    kept = of_own_agency(user) if judges_only else Q(pk__in=[])
    own = Q(case__in=Involvement.objects.filter(person=user, part__in=OWN).values("case")) | Q(pk__in=asked_of(user))
    found: dict[str, int] = Proposal.objects.filter(call=call, submitted_at__isnull=False).aggregate(
        tied=Count("pk", filter=own | Q(case__in=blocked_cases(user))),
        competing=Count("pk", filter=own & UNTOLD),
        of_own_agency=Count("pk", filter=kept),
        judged=Count("pk", filter=PLACED),
        waiting=Count("pk", filter=PLACED & UNTOLD & ~Q(state__in=OUT_OF_IT)),
    )
    return found


@policy("with an own proposal in the call that was not told yet")
def competes_in(call: Any, user: Any) -> bool:
    """Tell whether the judging of the call decides about the person's own: then it is not theirs to watch."""
    return _counts(call, user)["competing"] > 0


@policy("with an own proposal in the call, or kept out of one")
def is_tied_to(call: Any, user: Any) -> bool:
    """Tell whether some proposal of the call is the person's own or kept from them."""
    return _counts(call, user)["tied"] > 0


def stands_apart(call: Any, user: Any) -> bool:
    """Tell whether some proposal of the call is their own, kept from them, or for a judge of the judge's own agency.

    Lots and counts of the whole call would tell them how it stands.
    """
    return is_tied_to(call, user) or _counts(call, user)["of_own_agency"] > 0


@policy("without a tie to a proposal of the call")
def is_free_of(call: Any, user: Any) -> bool:
    """Tell whether nothing in the call is hidden from the person."""
    return not stands_apart(call, user)


def is_judged(call: Any, user: Any) -> bool:
    """Tell whether something of the call was ranked."""
    return _counts(call, user)["judged"] > 0


def all_is_told(call: Any, user: Any) -> bool:
    """Tell whether nothing that was ranked in the call waits for its result."""
    return _counts(call, user)["waiting"] == 0
