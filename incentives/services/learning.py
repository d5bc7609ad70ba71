"""Learning records: written by the team, classified by two people who do not see each other, shown to it first."""

from django.utils import timezone

from fund.models import Grant
from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.enums import Part, Role
from people.models import User
from people.policies import is_in_team
from people.queries import holders
from people.services.accounts import system_user
from people.services.involvement import involve
from people.services.notify import notify

from ..enums import ContributionState, Kind, LearningState, Opened, Reach
from ..guards import good_faith_is_known, learning_still_counts
from ..models import Classification, LearningRecord, PointEvent
from ..models.learning import NEEDED
from ..policies import may_classify, may_verify
from .awarding import award, void
from .good_faith import checks_of
from .protecting import tell_protection

QUESTIONS = ("believed", "did", "saw", "why", "others")


def open_record(grant: Grant, *, because: Opened) -> LearningRecord:
    """Open the record of a grant, once, and tell the lead that it counts."""
    record, created = LearningRecord.objects.get_or_create(
        grant=grant, defaults={"case": grant.case, "opened_because": because, "opened_at": clock.now()}
    )
    if created:
        notify(
            person=grant.lead,
            key=f"learning:{grant.case}",
            subject="Write down what you learned: it counts",
            body=f"“{grant.title}” did not reach what was hoped. An honest record of it counts toward recognition.",
            path=f"/learning/{grant.case}/",
        )
    return record


class Stale(Exception):
    """Somebody saved the record after it was opened; nothing was written."""

    def __init__(self, theirs: LearningRecord) -> None:
        super().__init__("The record was changed in the meantime.")
        self.theirs = theirs


def save(record: LearningRecord, *, by: User, version: int, answers: dict[str, str]) -> None:
    """Save the five answers if the record is still at `version`; Stale otherwise."""
    with locked([record]):
        fresh = LearningRecord.objects.get(pk=record.pk)
        if not is_in_team(fresh, by):
            raise NotPossible("Only the team writes its record.", forbidden=True)
        if fresh.state != LearningState.DRAFT:
            raise NotPossible("The record has been sent and can no longer be changed.")
        chosen = {name: answers.get(name, "") for name in QUESTIONS}
        found = LearningRecord.objects.filter(pk=fresh.pk, version=version)
        if not found.update(version=version + 1, **chosen):
            raise Stale(fresh)
        trail.record(fresh, action="learning_saved", by=by)


@act
def submit(record: LearningRecord, *, by: User, note: str = "") -> LearningRecord:
    """Send it to the classifiers; this is the claim, and its day is the day that counts."""
    with changing(record, "submit") as fresh:
        return perform(fresh, "submit", by=by, note=note, at=clock.now())


def confirm_facts(record: LearningRecord, *, by: User) -> LearningRecord:
    """Confirm, as verifier of another agency, that the checks of good faith are true."""
    with locked([record]):
        fresh = LearningRecord.objects.get(pk=record.pk)
        if not may_verify(fresh, by):
            raise NotPossible("Only a verifier of another agency can confirm the facts.", forbidden=True)
        if fresh.state not in (LearningState.SUBMITTED, LearningState.CLASSIFYING) or fresh.facts_confirmed_at:
            raise NotPossible("Nothing waits for your confirmation here.")
        if not good_faith_is_known.holds(fresh):
            raise NotPossible(good_faith_is_known.reason)
        involve(case=fresh.case, person=by, part=Part.VERIFIER)
        LearningRecord.objects.filter(pk=fresh.pk).update(facts_confirmed_by=by, facts_confirmed_at=clock.now())
        trail.record(fresh, action="facts_confirmed", by=by)
        return _show_if_settled(LearningRecord.objects.get(pk=fresh.pk))


@act
def classify(record: LearningRecord, *, by: User, note: str = "", kind: Kind | None = None) -> LearningRecord:
    """Give one's own reading with the reason in `note`; nobody sees another's before giving theirs."""
    if kind is None or not note.strip():
        raise NotPossible("Choose a kind and say why, on its own page.")
    with changing(record, "begin_classifying") as fresh:
        if not may_classify(fresh, by):
            raise NotPossible("Only a classifier of another agency can do this.", forbidden=True)
        if fresh.state in (LearningState.SUBMITTED, LearningState.CONTESTED):
            fresh = perform(fresh, "begin_classifying", by=by)
        if fresh.state != LearningState.CLASSIFYING or fresh.settled_kind:
            raise NotPossible("The classification is already settled.")
        if fresh.classifications.filter(classifier=by).exists():
            raise NotPossible("You have already classified this record.")
        involve(case=fresh.case, person=by, part=Part.CLASSIFIER)
        Classification.objects.create(record=fresh, classifier=by, kind=kind, reason=note, at=clock.now())
        trail.record(fresh, action="classified", by=by)
        settled = settle([row.kind for row in standing_readings(fresh)])
        if settled:
            LearningRecord.objects.filter(pk=fresh.pk).update(settled_kind=settled)
        return _show_if_settled(LearningRecord.objects.get(pk=fresh.pk))


def settle(kinds: list[str]) -> str:
    """Return the kind that stands, or empty: two who agree; after three different ones `complex`."""
    for kind in Kind:
        if kinds.count(kind) >= NEEDED:
            return kind
    return Kind.COMPLEX if len(kinds) > NEEDED else ""


def _show_if_settled(record: LearningRecord) -> LearningRecord:
    if not (record.settled_kind and record.facts_confirmed_at):
        return record
    shown = perform(record, "show", by=system_user())
    notify(
        person=record.grant.lead,
        key=f"shown:{record.case}:{record.contested_at}",
        subject="How your learning record was read",
        body=f"“{record.grant.title}”: {record.get_settled_kind_display().lower()}. You see it before anybody else.",
        path=f"/learning/{record.case}/",
    )
    return shown


def standing_readings(record: LearningRecord) -> list[Classification]:
    """Return the readings that stand: all, or those since the team asked for others."""
    rows = record.classifications.all()
    return list(rows.filter(at__gt=record.contested_at) if record.contested_at else rows)


@act
def contest(record: LearningRecord, *, by: User, note: str = "") -> LearningRecord:
    """Ask, once and before anybody else sees the reading, that other classifiers read it."""
    with changing(record, "contest") as fresh:
        fresh = perform(fresh, "contest", by=by, note=note, at=clock.now())
        _ask_others(fresh)
        return fresh


def _ask_others(record: LearningRecord) -> None:
    """Ask the classifiers who have not read it; the protection officer of the case is told."""
    read = record.classifications.values("classifier")
    for person in holders(Role.CLASSIFIER).exclude(pk__in=read):
        if may_classify(record, person):
            notify(
                person=person, key=f"reading-anew:{record.case}:{person.pk}", path=record.get_absolute_url(),
                subject="A learning record waits to be read anew",
                body=f"The team of “{record.grant.title}” asked that others read it. What you find stands.",
            )  # fmt: skip
    tell_protection(
        record.case, key=f"reading-anew:{record.case}", path="/inbox/",
        body=f"The team of “{record.grant.title}” asked that others read its learning record.",
    )  # fmt: skip


@act
def publish(
    record: LearningRecord, *, by: User, note: str = "", reach: Reach | None = None, with_names: bool = False
) -> LearningRecord:
    """Share it as far as the person chooses; without names unless chosen otherwise."""
    if reach is None:
        raise NotPossible("Choose who may read it, on its own page.")
    with changing(record, "publish") as fresh:
        return perform(fresh, "publish", by=by, note=note, reach=reach, with_names=with_names, at=clock.now())


@act
def accept(record: LearningRecord, *, by: User, note: str = "") -> LearningRecord:
    """Accept the reading; in good faith and not avoidable, it counts as F1, else it earns nothing and harms nobody."""
    with changing(record, "accept") as fresh:
        fresh = perform(fresh, "accept", by=by, note=note)
        count_reading(fresh)
        return fresh


def count_reading(record: LearningRecord) -> None:
    """Let an accepted reading count, once; the contribution is locked by the caller.

    Nothing follows where the result counts after all, because another check found it reached, or was revoked.
    """
    if not learning_still_counts.holds(record):
        return
    contribution, outcome = record.grant.contribution, record.grant.outcome
    good = all(check.passed for check in checks_of(record)) and record.settled_kind != Kind.PREVENTABLE
    if good and record.submitted_at is not None:
        day, stem = timezone.localtime(record.submitted_at).date(), f"{record.case}:learning:"
        given = PointEvent.objects.filter(source__startswith=stem, reverses=None).order_by().values("source").distinct()
        award(contribution, code="F1", outcome=outcome, counts_on=day, source=f"{stem}{given.count() + 1}")
    elif contribution.state != ContributionState.VOID:
        void(contribution)
