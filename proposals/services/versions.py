"""Freezing what was written into a version that never changes."""

import hashlib
from typing import Any

from lifecycle import clock, trail
from people.models import User

from ..enums import MemberState, SectionKey
from ..forms import requested_in
from ..guards import answers_of
from ..lane import is_spark
from ..models import Proposal, Version


def compose(proposal: Proposal) -> dict[str, Any]:
    """Return everything that agencies agree to and reviewers judge, as plain values."""
    answers = answers_of(proposal)
    members = proposal.members.select_related("person", "agency").filter(status=MemberState.JOINED)
    partners = proposal.partners.select_related("agency")
    return {
        "format": 1,
        "title": proposal.title,
        "call": proposal.call.reference if proposal.call else None,
        "lead_agency": proposal.lead_agency.code,
        "requested": requested_in(answers[SectionKey.BUDGET]),
        "sections": answers,
        "team": [
            {"number": m.person.employee_number, "name": m.person.full_name, "agency": m.agency.name} for m in members
        ],
        "partners": [
            {"agency": p.agency.code, "name": p.agency.name, "days": p.days, "contribution": p.contribution}
            for p in partners
        ],
    } | ({"approver": _named(proposal)} if is_spark(proposal) else {})


def _named(proposal: Proposal) -> str:
    person = proposal.approver
    return f"{person.full_name} · {person.employee_number or person.email}" if person else ""


def freeze(proposal: Proposal, *, by: User) -> Version:
    """Return the newest version when nothing changed since, else a new one. Call with the proposal locked."""
    content = trail.canonical(compose(proposal))
    digest = hashlib.sha256(content.encode()).hexdigest()
    newest = proposal.versions.last()
    if newest is not None and newest.sha256 == digest:
        return newest
    return Version.objects.create(
        proposal=proposal, number=(newest.number if newest else 0) + 1, content=content, sha256=digest, frozen_by=by,
        frozen_at=clock.now(),
    )  # fmt: skip
