"""Another agency repeats a result or takes up a declined idea; after the check both sides are credited.

The team whose result or idea it was gets P1, dated by the signature. The person who led it at the adopting agency gets
R1 or R2, dated by the claim, at the factor of a Spark: the way was known and no money of the fund was judged for it, so
that a repetition alone never carries anybody as far as a result of one's own.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import lock_row
from lifecycle.performing import changing, perform
from people.enums import Part, Role
from people.models import User
from people.policies import agencies_of_case, is_lead, post_of, tree_of
from people.queries import blocked_people, holders
from people.services.accounts import system_user
from people.services.involvement import involve, note_past_part
from people.services.notify import notify
from proposals.enums import ProposalState
from proposals.models import Proposal

from ..enums import AdoptionState, OutcomeState, Verdict
from ..models import Adoption, Contribution, Outcome
from ..policies import was_in_team
from ..rules.points import progress_to
from ..rules.policy import OPEN, SPARK
from .awarding import credit_originators, credit_person, credit_team, take_back_source
from .points_policy import policy_on

CODES = {Verdict.MET: "R1", Verdict.PARTIAL: "R2"}
WORKED = (Verdict.MET, Verdict.PARTIAL)
UNCHECKED = (AdoptionState.ASKED, AdoptionState.PLANNED, AdoptionState.SIGNED, AdoptionState.CLAIMED)


def adopt(
    outcome: Outcome, *, by: User, words: str, indicator: str, unit: str, baseline: Decimal, target: Decimal
) -> Adoption:
    """Say, at another agency, that one repeats a published result, and promise a measure. NotPossible says why not."""
    with transaction.atomic():
        lock_row(Outcome, outcome.pk)  # so that it is not revoked meanwhile
        fresh = Outcome.objects.get(pk=outcome.pk)
        if fresh.state != OutcomeState.PUBLISHED or fresh.verdict not in WORKED:
            raise NotPossible("Only a published result that was reached, at least half of the way, is repeated.")
        row = _begin(by, by=by, outcome=fresh)
        return plan_adoption(
            row, by=by, title="", words=words, indicator=indicator, unit=unit, baseline=baseline, target=target
        )


def is_declined(proposal: Proposal) -> bool:
    """Tell whether the proposal was declined and its team has been told."""
    return proposal.state == ProposalState.DECLINED and proposal.released_at is not None


def say_taken_up(idea: Proposal, *, by: User, person: User) -> Adoption:
    """Say, as lead of a declined proposal, that `person` takes up the idea at another agency, and ask them."""
    if not is_lead(idea, by):
        raise NotPossible("Only the lead of the proposal says this.", forbidden=True)
    if not is_declined(idea):
        raise NotPossible("This is for ideas that were declined.")
    row = _begin(person, by=by, idea=idea)
    notify(
        person=person, key=f"adoption:{row.pk}", subject="Did your agency take up an idea?",
        body=f"{by.full_name} says that your agency takes up an idea of theirs. Please say whether it is so.",
        path=row.get_absolute_url(),
    )  # fmt: skip
    return row


def _begin(lead: User, *, by: User, outcome: Outcome | None = None, idea: Proposal | None = None) -> Adoption:
    post, origin = post_of(lead), outcome or idea
    if post is None or origin is None:
        raise NotPossible("The register does not name the agency yet. Ask its HR officer.")
    if was_in_team(origin.case, lead):
        raise NotPossible("Whoever was in the team does not take up its own work, at whatever agency they are now.")
    if tree_of(post.agency_id) in agencies_of_case(origin.case):
        raise NotPossible("This is the team's own agency. Only an agency outside the team counts.")
    if blocked_people(origin.case).filter(person=lead).exists():
        raise NotPossible("A conflict of interest keeps this person out of the case.")
    try:
        with transaction.atomic():
            row = Adoption.objects.create(
                outcome=outcome, idea=idea, agency=post.agency, lead=lead, asked_by=by, asked_at=clock.now()
            )
            trail.record(row, action="adoption_begun", by=by)
    except IntegrityError:
        raise NotPossible(f"{post.agency.name} has taken it up already.") from None
    return row


@act
def plan_adoption(
    row: Adoption,
    *,
    by: User,
    note: str = "",
    title: str = "",
    words: str = "",
    indicator: str = "",
    unit: str = "",
    baseline: Decimal | None = None,
    target: Decimal | None = None,
) -> Adoption:
    """Promise a measure before anything is tried; the approvers of the agency are asked to sign."""
    if baseline is None or target is None or not words.strip():
        raise NotPossible("Write down what you try and its measure, on the page for it.")
    if baseline == target:
        raise NotPossible("A target equal to today's figure promises nothing.")
    with changing(row, "plan_adoption") as fresh:
        fresh = perform(
            fresh, "plan_adoption", by=by, note=note, title=title.strip(), words=words.strip(), indicator=indicator,
            unit=unit, baseline=baseline, target=target,
        )  # fmt: skip
        involve(case=fresh.case, person=by, part=Part.LEAD, agency=fresh.agency)
        for person in holders(Role.SPONSOR, fresh.agency).exclude(pk=by.pk):
            notify(
                person=person, key=f"adoption-sign:{fresh.pk}:{person.pk}", subject="An adoption record to sign",
                body=f"{by.full_name} wants your agency to try “{fresh.name}”.", path=fresh.get_absolute_url(),
            )  # fmt: skip
        return fresh


@act
def sign_adoption(row: Adoption, *, by: User, note: str = "") -> Adoption:
    """Sign the adoption record for the agency."""
    with changing(row, "sign_adoption") as fresh:
        return _told(perform(fresh, "sign_adoption", by=by, note=note, person=by, at=clock.now()))


@act
def claim_adoption(
    row: Adoption, *, by: User, note: str = "", endline: Decimal | None = None, evidence: str = ""
) -> Adoption:
    """Say what was reached, with what shows it."""
    if endline is None or not evidence.strip():
        raise NotPossible("Say what was reached and what shows it, on the page for it.")
    with changing(row, "claim_adoption") as fresh:
        return perform(fresh, "claim_adoption", by=by, note=note, endline=endline, evidence=evidence, at=clock.now())


@act
def check_adoption(
    row: Adoption, *, by: User, note: str = "", endline: Decimal | None = None, how: str = ""
) -> Adoption:
    """Record what a verifier outside both agencies found; both sides' points follow in the same transaction."""
    if endline is None or not how.strip() or row.baseline is None or row.target is None:
        raise NotPossible("Say what you found and how you checked it, on the check's own page.")
    rules = policy_on(_day(row.claimed_at)).rules
    verdict = Verdict(progress_to(rules, baseline=row.baseline, target=row.target, endline=endline))
    name = "find_reached" if verdict in WORKED else "find_not_reached"
    with changing(row, name) as fresh:
        fresh = perform(
            fresh, name, by=by, note=note, endline=endline, how=how.strip(), verdict=verdict, person=by, at=clock.now()
        )
        involve(case=fresh.case, person=by, part=Part.VERIFIER)
        note_past_part(case=fresh.origin.case, person=by, part=Part.VERIFIER)
        if verdict in WORKED:
            _credit(fresh, CODES[verdict])
        return _told(fresh)


def _day(moment: datetime | None) -> date:
    return timezone.localtime(moment or clock.now()).date()


def sources_of(row: Adoption) -> tuple[str, str]:
    """Return the sources of the points: of those whose result or idea it was, and of the adopter."""
    return f"{row.case}:adoption:1", f"{row.case}:adoption:2"


def _credit(row: Adoption, code: str) -> None:
    (first, second), signed = sources_of(row), _day(row.signed_at)
    if row.outcome is not None:
        shares = Contribution.objects.get(grant=row.outcome.grant)
        credit_team(shares, code="P1", stage=row.outcome.stage, ambition=OPEN, counts_on=signed, source=first)
    elif row.idea is not None:
        stage = row.idea.call.stage if row.idea.call else ""
        credit_originators(row.idea.case, code="P1", stage=stage, counts_on=signed, source=first, case=row.case)
    credit_person(
        row.lead, code=code, counts_on=_day(row.claimed_at), source=second, case=row.case, stage=SPARK,
        why="A repetition without money of the fund counts like a Spark.",
    )  # fmt: skip


@act
def revoke_adoption(row: Adoption, *, by: User, note: str = "") -> Adoption:
    """Take it back with the reason: the points of both sides are reversed."""
    with changing(row, "revoke_adoption") as fresh:
        fresh = perform(fresh, "revoke_adoption", by=by, note=note)
        for source in sources_of(fresh):
            take_back_source(source, by=by, reason=note)
        return _told(fresh)


@act
def end_with_result(row: Adoption, *, by: User, note: str = "") -> Adoption:
    """End an adoption that is not checked yet, because its result was revoked; both sides are told."""
    with changing(row, "end_with_result") as fresh:
        return _told(perform(fresh, "end_with_result", by=by, note=note))


def follow_revocation(outcome: Outcome, *, by: User, reason: str) -> None:
    """Let the adoptions of a revoked result go no further, and take back what they earned its team.

    What a verifier found at the other agency stands there, with the points of who led it. The rows are locked by
    the caller.
    """
    for row in outcome.adoptions.select_related("lead", "agency", "asked_by"):
        if row.state in UNCHECKED:
            end_with_result(row, by=system_user())
        elif row.state == AdoptionState.REACHED:
            take_back_source(sources_of(row)[0], by=by, reason=reason)
            notify(
                person=row.lead, key=f"adoption-origin-revoked:{row.pk}", path=row.get_absolute_url(),
                subject="A result that you repeated was revoked",
                body=f"“{row.name}”: what was found at {row.agency.name} stands, and so do your points.",
            )  # fmt: skip


def _told(row: Adoption) -> Adoption:
    origin = row.outcome.grant.lead if row.outcome else row.asked_by
    for person in {row.lead, origin}:
        notify(
            person=person, key=f"adoption-now:{row.pk}:{row.state}:{person.pk}", subject="Taken up by another agency",
            body=f"“{row.name}”, {row.agency.name}: {row.get_state_display().lower()}.", path=row.get_absolute_url(),
        )  # fmt: skip
    return row
