"""Rows of the Spark lane, of requests for information and of appeals; part of the table of a proposal."""

from .table_appeals import BACK
from .table_words import ELSEWHERE, LEAD, OUTSIDE, UNBLOCKED

LANE = BACK | {
    "enter_practice": (("draft",), "submitted", "the system", ("call_is_practice",)),
    "send_small": (
        ("draft",),
        "submitted",
        f"a small idea and {LEAD}",
        ("answers_complete", "everyone_joined", "within_ceiling", "in_time"),
    ),
    "request_information": (
        ("screening",),
        "info_requested",
        f"Secretariat officer and first check{UNBLOCKED}",
        ("team_is_real",),
    ),
    "answer_information": (
        ("info_requested",),
        "screening",
        LEAD,
        ("answer_in_time", "answers_complete", "within_ceiling"),
    ),
    "lapse_unanswered": (("info_requested",), "lapsed", "the system", ("answer_is_overdue",)),
    "await_decision": (
        ("review_closed",),
        "decision_pending",
        "a small idea and the system",
        ("enough_reviews",),
    ),
    "approve_small": (
        ("decision_pending",),
        "approved",
        f"a small idea and Fund board member and {ELSEWHERE}",
        ("small_reviews_pass", "inside_the_limit"),
    ),
    "decline_small": (
        ("decision_pending",),
        "declined",
        f"a small idea and Fund board member and {ELSEWHERE}",
        (),
    ),
    "refuse_for_agency": (
        ("submitted", "screening", "info_requested", "eligible", "in_review", "decision_pending", "approved"),
        "declined",
        f"a small idea and approver of an agency that is asked{OUTSIDE}",
        (),
    ),
}
