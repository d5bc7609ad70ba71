"""Values that the room stores; the words are those people read."""

from django.db.models import TextChoices


class Sector(TextChoices):
    """Sector of an agency; a cross-sectoral proposal has at least two."""

    AGRICULTURE = "agriculture", "Agriculture and livestock"
    EDUCATION = "education", "Education and skills"
    ENERGY = "energy", "Energy and natural resources"
    FINANCE = "finance", "Finance"
    FOREIGN = "foreign", "Foreign affairs and trade"
    HEALTH = "health", "Health"
    HOME = "home", "Home affairs"
    INDUSTRY = "industry", "Industry, commerce and employment"
    INFRASTRUCTURE = "infrastructure", "Infrastructure and transport"
    DIGITAL = "digital", "Digital government"
    OVERSIGHT = "oversight", "Oversight and central agencies"
    LOCAL = "local", "Local government"


class AgencyKind(TextChoices):
    """Place of an agency in the tree."""

    MINISTRY = "ministry", "Ministry"
    DEPARTMENT = "department", "Department"
    DIVISION = "division", "Division"
    CONSTITUTIONAL = "constitutional", "Constitutional body"
    CENTRAL = "central", "Central agency"
    DZONGKHAG = "dzongkhag", "Dzongkhag administration"
    THROMDE = "thromde", "Thromde"


class EmploymentType(TextChoices):
    """Kind of post; the register is its source."""

    REGULAR = "regular", "Regular civil servant"
    CONTRACT = "contract", "Contract"
    DEPUTED = "deputed", "On deputation"


class Role(TextChoices):
    """Dated roles; being a civil servant needs no grant."""

    SPONSOR = "sponsor", "Agency approver"
    SECRETARIAT = "secretariat", "Secretariat officer"
    HEAD = "head", "Head of secretariat"
    REVIEWER = "reviewer", "Reviewer"
    CHAIR = "chair", "Panel chair"
    BOARD = "board", "Fund board member"
    MAKER = "maker", "Finance: prepares payments"
    CHECKER = "checker", "Finance: releases payments"
    VERIFIER = "verifier", "Verifier"
    CLASSIFIER = "classifier", "Classifier"
    HR = "hr", "Agency HR officer"
    HRC = "hrc", "HR committee member"
    RCSC = "rcsc", "RCSC officer"
    PROTECTION = "protection", "Protection officer"
    APPEALS = "appeals", "Appeals officer"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "System administrator"


AGENCY_ROLES = (Role.SPONSOR, Role.HR, Role.HRC)  # these are held for one agency
# Whoever signs, votes, moves money, sees people's records or opens accounts.
SECOND_FACTOR_ROLES = (
    Role.SPONSOR, Role.HEAD, Role.BOARD, Role.MAKER, Role.CHECKER, Role.HR, Role.HRC, Role.RCSC, Role.ADMINISTRATOR,
)  # fmt: skip


class GrantStanding(TextChoices):
    """How a grant of a role stands today; derived from its dates."""

    NOW = "now", "In force"
    LATER = "later", "Begins later"
    OVER = "over", "Ended"
    CLOSED = "closed", "In force, account closed"


class Part(TextChoices):
    """How a person is involved in one case."""

    LEAD = "lead", "Lead"
    DEPUTY = "deputy", "Deputy lead"
    MEMBER = "member", "Team member"
    SPONSOR = "sponsor", "Agency approver"
    SCREENER = "screener", "First check"
    REVIEWER = "reviewer", "Reviewer"
    CHAIR = "chair", "Panel chair"
    BOARD = "board", "Board member"
    MAKER = "maker", "Prepares payments"
    CHECKER = "checker", "Releases payments"
    VERIFIER = "verifier", "Verifier"
    CLASSIFIER = "classifier", "Classifier"
    APPEALS = "appeals", "Appeals officer"
    PROTECTION = "protection", "Protection officer"


LEAD_PARTS = (Part.LEAD, Part.DEPUTY)
TEAM_PARTS = (*LEAD_PARTS, Part.MEMBER)


class Grade(TextChoices):
    """How strongly a conflict binds."""

    BLOCK = "block", "May not take part"
    MITIGATE = "mitigate", "With the chair's written permission"
    NOTE = "note", "Noted"


class MailState(TextChoices):
    """Where the e-mail of a notification stands."""

    QUEUED = "queued", "Waiting"
    SENT = "sent", "Sent"
    PARKED = "parked", "Could not be sent"
