"""Bringing a proposal to a stage, only through the services, as the cast would."""

from datetime import timedelta

from evaluation.enums import Interest
from evaluation.services import decide, moderating, ranking, release, reviewing
from lifecycle import clock
from lifecycle.performing import perform
from proposals.enums import EligibilityRule, SectionKey
from proposals.models import Proposal
from proposals.services import drafting, endorsing, partners, submitting
from proposals.services import screening as checking

ANSWERS = {
    SectionKey.PROBLEM: {"title": "One visit is enough", "problem": "People come twice.", "idea": "One form."},
    SectionKey.MEASURE: {
        "hypothesis": "One form halves the visits.", "indicator": "Visits per certificate", "unit": "visits",
        "direction": "lower", "baseline": "2.4", "target": "1.2", "target_date": "2027-12-31",
        "source": "Counter log", "method": "Count for one month.",
        "stop_rule": "Above 2.0 after three months.", "stop_figure": "2.0", "stop_date": "2027-06-30",
    },
    SectionKey.PEOPLE: {
        "served": "900 families a year", "consulted_1": "Mothers in two wards", "when_1": "May 2026",
        "changed_1": "One form instead of two",
    },
    SectionKey.BUDGET: {
        "item_1": "Forms", "unit_1": "set", "count_1": "3", "cost_1": "100000",
        "item_2": "Tablets", "cost_2": "99999.99",
    },
}  # fmt: skip
REQUESTED = 39_999_999  # chhetrum: 3 x 100,000.00 + 99,999.99
MET = dict.fromkeys(EligibilityRule, (True, ""))


def fresh(proposal):
    return Proposal.objects.get(pk=proposal.pk)


def complete(proposal, cast):
    """Fill every section and name both agencies (health leads, digital is the partner)."""
    versions = {section.key: section.version for section in proposal.sections.all()}
    for key, answers in ANSWERS.items():
        answers = answers | {"title": proposal.title} if key == SectionKey.PROBLEM else answers
        drafting.save_section(proposal, by=cast["lead"], key=key, version=versions.get(key, 0), answers=answers)
    own = proposal.partners.get(agency=proposal.lead_agency)
    partners.change(own, by=cast["lead"], days=6, contribution="Two nurses test the form")
    digital = cast["colleague"].snapshots.get().agency
    partners.add(proposal, by=cast["lead"], agency=digital, days=4, contribution="Builds the form")
    return fresh(proposal)


def await_agreement(proposal, cast):
    return endorsing.ask(complete(proposal, cast), by=cast["lead"])


def agree_all(proposal, cast):
    number = proposal.versions.last().number
    for name in ("sponsor", "sponsor2"):
        endorsing.agree(proposal, by=cast[name], version=number)
    return fresh(proposal)


def submit(proposal, cast):
    return submitting.submit(agree_all(await_agreement(proposal, cast), cast), by=cast["lead"])


def screen(proposal, cast):
    return checking.claim(submit(proposal, cast), by=cast["secretariat"])


def check(proposal, cast):
    """Pass the first check."""
    held = screen(proposal, cast)
    checking.record_results(held, by=cast["secretariat"], results=MET)
    return perform(held, "find_eligible", by=cast["secretariat"])


WHOLE = {"strength": "Clear need.", "weakness": "Small numbers.", "change": "Say which second hospital."}


def draft_of(review, halves=8, **fields):
    """Return a whole draft with the same score on every criterion, or one score each."""
    keys = list(review.proposal.call.criteria.values_list("pk", flat=True))
    each = halves if isinstance(halves, list | tuple) else [halves] * len(keys)
    scores = {key: (score, "Because.") for key, score in zip(keys, each, strict=True)}
    return reviewing.Draft(scores, **(WHOLE | {"chance": "open"} | fields))


def assign(proposal, cast, reviewers):
    """Ask the reviewers; each declares no interest."""
    for person in reviewers:
        review = reviewing.assign(proposal, by=cast["secretariat"], reviewer=person)
        reviewing.declare(review, by=person, interest=Interest.NONE)
    return fresh(proposal)


def judge(proposal, cast, reviewers, scores=(8, 8, 8), chance="open"):
    """Bring a checked proposal through its reviews and close them."""
    proposal = assign(proposal, cast, reviewers)
    proposal = perform(proposal, "begin_review", by=cast["secretariat"])
    for review, halves in zip(proposal.reviews.order_by("pk"), scores, strict=True):
        draft = draft_of(review, halves, chance=chance)
        saved = reviewing.save(review, by=review.reviewer, edit=review.edit, draft=draft)
        reviewing.submit(saved, by=review.reviewer)
    return perform(fresh(proposal), "close_review", by=cast["secretariat"])


def to_board(proposal, cast, chair):
    """Rank the call, recommend, and put it on the board's sheet."""
    proposal = ranking.run(proposal, by=cast["secretariat"])
    proposal = perform(proposal, "recommend", by=chair)
    return perform(proposal, "bring_to_board", by=cast["secretariat"])


def votes(proposal, board, *choices):
    for member, choice in zip(board, choices, strict=True):
        decide.vote(proposal, by=member, choice=choice, reason="On the evidence.")
    return fresh(proposal)


def defer(proposal, by):
    """Put it off until tomorrow."""
    return decide.defer(proposal, by=by, until=clock.today() + timedelta(days=1))


def put_off(proposal, member, officer):
    """Put it off until tomorrow, and bring it back then."""
    proposal = defer(proposal, by=member)
    with clock.frozen(clock.now() + timedelta(days=1)):
        return perform(proposal, "bring_back", by=officer)


def certify(proposal, chair, **fields):
    """Certify the feedback as the reviews suggest it."""
    words = moderating.Words({}, **(WHOLE | fields))
    return moderating.write_feedback(proposal, by=chair, number=proposal.feedback.count(), words=words, certify=True)


def tell(proposal, cast, chair):
    """Certify the feedback of all that is decided in the call, and release the batch."""
    decided = ("approved", "declined", "reserved")
    for row in Proposal.objects.filter(call=proposal.call, state__in=decided, released_at=None):
        if not row.feedback.filter(certified=True).exists():
            certify(row, chair)
    return release.release(proposal, by=cast["secretariat"])
