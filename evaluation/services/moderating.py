"""What the chair writes: notes on a proposal, and the certified feedback for its applicants. Both are only added."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.enums import Part
from people.models import User
from people.services.involvement import involve
from proposals.enums import ProposalState
from proposals.models import Proposal

from ..enums import Handling
from ..guards import sitting_of
from ..locks import FIELD
from ..models import Feedback, FeedbackReason, ModerationNote
from ..moderation_queries import Source, last_number, sources_of, takes_feedback
from ..policies import may_compare
from .conflicts import ONLY_A_CHAIR, refuse_conflicted
from .reviewing import Stale

LONG = 4  # letters of a name's word that is looked for in any case of letters


def note(proposal: Proposal, *, by: User, text: str) -> ModerationNote:
    """Add a note; the trail keeps that it was written, and the note alone its words."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        if not may_compare(proposal, by):
            raise NotPossible(ONLY_A_CHAIR, forbidden=True)
        refuse_conflicted(proposal, by, Part.CHAIR, acting=True)
        if proposal.state not in (ProposalState.IN_REVIEW, *FIELD) or proposal.released_at is not None:
            raise NotPossible("Notes are written from the reviews until the result is released.")
        if not text.strip():
            raise NotPossible("Write the note.")
        involve(case=proposal.case, person=by, part=Part.CHAIR)
        row = ModerationNote.objects.create(proposal=proposal, text=text.strip(), by=by, at=clock.now())
        trail.record(proposal, action="moderation_noted", by=by)
        return row


@dataclass(frozen=True)
class Words:
    """What the chair wants the applicants to read: (criterion, review) -> handling and wording, and the whole."""

    reasons: dict[tuple[int, int], tuple[Handling, str]]
    strength: str
    weakness: str
    change: str


class MayName(Exception):
    """Words of the text may be a reviewer's name in other letters, or ordinary words; the person looks again."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(", ".join(words))
        self.words = tuple(words)


def write_feedback(
    proposal: Proposal, *, by: User, number: int, words: Words, certify: bool, looked_at: Sequence[str] = ()
) -> Feedback:
    """Add a row, a draft or certified, if the newest is still `number` (0: none). Stale otherwise, and nothing is kept.

    The reviews are not touched. A certified text names no reviewer; MayName where a word of it could, unless it is one
    that the chair has `looked_at`.
    """
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        if not may_compare(proposal, by):
            raise NotPossible(ONLY_A_CHAIR, forbidden=True)
        refuse_conflicted(proposal, by, Part.CHAIR, acting=True)
        if not takes_feedback(proposal):
            raise NotPossible("Feedback is written after the reviews are closed and before the result is released.")
        if last_number(proposal) != number:
            raise Stale
        reasons = [(source, *_released(source, words)) for source in sources_of(proposal)]
        whole = {"strength": words.strength, "weakness": words.weakness, "change": words.change}
        if certify:
            said = [*whole.values(), *(text for _, _, text in reasons)]
            _refuse_unfit(proposal, said, list(whole.values()))
            _ask_about_names(proposal, said, looked_at)
        involve(case=proposal.case, person=by, part=Part.CHAIR)
        row = Feedback.objects.create(
            proposal=proposal, sitting=sitting_of(proposal), number=number + 1, certified=certify, by=by,
            at=clock.now(), **whole,
        )  # fmt: skip
        FeedbackReason.objects.bulk_create(
            FeedbackReason(feedback=row, criterion=source.criterion, review=source.review, handling=handling, text=text)
            for source, handling, text in reasons
        )
        trail.record(proposal, action="feedback_certified" if certify else "feedback_saved", by=by)
        return row


def _released(source: Source, words: Words) -> tuple[Handling, str]:
    """Return how a reason is handled and what is released of it."""
    handling, wording = words.reasons.get(source.key, (Handling.AS_IS, ""))
    if handling == Handling.LEFT_OUT:
        return handling, ""
    if handling == Handling.REWORDED and not wording.strip():
        raise NotPossible(f"Write the words for {source.letter} on “{source.criterion.name}”, or leave the reason out.")
    return handling, wording.strip() if handling == Handling.REWORDED else source.text


def _refuse_unfit(proposal: Proposal, texts: Iterable[str], whole: Iterable[str]) -> None:
    if not all(text.strip() for text in whole):
        raise NotPossible("Write one strength, one weakness and one change before you certify.")
    said = "\n".join(texts)
    for reviewer in _reviewers_of(proposal):
        if name := _named_in(said, reviewer):
            raise NotPossible(f"“{name}” names a reviewer. Applicants never learn who reviewed: take it out.")


def _reviewers_of(proposal: Proposal) -> list[User]:
    return [review.reviewer for review in proposal.reviews.select_related("reviewer")]


def _ask_about_names(proposal: Proposal, texts: Iterable[str], looked_at: Sequence[str]) -> None:
    known = {word.lower() for word in looked_at}
    found = _may_be_named_in("\n".join(texts), _reviewers_of(proposal))
    if unsure := [word for word in found if word.lower() not in known]:
        raise MayName([*unsure, *(word for word in found if word not in unsure)])


def _may_be_named_in(text: str, people: Iterable[User]) -> list[str]:
    """Return the words of the text that are a word of somebody's name but for capitals, as written, each once.

    Short words are left out: in any case of letters they are ordinary ones too often.
    """
    parts = {word.lower() for person in people for word in person.full_name.split() if len(word) >= LONG}
    return list({word.lower(): word for word in re.findall(r"\w+", text) if word.lower() in parts}.values())


def _named_in(text: str, person: User) -> str:
    """Return by which name, number or address the text names the person; "" when by none.

    The whole in any case of letters and however its words are set apart; one word of the name as it is written there.
    """
    whole = [name for name in (person.full_name, person.employee_number, person.email) if name]
    parts = [word for word in person.full_name.split() if len(word) > 2]
    for names, flags in ((whole, re.IGNORECASE), (parts, 0)):
        for name in names:
            words = r"\s+".join(map(re.escape, name.split()))
            if re.search(rf"(?<!\w){words}(?!\w)", text, flags):
                return name
    return ""
