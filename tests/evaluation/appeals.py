"""Bringing an appeal to a stage, only through the services, as people would."""

from evaluation.enums import Choice, Ground
from evaluation.services import appeals, decide
from lifecycle.jobs import run
from lifecycle.models import Job
from people.enums import Role

from .. import stages
from ..conftest import officers
from ..remembering import remembered

WORDS = "The letter says that no baseline is given. It stands in our answers."


def decline(pending, panel, reasons=("Too small.", "Too dear.", "Too early.")):
    """Three board members decline, each with a reason."""
    for member, reason in zip(panel["board"], reasons, strict=False):
        decide.vote(pending, by=member, choice=Choice.DECLINE, reason=reason)
    return decide.decline(stages.fresh(pending), by=panel["board"][0])


def refuse(pending, panel, cast):
    """The same, released."""
    return stages.tell(decline(pending, panel), cast, panel["chair"])


def lodge(proposal, cast, **fields):
    return appeals.lodge(proposal, by=cast["lead"], **({"ground": Ground.FACT, "words": WORDS} | fields))


def assigned(proposal, cast, officer):
    made = appeals.admit(lodge(proposal, cast), by=officer, note="A fact is named.")
    return appeals.assign(made, by=officer, officer=officer)


def make_letters():
    for job in Job.objects.filter(name="evaluation.make_letter", state="queued"):
        assert run(job.pk)


@remembered
def officer(agencies):
    """An appeals officer of an agency that takes no part."""
    return officers(Role.APPEALS, agencies["farms"], 1)[0]


@remembered
def refused(pending, panel, cast):
    return refuse(pending, panel, cast)
