"""The one proposal of a page, as its reader may see it, with all that the page shows of it."""

from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet

from lifecycle.prepared import prepared
from people.models import User
from people.queries import role_names

from .models import Endorsement, InfoRequest, Member, Partner, Proposal, Section
from .models.visible import SEES_JUDGING
from .queries import endorsements_of


def proposal_page(case: UUID, user: User) -> Proposal | None:
    """Return the proposal with its team, partners and sections; None where the user may not read it."""
    roles = frozenset(role_names(user))
    if roles & SEES_JUDGING:  # what they see depends on their own agency
        return _page(case, user, roles=roles).first()
    return next(iter(_prepared_page(case, user, roles=roles)), None)


def _page(case: UUID, user: User, *, roles: frozenset[str]) -> QuerySet[Proposal]:
    found = Proposal.objects.visible_to(user, set(roles)).filter(case=case)
    asked = InfoRequest.objects.filter(proposal=OuterRef("pk"))
    found = found.annotate(file_count=Count("attachments"), was_asked=Exists(asked))
    partners = Prefetch("partners", Partner.objects.select_related("agency"))
    members = Prefetch("members", Member.objects.select_related("person", "agency"))
    sections = Prefetch("sections", Section.objects.select_related("edited_by"))
    found = found.select_related("call", "lead_agency", "copied_from")
    return found.prefetch_related(sections, partners, members)


def answers_to(proposal: Proposal) -> list[Endorsement]:
    """Return what the agencies said to the newest version that was put to them."""
    return _answers_to(proposal)


_prepared_page, _answers_to = prepared(_page), prepared(endorsements_of)
