"""How many of one's reviews are done: "7 of 12"."""

from evaluation.queries import progress_of
from evaluation.services import reviewing
from lifecycle.performing import perform
from people.enums import Role
from proposals.models import Proposal

from .. import factories, stages
from ..conftest import officers
from .test_writing_reviews import in_review, own, save

__all__ = ["in_review"]


def test_draft_that_nobody_can_hand_in_any_more_is_not_counted(in_review, cast, panel):
    (late,) = officers(Role.REVIEWER, factories.AgencyFactory(), 1)
    stages.assign(in_review, cast, [late])
    for person in panel["reviewers"]:
        reviewing.submit(save(own(in_review, person)), by=person)
    save(own(in_review, late))
    assert progress_of(late) == (0, 1)
    perform(Proposal.objects.get(pk=in_review.pk), "close_review", by=panel["chair"])
    assert (progress_of(late), progress_of(panel["reviewers"][0])) == ((0, 0), (1, 1))
