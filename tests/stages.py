"""Bringing a proposal to a stage, only through the services, as the cast would."""

from proposals.enums import EligibilityRule, SectionKey
from proposals.models import Proposal
from proposals.services import drafting, endorsing, partners, screening, submitting

ANSWERS = {
    SectionKey.PROBLEM: {"title": "One visit is enough", "problem": "People come twice.", "idea": "One form."},
    SectionKey.MEASURE: {
        "hypothesis": "One form halves the visits.", "indicator": "Visits per certificate", "unit": "visits",
        "baseline": "2.4", "target": "1.2", "source": "Counter log", "method": "Count for one month.",
        "stop_rule": "Above 2.0 after three months.", "stop_date": "2027-06-30",
    },
    SectionKey.PEOPLE: {"served": "900 families a year", "consulted": "Mothers in two wards"},
    SectionKey.BUDGET: {"item_1": "Forms", "amount_1": "300000", "item_2": "Tablets", "amount_2": "99999.99"},
}  # fmt: skip
REQUESTED = 39_999_999  # chhetrum: 300,000.00 + 99,999.99
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
    return screening.claim(submit(proposal, cast), by=cast["secretariat"])
