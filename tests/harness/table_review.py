"""Rows of a review; part of the table of all lifecycles."""

from .table_words import FREE, OUTSIDE

REVIEWS = f"the reviewer and Reviewer{OUTSIDE} and (of an agency outside the team or permitted by the chair)"
REVIEW = {
    "accept": (
        ("assigned",),
        "accepted",
        REVIEWS,
        (),
    ),
    "recuse": (("assigned", "accepted", "in_progress"), "recused", "the reviewer", ()),
    "refuse": (("assigned",), "refused", "the reviewer", ()),
    "abstain": (("accepted", "in_progress"), "abstained", "the reviewer", ("reviews_are_open",)),
    "send_back": (("submitted",), "in_progress", f"Panel chair and {FREE}", ("reviews_are_open",)),
    "begin": (
        ("accepted",),
        "in_progress",
        REVIEWS,
        (),
    ),
    "lock": (("submitted",), "locked", "the system", ()),
    "submit": (
        ("accepted", "in_progress"),
        "submitted",
        REVIEWS,
        ("review_is_whole", "reviews_are_open"),
    ),
    "invalidate": (
        ("assigned", "accepted", "in_progress", "submitted", "locked"),
        "invalidated",
        f"(Secretariat officer or Head of secretariat{OUTSIDE} or the system)",
        ("not_decided_yet",),
    ),
    "reassign": (("assigned", "accepted", "in_progress"), "reassigned", f"Secretariat officer{OUTSIDE}", ()),
}
