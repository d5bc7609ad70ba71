"""A proposal and its transition table."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse

from lifecycle import clock
from lifecycle.fields import StateField, state_constraint
from lifecycle.transitions import transition

from .. import guards, policies
from ..enums import APPROVED_SMALL, BEING_JUDGED, JUDGED, JUDGING, UNDECIDED, ProposalState
from ..locks import call_of, line_and_call_of, line_of
from .appealed import Appealed
from .reserved import Reserved
from .visible import ProposalQuerySet

S = ProposalState


WITHDRAWABLE = (
    S.DRAFT, S.AWAITING_ENDORSEMENT, S.SUBMITTED, S.SCREENING, S.INFO_REQUESTED,
    *JUDGING,  # declined too: a button that went away would tell the result early
)  # fmt: skip


# From these the reviews can be opened again, when one was excluded.
REOPENABLE = (
    S.REVIEW_CLOSED, S.IN_MODERATION, S.RANKED, S.RECOMMENDED, S.NOT_RECOMMENDED, S.DECISION_PENDING,
)  # fmt: skip

# In these a small idea's agency may still say no.
REFUSABLE = (
    S.SUBMITTED, S.SCREENING, S.INFO_REQUESTED, S.ELIGIBLE, S.IN_REVIEW, S.DECISION_PENDING, S.APPROVED,
)  # fmt: skip


class Proposal(Appealed, Reserved):
    """One proposal; `case` ties everything that follows from it together."""

    case = models.UUIDField(default=uuid4, unique=True, editable=False)
    title = models.CharField(max_length=450, help_text="150 letters; one can have several code points.")
    call = models.ForeignKey("fund.Call", null=True, on_delete=models.PROTECT, related_name="proposals")
    lead_agency = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_index=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True, help_text="Order of submission to the call.")
    reference = models.CharField(max_length=30, null=True, blank=True, unique=True)
    released_at = models.DateTimeField(null=True, blank=True, help_text="When the result was told to the team.")
    copied_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    deleted_at = models.DateTimeField(null=True, blank=True)
    answer_by = models.DateField(null=True, blank=True, help_text="The day promised at submission.")
    approver = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="Whom the applicant of a small idea named for the agency's yes.",
    )  # fmt: skip
    state = StateField(choices=ProposalState, default=ProposalState.DRAFT)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "number"], name="proposal_waiting"),
            models.Index(fields=["state", "-updated_at", "-id"], name="proposal_state_newest"),
            models.Index(Upper("reference"), name="proposal_reference_upper"),
        ]
        constraints = [
            state_constraint(ProposalState, "proposal_state_known"),
            models.UniqueConstraint(fields=["call", "number"], name="proposal_number_once"),
            models.CheckConstraint(
                condition=Q(submitted_at=None, number=None, reference=None)
                | Q(submitted_at__isnull=False, number__isnull=False, reference__isnull=False),
                name="proposal_submitted_whole",
            ),
            models.CheckConstraint(
                condition=Q(state=S.DELETED, deleted_at__isnull=False) | ~Q(state=S.DELETED) & Q(deleted_at=None),
                name="proposal_deleted_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.RESERVED)
                | Q(waits_for__gt=0, released_at=None, reserved_until=None)
                | Q(waits_for__gt=0, released_at__isnull=False, reserved_until__isnull=False),
                name="proposal_reserved_with_clock",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.DEFERRED) | Q(deferred_until__isnull=False), name="proposal_deferred_to_a_day"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the proposal's page."""
        return reverse("proposal_detail", args=[self.case])

    @property
    def state_words(self) -> str:
        """Return the state as the reader of this row may know it; loaded through `visible_to`."""
        return BEING_JUDGED if getattr(self, "shown_state", "") == JUDGED else self._plain_words

    def state_for(self, user: Any) -> str:
        """Return the state in the words that `user` may read."""
        read = type(self).objects.filter(pk=self.pk).as_read_by(user)
        return BEING_JUDGED if read.shown_as(JUDGED).exists() else self._plain_words

    @property
    def _plain_words(self) -> str:
        told = self.state == S.APPROVED and self.released_at is not None
        return APPROVED_SMALL if told else str(self.get_state_display())

    @transition(
        state, source=S.DRAFT, target=S.AWAITING_ENDORSEMENT, who=policies.may_lead_full,
        label="Ask the agencies to agree", guards=[
            guards.answers_complete, guards.everyone_joined, guards.two_sectors, guards.working_members,
            guards.days_named, guards.within_ceiling, guards.in_time,
        ],
        act="proposals.services.endorsing.ask", page="check/", order=10, style="primary", explain=True,
    )  # fmt: skip
    def ask_agencies(self) -> None:
        """Freeze the version and ask every agency's approver."""

    @transition(
        state, source=S.AWAITING_ENDORSEMENT, target=S.DRAFT, who=policies.may_endorse, label="Return to the team",
        act="proposals.services.endorsing.give_back", require_note=True, page="endorse/", order=30,
    )  # fmt: skip
    def return_to_team(self) -> None:
        """Let the team change it; the approver says what has to change."""

    @transition(
        state, source=S.AWAITING_ENDORSEMENT, target=S.DRAFT, who=policies.may_lead, label="Recall and change it",
        page="recall/", order=40,
    )  # fmt: skip
    def recall(self) -> None:
        """Take it back for changes; agreements stand only if nothing changes."""

    @transition(
        state, source=S.AWAITING_ENDORSEMENT, target=S.SUBMITTED, who=policies.may_lead, label="Submit",
        guards=[guards.every_agency_agreed, guards.in_time], locks=call_of,
        act="proposals.services.submitting.submit", page="submit/", order=10, style="primary", explain=True,
    )  # fmt: skip
    def submit(self, *, number: int, reference: str, at: datetime, answer_by: date | None) -> None:
        """Enter the call with a reference number and the day of the answer."""
        self.number, self.reference, self.submitted_at, self.answer_by = number, reference, at, answer_by

    @transition(
        state, source=S.DRAFT, target=S.SUBMITTED, who=policies.may_invent, label="Enter the practice",
        guards=[guards.call_is_practice], act="proposals.services.practising.invent", order=10,
    )  # fmt: skip
    def enter_practice(self, *, number: int, reference: str, at: datetime) -> None:
        """Enter a practice call; nobody is promised an answer."""
        self.number, self.reference, self.submitted_at = number, reference, at

    @transition(
        state, source=S.DRAFT, target=S.SUBMITTED, who=policies.may_lead_small, label="Check and send",
        guards=[guards.answers_complete, guards.everyone_joined, guards.within_ceiling, guards.in_time], locks=call_of,
        act="proposals.services.submitting.send", page="spark/send/", order=10, style="primary",
    )  # fmt: skip
    def send_small(self, *, number: int, reference: str, at: datetime, answer_by: date | None) -> None:
        """Enter a Spark call without waiting for the agency."""
        self.number, self.reference, self.submitted_at, self.answer_by = number, reference, at, answer_by

    @transition(
        state, source=(S.DRAFT, S.AWAITING_ENDORSEMENT), target=S.LAPSED, who=policies.may_lapse, label="Lapse",
        guards=[guards.call_is_over], locks=call_of, act="proposals.services.submitting.lapse", order=95,
    )  # fmt: skip
    def lapse(self) -> None:
        """End what was not submitted when its call was over."""

    @transition(
        state, source=UNDECIDED, target=S.LAPSED, who=policies.may_lapse, label="Lapse with the call",
        guards=[guards.call_is_cancelled], locks=call_of, act="proposals.services.submitting.lapse_with_call", order=95,
    )  # fmt: skip
    def lapse_with_call(self) -> None:
        """End what was not decided when its call was cancelled."""

    @transition(
        state, source=S.SUBMITTED, target=S.SCREENING, who=policies.may_claim, label="Take the first check",
        act="proposals.services.screening.claim", order=10, style="primary",
    )  # fmt: skip
    def claim(self) -> None:
        """One officer takes the first check."""

    @transition(
        state, source=S.SCREENING, target=S.ELIGIBLE, who=policies.may_screen, label="Pass to the reviewers",
        guards=[guards.every_rule_checked, guards.every_rule_met, guards.agreements_stand],
        order=10, style="primary", explain=True,
    )  # fmt: skip
    def find_eligible(self) -> None:
        """Every rule is met."""

    @transition(
        state, source=S.SCREENING, target=S.INELIGIBLE, who=policies.may_refuse, label="Confirm: rule not met",
        guards=[guards.every_rule_checked, guards.a_rule_failed], act="proposals.services.screening.confirm_ineligible",
        require_note=True, order=20, style="warning",
    )  # fmt: skip
    def find_ineligible(self, *, at: datetime) -> None:
        """Refuse it: a rule is not met, and a second person confirms that."""
        self.released_at = at

    @transition(
        state, source=S.SCREENING, target=S.INFO_REQUESTED, who=policies.may_screen, label="Ask the team something",
        guards=[guards.team_is_real], act="proposals.services.information.ask", page="ask/", order=30,
    )  # fmt: skip
    def request_information(self) -> None:
        """Open named fields until a day."""

    @transition(
        state, source=S.INFO_REQUESTED, target=S.SCREENING, who=policies.may_lead, label="Answer the secretariat",
        guards=[guards.answer_in_time, guards.answers_complete, guards.within_ceiling],
        act="proposals.services.information.answer", page="answer/", order=10, style="primary", explain=True,
    )  # fmt: skip
    def answer_information(self, *, answer_by: date | None) -> None:
        """Hand the answer in; the promised day moves by the days that it took."""
        self.answer_by = answer_by

    @transition(
        state, source=S.INFO_REQUESTED, target=S.LAPSED, who=policies.may_lapse, label="Lapse unanswered",
        guards=[guards.answer_is_overdue], act="proposals.services.information.lapse", order=95,
    )  # fmt: skip
    def lapse_unanswered(self, *, at: datetime) -> None:
        """End what was not answered in time."""
        self.released_at = at

    @transition(
        state, source=S.ELIGIBLE, target=S.IN_REVIEW, who=policies.may_begin, label="Begin the reviews",
        needs=["reviewers_accepted"], order=10, style="primary", explain=True,
    )  # fmt: skip
    def begin_review(self) -> None:
        """Let the reviewers who accepted write."""

    @transition(
        state, source=S.IN_REVIEW, target=S.REVIEW_CLOSED,
        who=policies.may_chair | policies.may_begin, label="Close the reviews", needs=["enough_reviews"], order=10,
        style="primary", explain=True,
    )  # fmt: skip
    def close_review(self) -> None:
        """End the writing of reviews."""

    @transition(
        state, source=REOPENABLE, target=S.IN_REVIEW, who=policies.may_run, label="Open the reviews again",
        needs=["to_be_judged_again"], order=50, style="warning", ask_note=True,
    )  # fmt: skip
    def reopen_review(self) -> None:
        """Go back to the reviewers: one of them was excluded, and what is left carries no decision."""

    @transition(
        state, source=S.REVIEW_CLOSED, target=S.DECISION_PENDING, who=policies.is_small & policies.may_lapse,
        label="Bring a small idea to its decision", needs=["enough_reviews"], order=96,
    )  # fmt: skip
    def await_decision(self) -> None:
        """Both reviews of a small idea are in: one board member decides."""

    @transition(
        state, source=S.REVIEW_CLOSED, target=S.IN_MODERATION, who=policies.may_chair, label="Talk it over",
        order=20,
    )  # fmt: skip
    def moderate(self) -> None:
        """Open the consensus step."""

    @transition(
        state, source=(S.REVIEW_CLOSED, S.IN_MODERATION), target=S.RANKED, who=policies.may_run, label="Rank the call",
        needs=["enough_reviews", "flags_resolved"], act="evaluation.services.ranking.run", order=30, explain=True,
    )  # fmt: skip
    def rank(self) -> None:
        """Take a place in the call's ranking."""

    @transition(
        state, source=S.RANKED, target=S.RECOMMENDED, who=policies.may_chair, label="Recommend to the board",
        needs=["judging_stands", "lots_are_drawn", "meets_threshold"], order=10, style="primary", explain=True,
        ask_note=True,
    )  # fmt: skip
    def recommend(self) -> None:
        """Follow the ranking."""

    @transition(
        state, source=S.RANKED, target=S.NOT_RECOMMENDED, who=policies.may_chair, label="Do not recommend", order=20,
        needs=["lots_are_drawn"], require_note=True,
    )  # fmt: skip
    def not_recommend(self) -> None:
        """Advise against it, with the reason."""

    @transition(
        state, source=(S.RECOMMENDED, S.NOT_RECOMMENDED), target=S.DECISION_PENDING, who=policies.may_run,
        label="Bring to the board", needs=["judging_stands"], order=10, style="primary", explain=True,
    )  # fmt: skip
    def bring_to_board(self) -> None:
        """Put it on the board's sheet."""

    @transition(
        state, source=S.DECISION_PENDING, target=S.APPROVED, who=policies.may_decide_full,
        label="Approve and set aside", needs=["judging_stands", "majority_approves"], locks=line_and_call_of,
        act="evaluation.services.decide.approve", order=10, style="primary", explain=True,
    )  # fmt: skip
    def approve(self) -> None:
        """Decide to fund; the money is set aside in the same transaction."""

    @transition(
        state, source=S.DECISION_PENDING, target=S.DECLINED, who=policies.may_decide_full, label="Decline",
        needs=["judging_stands", "majority_declines"], act="evaluation.services.decide.decline", order=20,
    )  # fmt: skip
    def decline(self) -> None:
        """Decide not to fund."""

    @transition(
        state, source=S.DECISION_PENDING, target=S.APPROVED, who=policies.may_decide_small, label="Approve alone",
        needs=["small_reviews_pass", "inside_the_limit"], locks=line_and_call_of,
        act="evaluation.services.small.approve", page="decide/", order=10, style="primary", explain=True,
    )  # fmt: skip
    def approve_small(self, *, at: datetime) -> None:
        """Decide alone to fund a small idea; the money is set aside and the team is told at once."""
        self.released_at = at

    @transition(
        state, source=S.DECISION_PENDING, target=S.DECLINED, who=policies.may_decide_small, label="Decline alone",
        act="evaluation.services.small.decline", page="decide/", order=20, require_note=True,
    )  # fmt: skip
    def decline_small(self, *, at: datetime) -> None:
        """Decide alone not to fund a small idea, with the reason; the team is told at once."""
        self.released_at = at

    @transition(
        state, source=REFUSABLE, target=S.DECLINED, who=policies.may_refuse_small, label="Say yes or no for the agency",
        locks=line_and_call_of, act="evaluation.services.small.refuse", page="agency/", order=60, require_note=True,
    )  # fmt: skip
    def refuse_for_agency(self, *, at: datetime) -> None:
        """End a small idea that its agency does not want, with a reason that the applicant sees."""
        self.released_at = at

    @transition(
        state, source=S.APPROVED, target=S.OFFERED, who=policies.may_begin, label="Release the batch",
        guards=[guards.team_is_real, guards.agency_said_yes], act="evaluation.services.release.release", order=10,
        style="primary", locks=line_and_call_of,
    )  # fmt: skip
    def offer(self, *, at: datetime) -> None:
        """Tell the team, together with the whole batch."""
        self.released_at = at

    @transition(state, source=S.OFFERED, target=S.FUNDED, who=policies.may_lapse, label="Fund", order=96)
    def fund(self) -> None:
        """Follow the signed agreement."""

    @transition(state, source=S.OFFERED, target=S.OFFER_DECLINED, who=policies.may_lapse, label="Offer declined",
                order=97)  # fmt: skip
    def note_declined_offer(self) -> None:
        """Follow the declined offer."""

    @transition(state, source=S.OFFERED, target=S.OFFER_EXPIRED, who=policies.may_lapse, label="Offer expired",
                order=98)  # fmt: skip
    def note_expired_offer(self) -> None:
        """Follow the expired offer."""

    @transition(state, source=S.FUNDED, target=S.COMPLETED, who=policies.may_lapse, label="Complete", order=99)
    def complete(self) -> None:
        """Follow the completed grant."""

    @transition(state, source=S.FUNDED, target=S.STOPPED_EARLY, who=policies.may_lapse, label="Stop early", order=99)
    def stop_early(self) -> None:
        """Follow the grant that stopped early."""

    @transition(state, source=S.FUNDED, target=S.TERMINATED, who=policies.may_lapse, label="Ended by the board",
                order=99)  # fmt: skip
    def note_termination(self) -> None:
        """Follow the grant that was ended against the team's will."""

    @transition(
        state, source=S.DRAFT, target=S.DELETED, who=policies.may_lead, label="Delete the draft",
        guards=[guards.never_asked], order=92, page="delete/",
    )  # fmt: skip
    def delete_draft(self) -> None:
        """Take a draft away; its lead can bring it back for a while."""
        self.deleted_at = clock.now()

    @transition(
        state, source=S.DELETED, target=S.DRAFT, who=policies.may_lead, label="Undo: bring the draft back",
        guards=[guards.undo_in_time], order=10, style="primary",
    )  # fmt: skip
    def undelete(self) -> None:
        """Bring a deleted draft back as it was."""
        self.deleted_at = None

    @transition(
        state, source=WITHDRAWABLE, target=S.WITHDRAWN, who=policies.may_lead, label="Withdraw", order=90,
        ask_note=True, locks=line_of, guards=[guards.refusal_not_told],
    )  # fmt: skip
    def withdraw(self) -> None:
        """End the proposal at the team's own wish."""
