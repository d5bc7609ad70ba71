"""The written sections of one proposal: the standard ones and, where its call asks some, the call's own questions."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from lifecycle.remembering import remembered

from .enums import CallSection, SectionKey
from .forms import SectionForm, SmallBudgetForm, frame_of, section_form
from .lane import SMALL, keys_in, keys_of
from .questions import form_class_for, questions_of, with_files


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
    frame, own = frame_of(proposal), questions_of(proposal)
    needed = {SectionKey.WELLBEING: frame.needs_wellbeing}
    found = [
        Written(key, partial(form_in(proposal.call, key), frame=frame), needed.get(key, True))
        for key in keys_of(proposal)
    ]
    if not own:
        return found
    form = partial(form_class_for(own), frame=with_files(frame, proposal, own))
    return [*found, Written(CallSection.QUESTIONS, form)]


def form_in(call: Any, key: str) -> type[SectionForm]:
    """Return the form of a standard section in `call`: the money of a small idea has three plain lines."""
    return SmallBudgetForm if key == SectionKey.BUDGET and keys_in(call) == SMALL else section_form(key)


def section_named(proposal: Any, key: str) -> Written | None:
    """Return one section, or None where the proposal has none of this name."""
    return next((section for section in sections_of(proposal) if section.key == key), None)


def stored_answers(proposal: Any) -> dict[str, dict[str, str]]:
    """Return key -> stored answers of every section that was begun."""
    return {section.key: section.answers for section in proposal.sections.all()}
