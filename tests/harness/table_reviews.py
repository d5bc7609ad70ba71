"""Rows of a review; part of the tables."""

from .table_words import ELSEWHERE, OUTSIDE

REVIEW = {
    "accept": (
        ("assigned",),
        "accepted",
        f"the reviewer and Reviewer{OUTSIDE} and of an agency outside the team",
        (),
    ),
    "recuse": (("assigned", "accepted", "in_progress"), "recused", "the reviewer", ()),
    "refuse": (("assigned",), "refused", "the reviewer", ()),
    "abstain": (("accepted", "in_progress"), "abstained", "the reviewer", ("reviews_are_open",)),
    "send_back": (("submitted",), "in_progress", f"Panel chair and {ELSEWHERE}", ("reviews_are_open",)),
    "begin": (
        ("accepted",),
        "in_progress",
        f"the reviewer and Reviewer{OUTSIDE} and of an agency outside the team",
        (),
    ),
    "lock": (("submitted",), "locked", "the system", ()),
    "submit": (
        ("accepted", "in_progress"),
        "submitted",
        f"the reviewer and Reviewer{OUTSIDE} and of an agency outside the team",
        ("review_is_whole", "reviews_are_open"),
    ),
    "invalidate": (
        ("assigned", "accepted", "in_progress", "submitted", "locked"),
        "invalidated",
        f"Secretariat officer{OUTSIDE}",
        ("not_decided_yet",),
    ),
}
