"""What keeps a draft from being sent, each thing with the page that mends it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse

from .. import guards, writing_queries
from ..enums import SectionKey
from ..models import Proposal
from .base import page_of

# guard -> the page where the draft can be changed so that it holds; the budget's page depends on the lane
PAGES = {
    guards.everyone_joined.reason: "proposal_team", guards.working_members.reason: "proposal_team",
    guards.two_sectors.reason: "proposal_partners", guards.days_named.reason: "proposal_partners",
}  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """What one section still needs."""

    title: str
    page: str
    faults: list[writing_queries.Fault]


def gaps_in(proposal: Proposal) -> list[Gap]:
    """Return the sections with something missing or wrong, in the order of the form."""
    found = groupby(writing_queries.faults_in(proposal), key=lambda fault: (fault.key, fault.section))
    return [Gap(title, page_of(proposal, key), list(faults)) for (key, title), faults in found]


def with_pages(proposal: Proposal, reasons: Iterable[str]) -> list[tuple[str, str]]:
    """Return (address, reason); the address is empty where no change of the draft helps, as after the end."""
    pages = {reason: reverse(name, args=[proposal.case]) for reason, name in PAGES.items()}
    pages[guards.within_ceiling.reason] = page_of(proposal, SectionKey.BUDGET)
    return [(pages.get(reason, ""), reason) for reason in reasons]
