"""Another agency repeats a result or takes up a declined idea."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from lifecycle.performing import available, rule_of
from people.models import User
from people.policies import is_lead
from people.timeline import timeline_of
from people.views import visible_or_404
from proposals.models import Proposal

from ..credit_forms import AdoptForm, AdoptionCheckForm, AdoptionClaimForm, TakenUpForm
from ..enums import AdoptionState, OutcomeState
from ..models import Adoption, Outcome
from ..services import adoptions
from .common import StateIt

WORDS = {
    "adoption_begun": "began it", "plan_adoption": "wrote down what is tried", "sign_adoption": "signed for the agency",
    "leave_it": "said that it is not taken up", "claim_adoption": "said what was reached",
    "find_reached": "checked it: it worked there as well", "find_not_reached": "checked it: not reached there",
    "revoke_adoption": "revoked it", "end_with_result": "ended it, because the result was revoked",
}  # fmt: skip
SENT = "Sent to the approvers of your agency. Begin when they have signed."


class Adopt(StateIt):
    """Repeating a published result at one's own agency."""

    heading = "We want to do this as well"
    lead = (
        "Promise a measure before you begin; an approver of your agency signs it. When a verifier outside both "
        "agencies has found that it worked, it counts for the team whose result it was, and for you like a Spark."
    )
    button = "Send it to our approver"
    done = SENT

    def find(self, **kwargs: Any) -> None:
        """Load the result."""
        self.outcome = visible_or_404(Outcome, self.request.user, case=kwargs["case"])
        if self.outcome.state != OutcomeState.PUBLISHED or self.outcome.verdict not in adoptions.WORKED:
            raise Http404

    def make_form(self, data: Any = None) -> Form:
        """Begin with the measure of the result."""
        return AdoptForm(
            data, titled=False, initial={"indicator": self.outcome.indicator, "unit": self.outcome.unit}
        )  # fmt: skip

    def act(self, user: User, said: dict[str, Any]) -> Adoption:
        """Write it down."""
        return adoptions.adopt(self.outcome, by=user, **said)


class TakenUp(StateIt):
    """Saying that another agency takes up one's declined idea."""

    form_class = TakenUpForm
    heading = "Another agency takes up our idea"
    lead = (
        "An idea that was declined here can still work elsewhere. The other agency promises a measure and signs. When "
        "a verifier outside both has found that it worked, it counts for everybody who wrote the proposal."
    )
    button = "Ask the person"
    done = "Asked. You are told what the person says."

    def find(self, **kwargs: Any) -> None:
        """Load the declined proposal, for its lead."""
        self.idea = visible_or_404(Proposal, self.request.user, case=kwargs["case"])
        if not adoptions.is_declined(self.idea) or not is_lead(self.idea, self.request.user):
            raise Http404

    def act(self, user: User, said: dict[str, Any]) -> Adoption:
        """Ask the person."""
        return adoptions.say_taken_up(self.idea, by=user, person=said["person"])


class OfAdoption(StateIt):
    """Base: one step of an adoption with a page of its own."""

    state = AdoptionState.ASKED
    step = ""

    def find(self, **kwargs: Any) -> None:
        """Load the adoption; 403 for who sees it and may not, 404 once the step is over."""
        self.row = visible_or_404(Adoption, self.request.user, pk=kwargs["pk"])
        if not rule_of(self.row, self.step).who(self.row, self.request.user):
            raise PermissionDenied
        if self.row.state != self.state:
            raise Http404

    def more(self) -> dict[str, Any]:
        """Show what was promised."""
        return {"row": self.row}


class Plan(OfAdoption):
    """What the agency tries, and its measure."""

    form_class = AdoptForm
    step = "plan_adoption"
    heading = "What do you try, and what do you promise?"
    lead = "Write it down before you begin. An approver of your agency signs it."
    button = "Send it to our approver"
    done = SENT

    def act(self, user: User, said: dict[str, Any]) -> Adoption:
        """Write it down."""
        return adoptions.plan_adoption(self.row, by=user, **said)


class ClaimAdoption(OfAdoption):
    """What was reached."""

    form_class = AdoptionClaimForm
    state, step = AdoptionState.SIGNED, "claim_adoption"
    heading = "What was reached?"
    lead = "A verifier outside both agencies checks it. The day of this claim counts, however long the check takes."
    done = "Claimed. A verifier outside both agencies checks it next."

    def act(self, user: User, said: dict[str, Any]) -> Adoption:
        """Claim it."""
        return adoptions.claim_adoption(self.row, by=user, **said)


class Check(OfAdoption):
    """What a verifier found."""

    form_class = AdoptionCheckForm
    state, step = AdoptionState.CLAIMED, "find_reached"
    heading = "What did you find?"
    lead = "Enter the figure that you found. Whether it was reached follows from it."
    button = "Record the check"
    done = "The check is recorded, and both sides have been told."

    def act(self, user: User, said: dict[str, Any]) -> Adoption:
        """Record it."""
        return adoptions.check_adoption(self.row, by=user, **said)


class AdoptionPage(View):
    """How far an agency is with what it takes up."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it with my actions; both verdicts have one page, so it is shown once."""
        joined = ("outcome__grant", "idea", "agency", "lead")
        row = visible_or_404(Adoption, request.user, joined=joined, pk=pk)
        actions = [action for action in available(row, request.user) if action.name != "find_not_reached"]
        context = {
            "row": row, "actions": actions, "model_key": "incentives.adoption", "timeline": timeline_of(row, WORDS),
        }  # fmt: skip
        return render(request, "incentives/adoption.html", context)
