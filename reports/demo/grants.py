"""What happens to a grant of the demonstration fund after its offer."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal

from fund.enums import FindingOffice
from fund.models import CloseOut, Grant
from fund.services import bank, closing, delivery, findings, payments, stopping
from fund.services import grants as offers
from incentives.enums import FactKind, FactValue, Kind, Wish
from incentives.models import Contribution, LearningRecord, Outcome
from incentives.queries import agencies_outside
from incentives.services import contributions, facts, learning, nominations, outcomes
from lifecycle import clock
from lifecycle.fiscal import fiscal_bounds, fiscal_year
from lifecycle.performing import perform
from people.models import Agency, User
from people.services.accounts import system_user
from proposals.models import Proposal

DaysAgo = Callable[[float], AbstractContextManager[None]]
NOTES = (
    "Visited the first place and wrote down how it is done today.",
    "Tried the first version with four people; changed the wording after it.",
    "Counted the figures of the month together with the office.",
)
FACTS = (
    (FactKind.OPEN_CASE, FactValue.NO, "Letter of the Anti-Corruption Commission"),
    (FactKind.SANCTION, FactValue.NO, "Personal file"),
    (FactKind.SECURITY, FactValue.YES, "Register of clearances"),
    (FactKind.AUDIT, FactValue.YES, "Register of clearances"),
)
SIGNED, FIRST, STOPPED = 360, 340, 300  # days back, for the grants of long ago


def live(people: dict[str, User], row: dict[str, str], proposal: Proposal, days_ago: DaysAgo) -> None:
    """Take the grant of a proposal to its end."""
    end = row["end"]
    grant = Grant.objects.filter(case=proposal.case).first()
    if grant is None or end == "offered":
        return
    if end == "offer_declined":
        with days_ago(SIGNED):
            offers.decline_offer(grant, by=people[row["lead"]], note="The driver stand was closed in the meantime.")
        return
    if end == "offer_expired":
        with days_ago(330):
            offers.expire_due_offers()
        return
    with days_ago(12 if end == "active" else SIGNED):
        grant = offers.sign(offers.sign(grant, by=grant.lead), by=grant.sponsor)
    team = [people[row["lead"]], people[row["member"]]]
    if end == "active":
        with days_ago(5):
            _note(grant, team)
            _pay(people, grant, 1)
            _audit(people, grant)
        return
    with days_ago(FIRST):
        _note(grant, team)
        _account(people, grant, _pay(people, grant, 1))
    if end == "terminated":
        with days_ago(STOPPED):
            why = "The team was moved to other posts and nobody carried it on for two months."
            stopping.terminate(_fresh(grant), by=people["board1"], note=why)
    elif end == "stopped_early":
        _stop(people, row, grant, team, days_ago)
    else:
        _finish(people, row, grant, team, days_ago)


def _fresh(grant: Grant) -> Grant:
    return Grant.objects.get(pk=grant.pk)


def _note(grant: Grant, team: list[User]) -> None:
    for place, person in enumerate(team):
        delivery.add_note(_fresh(grant), by=person, happened_on=clock.today() - timedelta(days=1), text=NOTES[place])


def _pay(people: dict[str, User], grant: Grant, place: int) -> int:
    """Prepare and release a payment, send it to the bank, confirm that it arrived; return its place."""
    payments.prepare_payment(grant.tranches.get(position=place), by=people["maker"])
    payments.release_payment(grant.tranches.get(position=place), by=people["checker"])
    bank.make_file(by=people["checker"])
    perform(grant.tranches.get(position=place), "acknowledge", by=grant.lead)
    return place


def _account(people: dict[str, User], grant: Grant, place: int) -> None:
    tranche = grant.tranches.get(position=place)
    payments.account_for(tranche, by=grant.lead, note="Receipts 1 to 14", amount=tranche.amount)
    payments.accept_receipt(tranche.receipts.get(), by=people["maker"])


def _milestone(people: dict[str, User], grant: Grant, place: int) -> None:
    milestone = grant.milestones.get(position=place)
    delivery.submit_report(
        grant.reports.get(milestone=milestone), by=grant.lead, done="The steps of the plan were done.",
        measured="The figures of the month are in the log.", next_steps="Go on as planned.",
    )  # fmt: skip
    perform(grant.reports.get(milestone=milestone), "accept", by=people["secretariat"])
    delivery.submit_milestone(milestone, by=grant.lead, evidence="The log, and pictures of the first days.")
    delivery.accept_milestone(grant.milestones.get(position=place), by=people["secretariat"], note="Seen.")


def _audit(people: dict[str, User], grant: Grant) -> None:
    """Let the audit ask finance about the first payment, and the team about its receipts; the team has answered."""
    findings.raise_finding(
        by=people["auditor"], grant=grant, tranche=grant.tranches.get(position=1), office=FindingOffice.FINANCE,
        title="The payment's voucher is not in the file",
        text="The file of the payment has no voucher. Put it there, and say who keeps it.",
    )  # fmt: skip
    asked = findings.raise_finding(
        by=people["auditor"],
        grant=grant,
        office=FindingOffice.TEAM,
        title="Where are the receipts kept?",
        text="The field notes name a trip. Say where its receipts are kept until the payment is accounted for.",
    )
    findings.answer_finding(asked, by=grant.lead, note="In the blue file of the ward; copies are with our accounts.")


def _quarters(people: dict[str, User], grant: Grant) -> None:
    """Write the reports of the quarters that are over, and have them accepted."""
    for report in grant.reports.filter(quarter__isnull=False, covers_until__lt=clock.today(), state="scheduled"):
        perform(report, "fall_due", by=system_user())
        delivery.submit_report(
            grant.reports.get(pk=report.pk), by=grant.lead, done="Tried in the places of the plan.",
            measured="The figures of the quarter are in the log.", next_steps="The next milestone.",
        )  # fmt: skip
        perform(grant.reports.get(pk=report.pk), "accept", by=people["secretariat"])


def _finish(people: dict[str, User], row: dict[str, str], grant: Grant, team: list[User], days_ago: DaysAgo) -> None:
    """Three milestones, all payments, completion, claim and check."""
    for place, day in ((1, 305), (2, 245), (3, 190)):
        with days_ago(day):
            _quarters(people, grant)
            _milestone(people, grant, place)
            _note(grant, team)
            if place < 2:
                _account(people, grant, _pay(people, grant, place + 1))
    with days_ago(185):
        stopping.complete_grant(_fresh(grant), by=people["secretariat"])
        _close(people, grant)
        _share(grant, team)
        outcome = Outcome.objects.get(grant=grant)
        used = next((a for a in _other_agencies(outcome) if row["end"] == "completed_met"), None)
        outcomes.claim(
            outcome, by=grant.lead, endline=Decimal(row["endline"]), used_by=used,
            evidence=f"The log of “{row['indicator']}” of the last month; ask for the clerk at the second counter.",
        )  # fmt: skip
    with days_ago(172):
        outcome = outcomes.take(Outcome.objects.get(grant=grant), by=people["verifier2"])
        outcomes.record_verdict(
            outcome, by=people["verifier2"], endline=Decimal(row["endline"]), confidence="high",
            how="Read the log of the month and counted two weeks again with the clerk.",
        )  # fmt: skip
        if outcome.used_by:
            outcomes.confirm_use(Outcome.objects.get(grant=grant), by=people[f"sponsor-{outcome.used_by.code}"])
    if row["lead"] == "lead":
        with days_ago(3):
            statement = "I led a verified pilot; another agency uses its result."
            nominations.nominate_oneself(by=grant.lead, wish=Wish.FAST_TRACK, statement=statement)
            _facts(people["hr"], grant.lead)


def _close(people: dict[str, User], grant: Grant) -> None:
    """Hand in the checklist, pay and account for the last payment, close the accounts."""
    close_out = CloseOut.objects.get(grant=grant)
    closing.hand_in(
        close_out, by=grant.lead, receipts_at="The files of the lead's office", personal_data="None was collected.",
        carried_on_by="The lead's agency, with its own budget",
    )  # fmt: skip
    _account(people, grant, _pay(people, grant, 3))
    perform(close_out, "close_accounts", by=people["checker"])


def _facts(officer: User, person: User) -> None:
    """Note what HR knows of the person, so that every rule has an answer."""
    for kind, value, source in FACTS:
        facts.record_fact(by=officer, person=person, kind=kind, value=value, as_of=clock.today(), source=source)
    for back in (1, 2, 3):
        year = fiscal_bounds(fiscal_year(clock.today()) - back)[1]
        facts.record_fact(
            by=officer, person=person, kind=FactKind.RATING, value=FactValue.VERY_GOOD, as_of=year,
            source="Rating sheet of the year",
        )  # fmt: skip


def _other_agencies(outcome: Outcome) -> list[Agency]:
    return list(agencies_outside(outcome).filter(code__in=("paro", "thimphu")).order_by("-code"))


def _share(grant: Grant, team: list[User]) -> None:
    percents = {team[0].pk: 60, team[1].pk: 40}
    written = contributions.open_shares(Contribution.objects.get(grant=grant), by=grant.lead, percents=percents)
    contributions.agree(written, by=team[1], version=written.version)


def _stop(people: dict[str, User], row: dict[str, str], grant: Grant, team: list[User], days_ago: DaysAgo) -> None:
    """Reach the first step in time, stop on the stop rule, write down what was learned, have it read by two people."""
    with days_ago(FIRST - 20):
        _quarters(people, grant)
        _milestone(people, grant, 1)
    with days_ago(STOPPED):
        stopping.ask_to_stop(_fresh(grant), by=grant.lead, note=f"Stop rule met: {row['stop_rule']}", unspent=0)
        stopping.confirm_stop(_fresh(grant), by=people["secretariat"])
        _share(grant, team)
    with days_ago(STOPPED - 5):
        record = LearningRecord.objects.get(grant=grant)
        answers = {
            "believed": f"{row['idea']} We believed that people would use it from the first week.",
            "did": "We tried it for two months in the places that we had named and counted each week.",
            "saw": f"“{row['indicator']}” stayed close to {row['baseline']} {row['unit']}.",
            "why": "The people whom we wanted to reach could not be reached in the way that we had chosen.",
            "others": "Ask ten people first how they can be reached; it takes a morning and saves two months.",
        }
        learning.save(record, by=grant.lead, version=0, answers=answers)
        learning.submit(record, by=grant.lead)
    with days_ago(STOPPED - 15):
        record = learning.confirm_facts(LearningRecord.objects.get(grant=grant), by=people["verifier2"])
        for name in ("classifier1", "classifier2"):
            reason = "An open question, a small test, and it was stopped at the figure that was named before."
            record = learning.classify(record, by=people[name], kind=Kind.INTELLIGENT, note=reason)
    with days_ago(STOPPED - 18):
        learning.accept(LearningRecord.objects.get(grant=grant), by=grant.lead)
