"""What the others wrote stays closed until the own review is in, and two are."""

from django.urls import reverse

from evaluation.models import Review
from evaluation.queries import panel_of
from evaluation.services import reviewing
from people.enums import Role
from people.services.accounts import system_user
from people.services.grants import grant_role

from .test_writing_reviews import in_review, own, review, save, seated  # noqa: F401  (fixtures)

CANARY = "Canaryother"
TELLING = (CANARY, "0.5 of 5", "2 of 3", "10 %", "<strong>reviewers differ", "Reviewer A")


def test_reviewer_finds_nothing_of_the_others_before_the_own_is_in(in_review, review, panel, cast):  # noqa: F811
    """Also not as chair, in counts, totals, marks or lists."""
    others = [own(in_review, person) for person in panel["reviewers"][1:]]
    for other in others:
        reviewing.submit(save(other, halves=1, strength=CANARY), by=other.reviewer)
    for role in (Role.CHAIR, Role.SECRETARIAT, Role.AUDITOR):
        grant_role(by=system_user(), person=review.reviewer, role=role, reason="test")
    client = seated(review.reviewer)
    case, call = in_review.case, in_review.call.reference
    paths = [
        review.get_absolute_url(), reverse("my_reviews"), reverse("home"), in_review.get_absolute_url(),
        reverse("panel", args=[call]), reverse("moderation_queue", args=[call]), reverse("consensus", args=[case]),
        reverse("moderation_notes", args=[case]), reverse("feedback", args=[case]),
        *(path for o in others for path in (o.get_absolute_url(), reverse("review_history", args=[o.pk]))),
    ]  # fmt: skip
    for path in paths:
        page = client.get(path).content.decode()
        assert [word for word in TELLING if word in page] == [], path
    assert set(Review.objects.visible_to(review.reviewer)) == {review}
    assert panel_of(in_review.call, review.reviewer) == []
    reviewing.submit(save(review), by=review.reviewer)
    assert CANARY in client.get(review.get_absolute_url()).content.decode()
    assert len(panel_of(in_review.call, review.reviewer)) == 1


def test_one_other_review_alone_stays_closed(in_review, review, panel):  # noqa: F811
    other = own(in_review, panel["reviewers"][1])
    reviewing.submit(save(review), by=review.reviewer)
    page = seated(review.reviewer).get(review.get_absolute_url()).content.decode()
    assert "They open when at least two reviews are in" in page
    reviewing.submit(save(other, strength=CANARY), by=other.reviewer)
    assert CANARY in seated(review.reviewer).get(review.get_absolute_url()).content.decode()
