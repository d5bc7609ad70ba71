"""The page that shows what somebody typed and that was not taken, because others moved the proposal on meanwhile."""

from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from people.kept import AROUND
from people.typed import Piece, pieces_of

from ..enums import OVER, ProposalState
from ..models import Proposal

# sent by the forms of this room, typed by nobody
UNSEEN = (*AROUND, "begin", "from", "edit", "asked", "answer", "take", "add", "later", "remove")
AGAIN = "Then open the page again and put your text in."
FOLLOWS: dict[ProposalState, str] = {
    ProposalState.DRAFT: "The team can change it now; you are asked again about the next version.",
    ProposalState.AWAITING_ENDORSEMENT: (
        "The agencies are asked to agree to the text as it was. If your change is needed, ask the lead to recall it. "
        + AGAIN
    ),
    ProposalState.INFO_REQUESTED: "The secretariat has asked the team something. The lead can change what it opened.",
    ProposalState.DELETED: f"The lead has deleted the draft and can bring it back. {AGAIN}",
} | dict.fromkeys(
    set(OVER) - {ProposalState.DELETED}, "It is over. Copy your text if you want to use it in another proposal."
)
LATER = "It is with the fund now. If your text matters for the decision, tell the lead or the secretariat."


def typed_in(said: QueryDict, labels: Mapping[str, str]) -> list[Piece]:
    """Return what a person wrote: every answer of a known form, and of another what looks like writing."""
    own = [piece for piece in pieces_of(said, dict(labels)) if piece.name not in UNSEEN and piece.value.strip()]
    own = [piece for piece in own if not piece.name.startswith("was_")]
    return [piece for piece in own if piece.name in labels or piece.typed]


def page(
    request: HttpRequest, proposal: Proposal, reason: str, pieces: list[Piece], follows: str = "", *, seen: bool = True
) -> HttpResponse:
    """Return the page; `follows` says what to do next where the state does not tell it."""
    context = {
        "proposal": proposal, "reason": reason, "pieces": pieces, "seen": seen,
        "follows": follows or FOLLOWS.get(ProposalState(proposal.state), LATER),
    }  # fmt: skip
    return render(request, "proposals/not_taken.html", context, status=HTTPStatus.CONFLICT)
