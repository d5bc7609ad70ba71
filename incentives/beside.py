"""What this room shows on a proposal's page: the protection officer, and the way for an idea taken up elsewhere."""

from typing import Any

from django.urls import reverse

from people.policies import is_in_team, is_lead
from proposals.beside import Beside, Link, shown_beside

from .queries import protected_by
from .services.adoptions import is_declined


@shown_beside
def protected(proposal: Any, user: Any) -> Beside:
    """Name the protection officer to the team."""
    words = protected_by(proposal.case) if is_in_team(proposal, user) else ""
    return Beside(notes=[words] if words else [])


@shown_beside
def taken_up_elsewhere(proposal: Any, user: Any) -> Beside:
    """Return the adoptions of a declined idea, and for its lead the way to name another."""
    if not is_declined(proposal) or not is_in_team(proposal, user):
        return Beside()
    links = [Link(f"Taken up: {row.agency.name}", row.get_absolute_url())
             for row in proposal.adoptions.select_related("agency")]  # fmt: skip
    if is_lead(proposal, user):
        links.append(Link("Another agency takes up this idea: tell us", reverse("taken_up", args=[proposal.case])))
    return Beside([], links)
