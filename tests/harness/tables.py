"""The literal tables that the code must equal: written once, changed by hand with the code."""

from .table_lane import LANE
from .table_review import REVIEW
from .table_words import ELSEWHERE, FULL_BOARD, LEAD, OUTSIDE, RELEASES, RUNS, TEAM, UNBLOCKED

APPROVES = "Head of secretariat and not its author and not the board member who declared it urgent"

UNDECIDED = (
    "submitted", "screening", "info_requested", "eligible", "in_review", "review_closed", "in_moderation", "ranked",
    "recommended", "not_recommended", "decision_pending", "deferred",
)  # fmt: skip

RECOMMENDED = ("judging_stands", "lots_are_drawn", "meets_threshold")
AFTER = UNDECIDED[5:11]  # from the closed reviews to the board

# model -> transition -> (sources, target, who, guards and needs)
TRANSITIONS = {
    "evaluation.Review": REVIEW,
    "fund.Call": {
        "hand_over": (
            ("draft",),
            "handed_over",
            "Secretariat officer",
            ("set_up_is_whole", "weights_sum", "closes_later"),
        ),
        "give_back": (("handed_over",), "draft", APPROVES, ()),
        "recall": (("handed_over",), "draft", "Secretariat officer", ()),
        "declare_urgent": (
            ("handed_over",),
            "handed_over",
            "Fund board member and not its author",
            ("is_urgent", "is_undeclared"),
        ),
        "approve": (
            ("handed_over",),
            "approved",
            APPROVES,
            ("weights_sum", "closes_later", "urgency_is_declared"),
        ),
        "set_end": (("approved",), "approved", "Head of secretariat", ("is_without_end",)),
        "judge": (("approved",), "judging", "Secretariat officer", ("nobody_can_submit",)),
        "settle_decisions": (("judging",), "decided", "Secretariat officer", ("call_decided",)),
        "settle": (("decided",), "settled", "Secretariat officer", ("call_settled",)),
        "begin_practice": (("draft",), "judging", "Secretariat officer", ("is_practice",)),
        "close_practice": (("judging", "decided"), "cancelled", "Secretariat officer", ("is_practice",)),
        "cancel": (
            ("draft", "handed_over", "approved", "judging"),
            "cancelled",
            "Head of secretariat and not its author",
            (),
        ),
    },
    "fund.Grant": {
        "sign_as_lead": (("offered",), "offered", LEAD, ("offer_in_time", "unsigned_by_lead", "lead_has_room")),
        "sign_as_sponsor": (
            ("offered",),
            "offered",
            f"the approver named in the agreement{UNBLOCKED}",
            ("offer_in_time", "unsigned_by_sponsor"),
        ),
        "activate": (
            ("offered",),
            "active",
            f"({LEAD} or the approver named in the agreement{UNBLOCKED})",
            ("both_signed", "offer_in_time", "lead_has_room"),
        ),
        "stop_early": (
            ("stopping",),
            "stopped_early",
            "Secretariat officer and outside the team and free of conflicts of interest",
            ("rest_is_unspent",),
        ),
        "complete": (
            ("active",),
            "completed",
            "Secretariat officer and outside the team and free of conflicts of interest",
            ("milestones_settled", "payments_accounted", "reports_accepted"),
        ),
        "stop": (("active",), "stopping", LEAD, ()),
        "decline": (("offered",), "declined", LEAD, ()),
        "expire": (("offered",), "expired", "the system", ("offer_is_over",)),
    },
    "fund.Milestone": {
        "submit": (("in_progress", "returned"), "submitted", f"{TEAM}{UNBLOCKED}", ("grant_is_active",)),
        "accept": (
            ("submitted",),
            "accepted",
            "Secretariat officer and outside the team and free of conflicts of interest",
            ("grant_is_active",),
        ),
        "send_back": (
            ("submitted",),
            "returned",
            "Secretariat officer and outside the team and free of conflicts of interest",
            ("grant_is_active",),
        ),
        "mark_not_met": (
            ("submitted",),
            "not_met",
            "Secretariat officer and outside the team and free of conflicts of interest",
            ("grant_is_active",),
        ),
        "begin": (("planned",), "in_progress", "the system", ("grant_is_active",)),
        "waive": (
            ("planned", "in_progress"),
            "waived",
            "Fund board member and outside the team and free of conflicts of interest",
            ("grant_is_active",),
        ),
    },
    "fund.Report": {
        "submit": (("open", "returned"), "submitted", f"{TEAM}{UNBLOCKED}", ("grant_is_running",)),
        "accept": (
            ("submitted",),
            "accepted",
            "Secretariat officer and outside the team and free of conflicts of interest",
            (),
        ),
        "send_back": (
            ("submitted",),
            "returned",
            "Secretariat officer and outside the team and free of conflicts of interest",
            (),
        ),
    },
    "fund.Tranche": {
        "prepare": (
            ("releasable",),
            "prepared",
            "Finance: prepares payments and outside the team and free of conflicts of interest",
            (
                "grant_is_active",
                "agreement_signed",
                "milestone_before_settled",
                "payment_before_accounted",
                "no_overdue_report",
            ),
        ),
        "pay": (
            ("prepared",),
            "released",
            RELEASES,
            (
                "grant_is_active",
                "agreement_signed",
                "milestone_before_settled",
                "payment_before_accounted",
                "no_overdue_report",
            ),
        ),
        "acknowledge": (("released",), "acknowledged", f"{TEAM}{UNBLOCKED}", ("grant_is_running",)),
        "account": (("acknowledged",), "acknowledged", f"{TEAM}{UNBLOCKED}", ("grant_is_running",)),
        "cancel": (("locked", "releasable", "prepared", "held"), "cancelled", "the system", ()),
        "return_rest": (
            ("released", "acknowledged"),
            "accounted",
            f"({RELEASES} or the system)",
            (),
        ),
        "settle": (("acknowledged",), "accounted", "the system", ("fully_accounted",)),
        "unlock": (
            ("locked",),
            "releasable",
            "the system",
            (
                "grant_is_active",
                "agreement_signed",
                "milestone_before_settled",
                "payment_before_accounted",
                "no_overdue_report",
            ),
        ),
        "hold": (
            ("locked", "releasable", "prepared"),
            "held",
            "Head of secretariat and outside the team and free of conflicts of interest",
            (),
        ),
        "lift_hold": (
            ("held",),
            "locked",
            "Head of secretariat and outside the team and free of conflicts of interest",
            (),
        ),
    },
    "incentives.Contribution": {
        "agree_shares": (("shares_open",), "shares_agreed", f"{TEAM}{UNBLOCKED}", ("every_holder_agreed",)),
        "open_shares": (("proposed", "shares_open", "shares_agreed"), "shares_open", LEAD, ()),
        "settle": (("disputed",), "shares_agreed", f"Head of secretariat{OUTSIDE}", ()),
        "verify": (("shares_agreed",), "verified", "the system", ()),
        "void": (("shares_agreed",), "void", "the system", ()),
        "dispute": (("shares_open",), "disputed", f"{TEAM}{UNBLOCKED}", ()),
    },
    "incentives.LearningRecord": {
        "accept": (("shown",), "accepted", LEAD, ()),
        "submit": (("draft",), "submitted", LEAD, ("learning_is_whole", "shares_are_agreed")),
        "begin_classifying": (("submitted",), "classifying", f"Classifier and {ELSEWHERE}", ()),
        "show": (("classifying",), "shown", "the system", ("classification_is_settled",)),
    },
    "incentives.Nomination": {
        "bring_to_committee": (
            ("submitted", "deferred"),
            "hrc_review",
            "HR officer of the agency and not the person",
            (),
        ),
        "endorse": (("hrc_review",), "endorsed", "HR committee member of the agency and not the person", ()),
        "forward": (("endorsed",), "forwarded", "HR officer of the agency and not the person", ()),
        "record_result": (("forwarded",), "result_recorded", "RCSC officer and not the person", ()),
        "defer": (("hrc_review",), "deferred", "HR committee member of the agency and not the person", ()),
        "turn_down": (("hrc_review",), "not_endorsed", "HR committee member of the agency and not the person", ()),
        "submit": (("drafted",), "submitted", "the person", ()),
        "withdraw": (("drafted", "submitted", "hrc_review", "deferred"), "withdrawn", "the person", ()),
    },
    "incentives.Outcome": {
        "begin_verifying": (("claimed",), "verifying", f"Verifier and not reviewer and {ELSEWHERE}", ()),
        "claim": (("pre_registered",), "claimed", LEAD, ("grant_is_running", "shares_are_agreed")),
        "verify_met": (("verifying",), "verified_met", f"Verifier and not reviewer and {ELSEWHERE} and verifier", ()),
        "verify_partial": (
            ("verifying",),
            "verified_partial",
            f"Verifier and not reviewer and {ELSEWHERE} and verifier",
            (),
        ),
        "verify_not_met": (
            ("verifying",),
            "verified_not_met",
            f"Verifier and not reviewer and {ELSEWHERE} and verifier",
            (),
        ),
        "find_unverifiable": (
            ("verifying",),
            "unverifiable",
            f"Verifier and not reviewer and {ELSEWHERE} and verifier",
            (),
        ),
        "publish": (("verified_met", "verified_partial", "verified_not_met", "unverifiable"), "published", LEAD, ()),
        "close_unclaimed": (("pre_registered",), "closed_unclaimed", "the system", ()),
    },
    "incentives.PolicyVersion": {
        "approve": (("consulted",), "approved", "RCSC officer and not the first approver", ("not_back_dated",)),
        "consult": (("draft",), "consulted", "RCSC officer", ("not_back_dated",)),
        "give_way": (("in_force",), "superseded", "the system", ()),
        "take_effect": (("approved",), "in_force", "the system", ("day_has_come",)),
    },
    "proposals.Proposal": {
        "approve": (("decision_pending",), "approved", FULL_BOARD, ("judging_stands", "majority_approves")),
        "ask_agencies": (
            ("draft",),
            "awaiting_endorsement",
            f"not a small idea and {LEAD}",
            (
                "answers_complete",
                "everyone_joined",
                "two_sectors",
                "working_members",
                "days_named",
                "within_ceiling",
                "in_time",
            ),
        ),
        "begin_review": (("eligible",), "in_review", RUNS, ("reviewers_accepted",)),
        "bring_back": (("deferred",), "decision_pending", f"Secretariat officer{OUTSIDE}", ()),
        "bring_to_board": (AFTER[3:5], "decision_pending", f"Secretariat officer{OUTSIDE}", ("judging_stands",)),
        "claim": (("submitted",), "screening", f"Secretariat officer{OUTSIDE}", ()),
        "close_review": (
            ("in_review",),
            "review_closed",
            f"(Panel chair and {ELSEWHERE} or {RUNS})",
            ("enough_reviews",),
        ),
        "find_eligible": (
            ("screening",),
            "eligible",
            f"Secretariat officer and first check{UNBLOCKED}",
            ("every_rule_checked", "every_rule_met", "agreements_stand"),
        ),
        "offer": (("approved",), "offered", RUNS, ("team_is_real", "agency_said_yes")),
        "recommend": (("ranked",), "recommended", f"Panel chair and {ELSEWHERE}", RECOMMENDED),
        "submit": (("awaiting_endorsement",), "submitted", LEAD, ("every_agency_agreed", "in_time")),
        "decline": (("decision_pending",), "declined", FULL_BOARD, ("judging_stands", "majority_declines")),
        "find_ineligible": (
            ("screening",),
            "ineligible",
            f"Head of secretariat and not first check{OUTSIDE}",
            ("every_rule_checked", "a_rule_failed"),
        ),
        "moderate": (("review_closed",), "in_moderation", f"Panel chair and {ELSEWHERE}", ()),
        "not_recommend": (("ranked",), "not_recommended", f"Panel chair and {ELSEWHERE}", RECOMMENDED[1:2]),
        "defer": (("decision_pending",), "deferred", FULL_BOARD, ("judging_stands", "no_majority_or_defer")),
        "rank": (AFTER[:2], "ranked", f"Secretariat officer{OUTSIDE}", ("enough_reviews", "flags_resolved")),
        "reopen_review": (AFTER, "in_review", f"Secretariat officer{OUTSIDE}", ("to_be_judged_again",)),
        "return_to_team": (("awaiting_endorsement",), "draft", f"approver of an agency that is asked{OUTSIDE}", ()),
        "recall": (("awaiting_endorsement",), "draft", LEAD, ()),
        "delete_draft": (("draft",), "deleted", LEAD, ("never_asked",)),
        "undelete": (("deleted",), "draft", LEAD, ("undo_in_time",)),
        "withdraw": (("draft", "awaiting_endorsement", *UNDECIDED[:-1], "approved", "deferred"), "withdrawn", LEAD, ()),
        "lapse": (("draft", "awaiting_endorsement"), "lapsed", "the system", ("call_is_over",)),
        "lapse_with_call": (UNDECIDED, "lapsed", "the system", ("call_is_cancelled",)),
        "fund": (("offered",), "funded", "the system", ()),
        "note_declined_offer": (("offered",), "offer_declined", "the system", ()),
        "note_expired_offer": (("offered",), "offer_expired", "the system", ()),
        "complete": (("funded",), "completed", "the system", ()),
        "stop_early": (("funded",), "stopped_early", "the system", ()),
    }
    | LANE,
}
INITIAL = {
    "evaluation.Review": "assigned",
    "fund.Call": "draft",
    "fund.Grant": "offered",
    "fund.Milestone": "planned",
    "fund.Report": "open",
    "fund.Tranche": "locked",
    "incentives.Contribution": "proposed",
    "incentives.LearningRecord": "draft",
    "incentives.Nomination": "drafted",
    "incentives.Outcome": "pre_registered",
    "incentives.PolicyVersion": "draft",
    "proposals.Proposal": "draft",
}
FINAL = {
    "evaluation.Review": {"abstained", "invalidated", "reassigned", "recused", "refused"},
    "fund.Call": {"cancelled", "settled"},
    "fund.Grant": {"completed", "declined", "expired", "stopped_early"},
    "fund.Milestone": {"accepted", "not_met", "waived"},
    "fund.Report": {"accepted"},
    "fund.Tranche": {"accounted", "cancelled"},
    "incentives.Contribution": {"verified", "void"},
    "incentives.LearningRecord": {"accepted"},
    "incentives.Nomination": {"not_endorsed", "result_recorded", "withdrawn"},
    "incentives.Outcome": {"closed_unclaimed", "published"},
    "incentives.PolicyVersion": {"superseded"},
    "proposals.Proposal": set(
        "completed declined ineligible lapsed offer_declined offer_expired stopped_early withdrawn".split()
    ),
}
