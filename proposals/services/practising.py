"""Invented proposals for a practice call: as whole as real ones, without a team that could be written to."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from documents.services import store_file
from fund.enums import QuestionKind
from fund.models import Call, Question
from fund.services import calls
from lifecycle import clock
from lifecycle.acts import act
from lifecycle.performing import perform
from people.models import Agency, User
from people.services.accounts import system_user

from ..enums import CallSection, SectionKey
from ..lane import is_spark, keys_of
from ..models import Attachment, Partner, Proposal, Section
from ..practice_texts import INVENTED, Invented
from ..questions import questions_in
from .attachments import KIND
from .versions import freeze


def make(call: Call, *, by: User) -> Call:
    """Make a practice call from `call`, full of invented proposals; NotPossible as `calls.practise` says."""
    with transaction.atomic():
        made = calls.practise(call, by=by)
        agencies = list(Agency.objects.filter(until=None).order_by("pk")[: len(INVENTED) + 1])
        for place, text in enumerate(INVENTED):
            pair = [agencies[(place + step) % len(agencies)] for step in range(2)]
            invent(_drafted(made, text, pair), by=system_user(), number=place + 1)
        return made


def _drafted(call: Call, text: Invented, agencies: list[Agency]) -> Proposal:
    now, system = clock.now(), system_user()
    made = Proposal.objects.create(
        title=text.title, call=call, lead_agency=agencies[0], created_by=system, created_at=now, updated_at=now
    )
    taking_part = agencies[:1] if is_spark(made) else list(dict.fromkeys(agencies))
    for agency in taking_part:
        Partner.objects.create(proposal=made, agency=agency, days=4, contribution="Invented for practice.")
    written = answers_in(text, call)
    for key in keys_of(made):
        if written[key]:
            Section.objects.create(
                proposal=made, key=key, version=1, answers=written[key], edited_by=system, edited_at=now
            )
    own: dict[str, str] = {}
    for question in questions_in(call.pk):
        own |= {question.name: _attached(made, question)} if _wants_file(question) else _answered(question, text)
    if own:
        Section.objects.create(
            proposal=made, key=CallSection.QUESTIONS, version=1, answers=own, edited_by=system, edited_at=now
        )
    return made


def answers_in(text: Invented, call: Call) -> dict[str, dict[str, str]]:
    """Return section -> answers of an invented proposal to `call`, whole by the rules of the form."""
    amount = f"{call.ceiling * text.share // 100 / 100:.2f}"
    ends = clock.today() + timedelta(weeks=call.length_weeks)
    return {
        SectionKey.SPARK: {"title": text.title, "problem": text.problem, "idea": text.idea, "success": text.stop},
        SectionKey.PROBLEM: {"title": text.title, "problem": text.problem, "idea": text.idea},
        SectionKey.MEASURE: {
            "hypothesis": text.idea, "indicator": "What people lose today", "unit": "of a hundred",
            "direction": "lower", "baseline": text.baseline, "target": text.target, "target_date": ends.isoformat(),
            "source": "A list at the counter", "method": "Counted for two weeks before and after.",
            "stop_rule": text.stop, "stop_figure": text.baseline,
            "stop_date": (clock.today() + timedelta(weeks=call.length_weeks // 2)).isoformat(),
        },
        SectionKey.PEOPLE: {
            "served": "The people who wait today.", "consulted_1": text.consulted, "when_1": "Two days in spring",
            "changed_1": "The day of the week",
        },
        SectionKey.BUDGET: {"item_1": "What is needed to try it", "cost_1": amount},
        SectionKey.WELLBEING: {},
    }  # fmt: skip


def _wants_file(question: Question) -> bool:
    return question.kind == QuestionKind.FILE


def _attached(proposal: Proposal, question: Question) -> str:
    """Attach an invented file, one for each question that asks for a file, and return its key as the answer."""
    content = f"Invented for practice, as the answer to: {question.text}\n".encode()
    stored = store_file(
        content=content, name=f"practice-{question.position}.txt", content_type="text/plain", kind=KIND,
        case=proposal.case,
    )  # fmt: skip
    made = Attachment.objects.create(
        proposal=proposal, file=stored, description="Invented for practice.", added_by=system_user()
    )
    return str(made.pk)


def _answered(question: Question, text: Invented) -> dict[str, str]:
    """Return an invented answer in the question's own kind."""
    said: dict[str, Any] = {
        QuestionKind.TEXT: text.idea[: question.limit], QuestionKind.NUMBER: "12", QuestionKind.MONEY: "1500",
        QuestionKind.CHOICE: question.choices[0] if question.choices else "",
        QuestionKind.DATE: clock.today().isoformat(),
    }  # fmt: skip
    if question.kind == QuestionKind.TABLE:
        return {f"{question.name}_1_{place}": "Invented" for place, _ in enumerate(question.columns, start=1)}
    return {question.name: said[QuestionKind(question.kind)]}


@act
def invent(proposal: Proposal, *, by: User, note: str = "", number: int = 0) -> Proposal:
    """Enter the practice call with a frozen version, as the system; no message, no promised day, no PDF copy."""
    reference = f"{proposal.call.reference.upper()}-{number:04d}" if proposal.call else ""
    freeze(proposal, by=by)
    return perform(proposal, "enter_practice", by=by, note=note, number=number, reference=reference, at=clock.now())
