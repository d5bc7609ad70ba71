"""Rows of a second look and of a look back; part of the table of all lifecycles."""

from . import table_words
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
TRIES = f"{ADOPTER} and outside the first team, now and before"
SENDS = ("learning_still_counts", "learning_is_whole", "shares_are_agreed")
STANDS = ("result_stands",)
RECORDS = f"{VERIFIES} and verifier and {ANEW}"
SIGNS = "approver of the adopting agency, not who leads it"
THIRD = "verifier outside both agencies and both teams"
HOLDS = ("check_still_holds",)
RECOGNITION = {
    "incentives.Nomination": {
        "bring_to_committee": (("submitted", "deferred"), "hrc_review", table_words.HANDLES, HOLDS),
        "endorse": (("hrc_review",), "endorsed", table_words.ANSWERS, HOLDS),
        "forward": (("endorsed",), "forwarded", table_words.HANDLES, HOLDS),
        "record_result": (("forwarded",), "result_recorded", table_words.RECORDS, ()),
        "correct_result": (("result_recorded",), "forwarded", table_words.RECORDS, ("no_other_of_the_wish",)),
        "let_stand": (("result_recorded",), "result_recorded", table_words.RECORDS, ("a_ground_is_gone",)),
        "defer": (("hrc_review",), "deferred", table_words.ANSWERS, ()),
        "turn_down": (("hrc_review",), "not_endorsed", table_words.ANSWERS, ()),
        "revoke": (("result_recorded",), "revoked", table_words.RECORDS, ("something_was_granted",)),
        "submit": (("drafted",), "submitted", "(the person or the one who nominates)", ()),
        "withdraw": (("drafted", "submitted", "hrc_review", "deferred"), "withdrawn", "the person", ()),
    },
    "incentives.Adoption": {
        "plan_adoption": (("asked",), "planned", TRIES, STANDS),
        "sign_adoption": (("planned",), "signed", SIGNS, STANDS),
        "leave_it": (("asked", "planned"), "declined", f"({ADOPTER} or {SIGNS})", ()),
        "claim_adoption": (("signed",), "claimed", TRIES, STANDS),
        "find_reached": (("claimed",), "reached", THIRD, STANDS),
        "find_not_reached": (("claimed",), "not_reached", THIRD, STANDS),
        "end_with_result": (("asked", "planned", "signed", "claimed"), "ended", "the system", ()),
        "revoke_adoption": (("reached",), "revoked", "Head of secretariat outside both teams", ()),
    },
    "incentives.Credit": {
        "bear_out": (("stated",), "seconded", SECONDS, ()),
        "recognise": (("stated", "seconded"), "recognised", RECOGNISES, ("other_side_confirmed", "rule_counts_once")),
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
        "uphold": (("assigned",), "upheld", HEARS, ("is_not_revoked",)),
        "uphold_partly": (("assigned",), "partly", HEARS, ("is_not_revoked",)),
        "dismiss": (("assigned",), "dismissed", HEARS, ()),
    },
    "incentives.PolicyVersion": {
        "approve": (("consulted",), "approved", "RCSC officer and not the first approver", ("not_back_dated",)),
        "consult": (("draft",), "consulted", "RCSC officer", ("not_back_dated",)),
        "give_way": (("in_force", "suspended"), "superseded", "the system", ()),
        "suspend_policy": (("in_force",), "suspended", "RCSC officer", ()),
        "resume_policy": (("suspended",), "in_force", "RCSC officer", ()),
        "take_effect": (("approved",), "in_force", "the system", ("day_has_come",)),
        "withdraw_version": (("draft", "consulted", "approved"), "withdrawn", "RCSC officer", ()),
    },
    "incentives.Contribution": {
        "agree_shares": (("shares_open",), "shares_agreed", TEAM, ("every_holder_agreed",)),
        "open_shares": (("proposed", "shares_open", "shares_agreed"), "shares_open", LEAD, ("claim_is_open",)),
        "settle": (("disputed",), "shares_agreed", SETTLES, ()),
        "verify": (("shares_agreed", "reversed", "void"), "verified", "the system", ()),
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
