"""What waits for a person in this room."""

from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from fund.enums import Stage
from lifecycle import clock
from people.enums import Role
from people.models import User
from people.waiting import Waiting, as_part
from proposals.enums import ProposalState
from proposals.lane import is_spark
from proposals.models import Proposal
from proposals.models.proposal import REOPENABLE
from proposals.queries import first_of

from .enums import OPEN_APPEAL, AppealState, ReviewState
from .models import Appeal, Decision, Review, Vote
from .needs import to_be_judged_again
from .queries import OPEN, SHOWN, excluded_reviews, in_present_round

# The refusals of a whole batch are released with its approvals; one after an appeal is a batch of its own.
DECIDED_AGAIN = Exists(Decision.objects.filter(proposal=OuterRef("pk"), replaces__isnull=False))
TOLD = Q(state=ProposalState.DECLINED, released_at__isnull=False)
AN_EXCLUDED = Exists(excluded_reviews().filter(proposal=OuterRef("pk")))


def waiting_for(user: User, roles: set[str], *, practice: bool = False) -> list[Waiting]:
    """Return what waits for the person, who holds `roles`, in this room; of practice calls only when asked."""
    rows: list[Waiting] = []
    if Role.REVIEWER in roles:
        rows += as_part(Role.REVIEWER.label, _reviews(user, practice))
    if roles & {Role.SECRETARIAT, Role.CHAIR, Role.BOARD}:
        rows += _steps(user, roles, practice)
    if Role.APPEALS in roles and not practice:
        rows += as_part(Role.APPEALS.label, _appeals(user))
    return rows


APPEAL_STEPS = {
    AppealState.LODGED: ("Can the appeal about “{}” be heard?", ""),
    AppealState.ADMISSIBLE: ("Give the appeal about “{}” to an officer", "assign/"),
    AppealState.ASSIGNED: ("Decide the appeal about “{}”", ""),
}
ELSEWHERE = ("Late: the appeal about “{}” is with another officer", "")


def _appeals(user: User) -> list[Waiting]:
    """Return the appeals to be looked at or given to somebody, those given to the officer, and all late ones."""
    found = Appeal.objects.visible_to(user).of_practice(False).filter(state__in=OPEN_APPEAL)
    mine = found.filter(~Q(state=AppealState.ASSIGNED) | Q(officer=user) | Q(due_on__lt=clock.today()))
    return [_appeal(row, user) for row in mine.select_related("proposal")[:SHOWN]]


def _appeal(row: Appeal, user: User) -> Waiting:
    own = row.officer_id in (None, user.pk)
    words, page = APPEAL_STEPS[AppealState(row.state)] if own else ELSEWHERE
    about, path = row.proposal.reference or "", row.get_absolute_url() + page
    return Waiting(words.format(row.proposal.title), about, path, row.due_on)


STEPS: tuple[tuple[Role, tuple[str, ...], str, str], ...] = (
    (Role.SECRETARIAT, (ProposalState.ELIGIBLE,), "Assign reviewers to “{}”", "reviewers/"),
    (Role.SECRETARIAT, (ProposalState.RECOMMENDED, ProposalState.NOT_RECOMMENDED), "Bring “{}” to the board", ""),
    (Role.SECRETARIAT, (ProposalState.APPROVED, ProposalState.DECLINED), "Release the batch with “{}”", ""),
    (
        Role.CHAIR,
        (ProposalState.REVIEW_CLOSED, ProposalState.IN_MODERATION),
        "Compare reviews: “{}”",
        "consensus/",
    ),
    (Role.CHAIR, (ProposalState.RANKED,), "Recommend or not: “{}”", ""),
    (Role.BOARD, (ProposalState.DECISION_PENDING,), "Vote on “{}”", "vote/"),
)


def _steps(user: User, roles: set[str], practice: bool) -> list[Waiting]:
    """Return an officer's steps on proposals in judging, without those on which a board member has voted."""
    mine = [step for step in STEPS if step[0] in roles]
    own = in_present_round(Vote.objects.filter(proposal=OuterRef("pk"), member=user))
    seen = Proposal.objects.visible_to(user).not_concealed().exclude(Exists(own), state=ProposalState.DECISION_PENDING)
    seen = seen.of_practice(practice).exclude(call__stage=Stage.SPARK, state=ProposalState.APPROVED)
    seen = seen.exclude(~DECIDED_AGAIN, state=ProposalState.DECLINED).exclude(TOLD)
    if practice:
        seen = seen.exclude(state=ProposalState.APPROVED)  # nothing is released
    again = [row for row in seen.filter(AN_EXCLUDED, state__in=REOPENABLE) if to_be_judged_again(row)]
    reopened = [_step(row, Role.SECRETARIAT, "Open the reviews of “{}” again", "") for row in again]
    firsts = [first_of(seen.exclude(pk__in=[row.pk for row in again]).filter(state__in=step[1])) for step in mine]
    found = list(Proposal.objects.filter(reduce(or_, firsts)).select_related("call").order_by("number", "pk"))
    steps = [_step(p, role, words, page) for role, states, words, page in mine for p in found if p.state in states]
    return (reopened if Role.SECRETARIAT in roles else []) + steps


def _step(proposal: Proposal, role: Role, words: str, page: str) -> Waiting:
    if is_spark(proposal) and proposal.state == ProposalState.DECISION_PENDING:
        words, page = "Decide on “{}”", "decide/"  # one member decides a small idea
    url = f"{proposal.get_absolute_url()}{page}"
    return Waiting(words.format(proposal.title), proposal.reference or "", url, part=role.label)


def _reviews(user: User, practice: bool) -> list[Waiting]:
    still_open = (ProposalState.ELIGIBLE, ProposalState.IN_REVIEW)
    seen = Review.objects.visible_to(user).of_practice(practice)
    own = seen.filter(reviewer=user, state__in=OPEN, proposal__state__in=still_open)
    return [
        Waiting(
            f"Accept the review of “{r.subject}”?" if r.state == ReviewState.ASSIGNED
            else f"Review “{r.subject}”", r.get_state_display(), r.get_absolute_url(),
        )
        for r in own.select_related("proposal__call")[:SHOWN]
    ]  # fmt: skip
