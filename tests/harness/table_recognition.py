"""Rows of a second look and of a look back; part of the table of all lifecycles."""

from .table_words import ELSEWHERE, LEAD, OUTSIDE, UNBLOCKED
from .table_words import TEAM as IN_TEAM

CHECKED = ("verified_met", "verified_partial", "verified_not_met", "unverifiable")
TEAM = f"{IN_TEAM}{UNBLOCKED}"
SETTLES = f"Head of secretariat{OUTSIDE}"
ANEW = "not a verifier of an earlier check"
RECIPROCAL = "verified by somebody of the team in the last 24 months"
VERIFIES = f"Verifier and not reviewer and {ELSEWHERE} and not {RECIPROCAL}"
CHECKS = f"Appeals officer and {ELSEWHERE} and without an earlier act on the case"
HEARS = f"the officer of this second look and {CHECKS}"
SECONDS = "for the team that was helped, or a reviewer of the team that used it"
RECOGNISES = "the office that checks it, without a part in it"
ADOPTER = "who leads it at the adopting agency"
SIGNS = "approver of the adopting agency, not who leads it"
THIRD = "verifier outside both agencies and both teams"
RECOGNITION = {
    "incentives.Adoption": {
        "plan_adoption": (("asked",), "planned", ADOPTER, ()),
        "sign_adoption": (("planned",), "signed", SIGNS, ()),
        "leave_it": (("asked", "planned"), "declined", f"({ADOPTER} or {SIGNS})", ()),
        "claim_adoption": (("signed",), "claimed", ADOPTER, ()),
        "find_reached": (("claimed",), "reached", THIRD, ()),
        "find_not_reached": (("claimed",), "not_reached", THIRD, ()),
        "revoke_adoption": (("reached",), "revoked", "Head of secretariat outside both teams", ()),
    },
    "incentives.Credit": {
        "bear_out": (("stated",), "seconded", SECONDS, ()),
        "recognise": (("stated", "seconded"), "recognised", RECOGNISES, ("other_side_confirmed",)),
        "refuse_credit": (("stated", "seconded"), "turned_down", f"({SECONDS} or {RECOGNISES})", ()),
        "undo_credit": (("recognised",), "taken_back", "Head of secretariat without a part in it", ()),
    },
    "incentives.Mentoring": {
        "agree_to_mentor": (("asked",), "accepted", "the mentor", ()),
        "say_no": (("asked",), "declined", "the mentor", ()),
        "confirm_help": (("accepted",), "confirmed", LEAD, ("milestone_after_mentoring",)),
    },
    "incentives.Contest": {
        "admit": (("lodged",), "admissible", CHECKS, ()),
        "turn_away": (("lodged",), "inadmissible", CHECKS, ()),
        "assign": (("admissible",), "assigned", CHECKS, ()),
        "hand_back": (("assigned",), "admissible", f"({CHECKS} or the system)", ()),
        "uphold": (("assigned",), "upheld", HEARS, ()),
        "uphold_partly": (("assigned",), "partly", HEARS, ()),
        "dismiss": (("assigned",), "dismissed", HEARS, ()),
    },
    "incentives.Contribution": {
        "agree_shares": (("shares_open",), "shares_agreed", TEAM, ("every_holder_agreed",)),
        "open_shares": (("proposed", "shares_open", "shares_agreed"), "shares_open", LEAD, ()),
        "settle": (("disputed",), "shares_agreed", SETTLES, ()),
        "verify": (("shares_agreed", "reversed"), "verified", "the system", ()),
        "recount": (("verified",), "verified", SETTLES, ("found_wrongly_counted",)),
        "reverse": (("verified",), "reversed", "the system", ()),
        "void": (("shares_agreed", "reversed"), "void", "the system", ()),
        "dispute": (("shares_open",), "disputed", TEAM, ()),
    },
    "incentives.FollowUp": {
        "sustain": (("due",), "sustained", LEAD, ("look_back_is_due",)),
        "scale": (("due",), "scaled", LEAD, ("look_back_is_due",)),
        "fade": (("due",), "faded", LEAD, ("look_back_is_due",)),
    },
}
