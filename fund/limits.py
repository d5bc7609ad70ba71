"""Figures of the fund's rules; each is a default that the fund may set otherwise."""

OFFER_BUSINESS_DAYS = 20  # to sign an offer
RUNNING_GRANTS = 3  # at most, for one lead
ACCOUNTED_PERCENT = 80  # of the payment before, until the next one
LAST_SHARE_PERCENT = 10  # at least, of the last of several payments, which waits for the close-out
REMIND_DAYS_BEFORE = (7, 2)  # calendar days before a milestone or report is due
REMIND_AFTER_DAYS = 1  # calendar days after it
ESCALATE_BUSINESS_DAYS = 3  # after the due day; then the agency approver and the secretariat are told
QUARTERLY_FROM_DAYS = 120  # a grant that runs shorter reports on its milestones only
QUARTER_LEAST_DAYS = 30  # of a quarter, that the grant must have run to report on it
QUARTER_REPORT_DAYS = 15  # calendar days after the end of a quarter, until its report is due
MORE_DAYS = 90  # by which the secretariat may move the steps of a grant; more is the board's
VIREMENT_PERCENT = 10  # of the award may move between budget items by a notice; more is the board's
FINDING_BUSINESS_DAYS = 20  # to answer a finding of the audit
YEAR_END_DAYS = 30  # before its last day a fiscal year can begin to be closed
