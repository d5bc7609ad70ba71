"""Rows of a second look and of a look back; part of the table of all lifecycles."""

from .table_words import ELSEWHERE, LEAD

CHECKED = ("verified_met", "verified_partial", "verified_not_met", "unverifiable")
ANEW = "not a verifier of an earlier check"
RECIPROCAL = "verified by somebody of the team in the last 24 months"
VERIFIES = f"Verifier and not reviewer and {ELSEWHERE} and not {RECIPROCAL}"
CHECKS = f"Appeals officer and {ELSEWHERE} and without an earlier act on the case"
HEARS = f"the officer of this second look and {CHECKS}"
RECOGNITION = {
    "incentives.Contest": {
        "admit": (("lodged",), "admissible", CHECKS, ()),
        "turn_away": (("lodged",), "inadmissible", CHECKS, ()),
        "assign": (("admissible",), "assigned", CHECKS, ()),
        "uphold": (("assigned",), "upheld", HEARS, ()),
        "uphold_partly": (("assigned",), "partly", HEARS, ()),
        "dismiss": (("assigned",), "dismissed", HEARS, ()),
    },
    "incentives.FollowUp": {
        "sustain": (("due",), "sustained", LEAD, ("look_back_is_due",)),
        "scale": (("due",), "scaled", LEAD, ("look_back_is_due",)),
        "fade": (("due",), "faded", LEAD, ("look_back_is_due",)),
    },
}
