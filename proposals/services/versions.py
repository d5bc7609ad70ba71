"""Freezing what was written into a version that never changes."""

import hashlib
from dataclasses import asdict
from typing import Any

from django.db.models import OuterRef, Subquery

from lifecycle import clock, trail
from people.models import EmploymentSnapshot, User

from ..enums import MemberState, SectionKey
from ..forms import Item, items_in, notices_in, requested_in
from ..guards import answers_of
from ..lane import is_spark
from ..models import Partner, Proposal, Version
from ..questions import frozen_answers


def compose(proposal: Proposal) -> dict[str, Any]:
    """Return everything that agencies agree to and reviewers judge, as plain values; money in chhetrum."""
    answers, own = answers_of(proposal), frozen_answers(proposal)
    partners = list(proposal.partners.all())
    return (
        {
            "format": 2,
            "case": str(proposal.case),
            "title": proposal.title,
            "call": proposal.call.reference if proposal.call else None,
            "lead_agency": proposal.lead_agency.code,
            "requested": requested_in(answers[SectionKey.BUDGET]),
            "sections": answers,
            "budget": _budget(proposal, partners, answers[SectionKey.BUDGET]),
            "notices": notices_in(answers),
            "team": _team(proposal),
            "partners": [
                {"agency": p.agency.code, "name": p.agency.name, "days": p.days, "contribution": p.contribution}
                for p in partners
            ],
        }
        | _around(proposal)
        | ({"own_questions": own} if own else {})
    )


def without_words(content: Any) -> Any:
    """Return a version's content with every text empty and every list of people, items and files gone; figures stay."""
    if isinstance(content, dict):
        return {key: without_words(value) for key, value in content.items()}
    if isinstance(content, list):
        return []
    return "" if isinstance(content, str) else content


def digest_of(proposal: Proposal) -> str:
    """Return the SHA-256 that a version frozen now would have, lower-case hexadecimal."""
    return hashlib.sha256(trail.canonical(compose(proposal)).encode()).hexdigest()


def _team(proposal: Proposal) -> list[dict[str, Any]]:
    """Return who is in the team, with where and when the register said so."""
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("person")).order_by("-as_of")
    members = proposal.members.select_related("person", "agency").filter(status=MemberState.JOINED)
    members = members.annotate(source=Subquery(newest.values("source")[:1]), as_of=Subquery(newest.values("as_of")[:1]))
    return [
        {
            "number": m.person.employee_number, "name": m.person.full_name, "agency": m.agency.name,
            "source": m.source or "", "as_of": m.as_of.isoformat() if m.as_of else "",
        }
        for m in members
    ]  # fmt: skip


def _budget(proposal: Proposal, partners: list[Partner], answers: dict[str, str]) -> dict[str, Any]:
    """Return the items and the sum of each agency; the sums add up to the request exactly."""
    lead = proposal.lead_agency.code
    items = [_item(item) | {"agency": item.agency or lead} for item in items_in(answers)]
    sums = {partner.agency.code: 0 for partner in partners}
    for item in items:
        sums[item["agency"]] = sums.get(item["agency"], 0) + item["total"]
    return {"items": items, "sums": sums}


def _item(item: Item) -> dict[str, Any]:
    """Return one item; without a source it reads as versions did before sources were asked for."""
    held = {name: value for name, value in asdict(item).items() if name != "source" or value}
    return held | {"total": item.total}


def _around(proposal: Proposal) -> dict[str, Any]:
    """Return outside partners, data needs and attached files, held by their digest; for a small idea its approver."""
    if is_spark(proposal):
        return {"outside_partners": [], "data_needs": [], "attachments": [], "approver": _named(proposal)}
    return {
        "outside_partners": [
            {
                "name": p.name, "kind": p.get_kind_display(), "contribution": p.contribution, "interests": p.interests,
                "letter": p.letter.file.original_name if p.letter else "",
            }
            for p in proposal.outside_partners.select_related("letter__file")
        ],
        "data_needs": [
            {"dataset": need.dataset, "owner": need.owner.name, "answer": need.get_answer_display()}
            for need in proposal.data_needs.select_related("owner")
        ],
        "attachments": [
            {
                "id": str(found.pk), "file": str(found.file_id), "name": found.file.original_name,
                "size": found.file.size, "sha256": found.file.sha256, "description": found.description,
            }
            for found in proposal.attachments.select_related("file")
        ],
    }  # fmt: skip


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
