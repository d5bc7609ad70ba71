"""Who may change calls."""

from typing import Any

from django.db.models import QuerySet

from lifecycle.policies import Policy, policy
from people.enums import TEAM_PARTS, Grade, Part, Role
from people.models import Block, Involvement, RoleGrant
from people.policies import (
    has_second_factor,
    holds,
    in_force,
    is_blocked,
    is_in_team,
    is_lead,
    is_of_another_agency,
    is_system,
)
from people.toxic import acting_as, closed_cases

from .closed_lines import is_closed
from .enums import FindingOffice, FindingState, Stage

OFFICE = (Role.SECRETARIAT, Role.HEAD, Role.AUDITOR)
sees_drafts = holds(*OFFICE)
JUDGES = (Role.REVIEWER, Role.CHAIR, Role.BOARD)
practises = holds(*OFFICE, *JUDGES)


@policy("not its author")
def is_not_author(call: Any, user: Any) -> bool:
    """Nobody approves a call that they wrote."""
    return bool(call.created_by_id != user.pk)


@policy("not the board member who declared it urgent")
def is_not_declarer(call: Any, user: Any) -> bool:
    """Keep the head and the board member two people."""
    return bool(call.declared_by_id != user.pk)


may_set_up = holds(Role.SECRETARIAT)
may_recall = holds(Role.SECRETARIAT)
may_approve = holds(Role.HEAD) & is_not_author & is_not_declarer
may_cancel = holds(Role.HEAD) & is_not_author
may_close = holds(Role.HEAD)
may_extend = holds(Role.SECRETARIAT)
may_run_call = holds(Role.SECRETARIAT)
declares_urgency = holds(Role.BOARD)
may_declare_urgent = declares_urgency & is_not_author
SEE_MONEY = (Role.MAKER, Role.CHECKER, Role.SECRETARIAT, Role.HEAD, Role.BOARD, Role.AUDITOR)


@policy("finance, secretariat, board or auditor")
def sees_money(_: Any, user: Any) -> bool:
    """Tell whether the user holds one of these roles; one query for all."""
    return money_roles_of(user).exists()


def money_roles_of(user: Any) -> QuerySet[RoleGrant]:
    """Return the user's roles in force that open all money, also for use inside a query."""
    return RoleGrant.objects.filter(in_force(), person=user, role__in=SEE_MONEY)


may_budget = holds(Role.HEAD) | holds(Role.MAKER) | is_system


@policy("the approver named in the agreement")
def is_named_sponsor(grant: Any, user: Any) -> bool:
    """Tell whether it is the named person, who may still sign for the agency."""
    may_sign = RoleGrant.objects.filter(in_force(), person=user, role=Role.SPONSOR, agency=grant.lead_agency_id)
    return bool(grant.sponsor_id == user.pk and may_sign.exists())


@policy("the one who prepared it")
def prepared_it(row: Any, user: Any) -> bool:
    """Nobody releases a payment or confirms an act of the year end that they prepared, whatever roles they hold."""
    return bool(row.prepared_by_id == user.pk)


@policy("outside the team and free of conflicts of interest")
def is_outsider(part: Any, user: Any) -> bool:
    """Tell whether the user is neither in the team nor kept out; one query, because every officer's page asks it."""
    team = Involvement.objects.filter(in_force(), case=part.case, person=user, part__in=TEAM_PARTS)
    kept_out = Block.objects.filter(case=part.case, person=user, grade=Grade.BLOCK)
    return not team.values("pk").union(kept_out.values("pk"), all=True).exists()


def free_to_act_as(part: Part) -> Policy:
    """Return the same, and that no part in the case clashes with `part`, for lists: two queries for all their rows."""

    def test(row: Any, user: Any) -> bool:
        return not user.is_staff and (row.case is None or row.case not in closed_cases(user, part))

    return Policy(test, is_outsider.name)


@policy("a small change")
def is_small(change: Any, _: Any) -> bool:
    """Tell whether the secretariat may decide it; everything else is the board's."""
    return bool(change.small)


@policy("the board member who agreed first")
def agreed_first(change: Any, user: Any) -> bool:
    """Tell whether the user is the first of the two board members that a larger award needs."""
    return bool(change.first_yes_id == user.pk)


@policy("a small idea")
def is_spark(grant: Any, _: Any) -> bool:
    """Tell whether one tap after the sign-in signs (domain: Spark lane)."""
    return bool(grant.terms.get("stage") == Stage.SPARK)


signs_with = Policy(lambda grant, user: is_spark(grant, user) or has_second_factor(grant, user), has_second_factor.name)
may_lead_grant = acting_as(is_lead & ~is_blocked, *TEAM_PARTS)
may_sign_as_sponsor = acting_as(is_named_sponsor & ~is_blocked, Part.SPONSOR)
may_work = acting_as(is_in_team & ~is_blocked, *TEAM_PARTS)
may_oversee = holds(Role.SECRETARIAT) & is_outsider
may_hold_back = holds(Role.HEAD) & is_outsider
may_waive = acting_as(holds(Role.BOARD) & is_outsider, Part.BOARD)
may_answer_change = is_small & may_oversee | may_waive
may_approve_change = may_answer_change & ~agreed_first
may_prepare = acting_as(holds(Role.MAKER) & is_outsider, Part.MAKER)
may_release = acting_as(holds(Role.CHECKER) & ~prepared_it & is_outsider, Part.CHECKER)
may_close_accounts = acting_as(holds(Role.CHECKER) & is_outsider, Part.CHECKER)
may_look_at_receipts = acting_as(holds(Role.MAKER) & is_outsider & is_of_another_agency, Part.MAKER)
may_correct_receipt = acting_as(holds(Role.CHECKER) & is_outsider, Part.CHECKER)
may_offer = holds(Role.SECRETARIAT) | holds(Role.HEAD) | is_system


@policy("the one who proposed it")
def proposed_it(transfer: Any, user: Any) -> bool:
    """Nobody decides on what they proposed, whatever roles they hold."""
    return bool(transfer.proposed_by_id == user.pk)


@policy("waiting for no decision that one of its lines pays")
def is_open_transfer(transfer: Any, user: Any) -> bool:
    """Tell whether both lines are open to the user: whether the money moves would say what is left of one."""
    return not is_closed(transfer.from_line, user) and not is_closed(transfer.to_line, user)


@policy("waiting for no decision that its line pays")
def is_open_rest(row: Any, user: Any) -> bool:
    """Tell whether the user may know the rest of the row's line; what is left of a grant tells nothing of it."""
    return row.case is not None or not is_closed(row.line, user)


may_propose_transfer = holds(Role.MAKER)
may_decide_transfer = holds(Role.CHECKER) & ~proposed_it & is_open_transfer
may_prepare_year_end = holds(Role.MAKER)
may_prepare_item = may_prepare_year_end & is_open_rest & free_to_act_as(Part.MAKER)
may_confirm_year_end = holds(Role.CHECKER) & ~prepared_it & is_open_rest & free_to_act_as(Part.CHECKER)
may_make_payment_file = holds(Role.CHECKER)
may_audit = holds(Role.AUDITOR) & is_outsider
ANSWER_FOR = {
    FindingOffice.TEAM: may_lead_grant,
    FindingOffice.FINANCE: holds(Role.MAKER, Role.CHECKER),
    FindingOffice.SECRETARIAT: holds(Role.SECRETARIAT, Role.HEAD),
}
answers_higher = holds(Role.HEAD)


@policy("the office that the finding names, or the head of secretariat once it is there")
def is_asked(finding: Any, user: Any) -> bool:
    """Tell whether the user answers for the office; nobody answers what they raised."""
    if finding.raised_by_id == user.pk:
        return False
    if finding.state == FindingState.ESCALATED:
        return answers_higher(finding, user)
    return ANSWER_FOR[FindingOffice(finding.office)](finding, user)
