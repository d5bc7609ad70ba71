"""A request for information in the first check: asked, answered as a further version, or lapsed by the clock."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from lifecycle import clock
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, perform
from people.models import User
from people.services.accounts import system_user
from people.services.calendar import add_business_days, business_days_between
from people.services.notify import notify

from ..enums import Answer, ProposalState, SectionKey
from ..guards import agreements_stand
from ..lane import answer_page
from ..models import Endorsement, InfoRequest, Proposal, Section, Version
from ..openable import PARTS, labels_in, part_labels
from ..sections import sections_of, stored_answers
from .endorsing import asked_first, asked_now
from .team import joined_people, leads_of
from .versions import freeze

AGAIN = (SectionKey.BUDGET, SectionKey.MEASURE, "partners", "outside")  # a change here is put to the agencies again
MOST_DAYS = 30


def openable(proposal: Proposal) -> dict[str, str]:
    """Return `section.field` -> label of every answer that a request can open."""
    return labels_in(sections_of(proposal), stored_answers(proposal)) | part_labels(proposal)


def open_request(proposal: Proposal) -> InfoRequest | None:
    """Return the request that waits for an answer, or None."""
    return proposal.info_requests.filter(answered_at=None).first()


@act
def ask(
    proposal: Proposal, *, by: User, note: str = "", fields: tuple[str, ...] = (), question: str = "", days: int = 0
) -> Proposal:
    """Open `fields` (`section.field`) for `days` business days and tell the leads what is asked."""
    if not question.strip() or not 1 <= days <= MOST_DAYS:
        raise NotPossible("Write what you ask and give between 1 and 30 business days, on the request's own page.")
    with changing(proposal, "request_information") as fresh:
        known, version = openable(fresh), fresh.versions.last()
        if version is None or not fields or set(fields) - set(known):
            raise NotPossible("Choose which answers the team may change.")
        fresh = perform(fresh, "request_information", by=by, note=question)
        due_on = add_business_days(clock.today(), days)
        made = InfoRequest.objects.create(
            proposal=fresh, fields=sorted(fields), question=question, due_on=due_on, asked_by=by, asked_at=clock.now(),
            before=version,
        )  # fmt: skip
        body = f"“{fresh.title}”: {question}\n\nAnswer by the end of {_day(due_on)}. Without an answer it lapses."
        _tell(fresh, leads_of(fresh), f"info:{made.pk}", f"The secretariat asks you something: {fresh.reference}", body)
        return fresh


@act
def answer(
    proposal: Proposal, *, by: User, note: str = "", answers: dict[str, str] | None = None, explanation: str = ""
) -> Proposal:
    """Hand in the answer: the opened fields as a further version signed by the lead, and an explanation.

    NotPossible for a field that was not opened, when nothing is said, or after the due day. A change of budget,
    measure or partners is put to every agency again, and so is any answer while an agency's answer is open or against
    it. A changed text is checked again by every rule. The promised day of the result moves by the business days that
    it took.
    """
    with changing(proposal, "answer_information") as fresh:
        request = open_request(fresh)
        if request is None or answers is None:
            raise NotPossible("Answer on the request's own page.")
        if set(answers) - set(request.fields):
            raise NotPossible("Only the answers that the secretariat opened can change.")
        waited = business_days_between(timezone.localtime(request.asked_at).date(), clock.today())
        moved = add_business_days(fresh.answer_by, waited) if fresh.answer_by else None
        disputed = not agreements_stand.holds(fresh)
        changed = _write(fresh, by, answers)
        fresh = perform(fresh, "answer_information", by=by, note=explanation, answer_by=moved)
        if not changed and not explanation.strip():
            raise NotPossible("Change one of the opened answers, or write an explanation.")
        version = freeze(fresh, by=by)
        InfoRequest.objects.filter(pk=request.pk).update(
            after=version, explanation=explanation, answered_by=by, answered_at=clock.now()
        )
        if changed & set(AGAIN) or disputed:
            _ask_again(fresh, version, explanation)
        if changed:  # each rule is read against the whole text, its purpose and other money too
            fresh.rule_results.all().delete()
        body = f"{by.full_name} answered your question about “{fresh.title}”. The page shows what changed."
        _tell(fresh, [request.asked_by], f"answered:{request.pk}", f"Answered: {fresh.reference}", body, "first-check/")
        return fresh


def _write(proposal: Proposal, by: User, answers: dict[str, str]) -> set[str]:
    """Store the answers and return the keys of the sections and parts that changed."""
    changed = _write_parts(proposal, answers)
    for key in {name.split(".")[0] for name in answers} - set(PARTS):
        begun = {"answers": {}, "edited_by": by, "edited_at": clock.now()}  # an optional one may not be begun
        section, _ = Section.objects.get_or_create(proposal=proposal, key=key, defaults=begun)
        new = {name.split(".")[1]: text for name, text in answers.items() if name.split(".")[0] == key}
        if any(section.answers.get(name, "") != text for name, text in new.items()):
            changed.add(key)
            Section.objects.filter(pk=section.pk).update(
                answers=section.answers | new, version=section.version + 1, edited_by=by, edited_at=clock.now()
            )
    for section in Section.objects.filter(proposal=proposal, key__in=changed):
        if "title" in section.answers:
            Proposal.objects.filter(pk=proposal.pk).update(title=section.answers["title"])
    proposal.refresh_from_db()
    return changed


def _write_parts(proposal: Proposal, answers: dict[str, str]) -> set[str]:
    """Store what partners give and what is said of data, and return the keys of the parts that changed."""
    changed = set()
    for place, text in answers.items():
        key, _, where = place.partition(".")
        if key not in PARTS:
            continue
        name, _, pk = where.rpartition("_")
        row = PARTS[key][0].objects.get(proposal=proposal, pk=pk)
        value = int(text) if name == "days" else text
        if getattr(row, name) != value:
            changed.add(key)
            type(row).objects.filter(pk=row.pk).update(edit=F("edit") + 1, **{name: value})
    return changed


def _ask_again(proposal: Proposal, version: Version, explanation: str) -> None:
    """Put the version to every agency; one that has agreed to it, or still reads it, is not asked once more."""
    again = {"answer": Answer.ASKED, "reason": "", "answered_by": None, "answered_at": None, "reminded_at": None}
    for partner in proposal.partners.select_related("agency"):
        asked = asked_now()
        row, created = Endorsement.objects.get_or_create(version=version, agency=partner.agency, defaults=asked)
        if not created and row.answer != Answer.RETURNED:
            continue
        Endorsement.objects.filter(pk=row.pk).update(**again, **asked)
        what = f"“{proposal.title}” changed in the first check." if created else f"“{proposal.title}” did not change."
        said = f" The team explains: “{explanation.strip()}”" if explanation.strip() else ""
        body = f"{what}{said} Read it and answer for your agency."
        people = asked_first(partner.agency, proposal.case)
        key = f"again:{proposal.case}:{version.number}:{partner.agency.code}:{asked['asked_at'].timestamp()}"
        _tell(proposal, people, key, "Your agency is asked again after a change", body, answer_page(proposal))


def _tell(proposal: Proposal, people: list[User], key: str, subject: str, body: str, page: str = "answer/") -> None:
    for person in people:
        path = f"/proposals/{proposal.case}/{page}"
        notify(person=person, key=f"{key}:{person.pk}", subject=subject, body=body, path=path)


def _day(day: Any) -> str:
    return f"{day.day} {day:%B %Y}"


@act
def lapse(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """End a proposal whose answer did not come, and tell the team."""
    with changing(proposal, "lapse_unanswered") as fresh:
        fresh = perform(fresh, "lapse_unanswered", by=by, note=note, at=clock.now())
        body = f"The question about “{fresh.title}” was not answered in time. What you wrote stays readable."
        subject = f"Lapsed without an answer: {fresh.reference}"
        _tell(fresh, joined_people(fresh), f"unanswered:{fresh.case}", subject, body, "")
        return fresh


def chase() -> tuple[int, int]:
    """Remind of answers due on the next business day, end what is overdue; returns how many of each."""
    waiting = InfoRequest.objects.filter(answered_at=None, proposal__state=ProposalState.INFO_REQUESTED)
    soon = waiting.filter(reminded_at=None, due_on__lte=add_business_days(clock.today(), 1), due_on__gte=clock.today())
    reminded = sum(_remind(row.pk) for row in soon)
    yesterday = timezone.localtime(clock.now()).date() - timedelta(days=1)
    late = list(waiting.filter(due_on__lte=yesterday).select_related("proposal")[:500])
    ended = 0
    for row in late:
        try:
            lapse(row.proposal, by=system_user())
        except NotPossible:  # answered in the meantime, or still within the grace
            continue
        ended += 1
    return reminded, ended


def _remind(pk: int) -> int:
    with transaction.atomic():
        if not InfoRequest.objects.filter(pk=pk, reminded_at=None).update(reminded_at=clock.now()):
            return 0
        row = InfoRequest.objects.select_related("proposal").get(pk=pk)
        body = f"“{row.proposal.title}”: {row.question}\n\nThe last day is {_day(row.due_on)}."
        subject = f"Your answer is due: {row.proposal.reference}"
        _tell(row.proposal, leads_of(row.proposal), f"remind:{pk}", subject, body)
        return 1
