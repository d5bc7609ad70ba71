"""Rows of an appeal, and of what follows a refusal: it is told, and an upheld appeal leads back."""

from .table_words import ELSEWHERE, LEAD, RUNS

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
    "tell_refusal": (("declined",), "declined", RUNS, ("team_is_real", "refusal_not_told")),
    "decide_again": (("declined",), "decision_pending", f"Appeals officer and {ELSEWHERE}", ("appeal_upheld",)),
    "check_again": (("ineligible",), "screening", f"Appeals officer and {ELSEWHERE}", ("appeal_upheld",)),
}
