"""What counts beside results in the demonstration fund, what is repeated elsewhere, and a draft of the policy."""

import copy
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from fund.enums import GrantState
from fund.models import Grant
from incentives.enums import Reach
from incentives.models import LearningRecord, Outcome
from incentives.services import adoptions, credits, judging_work, learning, mentoring, versions
from lifecycle import clock
from lifecycle.performing import perform
from people.models import Agency, User
from people.queries import snapshot_of

DaysAgo = Callable[[float], AbstractContextManager[None]]
TOLD = "Until then officers were told that two years in a level are enough."


def tell(people: dict[str, User], days_ago: DaysAgo) -> None:
    """Live through it."""
    lead = people["lead"]
    outcome = Outcome.objects.filter(grant__lead=lead, verdict="met").order_by("pk").first()
    if outcome is not None:
        _repeat(people, outcome, days_ago)
    with days_ago(30):
        rule = credits.state_rule(
            by=lead, rule="A birth notice needs three signatures", owner=Agency.objects.get(code="moha"),
            reference="Circular 14 of the registrar", amended_on=clock.today() - timedelta(days=5),
            words="I showed the registrar with the figures of our pilot that two signatures are never read.",
        )  # fmt: skip
    with days_ago(22):
        credits.recognise(rule, by=people["verifier2"])
        waiting = judging_work.waiting_work(people["secretariat"])
        judging_work.recognise_work([work.key for work in waiting[:3]], by=people["secretariat"])
    _learn(people, days_ago)
    with days_ago(6):
        versions.add_draft(by=people["rcsc"], data=_draft(), valid_from=date(clock.today().year + 1, 7, 1))


def _repeat(people: dict[str, User], outcome: Outcome, days_ago: DaysAgo) -> None:
    """Let an agency outside the team repeat a published result, and a verifier of a third agency check it."""
    if outcome.state != "published":
        with days_ago(140):
            outcome = perform(outcome, "publish", by=outcome.grant.lead)
    names = [name for name in sorted(people) if name.startswith("officer")]
    adopter = next(people[name] for name in names if _can(people[name], people))
    post = snapshot_of(adopter)
    code = post.agency.code if post else ""
    with days_ago(120):
        row = adoptions.adopt(
            outcome, by=adopter, words="The same form at our two counters, with our own registrar.",
            indicator=outcome.indicator, unit=outcome.unit, baseline=outcome.baseline, target=outcome.target,
        )  # fmt: skip
    with days_ago(115):
        row = adoptions.sign_adoption(row, by=people[f"sponsor-{code}"])
    with days_ago(35):
        figure = outcome.verified_endline or outcome.target
        row = adoptions.claim_adoption(row, by=adopter, endline=Decimal(figure), evidence="The log of both counters.")
    with days_ago(24):
        adoptions.check_adoption(row, by=people["verifier2"], endline=Decimal(figure), how="Read both logs of a month.")


def _can(person: User, people: dict[str, User]) -> bool:
    post = snapshot_of(person)
    team = ("moh", "govtech", "moenr")  # of the result's team, and of its verifier
    return post is not None and post.agency.code not in team and f"sponsor-{post.agency.code}" in people


def _learn(people: dict[str, User], days_ago: DaysAgo) -> None:
    """Share what was learned, and let another team say that it helped; it also asks for a mentor."""
    record = LearningRecord.objects.filter(grant__lead=people["lead"], state="accepted").first()
    other = Grant.objects.filter(lead=people["officer06"], state=GrantState.ACTIVE).first()
    if record is None or other is None:
        return
    with days_ago(100):
        record = learning.publish(record, by=people["lead"], reach=Reach.PUBLIC)
    with days_ago(3):
        credits.cite(
            record, by=people["officer06"], grant=other,
            words="We asked ten road workers first how they can be reached, and dropped the text messages.",
        )  # fmt: skip
        mentoring.ask_mentor(
            other, by=people["officer06"], mentor=people["lead"], words="How you count a month at the counters."
        )


def _draft() -> dict[str, Any]:
    data: dict[str, Any] = copy.deepcopy(versions.standard_policy()) | {"version": "FT-2027.1"}
    until = date(clock.today().year + 1, 12, 31).isoformat()
    data["eligibility"]["E3"] |= {"months": 36, "transition": {"until": until, "words": TOLD, "months": 24}}
    data["eligibility"]["E5"] |= {"tenths": 250}
    return data
