"""Rows of an appeal, of what follows a refusal or a place on the reserve list, and of the way back to the board."""

from .table_words import ELSEWHERE, FULL_BOARD, LEAD, OUTSIDE, RUNS

CHECKS = f"Appeals officer and {ELSEWHERE} and without an earlier act on the case"
HEARS = f"the officer of this appeal and {CHECKS}"
OPEN = ("lodged", "admissible", "assigned")

APPEAL = {
    "admit": (("lodged",), "admissible", CHECKS, ()),
    "turn_away": (("lodged",), "inadmissible", CHECKS, ()),
    "assign": (("admissible",), "assigned", CHECKS, ()),
    "hand_back": (("assigned",), "admissible", CHECKS, ()),
    "uphold": (("assigned",), "upheld", HEARS, ()),
    "uphold_partly": (("assigned",), "partly", HEARS, ()),
    "dismiss": (("assigned",), "dismissed", HEARS, ()),
    "withdraw": (OPEN, "withdrawn", LEAD, ()),
}
BACK = {
    "put_in_reserve": (("decision_pending",), "reserved", FULL_BOARD, ("judging_stands", "majority_reserves")),
    "tell_reserve": (("reserved",), "reserved", RUNS, ("team_is_real", "reserve_not_told")),
    "call_up": (
        ("reserved",),
        "decision_pending",
        f"Secretariat officer{OUTSIDE}",
        ("reserve_in_time", "turn_on_reserve"),
    ),
    "leave_reserve": (("reserved",), "declined", "the system", ("reserve_is_over",)),
    "tell_refusal": (("declined",), "declined", RUNS, ("team_is_real", "refusal_not_told")),
    "decide_again": (("declined",), "decision_pending", f"Appeals officer and {ELSEWHERE}", ("appeal_upheld",)),
    "check_again": (("ineligible",), "screening", f"Appeals officer and {ELSEWHERE}", ("appeal_upheld",)),
}
