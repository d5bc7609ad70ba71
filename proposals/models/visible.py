"""Which proposals a person may read, and in which words."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from people.enums import LEAD_PARTS, TEAM_PARTS, Part, Role
from people.models import Involvement
from people.policies import in_force
from people.queries import agencies_for, blocked_cases, role_names, snapshot_of, tree_of_agency

from .. import guards
from ..enums import AFTER_REVIEWS, JUDGED, JUDGING, OVER, ProposalState
from .parts import Partner

if TYPE_CHECKING:
    from .proposal import Proposal  # noqa: F401 - the base below names it in a string

S = ProposalState
OWN = (*TEAM_PARTS, Part.SPONSOR)  # these read "being judged" until the batch is released
SEES_JUDGING = {Role.CHAIR, Role.BOARD}
SEES_SUBMITTED = {Role.SECRETARIAT, Role.HEAD, Role.AUDITOR}


def has_office(user: Any, roles: set[str] | None = None) -> bool:
    """Tell whether a role opens proposals to the user, beside any part in them; `roles` saves asking again."""
    return bool((role_names(user) if roles is None else roles) & (SEES_SUBMITTED | SEES_JUDGING))


def of_own_agency(user: Any) -> Q:
    """Return the condition on rows with a `case` that the user's own agency takes part in it.

    That is: it, its ministry or anything below that is a partner, or has or had a person in the team or approving. The
    partners of a practice do not know of it.
    """
    post = snapshot_of(user)
    tree = tree_of_agency(post.agency_id if post else 0).values("pk")
    people = Involvement.objects.filter(part__in=OWN, agency__in=tree)
    partners = Partner.objects.filter(agency__in=tree, proposal__call__practice_of=None)
    return Q(case__in=people.values("case")) | Q(case__in=partners.values("proposal__case"))


def asked_of(user: Any) -> QuerySet[Partner, Any]:
    """Return the keys of the proposals that the user's agencies are asked about, for a subquery."""
    return Partner.objects.filter(agency__in=agencies_for(user, Role.SPONSOR)).values("proposal")


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Proposals by what one may see."""

    def visible_to(self, user: Any, roles: set[str] | None = None) -> "ProposalQuerySet":
        """Return what the person may read, without cases that a conflict keeps them out of.

        The team and those involved by their part see theirs; an agency's approver those that its agency is asked
        about; the secretariat and auditors all that were submitted. `roles` saves asking again who has asked.
        """
        if user is None or not user.is_authenticated:
            return self.none()
        mine = Involvement.objects.filter(in_force(), person=user, part__in=(*OWN, Part.REVIEWER, Part.APPEALS))
        led = mine.filter(part__in=LEAD_PARTS).values("case")
        gone = Q(state=S.DELETED) & (~Q(case__in=led) | Q(deleted_at__lte=guards.undo_ends_before()))
        reviewed = mine.filter(part=Part.REVIEWER).values("case")
        blind = Q(call__names_hidden=True, case__in=reviewed)  # read without names, on the review alone
        own = self._ids(~gone & ~blind, case__in=mine.values("case"))
        roles = role_names(user) if roles is None else roles
        asked_about = self._asked_about(user) if Role.SPONSOR in roles else None
        # Few rows are found by their keys; many are met soon enough by walking down the list.
        if has_office(user, roles):
            seen = Q(pk__in=own) | self._seen_by_office(user, roles) & ~blind
            found = self.filter(seen if asked_about is None else seen | Q(pk__in=asked_about))
        else:
            found = self.filter(pk__in=own if asked_about is None else own.union(asked_about))
        return found.exclude(case__in=blocked_cases(user)).as_read_by(user, roles)

    def _asked_about(self, user: Any) -> QuerySet[Any, Any]:
        return self._ids(~Q(state=S.DRAFT), pk__in=asked_of(user), versions__isnull=False)

    def _ids(self, *conditions: Q, **fields: Any) -> QuerySet[Any, Any]:
        return self.model._base_manager.filter(*conditions, **fields).order_by().values("pk")

    @staticmethod
    def _seen_by_office(user: Any, roles: set[str]) -> Q:
        """Return what the roles open: all that was submitted, or what is being judged of other agencies."""
        seen = Q(submitted_at__isnull=False) if roles & SEES_SUBMITTED else Q(pk__in=[])
        if roles & SEES_JUDGING:
            seen |= Q(state__in=JUDGING) & ~of_own_agency(user)
        return seen

    def of_practice(self, practice: bool) -> "ProposalQuerySet":
        """Return the invented ones of practice calls, or all others: every list and every figure takes the others."""
        return self.filter(call__practice_of__isnull=not practice)

    def shown_as(self, state: str) -> "ProposalQuerySet":
        """Return those that their reader sees in `state`; after `as_read_by`."""
        found = self.filter(shown_state=state)  # type: ignore[misc]
        return found if state == JUDGED else found.filter(state=state)  # what is shown is what is: the index helps

    def not_concealed(self) -> "ProposalQuerySet":
        """Leave out what its reader sees only as "being judged"; after `as_read_by`."""
        return self.exclude(shown_state=JUDGED)  # type: ignore[misc]

    def going_on(self) -> "ProposalQuerySet":
        """Leave out what its reader knows to be over; after `as_read_by`."""
        return self.exclude(shown_state__in=OVER)  # type: ignore[misc]

    def as_read_by(self, user: Any, roles: set[str] | None = None) -> "ProposalQuerySet":
        """Annotate `shown_state`: `judged` until the batch is released.

        For the team and its approvers during all of the judging, for reviewers without an office after the reviews.
        """
        roles = role_names(user) if roles is None else roles
        mine = Q(case__in=Involvement.objects.filter(person=user, part__in=OWN).values("case"))
        if Role.SPONSOR in roles:
            mine |= Q(pk__in=asked_of(user))
        hidden = Q(state__in=JUDGING, released_at=None) & mine
        if not has_office(user, roles):
            reviewed = Involvement.objects.filter(person=user, part=Part.REVIEWER).values("case")
            hidden |= Q(state__in=AFTER_REVIEWS, released_at=None, case__in=reviewed)
        return self.annotate(shown_state=Case(When(hidden, then=Value(JUDGED)), default=Cast("state", CharField())))
