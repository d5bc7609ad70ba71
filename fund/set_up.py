"""What each task of a call's set-up still misses, and the call as plain values for its versions."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from lifecycle import clock
from lifecycle.fiscal import fiscal_bounds
from people.models import User
from people.templatetags.fund import moment, moment_before, money

from .closed_lines import is_closed
from .enums import CallKind, CallTask, FundingRule, LotsRule, QuestionKind, Stage
from .models import BudgetLine, Call, Question
from .stage_defaults import STAGES, URGENT_DAYS

SCORES = range(6)
FEW = 5  # grants of the largest size that a call is thought to end in at least
NO_LINE = "Choose the budget line that pays."
TEXTS = {
    "purpose": "Say what the call is for.",
    "who_can_apply": "Say who can apply.",
    "leads_regular": "Say what it can and cannot lead to for regular civil servants.",
    "leads_contract": "Say what it can and cannot lead to for people on contract.",
    "leads_deputed": "Say what it can and cannot lead to for people on deputation.",
    "have_ready": "Say what to have ready.",
}

FUNDING = {
    FundingRule.STOP: "All proposals stand in one list, the best first, and are funded from the top while there is "
    "money. When the next one costs more than is left, it ends there: nothing below it is funded, even if it would "
    "cost less.",
    FundingRule.SKIP: "All proposals stand in one list, the best first, and are funded from the top while there is "
    "money. When the next one costs more than is left, it is passed over, and the next one that fits is funded.",
}
LOTS = {
    LotsRule.EXACT_TIES: "If proposals have exactly the same score and the money does not reach for all of them, lots "
    "decide between them. In no other case are lots drawn.",
    LotsRule.RANK_INTERVAL: "Scores are never exact. Where the money ends, some proposals are so near to each other "
    "that the reviews cannot tell which is better; between those, lots decide. What is clearly better is funded "
    "without lots, and what is clearly weaker is not.",
}


@dataclass(frozen=True)
class MoneyOfCall:
    """The budget line of a call beside what its proposals may cost; money in chhetrum."""

    line: BudgetLine
    available: int
    ceiling: int
    few: int
    cost_of_few: int
    fits: int  # proposals of the largest size that the line can pay
    warnings: list[str]


def problems_in(call: Call, task: CallTask) -> list[str]:
    """Return what a task still misses, one sentence each."""
    return PROBLEMS[task](call)


def _basics(call: Call) -> list[str]:
    return [sentence for name, sentence in TEXTS.items() if not getattr(call, name).strip()]


def _money(call: Call) -> list[str]:
    """Refuse no line, and one without money on the day of the opening.

    An amount above what the line has today is only warned of: a year's money comes in parts, and no grant is ever
    promised beyond it.
    """
    if call.budget_line is None:
        return [NO_LINE]
    ends = fiscal_bounds(call.budget_line.fiscal_year)[1]
    if ends >= timezone.localtime(call.opens_at).date():
        return []
    until = f"{ends.day} {ends:%B %Y}"
    return [f"The year of “{call.budget_line}” ends on {until}, before the call opens. Choose a line of a later year."]


def money_of(call: Call, reader: User) -> MoneyOfCall | None:
    """Return which line pays and what it has, with warnings, for whoever prepares or approves.

    None without a line, and for a reader to whom the line is closed.
    """
    line, usual = call.budget_line, STAGES[Stage(call.stage)].ceiling
    if line is None or is_closed(line, reader):
        return None
    warnings = _money(call)
    if call.ceiling > line.available:
        warnings.append("One proposal may get more than is available on the line. Lower it, or choose another line.")
    elif line.available < FEW * call.ceiling:
        warnings.append(f"The line has less than {FEW} proposals of the largest size would cost.")
    if call.ceiling > usual:
        warnings.append(f"The stage gives at most {money(usual)} for one proposal; this call gives more.")
    fits = max(line.available, 0) // call.ceiling
    return MoneyOfCall(line, line.available, call.ceiling, FEW, FEW * call.ceiling, fits, warnings)


def _criteria(call: Call) -> list[str]:
    rows = list(call.criteria.all())
    total = sum(row.weight for row in rows)
    found = [] if total == 100 else [f"The weights add up to {total}. They must add up to 100."]
    bare = [row.name for row in rows if len([said for said in row.anchors if said.strip()]) != len(SCORES)]
    return found + [f"Say what each of the six scores of “{name}” means." for name in bare]


def _dates(call: Call) -> list[str]:
    if call.closes_at is None:
        return []
    found = [] if call.closes_at > clock.now() else ["The closing day must lie in the future."]
    if call.kind == CallKind.URGENT:
        if call.closes_at - call.opens_at > timedelta(days=URGENT_DAYS):
            found.append(f"An urgent call is open for {URGENT_DAYS} days at most.")
        if not call.urgent_reason.strip():
            found.append("Say why it is urgent.")
    return found


def _questions(call: Call) -> list[str]:
    found = []
    for row in call.questions.all():
        if row.kind == QuestionKind.CHOICE and len(row.choices) < 2:
            found.append(f"Give “{row.text}” at least two choices.")
        if row.kind == QuestionKind.TABLE and not row.columns:
            found.append(f"Name the columns of “{row.text}”.")
    return found


def _nothing(call: Call) -> list[str]:
    return []


PROBLEMS = {
    CallTask.BASICS: _basics, CallTask.MONEY: _money, CallTask.CRITERIA: _criteria, CallTask.DATES: _dates,
    CallTask.RULES: _nothing, CallTask.QUESTIONS: _questions,
}  # fmt: skip


@dataclass(frozen=True)
class TaskRow:
    """One row of the set-up's task list."""

    key: str
    title: str
    done: bool
    problems: list[str]


def tasks_of(call: Call) -> list[TaskRow]:
    """Return the tasks with what they miss."""
    rows = [(task, problems_in(call, task)) for task in CallTask]
    return [TaskRow(t, t.label, t in call.tasks_done and not missing, missing) for t, missing in rows]


def halves(value: int) -> str:
    """Show half points as points, e.g. 7 -> `3.5`."""
    return f"{value // 2}.5" if value % 2 else str(value // 2)


def length_in_words(weeks: int) -> str:
    """Show a length in weeks; from half a year on in months."""
    return f"{weeks} weeks" if weeks < 26 else f"{round(weeks * 12 / 52)} months"


def sharing_of(call: Call) -> list[str]:
    """Return in plain sentences how the money of a call is shared out, and between whom lots are drawn."""
    if call.stage == Stage.SPARK:
        return [
            "Each small idea is decided by itself, in the order in which the ideas arrive, while there is money.",
            "There is no list, and no lots are drawn.",
        ]
    board = (
        f"At least {call.quorum} board members without a conflict vote, and more than half of them decide. What they "
        f"would fund if there were money stays on a reserve list for {call.reserve_months} months."
    )
    return [FUNDING[FundingRule(call.funding_rule)], LOTS[LotsRule(call.lots_rule)], board]


def facts_of(call: Call) -> dict[str, str]:
    """Return everything that a version freezes: label -> words, as people read it, in the order of the page."""
    line = call.budget_line
    said = {
        "Title": call.title, "What the call is for": call.purpose, "Who can apply": call.who_can_apply,
        "Sectors that may lead": ", ".join(row.get_sector_display() for row in call.sectors.all()) or "All",
        "What it can lead to, regular posts": call.leads_regular, "On contract": call.leads_contract,
        "On deputation": call.leads_deputed, "What to have ready": call.have_ready,
        "Minutes needed": str(call.minutes_needed), "Stage": call.get_stage_display(), "Kind": call.get_kind_display(),
        "Why it is urgent": call.urgent_reason, "Money for one proposal": money(call.ceiling),
        "Length": length_in_words(call.length_weeks), "Reviews of each proposal": str(call.reviews_needed),
        "Least score of each criterion": f"{halves(call.least_halves)} of 5",
        "Least total": f"{call.least_total} %", "Answer within": f"{call.answer_days} business days",
        "Reviewers see names": "No" if call.names_hidden else "Yes", "Proposals expected": str(call.expected),
        "Budget line": f"{line} ({line.code})" if line else "", "Opens": moment(call.opens_at),
        "Closes": moment_before(call.closes_at) or "When the head of secretariat closes it",
        "When money runs short": call.get_funding_rule_display(), "Lots": call.get_lots_rule_display(),
        "Votes of the board": f"at least {call.quorum}", "On the reserve list": f"at most {call.reserve_months} months",
    }  # fmt: skip
    for row in call.criteria.all():
        scores = " ".join(f"{score}: {said}" for score, said in enumerate(row.anchors))
        said[f"Criterion {row.position}: {row.name}"] = f"{row.weight} %. {scores}"
    return said | {f"Question {row.position}: {row.text}": _question(row) for row in call.questions.all()}


def _question(row: Question) -> str:
    parts = [row.get_kind_display(), "must be answered" if row.required else "may be left empty", row.help_text]
    if row.kind == QuestionKind.TEXT:
        parts.append(f"at most {row.limit} letters")
    parts += [", ".join(row.choices), ", ".join(row.columns), "kept from reviewers" if row.hidden else ""]
    if row.shown_if:
        parts.append(f"asked when “{row.shown_if.text}” is “{row.shown_value}”")
    return "; ".join(part for part in parts if part)


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (label, before, after) of what changed between two versions, in the order of the newer one."""
    labels = [*after, *(label for label in before if label not in after)]
    pairs = [(label, before.get(label, ""), after.get(label, "")) for label in labels]
    return [row for row in pairs if row[1] != row[2]]
