"""Findings of the audit: raised, answered by the office that they name, accepted, asked again or taken higher."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.enums import LEAD_PARTS, Role
from people.models import Involvement, User
from people.policies import in_force
from people.queries import holders
from people.services.calendar import add_business_days
from people.services.notify import notify

from ..enums import FindingKind, FindingOffice, FindingState
from ..limits import FINDING_BUSINESS_DAYS, REMIND_DAYS_BEFORE
from ..models import BudgetLine, Finding, Grant, Tranche
from ..models.finding import OPEN_FINDINGS
from ..policies import may_audit
from .once import key_of, recorded
from .reminding import steps_due

ROLES = {
    FindingOffice.FINANCE: (Role.MAKER, Role.CHECKER), FindingOffice.SECRETARIAT: (Role.SECRETARIAT,),
}  # fmt: skip


def raise_finding(
    *, by: User, title: str, text: str, office: str, grant: Grant | None = None, tranche: Tranche | None = None,
    line: BudgetLine | None = None, kind: str = FindingKind.OTHER, key: UUID | None = None,
) -> Finding:  # fmt: skip
    """Record a finding on a grant, a payment of it, or a budget line; the office named is told in the same change.

    The same `key` (of one opened page) again records nothing and answers like the first.
    """
    said: dict[str, Any] = {
        "grant": grant, "tranche": tranche, "line": line, "office": office, "title": title, "text": text,
        "raised_by": by, "kind": kind,
    }  # fmt: skip
    made = Finding(
        **said, raised_at=clock.now(), due_on=add_business_days(clock.today(), FINDING_BUSINESS_DAYS), **key_of(key)
    )
    if not may_audit(made, by):
        raise NotPossible("Auditors without a part in the case record findings.", forbidden=True)
    if tranche is not None and (grant is None or tranche.grant_id != grant.pk):
        raise NotPossible("The payment is not one of this grant.")
    if office == FindingOffice.TEAM and grant is None:
        raise NotPossible("A budget line has no team: finance or the secretariat answers.")
    if made.is_marked and grant is None:
        raise NotPossible("What it says is about the team of a grant: record it on the grant's page.")
    with locked([grant or line]):
        first: Finding | None = recorded(Finding, key, **said)
        if first is not None:
            return first
        made.save()
        trail.record(made, action="raised", by=by, note=text)
        _tell(made, _office(made), "A finding waits for your answer", f"Answer by {made.due_on:%-d %B %Y}.")
    return made


@act
def answer_finding(finding: Finding, *, by: User, note: str = "") -> Finding:
    """Answer for the office; `note` is the answer, and stays in the trail."""
    if not note.strip():
        raise NotPossible("Write the answer: use “Answer the finding” on its page.")
    with changing(finding, "put_answer") as fresh:
        fresh = perform(fresh, "put_answer", by=by, note=note, answer=note, answered_by=by, at=clock.now())
        _tell(fresh, [fresh.raised_by], "A finding was answered", note)
        return fresh


@act
def accept_answer(finding: Finding, *, by: User, note: str = "") -> Finding:
    """Close it: the answer is enough."""
    with changing(finding, "accept_answer") as fresh:
        fresh = perform(fresh, "accept_answer", by=by, note=note)
        _tell(fresh, [fresh.answered_by] if fresh.answered_by else [], "Your answer to a finding is accepted", note)
        return fresh


@act
def ask_again(finding: Finding, *, by: User, note: str = "") -> Finding:
    """Reopen it with a reason and a new last day."""
    with changing(finding, "ask_again") as fresh:
        due_on = add_business_days(clock.today(), FINDING_BUSINESS_DAYS)
        fresh = perform(fresh, "ask_again", by=by, note=note, due_on=due_on)
        _tell(fresh, _office(fresh), "The auditor asks again", note)
        return fresh


@act
def escalate_finding(finding: Finding, *, by: User, note: str = "") -> Finding:
    """Take it to the head of secretariat, with a reason and a new last day."""
    with changing(finding, "take_higher") as fresh:
        due_on = add_business_days(clock.today(), FINDING_BUSINESS_DAYS)
        fresh = perform(fresh, "take_higher", by=by, note=note, due_on=due_on)
        _tell(fresh, holders(Role.HEAD), "A finding was taken to you", note)
        return fresh


@act
def close_finding(finding: Finding, *, by: User, note: str = "") -> Finding:
    """Close it with a reason, where the head of secretariat gave no further answer."""
    with changing(finding, "close_higher") as fresh:
        return perform(fresh, "close_higher", by=by, note=note)


@act
def drop_finding(finding: Finding, *, by: User, note: str = "") -> Finding:
    """Close it with a reason: what it says proved wrong, and counts against nobody."""
    with changing(finding, "drop") as fresh:
        fresh = perform(fresh, "drop", by=by, note=note)
        _tell(fresh, _office(fresh), "A finding proved wrong and is closed", note)
        return fresh


def _office(finding: Finding) -> list[User]:
    """Return the people who answer for the office that the finding names."""
    if finding.grant is not None and finding.office == FindingOffice.TEAM:
        parts = Involvement.objects.filter(in_force(), case=finding.grant.case, part__in=LEAD_PARTS)
        return list(User.objects.filter(pk__in=parts.values("person")).order_by("pk"))
    return [person for role in ROLES[FindingOffice(finding.office)] for person in holders(role)]


def remind() -> int:
    """Remind the office of findings whose day comes or is over, later head and auditor; return steps."""
    today, count = clock.today(), 0
    soon = Finding.objects.filter(due_on__lte=today + timedelta(days=max(REMIND_DAYS_BEFORE)))
    for finding in soon.filter(state__in=OPEN_FINDINGS).select_related("raised_by", "grant"):
        for step in steps_due(finding.due_on, today):
            _remind(finding, step)
            count += 1
    return count


def _remind(finding: Finding, step: str) -> None:
    day = f"{finding.due_on:%-d %B %Y}"
    if step == "late":
        people: Iterable[User] = [finding.raised_by, *holders(Role.HEAD)]
        subject, body = "The answer to a finding is late", f"It was due on {day} and is not there."
    else:
        people = holders(Role.HEAD) if finding.state == FindingState.ESCALATED else _office(finding)
        late = step[0] == "+"
        subject = "Your answer to a finding is late" if late else "A finding waits for your answer"
        body = f"The answer {'was' if late else 'is'} due on {day}."
    _send(finding, people, f"due:{finding.due_on:%Y%m%d}:{step}", subject, body)


def _tell(finding: Finding, people: Iterable[User], subject: str, body: str) -> None:
    _send(finding, people, str(trail.entries_of(finding).values_list("seq", flat=True)[0]), subject, body)


def _send(finding: Finding, people: Iterable[User], about: str, subject: str, body: str) -> None:
    for person in {person.pk: person for person in people}.values():
        notify(
            person=person, key=f"finding:{finding.pk}:{about}:{person.pk}", subject=subject,
            body=f"“{finding.title}”. {body}", path=finding.get_absolute_url(), case=finding.case,
        )  # fmt: skip
