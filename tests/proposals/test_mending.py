"""The check page: what is missing stands below its section, and every reason leads to the page that mends it."""

from django.urls import reverse

from proposals import guards
from proposals.enums import SectionKey
from proposals.models import Partner, Section

from .. import sparks, stages


def check(client, cast, proposal, page="proposal_check"):
    client.force_login(cast["lead"])
    return client.get(reverse(page, args=[proposal.case])).content.decode()


def link(page, reason):
    return f'<a href="{page}">{reason}</a>'


def test_a_section_is_named_once_above_what_it_needs(client, cast, proposal):
    page = check(client, cast, proposal)
    summary = page.split("What is still missing")[1].split("</ul></div>")[0]
    assert summary.count(f"{SectionKey.MEASURE.label}</h3>") == 1
    assert f"{SectionKey.MEASURE.label}: " not in summary
    address = reverse("section", args=[proposal.case, "measure"])
    assert f'<a href="{address}#id_hypothesis">Answer “What do you believe will happen, and why?”.</a>' in summary


def test_sector_days_people_and_ceiling_lead_to_their_pages(client, cast, proposal):
    partners, team = (reverse(f"proposal_{name}", args=[proposal.case]) for name in ("partners", "team"))
    page = check(client, cast, proposal)
    assert link(partners, guards.two_sectors.reason) in page
    assert link(partners, guards.days_named.reason) in page
    assert link(reverse("section", args=[proposal.case, "budget"]), guards.within_ceiling.reason) in page
    stages.complete(proposal, cast)
    proposal.members.filter(person=cast["colleague"]).update(status="invited")
    page = check(client, cast, proposal)
    assert link(team, guards.everyone_joined.reason) in page
    assert link(team, guards.working_members.reason) in page


def test_the_end_of_the_call_leads_nowhere(client, cast, proposal):
    type(proposal.call).objects.filter(pk=proposal.call.pk).update(state="cancelled")
    assert f"<li>{guards.in_time.reason}</li>" in check(client, cast, proposal)


def test_a_spark_beyond_the_ceiling_leads_to_its_money(client, cast, line):
    idea = sparks.draft(sparks.spark_call(cast, line), cast["lead"])
    money = Section.objects.get(proposal=idea, key=SectionKey.BUDGET)
    Section.objects.filter(pk=money.pk).update(answers=sparks.MONEY | {"cost_1": "100001"})
    page = check(client, cast, idea, "spark_send")
    address = reverse("spark_money", args=[idea.case])
    assert f'<a class="govuk-link" href="{address}">{guards.within_ceiling.reason}</a>' in page
    assert Partner.objects.filter(proposal=idea).count() == 1
