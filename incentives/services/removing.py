"""How the words of a proposal go when its time of keeping is over: of a draft, and of what was sent and not funded.

What was decided stays: the reference, the states, scores, votes, figures and fingerprints, so that whoever holds the
bundle of a call still recomputes it.
"""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet

from documents.models import StoredFile
from documents.services import delete_file
from evaluation.enums import OPEN_APPEAL
from evaluation.models import Appeal, Letter
from lifecycle import clock, trail
from lifecycle.models import TrailPayload
from people.models import Notification
from proposals.enums import ProposalState as S
from proposals.models import (
    Attachment,
    DataNeed,
    Endorsement,
    InfoRequest,
    Member,
    OutsidePartner,
    Partner,
    Proposal,
    Section,
    Version,
)
from proposals.services.versions import without_words

REMOVED = "Removed: its time of keeping is over."
UNFUNDED = (S.INELIGIBLE, S.DECLINED, S.LAPSED, S.WITHDRAWN, S.OFFER_DECLINED, S.OFFER_EXPIRED)
GONE = (Attachment, Section, OutsidePartner, DataNeed, InfoRequest)  # outside partners let go of their letters first
BLANKED: tuple[tuple[type[models.Model], str, tuple[str, ...]], ...] = (
    (Partner, "proposal", ("contribution",)), (Endorsement, "version__proposal", ("reason",)),
    (Appeal, "proposal", ("words", "check_reason", "reason")),
)  # fmt: skip


def blank(row: models.Model) -> None:
    """Blank the details of a row's trail; the links, their digests and times stay, so that the chain still holds."""
    payloads = TrailPayload.objects.filter(entry__stream__key=trail.stream_key(row), blanked_at=None)
    payloads.update(text="", blanked_at=clock.now())


def drafts(before: datetime) -> QuerySet[Proposal]:
    """Return what nobody sent and nobody has touched since `before`, also what was taken back from the agencies."""
    never = Q(state__in=(S.LAPSED, S.WITHDRAWN), versions=None) | Q(state__in=(S.DRAFT, S.DELETED))
    found = Proposal.objects.filter(never, submitted_at=None, updated_at__lt=before)
    found = found.exclude(title=REMOVED).exclude(sections__edited_at__gte=before)
    return found.distinct()


def unfunded(before: datetime) -> QuerySet[Proposal]:
    """Return what was sent, or agreed to, and not funded, with nothing new since `before` and no appeal open."""
    found = Proposal.objects.filter(state__in=UNFUNDED, versions__isnull=False, updated_at__lt=before)
    found = found.exclude(title=REMOVED).exclude(appeals__state__in=OPEN_APPEAL)
    return found.exclude(letters__at__gte=before).distinct()


def remove_draft(proposal: Proposal) -> None:
    """Remove all parts of a draft that hold words: what goes with it, but not who was in the team."""
    for relation in Proposal._meta.related_objects:
        if relation.on_delete is models.CASCADE and relation.related_model is not Member:
            _drop(relation.related_model._base_manager.filter(**{relation.field.name: proposal}))
    _empty_versions(proposal)
    _leave_tombstone(proposal)


def remove_unfunded(proposal: Proposal) -> None:
    """Remove what the team wrote, its files and letters, and what was written to it."""
    for kind in GONE:
        _drop(kind._default_manager.filter(proposal=proposal))
    _drop(Letter.objects.filter(proposal=proposal))
    for appeal in Appeal.objects.filter(proposal=proposal, file__isnull=False).select_related("file"):
        file = appeal.file
        Appeal.objects.filter(pk=appeal.pk).update(file=None)
        delete_file(file) if file else None
    _empty_versions(proposal)
    _leave_tombstone(proposal)


def _empty_versions(proposal: Proposal) -> None:
    """Remove the words of what was frozen, and what others answered to it."""
    for table, path, names in BLANKED:
        for row in table._default_manager.filter(**{path: proposal}):
            table._default_manager.filter(**{"pk": row.pk}).update(
                **{name: REMOVED for name in names if getattr(row, name)}
            )
            blank(row)
    for version in Version.objects.filter(proposal=proposal):
        content = trail.canonical(without_words(version.facts))
        Version.objects.filter(pk=version.pk).update(content=content, removed_at=clock.now())


def _drop(rows: QuerySet[Any]) -> None:
    for row in rows:
        blank(row)
        file: StoredFile | None = getattr(row, "file", None)
        row.delete()
        if file is not None:
            delete_file(file)


def _leave_tombstone(proposal: Proposal) -> None:
    Notification.objects.filter(case=proposal.case).delete()
    Proposal.objects.filter(pk=proposal.pk).update(title=REMOVED)
