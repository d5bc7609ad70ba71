"""Values that the room stores."""

from django.db.models import TextChoices


class CallState(TextChoices):
    """Stored states of a call; open and closed are derived from its dates."""

    DRAFT = "draft", "Being prepared"
    HANDED_OVER = "handed_over", "With the head of secretariat"
    APPROVED = "approved", "Approved"
    JUDGING = "judging", "Being judged"
    DECIDED = "decided", "Decided"
    SETTLED = "settled", "Settled"
    CANCELLED = "cancelled", "Cancelled"


HIDDEN = (CallState.DRAFT, CallState.HANDED_OVER)  # from everybody outside the fund's office


class CallKind(TextChoices):
    """How long a call is open."""

    DATED = "dated", "Dated: it opens and closes on a day"
    ROLLING = "rolling", "Rolling: it stays open until the head closes it"
    URGENT = "urgent", "Urgent: declared with a reason, 90 days at most"


class FundingRule(TextChoices):
    """What happens when the next proposal of the list costs more than is left."""

    STOP = "stop", "Stop: nothing below it is funded"
    SKIP = "skip", "Skip: it is passed over and the next that fits is funded"


class LotsRule(TextChoices):
    """Between which proposals lots are drawn."""

    EXACT_TIES = "exact_ties", "Only between proposals with exactly the same score at the line"
    RANK_INTERVAL = "rank_interval", "Between all that cannot be told apart from the line"


class QuestionKind(TextChoices):
    """What an own question of a call takes as an answer."""

    TEXT = "text", "Text"
    CHOICE = "choice", "One of several choices"
    NUMBER = "number", "Number"
    MONEY = "money", "Amount in ngultrum"
    DATE = "date", "Day"
    TABLE = "table", "Small table"
    FILE = "file", "Attached file"


class CallTask(TextChoices):
    """The tasks of setting up a call."""

    BASICS = "basics", "Say what the call is for"
    MONEY = "money", "Set the stage, the money and the answer time"
    CRITERIA = "criteria", "Write the criteria and what each score means"
    DATES = "dates", "Set the dates"
    RULES = "rules", "Choose how the money is shared out and how many decide"
    QUESTIONS = "questions", "Add questions of this call"


class Stage(TextChoices):
    """The four stages of money."""

    SPARK = "spark", "Spark"
    EXPLORE = "explore", "Explore"
    BUILD = "build", "Build"
    SCALE = "scale", "Scale"


class EntryKind(TextChoices):
    """What an entry of the ledger records; the words are those people read."""

    APPROPRIATION = "appropriation", "Programme budget"
    ALLOCATION = "allocation", "Allocated"
    COMMITMENT = "commitment", "Set aside"
    COMMITMENT_RELEASE = "commitment_release", "Set free again"
    DISBURSEMENT = "disbursement", "Paid out"
    EXPENDITURE = "expenditure", "Spent"
    REFUND = "refund", "Paid back"
    LAPSE = "lapse", "Returned at year end"
    CARRY_FORWARD = "carry_forward", "Carried into this year"
    REVERSAL = "reversal", "Corrected"
    TRANSFER_OUT = "transfer_out", "Moved to another line"
    TRANSFER_IN = "transfer_in", "Moved here from another line"


class GrantState(TextChoices):
    """Where a grant stands."""

    OFFERED = "offered", "Offered, waiting for signatures"
    ACTIVE = "active", "Running"
    DECLINED = "declined", "Offer declined"
    EXPIRED = "expired", "Offer expired"
    STOPPING = "stopping", "Stopping early"
    STOPPED_EARLY = "stopped_early", "Stopped early"
    COMPLETED = "completed", "Completed"
    SUSPENDED = "suspended", "Suspended"
    TERMINATED = "terminated", "Ended by the board"


RUNNING = (GrantState.ACTIVE, GrantState.STOPPING, GrantState.SUSPENDED)
ENDED = (GrantState.STOPPED_EARLY, GrantState.TERMINATED)  # before its plan was done
ACCOUNTS_OPEN = (*RUNNING, *ENDED, GrantState.COMPLETED)  # what was paid is received, accounted for and paid back

PAYING = (GrantState.ACTIVE, GrantState.COMPLETED)  # the latter its last payment
NOT_SENT = (GrantState.SUSPENDED, GrantState.TERMINATED)  # their released payments stay out of the bank's files


class MilestoneState(TextChoices):
    """Where a milestone stands."""

    PLANNED = "planned", "Planned"
    IN_PROGRESS = "in_progress", "In progress"
    SUBMITTED = "submitted", "Being looked at"
    RETURNED = "returned", "Returned to the team"
    ACCEPTED = "accepted", "Accepted"
    NOT_MET = "not_met", "Not reached"
    WAIVED = "waived", "No longer needed"


OPEN_MILESTONES = (MilestoneState.PLANNED, MilestoneState.IN_PROGRESS, MilestoneState.RETURNED)  # with the team
SETTLED = (MilestoneState.ACCEPTED, MilestoneState.NOT_MET, MilestoneState.WAIVED)


class TrancheState(TextChoices):
    """Where a payment stands."""

    LOCKED = "locked", "Not due yet"
    RELEASABLE = "releasable", "Can be prepared"
    PREPARED = "prepared", "Prepared, waiting for release"
    RELEASED = "released", "Released"
    ACKNOWLEDGED = "acknowledged", "Received by the agency"
    ACCOUNTED = "accounted", "Accounted for"
    HELD = "held", "On hold"
    CANCELLED = "cancelled", "Cancelled"


UNPAID = (TrancheState.LOCKED, TrancheState.RELEASABLE, TrancheState.PREPARED, TrancheState.HELD)
PAID = (TrancheState.RELEASED, TrancheState.ACKNOWLEDGED, TrancheState.ACCOUNTED)


class ReceiptState(TextChoices):
    """Where one receipt of the team stands; it counts as spent only while it is accepted."""

    WAITING = "waiting", "Finance looks at it"
    ACCEPTED = "accepted", "Accepted"
    RETURNED = "returned", "Returned to the team"
    CORRECTED = "corrected", "Corrected: it does not count"


class ReportState(TextChoices):
    """Where a one-page report stands."""

    SCHEDULED = "scheduled", "Opens after the quarter"
    OPEN = "open", "To be written"
    SUBMITTED = "submitted", "Being looked at"
    RETURNED = "returned", "Returned to the team"
    ACCEPTED = "accepted", "Accepted"
    SKIPPED = "skipped", "Not needed"


OPEN_REPORTS = (ReportState.OPEN, ReportState.RETURNED)  # with the team


class SignaturePart(TextChoices):
    """For whom a signature stands."""

    LEAD = "lead", "Lead"
    SPONSOR = "sponsor", "Agency approver"


class StopChoice(TextChoices):
    """What a team answers when a reading passes a stop rule."""

    GO_ON = "go_on", "Go on as planned"
    CHANGE = "change", "Change the plan"
    STOP = "stop", "Stop early"


class AmendmentKind(TextChoices):
    """What a change of the agreement is about."""

    TIME = "time", "More time"
    VIREMENT = "virement", "Money between budget items"
    SCOPE = "scope", "What is done"
    AMOUNT = "amount", "The amount"


class AmendmentState(TextChoices):
    """Where a change of the agreement stands."""

    SUBMITTED = "submitted", "Being looked at"
    MORE_INFO = "more_info", "More is asked of the team"
    APPROVED = "approved", "Approved"
    DENIED = "denied", "Denied"
    WITHDRAWN = "withdrawn", "Taken back by the team"
    APPLIED = "applied", "In the agreement"


class CloseOutState(TextChoices):
    """Where the closing of an ended grant stands."""

    TO_DO = "to_do", "To be filled in by the lead"
    HANDED_IN = "handed_in", "Being looked at by finance"
    CLOSED = "closed", "Closed"


class TransferState(TextChoices):
    """Where a transfer between budget lines stands."""

    PROPOSED = "proposed", "Proposed"
    DONE = "done", "Moved"
    REFUSED = "refused", "Refused"


class YearEndAct(TextChoices):
    """What becomes of money that is left at the end of a fiscal year."""

    CARRY = "carry", "Carry into the next year"
    RELEASE = "release", "Set free"
    LAPSE = "lapse", "Return"


class YearEndState(TextChoices):
    """Where one item of the year end stands."""

    PREPARED = "prepared", "Prepared, waiting for another person"
    DONE = "done", "Done"
    WITHDRAWN = "withdrawn", "Taken back"


class FindingOffice(TextChoices):
    """Who answers a finding of the audit."""

    TEAM = "team", "The team of the grant"
    FINANCE = "finance", "Finance"
    SECRETARIAT = "secretariat", "The secretariat"


class FindingKind(TextChoices):
    """What a finding says; all but the first say that a failure was not in good faith, and are about a grant."""

    OTHER = "other", "Something to put right or to explain"
    INTEREST = "interest", "An interest that somebody of the team did not declare"
    BREACH = "breach", "A material breach of the agreement"
    PURPOSE = "purpose", "Work or money that served another purpose than the agreed one"


class FindingState(TextChoices):
    """Where a finding of the audit stands."""

    RAISED = "raised", "Waiting for an answer"
    ANSWERED = "answered", "Answered, the auditor looks at it"
    ESCALATED = "escalated", "With the head of secretariat"
    CLOSED = "closed", "Closed"
