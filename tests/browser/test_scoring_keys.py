"""A reviewer declares, scores, and hands in a whole review with the keyboard alone, on a phone's width."""

import pytest

from evaluation.models import Review
from evaluation.services import reviewing
from lifecycle.performing import perform

from .. import conftest, stages
from .looking import Visitor
from .test_keyboard import Keys
from .test_pages import site

__all__ = ["site"]


def move(keys, box, value):
    """Go to a list by Tab and down by the arrow until `value` is chosen."""
    keys.to(box)
    for _ in range(box.locator("option").count()):
        if box.input_value() == value:
            return
        keys.page.keyboard.press("ArrowDown")
    raise AssertionError(f"The arrow does not reach {value}")


@pytest.mark.django_db(transaction=True)
def test_review_is_scored_and_handed_in_by_keyboard_alone(chromium, site, cast, panel, funded_call):
    proposal = stages.check(conftest.new_proposal(funded_call, cast), cast)
    stages.assign(proposal, cast, panel["reviewers"][1:])
    person = panel["reviewers"][0]
    review = reviewing.assign(stages.fresh(proposal), by=cast["secretariat"], reviewer=person)
    visitor = Visitor(chromium, site, person, 320)
    keys = Keys(visitor)
    visitor.page.goto(site.url + review.get_absolute_url())
    move(keys, keys.page.get_by_label("Do you have an interest in it?", exact=True), "none")
    keys.press("Declare and go on")
    perform(stages.fresh(proposal), "begin_review", by=cast["secretariat"])
    keys.page.reload()
    for criterion, halves in zip(funded_call.criteria.all(), ("5", "8", "8", "8", "9"), strict=True):
        move(keys, keys.page.locator(f"[name=score_{criterion.pk}]"), halves)
        if halves in ("5", "9"):
            keys.type(f"Why this score for “{criterion.name}”?", "Shown on page two.")
    for label in ("One strength", "One weakness", "One thing to change"):
        keys.type(label, f"{label}.")
    move(keys, keys.page.get_by_label("How likely is it that the promised target is met?", exact=True), "open")
    keys.press("Hand in")
    keys.page.get_by_text("Handed in.").first.wait_for()
    done = Review.objects.get(pk=review.pk)
    assert (done.state, list(done.scores.values_list("halves", flat=True))) == ("submitted", [5, 8, 8, 8, 9])
    visitor.context.close()
    assert visitor.faults == []
