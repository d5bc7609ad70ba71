"""The list of proposals and the page of one."""

from datetime import datetime
from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import DetailView, ListView

from fund.call_queries import going_on
from fund.enums import Stage
from fund.models import Call
from lifecycle.performing import Action, available
from people.enums import TEAM_PARTS, Part, Role
from people.models import User
from people.paging import OpenPaginator
from people.queries import parts_in, role_names
from people.timeline import Line, timeline_of

from .. import guards, queries, writing_queries
from ..answer_times import is_kept
from ..beside import beside
from ..enums import BEING_JUDGED, JUDGED, JUDGING, CallSection, ProposalState, SectionKey
from ..lane import is_spark
from ..models import Proposal, RuleResult
from ..models.visible import has_office
from ..own_review import OwnReview, own_review
from ..page_query import answers_to, proposal_page
from ..policies import is_asked_approver
from ..reading import groups_of
from ..services.receipts import receipt_of

WORDS = {
    "started": "started the draft",
    "withdraw": "withdrew the proposal",
    "invited": "invited a person",
    "invitation_taken_back": "took an invitation back",
    "joined": "joined the team",
    "left": "left the team",
    "partner_added": "added a partner agency",
    "partner_changed": "changed what an agency gives",
    "partner_removed": "took a partner agency out",
    "attached": "attached a file",
    "attachment_changed": "changed an attached file",
    "attachment_removed": "removed an attached file",
    "outside_partner_added": "added a partner outside government",
    "outside_partner_changed": "changed a partner outside government",
    "outside_partner_removed": "took out a partner outside government",
    "data_need_added": "named data that is needed",
    "data_need_changed": "changed what is said of needed data",
    "data_need_removed": "took out needed data",
    "ask_agencies": "asked the agencies to agree",
    "agreed": "agreed for an agency",
    "return_to_team": "returned the proposal to the team",
    "recall": "recalled the proposal to change it",
    "submit": "submitted the proposal",
    "send_small": "sent the small idea",
    "approver_named": "named who says yes for the agency",
    "request_information": "asked the team something",
    "answer_information": "answered the secretariat",
    "lapse_unanswered": "ended the proposal, because no answer came in time",
    "objected": "did not agree to a change for an agency",
    "refuse_for_agency": "said no for the agency",
    "await_decision": "brought it to its decision",
    "approve_small": "approved it; the money is set aside",
    "decline_small": "declined it",
    "lapse": "ended the proposal, because the call is over",
    "claim": "took the first check",
    "checked": "recorded the first check",
    "find_eligible": "passed the proposal to the reviewers",
    "find_ineligible": "confirmed that a rule is not met",
    "begin_review": "began the reviews",
    "close_review": "closed the reviews",
    "reopen_review": "opened the reviews again, because one was excluded",
    "ranked_again": "excluded a review; the call was ranked again",
    "moderate": "opened the talk about differences",
    "consensus": "recorded an agreed score",
    "moderation_noted": "wrote a note on the talk",
    "feedback_saved": "prepared the feedback for the team",
    "feedback_certified": "certified the feedback for the team",
    "rank": "ranked the call",
    "recommend": "recommended it to the board",
    "not_recommend": "did not recommend it",
    "bring_to_board": "brought it to the board",
    "voted": "voted",
    "approve": "approved it; the money is set aside",
    "decline": "declined it",
    "defer": "deferred it",
    "bring_back": "brought it back to the board",
    "put_in_reserve": "put it on the reserve list",
    "tell_reserve": "released the result: it is on the reserve list",
    "call_up": "called it up from the reserve list",
    "leave_reserve": "ended its time on the reserve list",
    "conflict_recorded": "recorded a conflict of interest",
    "conflicts_found": "wrote down who has a conflict of interest",
    "offer": "released the result: it is to be funded",
    "released": "released the result",
    "tell_refusal": "released the result",
    "fund": "moved it to funded, both sides having signed",
    "note_declined_offer": "noted that the offer was declined",
    "note_expired_offer": "noted that the offer has expired",
    "complete": "noted that the grant is completed",
    "stop_early": "noted that the grant stopped early",
    "note_termination": "noted that the board ended the grant",
    "copied": "carried the answers over from an earlier proposal",
    "delete_draft": "deleted the draft",
    "undelete": "brought the draft back",
    "invitation_declined": "declined the invitation",
    "member_reminded": "reminded somebody of the invitation",
    "deputy_named": "named a deputy lead",
    "deputy_ended": "ended the part of the deputy lead",
    "lead_offered": "asked a member to take the lead",
    "lead_taken": "took the lead",
    "lead_refused": "did not take the lead",
    "agency_reminded": "reminded an agency",
    "appeal_lodged": "appealed",
    "appeal_withdrawn": "took the appeal back",
    "appeal_inadmissible": "found that the appeal cannot be heard",
    "appeal_upheld": "upheld the appeal",
    "appeal_partly": "found the appeal right in part",
    "appeal_dismissed": "did not uphold the appeal",
    "decide_again": "had it decided again",
    "check_again": "had it checked again",
    "decision_file_asked": "asked for the decision file",
    "lapse_with_call": "ended the proposal, because the call was cancelled",
    "enter_practice": "put an invented proposal into the practice",
} | {f"saved_{key}": f"saved “{key.label}”" for key in (*SectionKey, *CallSection)}
SAVES = tuple(f"saved_{key}" for key in (*SectionKey, *CallSection))  # these stand in the history of each section

# From these the answers can be carried over into a new draft
COPIED = (
    ProposalState.LAPSED, ProposalState.WITHDRAWN, ProposalState.INELIGIBLE, ProposalState.DECLINED,
    ProposalState.OFFER_EXPIRED, ProposalState.OFFER_DECLINED,
)  # fmt: skip

CHECKING = (ProposalState.SUBMITTED, ProposalState.SCREENING, ProposalState.INFO_REQUESTED)

# The team reads none of these, so that it learns neither hours nor names of the judging: the letter tells the result.
# Nor does a reviewer: who has an interest, what others scored and how the board voted is not theirs to know.
CONCEALED = (
    "begin_review", "close_review", "moderate", "consensus", "rank", "recommend", "not_recommend", "bring_to_board",
    "voted", "approve", "decline", "defer", "bring_back", "conflict_recorded", "conflicts_found",
    "await_decision", "reopen_review", "ranked_again", "decide_again", "decision_file_asked",
    "moderation_noted", "feedback_saved", "feedback_certified", "put_in_reserve", "call_up",
)  # fmt: skip


class ProposalList(ListView[Proposal]):
    """The proposals that I may see."""

    template_name = "proposals/proposal_list.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[Proposal]:
        """Return visible proposals, narrowed by words and state."""
        query = self.request.GET
        words, state = query.get("q", "").strip()[:100], query.get("state", "")
        return queries.listed_for(cast(User, self.request.user), words, state)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter's values."""
        query = self.request.GET
        return super().get_context_data(
            q=query.get("q", "").strip()[:100],
            state=query.get("state", ""),
            states=[*ProposalState.choices, (JUDGED, BEING_JUDGED)],
            **kwargs,
        )


class ProposalDetail(DetailView[Proposal]):
    """What state it is in, what happens next, my actions, the text and the timeline."""

    template_name = "proposals/proposal_detail.html"
    slug_field = slug_url_kwarg = "case"

    own: OwnReview | None = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show it; a reviewer first declares interests."""
        found = proposal_page(self.kwargs["case"], cast(User, request.user))
        if found is None:
            raise Http404
        self.object = found
        self.parts = parts_in(self.object.case, cast(User, request.user))
        self.own = own_review(self.object, request.user, self.parts)
        if self.own and not self.own.declared:
            return redirect(self.own.path)
        return self.render_to_response(self.get_context_data(object=self.object))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the state needs: tasks of a draft, else the frozen text and the agencies' answers."""
        proposal, user = self.object, self.request.user
        draft = proposal.state == ProposalState.DRAFT
        concealed = proposal.shown_state == JUDGED  # type: ignore[attr-defined]
        actions = available(proposal, user)
        parts = self.parts
        own = bool(parts & {*TEAM_PARTS, Part.SPONSOR}) or is_asked_approver(proposal, user)
        timeline = timeline_of(proposal, WORDS, without=(*SAVES, *CONCEALED) if own or self._reviews_only() else SAVES)
        return super().get_context_data(
            actions=actions,
            model_key="proposals.proposal",
            timeline=timeline,
            small=is_spark(proposal),
            answer_kept=is_kept(proposal),
            judges=not concealed and proposal.state in JUDGING,
            beside=beside(proposal, user),
            **(self._draft(parts, actions, timeline) if draft else self._frozen(parts, own)),
            **kwargs,
        )

    def _reviews_only(self) -> bool:
        """Tell whether one reads it as its reviewer: for who also has an office, until the own review is in."""
        if Part.REVIEWER not in self.parts:
            return False
        return not has_office(self.request.user) or bool(self.own and not self.own.handed_in)

    def _draft(self, parts: set[str], actions: list[Action], timeline: list[Line]) -> dict[str, Any]:
        proposal = self.object
        tasks = queries.tasks_of(proposal)
        around = [writing_queries.team_standing(proposal), writing_queries.partners_standing(proposal)]
        counted = [task.done for task in tasks if task.needed]
        if not is_spark(proposal):
            counted += [standing.done for standing in around]
        never_asked = any(action.name == "delete_draft" for action in actions)
        return {
            "tasks": tasks,
            "team_standing": around[0],
            "partners_standing": around[1],
            "done": sum(counted),
            "needed": len(counted),
            "files": proposal.file_count,  # type: ignore[attr-defined]
            "writable": bool(parts & set(TEAM_PARTS)),
            "leads": bool(parts & {Part.LEAD, Part.DEPUTY}),
            "ends_at": _ends_at(proposal),
            "stamps": writing_queries.stamps_in(timeline),
            "agreed_before": [] if never_asked else answers_to(proposal),
        }

    def _frozen(self, parts: set[str], own: bool) -> dict[str, Any]:
        proposal, roles = self.object, role_names(cast(User, self.request.user))
        content = queries.content_of(proposal)
        return {
            "content": content,
            "ends_at": _ends_at(proposal),
            "groups": groups_of(content, for_reviewer=Part.REVIEWER in parts) if content else [],
            "endorsements": answers_to(proposal),
            "asked": queries.requests_of(proposal) if proposal.was_asked else [],  # type: ignore[attr-defined]
            "reminds": proposal.state == ProposalState.AWAITING_ENDORSEMENT and bool(parts & {Part.LEAD, Part.DEPUTY}),
            "results": _results(proposal, own and (bool(parts & set(TEAM_PARTS)) or Role.HEAD not in roles)),
            "said_no": guards.refusals_in_check(proposal),
            "asked_over": proposal.state not in queries.ASKABLE,
            "in_team": bool(parts & set(TEAM_PARTS)),
            "copy_into": _calls_for_a_copy(proposal) if parts & set(TEAM_PARTS) else [],
            "screens": Part.SCREENER in parts,
            "receipt": receipt_of(proposal),
            "runs": Role.SECRETARIAT in roles,
            "heads": Role.HEAD in roles,
            "leads": bool(parts & {Part.LEAD, Part.DEPUTY}),
            "chairs": Role.CHAIR in roles,
            "decides": Role.BOARD in roles,
        }


def _results(proposal: Proposal, own: bool) -> list[RuleResult]:
    """Return what the first check found; team and agencies read it once it is passed or a second person confirmed it.

    Until then an officer can still look again, and a “Not met” of one person is nobody's decision.
    """
    found = list(proposal.rule_results.all())
    confirmed = proposal.state == ProposalState.INELIGIBLE or all(result.passed for result in found)
    return [] if own and (proposal.state in CHECKING or not confirmed) else found


def _calls_for_a_copy(proposal: Proposal) -> list[Call]:
    """Return the open calls of the same lane into which what is over can be copied."""
    if proposal.shown_state not in COPIED:  # type: ignore[attr-defined]
        return []
    lane = is_spark(proposal)
    return [call for call in going_on() if call.is_open and (call.stage == Stage.SPARK) == lane]


def _ends_at(proposal: Proposal) -> datetime | None:
    """Return until when it can be submitted; None when it was, without a call, or while a rolling one is open."""
    if proposal.submitted_at or proposal.call is None:
        return None
    return proposal.call.ends_for(proposal.case)
