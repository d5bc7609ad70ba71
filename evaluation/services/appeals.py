"""Appeals: lodged by the lead, looked at by an officer without an earlier act, and what follows."""

from typing import Any

from documents.models import StoredFile
from documents.services import store_file
from documents.uploads import received
from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.enums import Part, Role
from people.models import User
from people.queries import holders
from people.services.involvement import involve, release
from people.services.notify import notify
from proposals.answer_times import promised_for
from proposals.enums import ProposalState
from proposals.models import Proposal
from proposals.policies import may_lead
from proposals.services.team import leads_of

from ..appealing import answer_day, decision_against, in_words, obstacle
from ..enums import Ground
from ..models import Appeal
from ..policies import may_check_appeal
from . import letters

KIND = "appeal"


def lodge(proposal: Proposal, *, by: User, ground: Ground, words: str, upload: Any = None) -> Appeal:
    """Lodge an appeal with a file where there is one. NotPossible says why not; side effects: trail, messages."""
    _refuse(proposal, by, words)
    stored = _stored(proposal, upload) if upload else None
    with locked([proposal]):
        fresh = Proposal.objects.get(pk=proposal.pk)
        _refuse(fresh, by, words)
        at = clock.arrival()
        if fresh.released_at is None:  # `obstacle` refuses what was not told
            raise AssertionError("unreachable")
        made = Appeal.objects.create(
            proposal=fresh, case=fresh.case, decision=decision_against(fresh), told_at=fresh.released_at,
            ground=ground, words=words.strip(), file=stored, lodged_by=by, lodged_at=at, due_on=answer_day(at),
        )  # fmt: skip
        trail.record(made, action="lodged", by=by, changes={"ground": [None, str(ground)]})
        trail.record(fresh, action="appeal_lodged", by=by)
        _tell_officers(made)
        return made


def _refuse(proposal: Proposal, by: User, words: str) -> None:
    if not may_lead(proposal, by):
        raise NotPossible("Only the lead or the deputy lead lodges an appeal.", forbidden=True)
    no = obstacle(proposal)
    if no:
        raise NotPossible(no)
    if not words.strip():
        raise NotPossible("Say in your own words what was wrong.")


def _stored(proposal: Proposal, upload: Any) -> StoredFile:
    """Return the cleaned copy as a stored file; NotPossible with the sentence that names it."""
    found = received(upload)
    return store_file(
        content=found.content, name=upload.name, content_type=found.content_type, kind=KIND, case=proposal.case
    )


def _tell_officers(appeal: Appeal) -> None:
    for person in holders(Role.APPEALS):
        if may_check_appeal(appeal, person):
            notify(
                person=person, key=f"appeal:{appeal.pk}:{person.pk}", case=appeal.case,
                subject=f"An appeal was lodged: {appeal.proposal.reference}",
                body=f"“{appeal.proposal.title}”: {appeal.get_ground_display()}. "
                f"It is answered by {in_words(appeal.due_on)}.",
                path=appeal.get_absolute_url(),
            )  # fmt: skip


def _tell_leads(appeal: Appeal, key: str, subject: str, body: str) -> None:
    for person in leads_of(appeal.proposal):
        notify(
            person=person, key=f"appeal-{key}:{appeal.pk}:{person.pk}", subject=subject, body=body, case=appeal.case,
            path=appeal.get_absolute_url(),
        )  # fmt: skip


@act
def admit(appeal: Appeal, *, by: User, note: str = "") -> Appeal:
    """Find that the appeal rests on one of the grounds, so that it is heard."""
    with changing(appeal, "admit") as fresh:
        fresh = perform(fresh, "admit", by=by, note=note, checker=by, reason=note)
        involve(case=fresh.case, person=by, part=Part.APPEALS)
        words = (
            f"It rests on one of the grounds. An officer looks into it; you have an answer by {in_words(fresh.due_on)}."
        )
        _tell_leads(fresh, "admitted", "Your appeal will be heard", words)
        return fresh


@act
def turn_away(appeal: Appeal, *, by: User, note: str = "") -> Appeal:
    """Find that it rests on none of the grounds, with the reason; the team gets a letter."""
    with changing(appeal, "turn_away") as fresh:
        fresh = perform(fresh, "turn_away", by=by, note=note, checker=by, reason=note, at=clock.now())
        involve(case=fresh.case, person=by, part=Part.APPEALS)
        return _end(fresh, by)


@act
def assign(appeal: Appeal, *, by: User, note: str = "", officer: User | None = None) -> Appeal:
    """Give the appeal to an officer, oneself or another, who did nothing in the case before."""
    if officer is None:
        raise NotPossible("Choose the officer on the appeal's own page.")
    with changing(appeal, "assign") as fresh:
        if not may_check_appeal(fresh, officer):
            raise NotPossible(
                f"{officer.full_name} cannot decide this: it takes an appeals officer of another agency, without a "
                "conflict, who did nothing in the case before."
            )
        fresh = perform(fresh, "assign", by=by, note=note, officer=officer)
        involve(case=fresh.case, person=officer, part=Part.APPEALS)
        if officer != by:
            notify(
                person=officer, key=f"appeal-yours:{fresh.pk}:{officer.pk}", case=fresh.case,
                subject=f"An appeal is given to you: {fresh.proposal.reference}",
                body=f"“{fresh.proposal.title}”. It is answered by {in_words(fresh.due_on)}.",
                path=fresh.get_absolute_url(),
            )  # fmt: skip
        return fresh


@act
def hand_back(appeal: Appeal, *, by: User, note: str = "") -> Appeal:
    """Take the appeal from its officer, who cannot go on and no longer reads the proposal."""
    with changing(appeal, "hand_back") as fresh:
        officer = fresh.officer
        fresh = perform(fresh, "hand_back", by=by, note=note)
        if officer is not None:
            release(case=fresh.case, person=officer, part=Part.APPEALS)
        return fresh


@act
def uphold(appeal: Appeal, *, by: User, note: str = "") -> Appeal:
    """Find the appeal right: the proposal is decided or checked again, in the same transaction."""
    with changing(appeal, "uphold") as fresh:
        fresh = perform(fresh, "uphold", by=by, note=note, reason=note, at=clock.now())
        reopen(fresh.proposal, by=by)
        return _end(fresh, by)


@act
def uphold_partly(appeal: Appeal, *, by: User, note: str = "") -> Appeal:
    """Find it right in part: what was wrong is said, and the decision stands."""
    with changing(appeal, "uphold_partly") as fresh:
        return _end(perform(fresh, "uphold_partly", by=by, note=note, reason=note, at=clock.now()), by)


@act
def dismiss(appeal: Appeal, *, by: User, note: str = "") -> Appeal:
    """Find nothing against the decision, with the reason."""
    with changing(appeal, "dismiss") as fresh:
        return _end(perform(fresh, "dismiss", by=by, note=note, reason=note, at=clock.now()), by)


@act
def take_back(appeal: Appeal, *, by: User, note: str = "") -> Appeal:
    """End the appeal at the team's own wish; within the days another can be lodged."""
    with changing(appeal, "withdraw") as fresh:
        fresh = perform(fresh, "withdraw", by=by, note=note, at=clock.now())
        trail.record(fresh.proposal, action="appeal_withdrawn", by=by)
        _release_officers(fresh)
        return fresh


@act
def reopen(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Lead a refused proposal back, once an appeal was upheld; the team is promised an answer anew."""
    name = "check_again" if proposal.state == ProposalState.INELIGIBLE else "decide_again"
    promised = promised_for(proposal.call, clock.now()) if proposal.call else None
    return perform(proposal, name, by=by, note=note, answer_by=promised)


def _end(appeal: Appeal, by: User) -> Appeal:
    """Write the letter, say on the proposal's page that the appeal ended, and let its officers go."""
    trail.record(appeal.proposal, action=f"appeal_{appeal.state}", by=by)
    letters.write_outcome(appeal, by=by)
    _release_officers(appeal)
    return appeal


def _release_officers(appeal: Appeal) -> None:
    for person in {appeal.checked_by, appeal.officer} - {None}:
        release(case=appeal.case, person=person, part=Part.APPEALS)  # type: ignore[arg-type]  # None is taken away
