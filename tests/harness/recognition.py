"""Rows of the access matrix about results and recognition, and the objects to open them."""

from decimal import Decimal

from documents.services import store_file
from fund.models import CloseOut
from fund.services import stopping
from fund.services.grants import sign
from incentives.enums import Wish
from incentives.models import Contribution, LearningRecord, Outcome
from incentives.services import adoptions, contests, contributions, credits, learning, mentoring, nominations, outcomes
from lifecycle import clock
from lifecycle.performing import perform
from people.enums import Part, Role
from people.models import EmploymentSnapshot
from people.services.accounts import system_user
from people.services.grants import grant_role
from people.services.involvement import involve

from .. import conftest, factories
from .pages import PUBLIC, SIGNED_IN, Access
from .table_money import FINANCE, TEAM

OFFICE = ("secretariat", "head", "auditor")
HR = ("hr", "hrc", "rcsc", "auditor")
SEES_ADOPTION = (*TEAM, *OFFICE, "verifier", "out_verifier")

RECOGNITION_PAGES = {
    "shares": Access(args=("grant",), who=(*TEAM, "auditor"), posters=TEAM),
    "outcome_detail": Access(args=("grant",), who=(*TEAM, "sponsor", *OFFICE), posters=()),
    "outcome_claim": Access(args=("grant",), who=("lead",), forbidden=("colleague", "sponsor", *OFFICE)),
    "outcome_file": Access(args=("checked",), who=(*TEAM, *OFFICE, "out_verifier"), posters=()),
    "outcome_verify": Access(args=("checked",), who=("out_verifier",), forbidden=(*TEAM, "sponsor", *OFFICE)),
    "learning_detail": Access(
        args=("stopped",), who=(*TEAM, "sponsor", *OFFICE, "out_classifier", "out_verifier"),
        posters=("out_verifier",),
    ),
    "learning_write": Access(args=("unwritten",), who=TEAM, forbidden=("sponsor", *OFFICE)),
    "learning_classify": Access(
        args=("stopped",), who=("out_classifier",), forbidden=(*TEAM, "sponsor", *OFFICE, "out_verifier")
    ),
    "learning_share": Access(
        args=("kept",), who=("lead",), forbidden=("colleague", "sponsor", *OFFICE)
    ),
    "learned": Access(who=PUBLIC, posters=()),
    "contest_ask": Access(args=("verified",), who=TEAM, forbidden=("sponsor", *OFFICE, "out_verifier")),
    "contest": Access(
        args=("contest",), who=(*TEAM, "appeals", "out_appeals", "head", "protection", "auditor"), posters=()
    ),
    "my_record": Access(),
    "my_looks": Access(posters=()),
    "more_counts": Access(),
    "state_rule": Access(),
    "state_sprint": Access(),
    "learning_cite": Access(args=("shared",), who=("lead",)),
    "ask_mentor": Access(args=("grant",), who=("lead",), forbidden=("colleague", "sponsor", *FINANCE)),
    "mentoring": Access(args=("mentoring",), who=(*TEAM, "stranger", *OFFICE), posters=()),
    "credit": Access(args=("credit",), who=("lead", *OFFICE, "out_verifier"), posters=()),
    "credit_list": Access(who=OFFICE, posters=()),
    "judging_work": Access(who=("secretariat", "out_chair", "chair")),
    "adopt": Access(args=("told",), who=SIGNED_IN),
    "taken_up": Access(args=("refused",), who=("lead",)),
    "adoption": Access(args=("adoption",), who=SEES_ADOPTION, posters=()),
    "adoption_plan": Access(args=("adoption",), who=(), forbidden=SEES_ADOPTION),
    "adoption_claim": Access(args=("adoption",), who=(), forbidden=SEES_ADOPTION),
    "adoption_check": Access(args=("adoption",), who=("out_verifier",), forbidden=SEES_ADOPTION[:-1]),
    "nominate": Access(),
    "nomination": Access(args=("nomination",), who=("lead", "hr", "hrc"), posters=("lead",)),
    "nomination_list": Access(who=HR, posters=()),
    "nominate_report": Access(who=("sponsor",)),
    "nomination_result": Access(args=("forwarded",), who=("rcsc",), forbidden=("colleague", "auditor")),
    "integrity": Access(who=("head", "auditor"), posters=("head",)),
    "keeping": Access(who=("head", "auditor"), posters=("head",)),
    "take_up": Access(who=("rcsc", "auditor")),
    "policy_detail": Access(args=("policy",)),
    "policy_list": Access(),
    "policy_new": Access(who=("rcsc",)),
    "policy_simulation": Access(args=("policy",), who=("rcsc", "auditor"), posters=("rcsc",)),
    "policy_against": Access(args=("policy", "policy")),
    "hr_people": Access(who=HR),
    "person_file": Access(args=("number",), who=HR),
    "hr_fact": Access(args=("number",), who=("hr", "rcsc")),
}  # fmt: skip


def running_grant(cast, line):
    """Another signed grant of the same team, with recorded work of both."""
    made = factories.make_grant(cast, line)
    digital = cast["colleague"].snapshots.get().agency
    involve(case=made.case, person=cast["colleague"], part=Part.MEMBER, agency=digital)
    made = sign(sign(made, by=cast["lead"]), by=cast["sponsor"])
    conftest.note_work(made, cast["lead"], cast["colleague"])
    return made


def agree(grant, cast):
    percents = {cast["lead"].pk: 60, cast["colleague"].pk: 40}
    written = contributions.open_shares(Contribution.objects.get(grant=grant), by=cast["lead"], percents=percents)
    contributions.agree(written, by=cast["colleague"], version=written.version)


def taken_check(grant, cast):
    """The grant's result, claimed and taken by the outside verifier."""
    agree(grant, cast)
    outcome = Outcome.objects.get(grant=grant)
    outcome = outcomes.claim(outcome, by=cast["lead"], endline=Decimal("1"), evidence="Log")
    return outcomes.take(outcome, by=cast["out_verifier"])


def stop(grant, cast):
    stopping.ask_to_stop(grant, by=cast["lead"], note="Above 2.0.", unspent=0)
    stopping.confirm_stop(type(grant).objects.get(pk=grant.pk), by=cast["secretariat"])
    return LearningRecord.objects.get(grant=grant)


def taken_up(cast, line):
    """A published result that an agency outside both has repeated and claimed."""
    told = running_grant(cast, line)
    taken_check(told, cast)
    found = {"endline": Decimal("1"), "how": "Log", "confidence": "high"}
    outcome = outcomes.record_verdict(Outcome.objects.get(grant=told), by=cast["out_verifier"], **found)
    outcome = perform(outcome, "publish", by=cast["lead"])
    type(told).objects.filter(pk=told.pk).update(state="completed")  # the lead has room for three that run
    CloseOut.objects.create(grant=told)
    works = factories.AgencyFactory(code="works", name="Ministry of Works", sector="infrastructure")
    plan = {"words": "Two counters", "indicator": "Visits", "unit": "visits", "baseline": 2, "target": 1}
    row = adoptions.adopt(outcome, by=factories.civil_servant("adopter@x.example", works), **plan)
    signer = factories.civil_servant("signer@x.example", works)
    grant_role(by=system_user(), person=signer, role=Role.SPONSOR, agency=works, reason="test")
    row = adoptions.sign_adoption(row, by=signer)
    return adoptions.claim_adoption(row, by=row.lead, endline=Decimal(1), evidence="Log")


def incentives_world(cast, grant, line):
    verified = running_grant(cast, line)
    outcome = taken_check(verified, cast)
    found = {"endline": Decimal("1"), "how": "Log", "confidence": "high"}
    outcomes.record_verdict(outcome, by=cast["out_verifier"], **found)
    contest = contests.lodge(Outcome.objects.get(grant=verified), by=cast["lead"], about="points", words="Too few.")
    stopped = running_grant(cast, line)
    record = stop(stopped, cast)
    agree(stopped, cast)
    learning.save(record, by=cast["lead"], version=0, answers=dict.fromkeys(learning.QUESTIONS, "Text"))
    learning.submit(record, by=cast["lead"])
    unwritten = running_grant(cast, line)
    stop(unwritten, cast)
    kept = running_grant(cast, line)
    stop(kept, cast)
    LearningRecord.objects.filter(grant=kept).update(state="accepted", settled_kind="complex")
    shared = running_grant(cast, line)
    stop(shared, cast)
    LearningRecord.objects.filter(grant=shared).update(
        state="published", settled_kind="complex", reach="government", published_at=clock.now()
    )
    helped = mentoring.ask_mentor(grant, by=cast["lead"], mentor=cast["stranger"], words="Counting")
    stated = credits.state_rule(
        by=cast["lead"], rule="Three signatures", owner=cast["colleague"].snapshots.get().agency, reference="No. 12",
        amended_on=clock.today(), words="I asked.",
    )  # fmt: skip
    repeated = taken_up(cast, line)
    checked = running_grant(cast, line)
    taken_check(checked, cast)
    file = store_file(content=b"Log", name="log.txt", content_type="text/plain", kind="evidence", case=checked.case)
    Outcome.objects.filter(grant=checked).update(evidence_file=file)
    nomination = nominations.nominate_oneself(by=cast["lead"], wish=Wish.AWARD, statement="x")
    EmploymentSnapshot.objects.filter(person=cast["stranger"]).update(line_manager=cast["sponsor"])
    forwarded = nominations.nominate_oneself(by=cast["colleague"], wish=Wish.AWARD, statement="y")
    type(forwarded).objects.filter(pk=forwarded.pk).update(state="forwarded")
    return {
        "told": repeated.outcome.case, "adoption": repeated.pk, "shared": shared.case, "mentoring": helped.pk,
        "credit": stated.pk,
        "kept": kept.case, "verified": verified.case, "contest": contest.pk, "forwarded": forwarded.pk,
        "checked": checked.case, "stopped": stopped.case, "unwritten": unwritten.case,
        "nomination": nomination.pk, "number": cast["lead"].employee_number,
    }  # fmt: skip
