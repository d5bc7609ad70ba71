"""What HR, the HR committee and the RCSC read: verified records, met or not met, never a number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Substr
from django.utils import timezone

from fund.models import Grant
from lifecycle import clock
from people.enums import Role
from people.models import AccessLog, Agency, EmploymentSnapshot, User
from people.queries import agencies_for, role_names

from .enums import OF_LEARNING, Answer, CreditCode
from .models import (
    Adoption,
    Contest,
    Credit,
    HrFact,
    IntegrityHold,
    LearningRecord,
    Nomination,
    Outcome,
    PointEvent,
    ShownToHr,
)
from .models.nomination import RUNNING
from .models.outcome import CHECKED_ANEW
from .rules.eligibility import EvaluationForHR, without_numbers
from .services.eligibility import evaluation_of

EVERYWHERE = {Role.RCSC, Role.AUDITOR}
CASE = 36  # characters of a case, with which the source of points begins
WORDS = 100  # characters of a search
OF_RESULT = ("R1", "R2")  # codes that stand for a checked result of one's own


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed by; empty lets everything pass."""

    words: str = ""
    agency: str = ""
    answer: str = ""
    nominated: str = ""

    @classmethod
    def from_query(cls, query: Any) -> "Wanted":
        """Read the filters of an address; what is not known is left out."""
        answer, nominated = query.get("answer", ""), query.get("nominated", "")
        return cls(
            query.get("q", "").replace("\x00", "").strip()[:WORDS],
            query.get("agency", "")[:20],
            answer if answer in Answer.values else "",
            nominated if nominated in ("yes", "no") else "",
        )


def hr_agencies(user: User) -> QuerySet[Agency] | None:
    """Return the agencies whose people the user may see; None: all."""
    if role_names(user) & EVERYWHERE:
        return None
    return agencies_for(user, Role.HR) | agencies_for(user, Role.HRC)


def people_for_hr(user: User, wanted: Wanted | None = None) -> QuerySet[User]:
    """Return the people whose verified records the user may see: own agency by the register; RCSC and auditors all.

    Ordered by name, never by merit. Annotated: `agency_name`, `agency_now`; joined: `record_holder`.
    """
    own = hr_agencies(user)
    people = listed_for_hr(user, wanted, own)
    return people if own is None else people.filter(agency_now__in=own.values("pk"))  # type: ignore[misc]  # annotated


def checked_by(user: User) -> QuerySet[User]:
    """Return the people for whom the user checks the rules: the RCSC all, an HR officer those of the own agency.

    Where somebody only reads, for the HR committee of another agency or as auditor, they check nobody.
    """
    people = people_for_hr(user).exclude(pk=user.pk)
    if Role.RCSC in role_names(user):
        return people
    return people.filter(agency_now__in=agencies_for(user, Role.HR).values("pk"))  # type: ignore[misc]  # annotated


def listed_for_hr(user: User, wanted: Wanted | None, own: QuerySet[Agency] | None) -> QuerySet[User]:
    """Return the same from the kept list alone, read in order by its index; see `still_there`."""
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("pk")).order_by("-as_of")
    people = User.objects.filter(is_active=True, employee_number__isnull=False, record_holder__listed=True)
    people = people.annotate(
        agency_name=Subquery(newest.values("agency__name")[:1]), agency_now=Subquery(newest.values("agency")[:1])
    )
    if own is not None:
        keys = list(own.values_list("pk", flat=True))
        here = Q(record_holder__agency=keys[0]) if len(keys) == 1 else Q(record_holder__agency__in=keys)
        people = people.filter(here).exclude(pk=user.pk)
    people = _narrowed(people, user, wanted or Wanted())
    return people.select_related("record_holder").order_by("record_holder__sort_name", "record_holder__person_id")


def still_there(people: Iterable[Any], own: QuerySet[Agency] | None) -> list[User]:
    """Return those whom the register still has at `own` agencies: who has moved on since is not shown; one query."""
    keys = None if own is None else set(own.values_list("pk", flat=True))
    return [person for person in people if keys is None or person.agency_now in keys]


def _narrowed(people: QuerySet[User], user: User, wanted: Wanted) -> QuerySet[User]:
    if wanted.words:
        people = people.filter(Q(full_name__icontains=wanted.words) | Q(employee_number__iexact=wanted.words))
    if wanted.agency:
        people = people.filter(record_holder__agency__code=wanted.agency)
    if wanted.answer:
        people = people.filter(record_holder__answer=wanted.answer)
    if wanted.nominated:
        seen = Nomination.objects.visible_to(user)
        running = Exists(seen.filter(person=OuterRef("pk"), state__in=RUNNING))
        people = people.filter(running if wanted.nominated == "yes" else ~running)
    return people


def not_yet_logged(viewer: User, people: Iterable[User], what: str) -> list[User]:
    """Return the people for whom this look of today is not written down yet; one query."""
    pks = {person.pk: person for person in people}
    start = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    seen = AccessLog.objects.filter(viewer=viewer, what=what, person__in=pks, at__gte=start)
    for pk in set(seen.values_list("person", flat=True)):
        del pks[pk]
    return list(pks.values())


@dataclass(frozen=True)
class VerifiedRecord:
    """One verified contribution as HR sees it: what, of which project, checked when and how; no number.

    What was taken back has no evidence: the check that stands now is not the one that gave it.
    """

    title: str
    label: str
    verified_on: date
    taken_back: bool
    contested: bool
    outcome: Outcome | None
    learned: LearningRecord | None


@dataclass(frozen=True)
class HrFile:
    """A person's file for the HR committee: verified records and met / not met, never a number."""

    records: list[VerifiedRecord]
    evaluation: EvaluationForHR | None
    checked_at: Any
    facts: list[HrFact]


def hr_file(person: User) -> HrFile:
    """Return the file. What was taken back says so; a failure is in it only while the person shows it."""
    shown = ShownToHr.objects.filter(person=person, until=None).values("case")
    rows = PointEvent.objects.filter(person=person, reverses=None).select_related("policy")
    rows = rows.filter(~Q(code__in=OF_LEARNING) | Q(case__in=shown)).annotate(
        taken_back=Exists(PointEvent.objects.filter(reverses=OuterRef("pk"))), contested=contested("case")
    )
    found = list(rows.exclude(given_anew()))
    grants = Grant.objects.filter(case__in=[row.case for row in found])
    grants = grants.select_related("outcome__verified_by", "learning_record")
    by_case = {grant.case: grant for grant in grants}
    titles = titles_beside([row.case for row in found if row.case not in by_case], for_hr=True)
    last = _newest_run(person)
    return HrFile(
        [_record(row, by_case.get(row.case), titles) for row in found],
        without_numbers(evaluation_of(last)) if last else None, last.at if last else None,
        list(HrFact.objects.filter(person=person).select_related("by")),
    )  # fmt: skip


def given_anew() -> Any:
    """Return whether points were taken back and given anew for the same, for a condition: the record itself stood.

    The same is told by the case with which a source begins: two repetitions, or two uses, of one result are two.
    """
    again = PointEvent.objects.alias(given_for=Substr("source", 1, CASE)).filter(
        person=OuterRef("person"), case=OuterRef("case"), code=OuterRef("code"), reverses=None, reversal=None,
        given_for=Substr(OuterRef("source"), 1, CASE),
    )  # fmt: skip
    return Exists(again) & Exists(PointEvent.objects.filter(reverses=OuterRef("pk")))


def contested(case: str) -> Any:
    """Return whether what the column `case` names is under a second look or held, for an annotation."""
    waiting = Outcome.objects.filter(case=OuterRef(case), state__in=CHECKED_ANEW)
    held = IntegrityHold.objects.filter(case=OuterRef(case), until=None)
    contests = Contest.objects.unsettled().filter(case=OuterRef(case))
    return Exists(held) | Exists(contests) | Exists(waiting.exclude(verdict=""))


def _newest_run(person: User) -> Any:
    return person.eligibility_runs.select_related("policy").first()


def _record(row: Any, grant: Grant | None, titles: dict[UUID, str]) -> VerifiedRecord:
    learned, own = row.code in OF_LEARNING, row.code in OF_RESULT
    return VerifiedRecord(
        grant.title if grant else titles.get(row.case, ""), row.policy.rules.codes[row.code].label, row.verified_on,
        row.taken_back, row.contested, grant.outcome if own and grant and not row.taken_back else None,
        grant.learning_record if learned and grant else None,
    )  # fmt: skip


def titles_beside(cases: Sequence[UUID], *, for_hr: bool) -> dict[UUID, str]:
    """Return case -> what a contribution beside one's own result is about; HR reads no work in the judging."""
    found = {}
    for row in Credit.objects.filter(case__in=cases).select_related("grant"):
        judged = row.code == CreditCode.JUDGEMENT
        words = ("" if for_hr else row.words) if judged else row.grant.title if row.grant else row.reference
        found[row.case] = words
    for adoption in Adoption.objects.filter(case__in=cases).select_related("outcome__grant", "agency"):
        found[adoption.case] = adoption.title or (adoption.outcome.grant.title if adoption.outcome else "")
    return found
