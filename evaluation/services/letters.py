"""Letters: written in the transaction of the release, made into a PDF by a job after it."""

from collections.abc import Sequence

from documents.pdf import render_pdf
from documents.services import store_file
from lifecycle import clock
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.trail import canonical
from people.models import User
from people.services.notify import notify
from proposals.models import Proposal
from proposals.services.team import joined_people

from ..appealing import in_words, last_day
from ..enums import Choice
from ..letters import about_appeal, about_decision, about_end_of_reserve
from ..models import Appeal, Decision, Letter

KIND = "letter"


def write(proposal: Proposal, *, by: User, lots: Sequence[str] = ()) -> Letter:
    """Write the letter about the decision that was just released, and tell the team; the caller holds the proposal."""
    decision = proposal.decisions.select_related("replaces").get(round=proposal.decisions.count())
    letter = _kept(proposal, about_decision(proposal, decision, lots=lots), by, decision=decision)
    for person in joined_people(proposal):
        notify(
            person=person, key=f"letter:{letter.pk}:{person.pk}", subject=_subject(proposal, decision),
            body=_body(proposal, decision), path=letter.get_absolute_url(),
        )  # fmt: skip
    return letter


def _subject(proposal: Proposal, decision: Decision) -> str:
    if decision.choice == Choice.APPROVE:
        return f"Your proposal is to be funded: {proposal.reference}"
    if decision.choice == Choice.RESERVE:
        return f"Your proposal is on the reserve list: {proposal.reference}"
    return f"The board did not fund your proposal: {proposal.reference}"


def _body(proposal: Proposal, decision: Decision) -> str:
    if decision.choice == Choice.APPROVE or proposal.released_at is None:
        return f"“{proposal.title}” is to be funded. Your letter says what happens next."
    if decision.choice == Choice.RESERVE and proposal.reserved_until:
        return (
            f"“{proposal.title}” is on the reserve list until {in_words(proposal.reserved_until)}: the board decides "
            "again if money becomes free. Your letter says why and what happens next."
        )
    until = in_words(last_day(proposal.released_at))
    return (
        f"“{proposal.title}” was not funded this time. Your letter says why. If you think that this is wrong, the lead "
        f"can appeal until {until}; an appeal harms nobody."
    )


def write_outcome(appeal: Appeal, *, by: User) -> Letter:
    """Write the letter about how an appeal ended, and tell the team."""
    letter = _kept(appeal.proposal, about_appeal(appeal), by, appeal=appeal)
    for person in joined_people(appeal.proposal):
        notify(
            person=person, key=f"letter:{letter.pk}:{person.pk}", subject=f"{letter}: {appeal.proposal.reference}",
            body=f"About “{appeal.proposal.title}”. The letter gives the reasons and says what happens next.",
            path=letter.get_absolute_url(),
        )  # fmt: skip
    return letter


def write_end(proposal: Proposal, *, by: User) -> Letter:
    """Write the letter about a time on the reserve list that is over, and tell the team; the caller holds it."""
    put = proposal.decisions.filter(choice=Choice.RESERVE).get(round=proposal.decisions.count())
    letter = _kept(proposal, about_end_of_reserve(proposal, put), by, ended=put)
    for person in joined_people(proposal):
        notify(
            person=person, key=f"letter:{letter.pk}:{person.pk}", case=proposal.case,
            subject=f"The time on the reserve list is over: {proposal.reference}",
            body=f"No money became free for “{proposal.title}” in time, so it is not funded. The letter says what you "
            "can do now.", path=letter.get_absolute_url(),
        )  # fmt: skip
    return letter


def _kept(proposal: Proposal, said: dict[str, object], by: User, **about: Decision | Appeal) -> Letter:
    letter = Letter.objects.create(proposal=proposal, content=canonical(said), at=clock.now(), **about)
    enqueue("evaluation.make_letter", str(letter.pk), by_id=by.pk)
    return letter


def make(job: RunningJob) -> None:
    """Render and store the PDF; the stored row, the letter's file and the job's done-mark are one transaction."""
    letter = Letter.objects.select_related("proposal").get(pk=int(job.key))
    said = letter.said
    job.progress(0, 1, "Writing the PDF")
    title = f"{said['title']}: {said['reference']}"
    pdf = render_pdf("pdf/letter.html", {"letter": letter, "said": said}, title=title)
    with job.completing():
        stored = store_file(
            content=pdf, name=f"{said['reference']}-letter.pdf", content_type="application/pdf", kind=KIND,
            case=letter.proposal.case,
        )  # fmt: skip
        Letter.objects.filter(pk=letter.pk).update(file=stored)
