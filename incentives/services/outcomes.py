"""A promised result: frozen at the start, claimed by the team, checked by another agency."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from documents.models import StoredFile
from documents.services import store_file
from documents.uploads import received
from fund.enums import Stage
from fund.models import Grant
from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.enums import Part, Role
from people.models import Agency, Involvement, User
from people.queries import agencies_for, blocked_people, holders
from people.services.accounts import system_user
from people.services.calendar import add_business_days
from people.services.involvement import involve, release
from people.services.notify import notify
from people.toxic import refuse_clash

from ..enums import OPENED_BY, ContributionState, LearningState, OutcomeState, Verdict
from ..models import Contest, IntegrityHold, LearningRecord, Outcome
from ..models.outcome import VERIFIED
from ..policies import is_used_outside, may_take_check
from ..rules.points import progress_to
from . import follow_ups
from .adoptions import follow_revocation
from .awarding import award, take_back
from .contributions import contribution_for
from .learning import count_reading, open_record
from .points_policy import policy_on
from .protecting import tell_protection

CHECK_DAYS = 20  # business days of a verifier
FREE = (OutcomeState.CLAIMED, OutcomeState.CONTESTED)  # a check that nobody has taken
PUBLISH_DAYS = 30  # a checked result is published then, if the lead did not do so before
ASKS_PEOPLE = (Stage.BUILD, Stage.SCALE)
TRANSITION = {"met": "verify_met", "partial": "verify_partial", "not_met": "verify_not_met"}
CODES = {Verdict.MET: "R1", Verdict.PARTIAL: "R2"}
LEARNED = ("F1",)  # what stands where a second check does not find the target reached either
ACCEPTED = (LearningState.ACCEPTED, LearningState.PUBLISHED)


def register_promise(grant: Grant) -> Outcome:
    """Freeze the promise of the signed agreement and open the contribution; once per grant."""
    terms = grant.terms
    contribution_for(grant)
    return Outcome.objects.get_or_create(
        grant=grant,
        defaults={
            "case": grant.case, "stage": terms["stage"], "ambition": terms["ambition"],
            "hypothesis": terms["hypothesis"], "indicator": terms["indicator"], "unit": terms["unit"],
            "baseline": Decimal(terms["baseline"]), "target": Decimal(terms["target"]),
            "source": terms["source"], "method": terms["method"], "stop_rule": terms["stop_rule"],
        },
    )[0]  # fmt: skip


@act
def claim(
    outcome: Outcome,
    *,
    by: User,
    note: str = "",
    endline: Decimal | None = None,
    evidence: str = "",
    used_by: Agency | None = None,
    upload: Any = None,
) -> Outcome:
    """Claim what was reached. The day of the claim is the day that counts; a slow verifier never moves it."""
    if endline is None or not evidence.strip():
        raise NotPossible("Say what was reached and what shows it, on the claim's own page.")
    stored = _stored(outcome, upload) if upload else None
    with changing(outcome, "claim") as fresh:
        fresh = perform(
            fresh, "claim", by=by, note=note, endline=endline, evidence=evidence, used_by=used_by, at=clock.now(),
            file=stored, check_by=last_day(),
        )  # fmt: skip
        if used_by is not None and not is_used_outside(fresh):
            raise NotPossible("Name an agency outside the team: none of its ministries with their departments.")
        ask_verifiers(fresh)
        if used_by is not None:
            _ask_user_agency(fresh, used_by, by)
        return fresh


def _stored(outcome: Outcome, upload: Any) -> StoredFile:
    """Return the cleaned copy as a stored file; NotPossible with the sentence that names what is wrong."""
    found = received(upload)
    return store_file(
        content=found.content, name=upload.name, content_type=found.content_type, kind="evidence", case=outcome.case
    )


def _ask_user_agency(outcome: Outcome, agency: Agency, by: User) -> None:
    grants = agency_approvers(agency, outcome)
    for person in grants:
        notify(
            person=person,
            key=f"use:{outcome.case}:{person.pk}",
            subject="Does your agency use this result?",
            body=f"{by.full_name} says that {agency.name} uses the result of “{outcome.grant.title}”.",
            path=f"/results/{outcome.case}/",
        )


def agency_approvers(agency: Agency, outcome: Outcome) -> list[User]:
    """Return who can confirm for the agency, conflicts apart."""
    found = holders(Role.SPONSOR, agency)
    return list(found.exclude(pk__in=blocked_people(outcome.case)).order_by("pk"))


def confirm_use(outcome: Outcome, *, by: User) -> None:
    """Confirm, as approver of the other agency, that it uses the result."""
    with locked([outcome]):
        fresh = Outcome.objects.get(pk=outcome.pk)
        if fresh.used_by_id is None or not agencies_for(by, Role.SPONSOR).filter(pk=fresh.used_by_id).exists():
            raise NotPossible("Only the approver of the agency that is named can confirm this.", forbidden=True)
        if not is_used_outside(fresh):
            raise NotPossible("An agency of the team, or of its ministry, cannot confirm the use.")
        refuse_clash(fresh.case, by, Part.SPONSOR)
        if fresh.use_confirmed_at is None:
            Outcome.objects.filter(pk=fresh.pk).update(use_confirmed_by=by, use_confirmed_at=clock.now())
            trail.record(fresh, action="use_confirmed", by=by)


def last_day() -> date:
    """Return the day by which a check that is asked for, or taken, today is taken or answered."""
    return add_business_days(clock.today(), CHECK_DAYS)


@act
def take(outcome: Outcome, *, by: User, note: str = "") -> Outcome:
    """Take the check as verifier of another agency; who reviewed the proposal is refused."""
    with changing(outcome, "begin_verifying") as fresh:
        fresh = perform(fresh, "begin_verifying", by=by, note=note, check_by=last_day())
        involve(case=fresh.case, person=by, part=Part.VERIFIER)
        return fresh


@act
def reassign(outcome: Outcome, *, by: User, note: str = "") -> Outcome:
    """Give a check free whose verifier did not answer in time; the day that counts stays that of the claim."""
    with changing(outcome, "reassign") as fresh:
        late = fresh.check_by
        fresh = perform(fresh, "reassign", by=by, note=note, check_by=last_day())
        held = Involvement.objects.filter(case=fresh.case, part=Part.VERIFIER, until=None)
        facts = LearningRecord.objects.filter(case=fresh.case).values("facts_confirmed_by")
        busy = held.exclude(person=fresh.verified_by_id).exclude(person__in=facts.exclude(facts_confirmed_by=None))
        for row in busy.select_related("person"):
            release(case=fresh.case, person=row.person, part=Part.VERIFIER)
            notify(
                person=row.person, key=f"check-free:{fresh.case}:{fresh.checks}:{late}",
                subject="A check was given free", path="/",
                body=f"“{fresh.grant.title}”: {CHECK_DAYS} business days are over. Another verifier is asked.",
            )  # fmt: skip
        ask_verifiers(fresh)
        return fresh


def ask_verifiers(outcome: Outcome) -> None:
    """Tell every verifier who may take the check that it waits."""
    for person in holders(Role.VERIFIER):
        if may_take_check(outcome, person):
            notify(
                person=person, key=f"check:{outcome.case}:{outcome.checks}:{clock.today()}:{person.pk}",
                subject="A result waits to be checked", body=f"“{outcome.grant.title}”.",
                path=outcome.get_absolute_url(),
            )  # fmt: skip


def await_another_check(outcome: Outcome) -> None:
    """Give a check that was opened again its own time, and ask the verifiers; the row is locked by the caller."""
    Outcome.objects.filter(pk=outcome.pk).update(check_by=last_day())
    ask_verifiers(outcome)


def ask_again(outcome: Outcome) -> bool:
    """Ask for a check that nobody took in time once more; the secretariat, which finds verifiers, and the lead know.

    Returns whether it was asked: False where somebody took it meanwhile.
    """
    with locked([outcome]):
        fresh = Outcome.objects.get(pk=outcome.pk)
        if fresh.state not in FREE or fresh.check_by is None or fresh.check_by >= clock.today():
            return False
        await_another_check(fresh)
        trail.record(fresh, action="asked_again", by=system_user())
        told = {fresh.grant.lead, *holders(Role.SECRETARIAT).exclude(pk__in=blocked_people(fresh.case))}
        for person in told:
            notify(
                person=person, key=f"check-untaken:{fresh.case}:{fresh.checks}:{fresh.check_by}:{person.pk}",
                subject="Nobody has taken a check yet", path=fresh.get_absolute_url(),
                body=f"“{fresh.grant.title}” has waited {CHECK_DAYS} business days for a verifier. All who may check "
                "it are asked again. The day that counts stays that of the claim.",
            )  # fmt: skip
        return True


def chase() -> int:
    """Give late checks free, ask again for those that nobody took, publish what has stood for PUBLISH_DAYS.

    Returns how many were moved or asked for.
    """
    untaken = Outcome.objects.filter(state__in=FREE, check_by__lt=clock.today())
    asked = sum(ask_again(outcome) for outcome in untaken)
    late = Outcome.objects.filter(state=OutcomeState.VERIFYING, check_by__lt=clock.today())
    for outcome in late:
        reassign(outcome, by=system_user(), note="The time for the check is over.")
    since = clock.now() - timedelta(days=PUBLISH_DAYS)
    open_ones = Contest.objects.open().values("outcome")
    held = IntegrityHold.objects.filter(until=None).values("outcome")
    ripe = Outcome.objects.filter(state__in=VERIFIED, verified_at__lte=since)
    ripe = ripe.exclude(pk__in=open_ones).exclude(pk__in=held)
    for outcome in ripe:
        perform(outcome, "publish", by=system_user())
    return asked + len(late) + len(ripe)


@act
def revoke(outcome: Outcome, *, by: User, note: str = "") -> Outcome:
    """Take a checked or published result back after an integrity case, which ends with it; points are reversed.

    Those of its repetitions go as well. What was published stays to be read as revoked.
    """
    with changing(outcome, "revoke") as fresh:
        held = IntegrityHold.objects.filter(outcome=fresh, until=None)
        fresh = perform(fresh, "revoke", by=by, note=note, upon=held.first())
        held.update(until=clock.now(), lifted_by=by, lift_reason=f"Revoked: {note.strip()}"[:1000])
        take_back(fresh.grant.contribution, by=by, reason=note)
        follow_revocation(fresh, by=by, reason=note)
        _tell_of_revocation(fresh)
        return fresh


def _tell_of_revocation(outcome: Outcome) -> None:
    title, shares = outcome.grant.title, outcome.grant.contribution.shares.filter(percent__gt=0)
    for person in {outcome.grant.lead, *(share.person for share in shares.select_related("person"))}:
        notify(
            person=person, key=f"revoked:{outcome.case}:{person.pk}", subject="Your result was revoked",
            body=f"“{title}”: its points were taken back from everybody with a share, and so was what other agencies’ "
            "repetitions of it gave the team. You can ask the head of secretariat why.",
            path=outcome.get_absolute_url(),
        )  # fmt: skip
    words = f"The result of “{title}” was revoked after an integrity case, and its points were taken back."
    tell_protection(outcome.case, key=f"revoked:{outcome.case}", body=words, path="/inbox/")


def counts_on(outcome: Outcome) -> date:
    """Return the day that counts: the day of the claim in the country's time."""
    if outcome.claimed_at is None:
        raise ValueError("An outcome that was not claimed counts on no day.")
    return timezone.localtime(outcome.claimed_at).date()


@act
def record_verdict(
    outcome: Outcome,
    *,
    by: User,
    note: str = "",
    endline: Decimal | None = None,
    how: str = "",
    confidence: str = "",
    unverifiable: bool = False,
    served: str = "",
) -> Outcome:
    """Record what the verifier found; points, or a learning record, follow in the same transaction.

    `endline` in the outcome's unit; None with `unverifiable`. The class (reached, half of the way, not reached)
    is computed from baseline, target and endline by the policy in force on the day of the claim.
    """
    if not how.strip() or not confidence or (endline is None) != unverifiable:
        raise NotPossible("Say what you found, how you checked it and how sure you are, on the check's own page.")
    if outcome.stage in ASKS_PEOPLE and endline is not None and not served.strip():
        raise NotPossible("From Build up one check is with people served: say whom you asked and what they said.")
    policy = policy_on(counts_on(outcome)).rules
    if endline is None:
        name = "find_unverifiable"
    else:
        verdict = progress_to(policy, baseline=outcome.baseline, target=outcome.target, endline=endline)
        name = TRANSITION[verdict]
    with changing(outcome, name) as fresh:
        fresh = perform(
            fresh, name, by=by, note=note, endline=endline, how=how, confidence=confidence, verifier=by, at=clock.now(),
            served=served,
        )  # fmt: skip
        _follow(fresh)
        return fresh


def _follow(outcome: Outcome) -> None:
    contribution, code = outcome.grant.contribution, CODES.get(Verdict(outcome.verdict))
    same = (code,) if code else LEARNED
    if contribution.state == ContributionState.VERIFIED and contribution.code not in same:
        contribution = take_back(contribution, by=system_user(), reason="The result was checked again.")
    if code is None:
        record = open_record(outcome.grant, because=OPENED_BY[Verdict(outcome.verdict)])
        if record.state in ACCEPTED:
            count_reading(record)
    elif contribution.state != ContributionState.VERIFIED:  # a second check that finds the same changes nothing
        award(contribution, code=code, outcome=outcome, counts_on=counts_on(outcome),
              source=f"{outcome.case}:outcome:{outcome.checks}")  # fmt: skip
    if code is not None:
        follow_ups.plan(outcome, clock.today())
    notify(
        person=outcome.grant.lead,
        key=f"verdict:{outcome.case}:{outcome.checks}",
        subject="Your result was checked",
        body=f"“{outcome.grant.title}”: {outcome.get_verdict_display().lower()}.",
        path=f"/results/{outcome.case}/",
    )


def close_unclaimed(outcome: Outcome) -> None:
    """End the promise of a grant that stopped early."""
    if outcome.state == OutcomeState.PRE_REGISTERED:
        perform(outcome, "close_unclaimed", by=system_user())
