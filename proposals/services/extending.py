"""Telling the teams that are still writing that everybody got more time."""

from fund.models import Extension
from lifecycle.jobs import RunningJob
from people.services.notify import notify
from people.templatetags.fund import moment_before

from ..models import Proposal
from .submitting import WRITING
from .team import joined_people


def tell(job: RunningJob) -> None:
    """Tell everybody who writes in the call, once each, the new end and its reason."""
    row = Extension.objects.select_related("call").get(pk=int(job.key))
    drafts = list(Proposal.objects.filter(call=row.call, state__in=WRITING).order_by("pk"))
    people = {}
    for done, proposal in enumerate(drafts):
        people.update({person.pk: person for person in joined_people(proposal)})
        job.progress(done, len(drafts), "Finding the teams")
    with job.completing():
        for person in people.values():
            notify(
                person=person, key=f"extended-all:{row.pk}:{person.pk}", subject=f"More time: {row.call.title}",
                body=f"“{row.call.title}” now closes {moment_before(row.until)}. The reason: {row.reason}",
                path=f"/calls/{row.call.reference}/",
            )  # fmt: skip
