"""Files of the judging, made by a worker: reviews still to write, the newest ranking, and the decision as one file."""

import io
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from documents.services import store_file
from documents.sheets import write_workbook
from fund.models import Call
from lifecycle import trail
from lifecycle.errors import NotPossible
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.models import Job
from people.enums import Role
from people.models import User
from people.policies import holds
from people.queries import with_agency
from proposals.models import Proposal

from ..apart import all_is_told, competes_in, is_judged, stands_apart
from ..models import Review
from ..models.review import still_to_review
from ..queries import sees_flags, sees_panel
from ..ranking_page import rows_of
from ..standing import newest_run
from .reminding import due_on, is_late

NAME = "evaluation.make_judging_sheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REVIEWS, RANKING, DECISION = "reviews", "ranking", "decision"
KINDS = {
    REVIEWS: sees_flags,
    RANKING: sees_panel,
    DECISION: holds(Role.AUDITOR, Role.SECRETARIAT),
}  # who may have which
OF_REVIEWS = (
    "Reviewer", "Employee number", "Agency", "Proposal", "Title", "Where the review stands", "Asked on", "Due on",
    "Handed in on", "Late",
)  # fmt: skip
OF_RANKING = (
    "Place", "Proposal", "Title", "Agency", "Asked for", "Percent", "Reaches the thresholds", "Where it stands",
    "Reviews", "Mean of the reviews", "Estimate", "Expected place", "Likely from (9 of 10)", "Likely to (9 of 10)",
    "Chance to belong to the best",
)  # fmt: skip


def may_have(kind: str, call: Call, user: Any) -> bool:
    """Tell whether the person gets such a sheet of the call; of a practice there is none."""
    if kind not in KINDS or call.is_practice or not KINDS[kind](None, user) or competes_in(call, user):
        return False
    return kind != DECISION or _may_take_the_decision(call, user)


def _may_take_the_decision(call: Call, user: Any) -> bool:
    """Tell whether the person may see all that was judged; an auditor at any time, others once all of it was told."""
    if not is_judged(call, user) or stands_apart(call, user):
        return False
    return holds(Role.AUDITOR)(None, user) or all_is_told(call, user)


def ask(kind: str, call: Call, *, by: User) -> Job:
    """Ask for a sheet. NotPossible for who may not have it."""
    if not may_have(kind, call, by):
        raise NotPossible("Only those who follow the judging get its sheets.", forbidden=True)
    trail.record(call, action="judging_exported", by=by, changes={"file": [None, kind]})
    return enqueue(NAME, json.dumps([uuid4().hex, kind, call.reference]), by_id=by.pk)


def make(job: RunningJob) -> None:
    """Write the sheet of what its reader may see now; who lost the right in between gets nothing."""
    viewer = User.objects.get(pk=job.requested_by_id or 0)
    _, kind, reference = json.loads(job.key)
    call = Call.objects.get(reference=reference)
    if not may_have(kind, call, viewer):
        raise NotPossible("The right to see the judging has ended.", forbidden=True)
    job.progress(0, 1, "Reading what you may see")
    if kind == DECISION:
        _store(job, _decision(call), f"{reference}-decision.json", "application/json", viewer)
        return
    columns, rows = (OF_REVIEWS, _reviews(call, viewer)) if kind == REVIEWS else (OF_RANKING, _ranking(call, viewer))
    buffer = io.BytesIO()
    about = {"source": "Innovation Fund, judging", "filters": f"{kind} of {reference}"}
    write_workbook(buffer, sheet_title=kind.capitalize(), columns=columns, rows=rows, about=about)
    _store(job, buffer.getvalue(), f"{reference}-{kind}.xlsx", XLSX, viewer)


def _store(job: RunningJob, content: bytes, name: str, content_type: str, viewer: User) -> None:
    stored: list[str] = []
    with job.completing(result=lambda: stored[0]):
        row = store_file(content=content, name=name, content_type=content_type, kind="judging", owner_id=viewer.pk)
        stored.append(str(row.pk))


def _decision(call: Call) -> bytes:
    from ..bundle import bundle_of  # noqa: PLC0415  # the engine loads numpy and scipy, which serving does without

    return json.dumps(bundle_of(call), indent=1, ensure_ascii=False).encode()


def _day(moment: datetime | None) -> date | str:
    """Return the day of a moment in the country's time; empty for none."""
    return timezone.localtime(moment).date() if moment else ""


def _reviews(call: Call, viewer: User) -> Sequence[list[Any]]:
    """Return one row for each review, by reviewer; none of a proposal on which the viewer's own is not in yet."""
    seen = Proposal.objects.visible_to(viewer).filter(call=call).not_concealed()
    found = Review.objects.filter(proposal__in=seen.exclude(pk__in=still_to_review(viewer)))
    rows = list(found.select_related("reviewer", "proposal__call"))
    people = with_agency(User.objects.filter(pk__in={row.reviewer_id for row in rows})).in_bulk()
    rows.sort(key=lambda row: (row.reviewer.full_name, row.reviewer_id, row.proposal.number or 0))
    return [
        [
            row.reviewer.full_name, row.reviewer.employee_number or "",
            people[row.reviewer_id].agency_name or "",  # type: ignore[attr-defined]
            row.proposal.reference, row.subject, row.get_state_display(), _day(row.assigned_at),
            due_on(row), _day(row.submitted_at), "yes" if is_late(row) else "",
        ]
        for row in rows
    ]  # fmt: skip


def _ranking(call: Call, viewer: User) -> Sequence[list[Any]]:
    """Return the newest ranking as its page shows it; nothing before the first."""
    run = newest_run(call)
    if run is None:
        return []
    _, rows = rows_of(run, viewer)
    costs = {row["id"]: row["cost"] for row in run.asked["proposals"]}
    found = []
    for row in rows:
        figures, name = row.figures or {}, row.official["id"]
        known = [figures.get(key, "") for key in ("n", "raw_mean", "merit")]
        known += [figures.get(key, "") if row.whole else "" for key in ("expected_rank", "rank_q05", "rank_q95")]
        found.append([
            row.place, name, row.proposal.title, row.proposal.lead_agency.name, Decimal(costs[name]) / 100,
            Decimal(row.official["percent"]), "yes" if row.official["meets"] else "no", row.words, *known, row.top,
        ])  # fmt: skip
    return found
