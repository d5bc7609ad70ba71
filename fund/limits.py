"""Figures of the fund's rules; each is a default that the fund may set otherwise."""

OFFER_BUSINESS_DAYS = 20  # to sign an offer
RUNNING_GRANTS = 3  # at most, for one lead
ACCOUNTED_PERCENT = 80  # of the payment before, until the next one
