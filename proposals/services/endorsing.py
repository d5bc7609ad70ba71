"""Asking every agency to agree to one exact version, and its answers."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.enums import Part, Role
from people.models import Agency, Involvement, User
from people.policies import in_force
from people.queries import agencies_for, blocked_people, holders, principals
from people.services.calendar import add_business_days
from people.services.involvement import involve
from people.services.notify import notify
from people.toxic import refuse_clash

from ..delegating import kept_from_answering
from ..enums import Answer, ProposalState
from ..guards import agreements_stand, asked_version, every_agency_agreed
from ..lane import answer_page
from ..models import Endorsement, Proposal, Version
from ..policies import may_endorse, may_lead
from ..queries import late_endorsements
from .team import leads_of
from .versions import freeze

# An agency answers before submission, and again when the first check asked for a change.
ASKED_IN = (ProposalState.AWAITING_ENDORSEMENT, ProposalState.SCREENING)
ANSWER_DAYS = 5  # business days that an agency has
SECRETARIAT_DAYS = 2  # business days more, for a delegate or another approver, until the secretariat helps
ONE_DAY = timedelta(hours=24)


def long_day(day: date) -> str:
    """Return a day as people write it, e.g. 2 December 2026."""
    return f"{day.day} {day:%B %Y}"


def asked_now() -> dict[str, Any]:
    """Return the times of an asking that begins now."""
    due_on = add_business_days(clock.today(), ANSWER_DAYS)
    return {
        "asked_at": clock.now(), "due_on": due_on, "secretariat_on": add_business_days(due_on, SECRETARIAT_DAYS),
    }  # fmt: skip


def approvers_of(agency: Agency, case: UUID) -> list[User]:
    """Return who may agree for the agency now in this case, delegates too."""
    return _free(holders(Role.SPONSOR, agency), case)


def asked_first(agency: Agency, case: UUID) -> list[User]:
    """Return to whom a new question goes: to the approvers, and where none is free, to their delegates."""
    return _free(principals(agency), case) or approvers_of(agency, case)


def _free(people: QuerySet[User], case: UUID) -> list[User]:
    """Leave out whom a conflict or another part in the case keeps from answering, such as a member of the team."""
    people = people.exclude(pk__in=blocked_people(case)).exclude(pk__in=kept_from_answering(case))
    return list(people.order_by("pk"))


@act
def ask(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Freeze the version and ask each agency; an agency that agreed to the same text is not asked again."""
    with changing(proposal, "ask_agencies") as fresh:
        fresh = perform(fresh, "ask_agencies", by=by, note=note)
        version = freeze(fresh, by=by)
        for partner in fresh.partners.select_related("agency"):
            _ask_agency(fresh, version, partner.agency, by)
        return fresh


def _ask_agency(proposal: Proposal, version: Version, agency: Agency, by: User) -> None:
    approvers = asked_first(agency, proposal.case)
    if not approvers:
        if holders(Role.SPONSOR, agency).exists():
            words = "has no approver who is free to answer: whoever is in the team cannot agree for an agency"
            raise NotPossible(
                f"{agency.name} {words}. Ask the agency for another approver, or write to the secretariat."
            )
        raise NotPossible(f"{agency.name} has no approver in the fund yet. Write to the secretariat.")
    asked = asked_now()
    row, created = Endorsement.objects.get_or_create(version=version, agency=agency, defaults=asked)
    if row.answer == Answer.AGREED:
        return
    if not created:
        Endorsement.objects.filter(pk=row.pk).update(
            answer=Answer.ASKED, reason="", answered_by=None, answered_at=None, reminded_at=None, **asked
        )
    for person in approvers:
        notify(
            person=person,
            key=f"endorse:{proposal.case}:{version.number}:{agency.code}:{person.pk}:{clock.now().timestamp()}",
            subject="A proposal asks for your agency's agreement",
            body=f"{by.full_name} asks {agency.name} to agree to “{proposal.title}”, version {version.number}, by "
            f"{long_day(asked['due_on'])}.",
            path=f"/proposals/{proposal.case}/endorse/",
        )


def _own_rows(proposal: Proposal, by: User) -> list[Endorsement]:
    """Return the rows of the version that is asked about that wait for `by`."""
    version = asked_version(proposal)
    if version is None:
        return []
    agencies = agencies_for(by, Role.SPONSOR)
    return list(version.endorsements.filter(agency__in=agencies, answer=Answer.ASKED).select_related("agency"))


def _answer(proposal: Proposal, rows: list[Endorsement], *, by: User, answer: Answer, reason: str = "") -> None:
    for row in rows:
        involve(case=proposal.case, person=by, part=Part.SPONSOR, agency=row.agency)
        Endorsement.objects.filter(pk=row.pk).update(
            answer=answer, reason=reason, answered_by=by, answered_at=clock.now()
        )


def agree(proposal: Proposal, *, by: User, version: int) -> None:
    """Agree for one's agency to exactly version `version`. NotPossible when it is no longer the newest."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        refuse_clash(proposal.case, by, Part.SPONSOR, acting=True)
        if not may_endorse(proposal, by):
            raise NotPossible("You do not approve for an agency of this proposal.", forbidden=True)
        if proposal.state not in ASKED_IN:
            raise NotTheNewest
        _refuse_unless_read(proposal, version)
        rows = _own_rows(proposal, by)
        if not rows:
            raise NotPossible("Your agency has already answered.")
        _answer(proposal, rows, by=by, answer=Answer.AGREED)
        names = ", ".join(row.agency.name for row in rows)
        trail.record(proposal, action="agreed", by=by, changes={"agency": [None, names], "version": [None, version]})
        if proposal.state == ProposalState.SCREENING:
            _tell_of_agreement(proposal, version)
        elif every_agency_agreed.holds(proposal):
            _tell_leads(proposal, f"agreed:{proposal.case}:{version}", "Every agency has agreed",
                        f"Every agency has agreed to “{proposal.title}”. You can submit it now.")  # fmt: skip


def _tell_of_agreement(proposal: Proposal, version: int) -> None:
    """Tell officer and leads that every agency agrees to the change, so that the first check goes on."""
    if not agreements_stand.holds(proposal):
        return
    key, words = f"agreed:{proposal.case}:{version}", f"Every agency has agreed to the change of “{proposal.title}”."
    _tell_leads(proposal, key, "Every agency has agreed to your change", f"{words} The first check goes on.")
    _tell_officers(proposal, key, "Every agency has agreed to a change", f"{words} You can finish the first check.")


class NotTheNewest(NotPossible):
    """The team has gone on to another version than the one that was read; nothing was answered."""

    def __init__(self) -> None:
        super().__init__("This version is no longer the one that is asked about. Open the proposal again.")


def _refuse_unless_read(proposal: Proposal, version: int) -> None:
    asked = asked_version(proposal)
    if asked is None or asked.number != version:
        raise NotTheNewest


@act
def give_back(proposal: Proposal, *, by: User, note: str = "", version: int = 0) -> Proposal:
    """Return version `version` to the team with the reason in `note`; in the first check the officer asks further.

    NotTheNewest when the team has gone on to another one, and where no version was named.
    """
    with changing(proposal, "return_to_team") as fresh:
        if may_endorse(fresh, by) and fresh.state in ASKED_IN:
            _refuse_unless_read(fresh, version)
        rows = _own_rows(fresh, by)
        if fresh.state == ProposalState.SCREENING and rows and may_endorse(fresh, by):
            return _object(fresh, rows, by, note)
        fresh = perform(fresh, "return_to_team", by=by, note=note)
        _answer(fresh, rows, by=by, answer=Answer.RETURNED, reason=note)
        newest = fresh.versions.last()
        number = newest.number if newest else 0
        _tell_leads(
            fresh,
            f"returned:{fresh.case}:{number}:{clock.now().timestamp()}",
            "An agency returned your proposal",
            f"{by.full_name} returned “{fresh.title}” with this reason: {note}",
        )
        return fresh


def _object(proposal: Proposal, rows: list[Endorsement], by: User, note: str) -> Proposal:
    """Record that an agency does not agree to a change made in the first check; officer and leads are told."""
    if not note.strip():
        raise NotPossible("Give a reason.")
    _answer(proposal, rows, by=by, answer=Answer.RETURNED, reason=note)
    trail.record(proposal, action="objected", by=by, note=note)
    words = f"{by.full_name} does not agree to the change of “{proposal.title}”: {note}"
    key = f"objected:{rows[0].pk}:{clock.now().timestamp()}"
    follows = "What happens next: the officer opens answers for you again, and you are told; or the first check ends."
    _tell_leads(proposal, key, "An agency does not agree to your change", f"{words}\n\n{follows}")
    choice = "Open answers for the team again, or leave it to the head of secretariat to end the first check."
    _tell_officers(proposal, key, "An agency does not agree to a change", f"{words}\n\n{choice}")
    return proposal


def _tell_officers(proposal: Proposal, key: str, subject: str, body: str) -> None:
    officers = Involvement.objects.filter(in_force(), case=proposal.case, part=Part.SCREENER).select_related("person")
    for officer in officers:
        notify(
            person=officer.person, key=f"{key}:{officer.person_id}", subject=subject, body=body,
            path=f"/proposals/{proposal.case}/first-check/",
        )  # fmt: skip


def remind(proposal: Proposal, *, by: User, agency: Agency) -> None:
    """Remind an agency's approvers, at most once in 24 hours. NotPossible says why not."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        if not may_lead(proposal, by):
            raise NotPossible("Only the lead can remind an agency.", forbidden=True)
        version = proposal.versions.last()
        waits = Q(version=version, agency=agency, answer=Answer.ASKED)
        if proposal.state != ProposalState.AWAITING_ENDORSEMENT or not Endorsement.objects.filter(waits).exists():
            raise NotPossible(f"{agency.name} is not asked now.")
        rested = Q(reminded_at=None) | Q(reminded_at__lte=clock.now() - ONE_DAY)
        if not Endorsement.objects.filter(waits, rested).update(reminded_at=clock.now()):
            raise NotPossible(f"{agency.name} was reminded less than a day ago. Give it a day to answer.")
        late = Endorsement.objects.filter(waits, due_on__lt=clock.today()).exists()
        for person in approvers_of(agency, proposal.case) if late else asked_first(agency, proposal.case):
            notify(
                person=person,
                key=f"remind:{proposal.case}:{agency.code}:{person.pk}:{clock.now().timestamp()}",
                subject="Reminder: a proposal waits for your agency's agreement",
                body=f"{by.full_name} reminds {agency.name} of “{proposal.title}”.",
                path=f"/proposals/{proposal.case}/endorse/",
            )
        trail.record(proposal, action="agency_reminded", by=by, changes={"agency": [None, agency.code]})


def chase_late() -> int:
    """Pass what was not answered by its day to delegates and all approvers of the agency, then to the secretariat.

    Each person is told once for each time of asking, because the message's key names it. Returns how many are late.
    """
    late = list(late_endorsements()[:500])
    officers = list(holders(Role.SECRETARIAT))
    for row in late:
        proposal, asked = row.version.proposal, f"{row.pk}:{row.asked_at.timestamp()}"
        for person in approvers_of(row.agency, proposal.case):
            notify(
                person=person,
                key=f"late:{asked}:{person.pk}",
                subject="A proposal still waits for your agency's agreement",
                body=f"{row.agency.name} has not answered “{proposal.title}” in {ANSWER_DAYS} business days. "
                "You, or any other approver or delegate of your agency, can answer.",
                path=f"/proposals/{proposal.case}/{answer_page(proposal)}",
            )
        if clock.today() < row.secretariat_on:
            continue
        kept_out = set(blocked_people(proposal.case))
        for person in (officer for officer in officers if officer.pk not in kept_out):
            notify(
                person=person,
                key=f"late:{asked}:secretariat:{person.pk}",
                subject="An agency does not answer a team",
                body=f"{row.agency.name} has not answered in time. Help the team to find an approver.",
                path="/proposals/late-answers/",
            )
    return len(late)


def _tell_leads(proposal: Proposal, key: str, subject: str, body: str) -> None:
    for person in leads_of(proposal):
        notify(person=person, key=f"{key}:{person.pk}", subject=subject, body=body, path=f"/proposals/{proposal.case}/")
