"""Short ways along a grant, through the services."""

from datetime import timedelta

from fund.services import bank, delivery, payments, stopping
from lifecycle import clock
from lifecycle.performing import perform
from lifecycle.transitions import rules_of

SAID = {"receipts_at": "Room 3", "carried_on_by": "The district", "personal_data": "None was collected"}


def tranche(grant, place):
    return grant.tranches.get(position=place)


def paid(cast, grant, place):
    payments.prepare_payment(tranche(grant, place), by=cast["maker"])
    payments.release_payment(tranche(grant, place), by=cast["checker"])
    bank.make_file(by=cast["checker"])
    return perform(tranche(grant, place), "acknowledge", by=cast["colleague"])


def accounted(cast, grant, place):
    paid(cast, grant, place)
    return accounted_rest(cast, grant, place)


def accounted_rest(cast, grant, place):
    return spent(cast, grant, place, tranche(grant, place).rest)


def spent(cast, grant, place, amount, note="Forms and travel"):
    """The team records what it spent of a payment, finance accepts it, and it counts."""
    part = payments.account_for(tranche(grant, place), by=cast["lead"], note=note, amount=amount)
    payments.accept_receipt(part.receipts.filter(state="waiting").last(), by=cast["maker"])
    return tranche(grant, place)


def reached(cast, grant, place, how=delivery.accept_milestone):
    milestone = grant.milestones.get(position=place)
    delivery.submit_report(
        milestone.report, by=cast["colleague"], done="Ran it", measured="12 of 40", next_steps="More"
    )
    perform(grant.reports.get(milestone=milestone), "accept", by=cast["secretariat"])
    delivery.submit_milestone(milestone, by=cast["colleague"], evidence="See the list")
    return how(grant.milestones.get(position=place), by=cast["secretariat"], note="Seen")


def completed(cast, grant):
    """All but the last payment, every milestone, and the secretariat's word that it is done."""
    for place in (1, 2, 3):
        if place < 3:
            accounted(cast, grant, place)
        reached(cast, grant, place)
    return stopping.complete_grant(grant, by=cast["secretariat"])


def overdue(grant, place=1):
    """Return the moment one day after the report's day."""
    day = grant.reports.get(milestone__position=place).due_on
    return clock.now() + (day - clock.today()) + timedelta(days=1)


def without(monkeypatch, model, name):
    """Take the guard `name` away from every transition of `model`."""
    for rule in rules_of(model).values():
        monkeypatch.setitem(rule.__dict__, "guards", tuple(g for g in rule.guards if g.name != name))
