"""The written sections of one proposal: the standard ones and, where its call asks some, the call's own questions."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from fund.models import Question
from lifecycle.remembering import remembered

from .enums import CallSection, SectionKey
from .form_base import frame_in
from .forms import Frame, SectionForm, SmallBudgetForm, frame_of, section_form
from .lane import SMALL, keys_in
from .questions import form_class_for, questions_in, questions_of, with_files


@dataclass(frozen=True)
class Written:
    """One section: its key and title, the form of this proposal, and whether it has to be answered."""

    key: SectionKey | CallSection
    form: Callable[..., SectionForm]
    needed: bool = True

    def problems(self, answers: dict[str, str]) -> list[str]:
        """Return what these answers still need before they could be sent, one sentence each."""
        errors = self.form(answers, complete=True).errors
        return [str(error) for found in errors.values() for error in found]


@remembered
def sections_of(proposal: Any) -> list[Written]:
    """Return the proposal's sections in the order of the form; partners may be prefetched with their agencies."""
    own = questions_of(proposal)
    return _sections(proposal.call, own, with_files(frame_of(proposal), proposal, own))


def sections_in(call: Any, agencies: tuple[tuple[str, str], ...]) -> list[Written]:
    """Return the sections of a proposal to `call` before anybody has begun one; the first of `agencies` leads."""
    return _sections(call, questions_in(call.pk), frame_in(call, agencies, agencies[0][0]))


def _sections(call: Any, own: list[Question], frame: Frame) -> list[Written]:
    needed = {SectionKey.WELLBEING: frame.needs_wellbeing}
    found = [Written(key, partial(form_in(call, key), frame=frame), needed.get(key, True)) for key in keys_in(call)]
    return [*found, Written(CallSection.QUESTIONS, partial(form_class_for(own), frame=frame))] if own else found


def form_in(call: Any, key: str) -> type[SectionForm]:
    """Return the form of a standard section in `call`: the money of a small idea has three plain lines."""
    return SmallBudgetForm if key == SectionKey.BUDGET and keys_in(call) == SMALL else section_form(key)


def section_named(proposal: Any, key: str) -> Written | None:
    """Return one section, or None where the proposal has none of this name."""
    return next((section for section in sections_of(proposal) if section.key == key), None)


def stored_answers(proposal: Any) -> dict[str, dict[str, str]]:
    """Return key -> stored answers of every section that was begun."""
    return {section.key: section.answers for section in proposal.sections.all()}
