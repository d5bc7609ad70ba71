"""A save of a section by one of several writers: merged with what the others saved, never over it."""

from collections.abc import Container
from dataclasses import dataclass

from people.clashes import Merge
from people.models import User

from ..form_base import SectionForm
from ..merging import answers_at, merge
from ..models import Proposal, Section
from . import drafting

TRIES = 3  # others may save once more while one merges


class Asks(Exception):
    """Both changed the same answer; nothing was written."""

    def __init__(self, theirs: Section, found: Merge) -> None:
        super().__init__("Two people changed the same answer.")
        self.theirs, self.found = theirs, found


@dataclass(frozen=True)
class Kept:
    """What was saved; `beside` is the other's save that it was merged with, None where nobody else had saved."""

    section: Section
    merge: Merge
    beside: Section | None


def save(
    proposal: Proposal,
    *,
    by: User,
    key: str,
    version: int,
    form: SectionForm,
    mine: dict[str, str],
    page: Container[str] | None = None,
) -> Kept:
    """Save `mine`, written on a page that was opened at `version`, together with what others saved since.

    Raises Asks where both changed the same answer, and where the merge holds an answer that is not on the writer's
    `page`; NotPossible when the proposal cannot be written.
    """
    found, beside, at = Merge(mine, [], []), None, version
    for _ in range(TRIES):
        try:
            saved = drafting.save_section(proposal, by=by, key=key, version=at, answers=found.answers)
            return Kept(saved, found, beside)
        except drafting.Clash as clash:
            beside, at = clash.theirs, clash.theirs.version
            found = merge(form, answers_at(proposal, beside, version), mine, beside.answers)
            if found.asked or (page is not None and any(name not in page for name in found.brought)):
                break
    if beside is None:
        raise RuntimeError("No save was tried.")
    raise Asks(beside, found)
