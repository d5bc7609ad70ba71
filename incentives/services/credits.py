"""Contributions beside one's own result: stated, confirmed by the other side, checked, and only then counted."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from fund.enums import Stage
from fund.models import Grant
from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, perform
from people.enums import TEAM_PARTS, Part
from people.models import Agency, EmploymentSnapshot, Involvement, User
from people.policies import is_lead, post_of, tree_of
from people.queries import blocked_people
from people.services.notify import notify

from ..enums import CreditCode, LearningState
from ..guards import RULE_COUNTED, RUNNING
from ..models import Contribution, Credit, LearningRecord
from ..rules.naming import normalised
from ..rules.policy import OPEN
from .awarding import credit_person, credit_team, take_back_source
from .points_policy import policy_on

TWICE = "This has been stated already. It is not counted twice."


def state_rule(*, by: User, rule: str, owner: Agency, reference: str, amended_on: date, words: str) -> Credit:
    """State that one removed a rule; NotPossible for the rule's owner and for a day to come."""
    post = _post(by)
    if tree_of(post.agency_id) == tree_of(owner.pk):
        raise NotPossible("Changing a rule of one's own agency is its work, and does not count here.")
    if amended_on > clock.today():
        raise NotPossible("Choose the day on which the rule was changed, today or earlier.")
    _needs_a_policy(amended_on)
    rule_key, source_key = normalised(rule), normalised(reference)
    if not rule_key or not source_key:
        raise NotPossible("Name the rule and where its change can be read in letters or digits.")
    return write_down(
        by=by, code=CreditCode.BARRIER, person=by, owner=owner, agency=post.agency, happened_on=amended_on,
        reference=f"{rule.strip()}; changed by {reference.strip()}"[:200], words=words, rule_key=rule_key,
        source_key=source_key,
    )  # fmt: skip


def _needs_a_policy(day: date) -> None:
    try:
        policy_on(day)
    except NotPossible:
        raise NotPossible(
            f"No points policy was in force on {day:%-d %B %Y}, so a rule that was changed on that day cannot count."
        ) from None


def state_sprint(*, by: User, sprint: str, held_on: date, spark: Grant, words: str) -> Credit:
    """State that one's work in a sprint became a funded Spark; its lead confirms it."""
    if spark.terms["stage"] != Stage.SPARK:
        raise NotPossible("Choose a Spark: other grants do not come from a sprint.")
    if held_on > clock.today() or timezone.localtime(spark.offered_at).date() < held_on:
        raise NotPossible("The sprint lies before the Spark was offered.")
    row = write_down(
        by=by, code=CreditCode.SPRINT, person=by, agency=_post(by).agency, grant=spark, happened_on=held_on,
        reference=f"{sprint.strip()}: {spark.reference}"[:200], words=words,
    )  # fmt: skip
    _ask(row, [spark.lead])
    return row


def cite(record: LearningRecord, *, by: User, grant: Grant, words: str) -> Credit:
    """State, as lead of a running grant, that a shared learning record changed its design; a reviewer confirms it."""
    if not is_lead(grant, by) or grant.state not in RUNNING:
        raise NotPossible("Only the lead of a running grant says what it learned from.", forbidden=True)
    if record.state != LearningState.PUBLISHED:
        raise NotPossible("Only what was shared beyond its team can be cited.")
    own = Involvement.objects.filter(case=grant.case, part__in=TEAM_PARTS).values("person")
    if Involvement.objects.filter(case=record.case, part__in=TEAM_PARTS, person__in=own).exists():
        raise NotPossible("Somebody is in both teams. Only another team's use counts.")
    row = write_down(
        by=by, code=CreditCode.LEARNING, grant=grant, record=record, reference=grant.reference, words=words
    )
    reviewers = Involvement.objects.filter(case=grant.case, part=Part.REVIEWER).values("person")
    _ask(row, list(User.objects.filter(pk__in=reviewers).exclude(pk__in=blocked_people(grant.case)).order_by("pk")))
    return row


def _post(person: User) -> EmploymentSnapshot:
    post = post_of(person)
    if post is None:
        raise NotPossible("The register does not name your agency yet. Ask your agency's HR officer.")
    return post


def write_down(*, by: User, words: str, **fields: Any) -> Credit:
    """Store a stated contribution; NotPossible for what was stated already, or without words."""
    if not words.strip():
        raise NotPossible("Say in your own words what was done.")
    try:
        with transaction.atomic():
            row = Credit.objects.create(stated_by=by, stated_at=clock.now(), words=words.strip(), **fields)
            trail.record(row, action="credit_stated", by=by)
    except IntegrityError:
        raise NotPossible(TWICE) from None
    return row


def _ask(row: Credit, people: list[User]) -> None:
    for person in people:
        notify(
            person=person, key=f"credit:{row.pk}:{person.pk}", case=row.grant.case if row.grant else None,
            subject="Was it so?", body=f"{row.get_code_display()}: please confirm it, or turn it down.",
            path=row.get_absolute_url(),
        )  # fmt: skip


@act
def bear_out(credit: Credit, *, by: User, note: str = "") -> Credit:
    """Confirm it for the other side; the day of this is the day that counts."""
    with changing(credit, "bear_out") as fresh:
        return perform(fresh, "bear_out", by=by, note=note, person=by, at=clock.now())


@act
def recognise(credit: Credit, *, by: User, note: str = "") -> Credit:
    """Check it: the points follow in the same transaction."""
    with changing(credit, "recognise") as fresh:
        try:
            with transaction.atomic():
                fresh = perform(fresh, "recognise", by=by, note=note, person=by, at=clock.now())
        except IntegrityError:  # another statement of the same rule, recognised at the same moment
            raise NotPossible(RULE_COUNTED) from None
        _count(fresh)
        _tell(fresh)
        return fresh


def counts_on(credit: Credit) -> date:
    """Return the day that counts: of a rule its change, else the confirmation of the other side, else the check."""
    if credit.code == CreditCode.BARRIER and credit.happened_on is not None:
        return credit.happened_on
    return timezone.localtime(credit.seconded_at or credit.checked_at or clock.now()).date()


def source_of(credit: Credit) -> str:
    """Return the source of the points of a stated contribution."""
    return f"{credit.case}:credit:1"


def _count(credit: Credit) -> None:
    day, source = counts_on(credit), source_of(credit)
    if credit.record is not None:
        shares = Contribution.objects.get(grant=credit.record.grant)
        credit_team(shares, code=credit.code, stage="", ambition=OPEN, counts_on=day, source=source)
    elif credit.person is not None:
        credit_person(
            credit.person, code=credit.code, counts_on=day, source=source, case=credit.case,
            why=f"{credit.heading}.",
        )  # fmt: skip


def _credited(credit: Credit) -> list[User]:
    if credit.record is not None:
        return [credit.record.grant.lead]
    return [credit.person] if credit.person else []


def _tell(credit: Credit) -> None:
    for person in {*_credited(credit), credit.stated_by} - {credit.checked_by}:
        notify(
            person=person, key=f"credit-now:{credit.pk}:{credit.state}:{person.pk}", subject=credit.get_code_display(),
            body=f"{credit.get_state_display()}.", path="/my-record/",
        )  # fmt: skip


@act
def refuse(credit: Credit, *, by: User, note: str = "") -> Credit:
    """Turn it down with the reason; nothing is held against anybody."""
    with changing(credit, "refuse_credit") as fresh:
        fresh = perform(fresh, "refuse_credit", by=by, note=note, reason=note)
        _tell(fresh)
        return fresh


@act
def take_back_credit(credit: Credit, *, by: User, note: str = "") -> Credit:
    """Reverse its points with the reason, because it proved wrong."""
    with changing(credit, "undo_credit") as fresh:
        fresh = perform(fresh, "undo_credit", by=by, note=note, reason=note)
        take_back_source(source_of(fresh), by=by, reason=note)
        _tell(fresh)
        return fresh
