"""Once-only: what the register and earlier proposals hold is offered with its source, and nobody types it again."""

import pytest
from django.urls import reverse

from lifecycle import clock
from people.models import EmploymentSnapshot
from proposals import earlier
from proposals.blinding import blinded
from proposals.models import Proposal, Section
from proposals.reading import budget_rows
from proposals.services.versions import compose

from .. import conftest, sparks, stages

COST = "Forms"


@pytest.fixture
def funded(proposal, funded_call, cast):
    """An earlier proposal of the same agencies that was funded."""
    made = stages.submit(conftest.new_proposal(funded_call, cast, "Earlier"), cast)
    Proposal._base_manager.filter(pk=made.pk).update(state="funded")
    return made


@pytest.fixture
def lead(client, cast):
    client.force_login(cast["lead"])
    return client


def budget(proposal):
    return reverse("section", args=[proposal.case, "budget"])


def saved(proposal):
    return Section.objects.get(proposal=proposal, key="budget").answers


def key_of(proposal, item=COST):
    return next(cost.key for cost in earlier.unit_costs_for(proposal) if cost.item == item)


# The register


@pytest.mark.parametrize("page", ["proposal_team", "proposal_check"])
def test_what_the_register_says_stands_where_one_writes_with_source_and_day(lead, cast, proposal, page):
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(
        line_manager=cast["sponsor"], source="HR register, file june.xlsx", as_of="2026-06-30", level="P3"
    )
    text = lead.get(reverse(page, args=[proposal.case])).content.decode()
    filled = text.split("About you: filled in already")[1].split("ask your agency's HR officer")[0]
    manager = f"{cast['sponsor'].full_name} · {cast['sponsor'].employee_number}"
    told = ("Ministry of Health", "P3, regular civil servant", manager, cast["lead"].email, cast["lead"].full_name)
    assert [words for words in told if words not in filled] == []
    assert "Source: HR register, file june.xlsx, as of 30 June 2026." in filled


def test_every_member_of_the_team_shows_source_and_day(lead, cast, proposal):
    EmploymentSnapshot.objects.filter(person=cast["colleague"]).update(source="HR file of July", as_of="2026-07-31")
    for page in ("proposal_team", "proposal_check"):
        text = lead.get(reverse(page, args=[proposal.case])).content.decode()
        assert "HR file of July, as of 31 July 2026" in text


def test_who_starts_reads_what_is_filled_in(lead, cast, call, line):
    small = sparks.spark_call(cast, line)
    for page in (reverse("proposal_start", args=[call.reference]), reverse("spark_start", args=[small.reference])):
        text = lead.get(page).content.decode()
        assert (cast["lead"].email in text, "filled in already" in text, "as of" in text) == (True, True, True)


# Costs


def test_a_known_cost_goes_into_the_next_empty_row_with_one_tap_and_names_its_source(lead, proposal, funded):
    page = lead.get(budget(proposal)).content.decode()
    assert f'name="take" value="{key_of(proposal)}"' in page
    typed = {"version": "0", "item_1": "Travel", "cost_1": "500", "take": key_of(proposal)}
    answer = lead.post(budget(proposal), typed)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{budget(proposal)}#id_count_2")
    row = {name: saved(proposal)[f"{name}_2"] for name in ("item", "unit", "count", "cost", "source")}
    day = clock.today()
    source = f"{funded.reference}, {day.day} {day:%B %Y}"
    assert row == {"item": COST, "unit": "set", "count": "", "cost": "100000", "source": source}
    assert saved(proposal)["item_1"] == "Travel"
    assert f"“{COST}” is taken from {source}. Say how many." in lead.get(budget(proposal)).content.decode()


def test_what_is_wrong_in_another_row_is_kept_beside_the_cost(lead, proposal, funded):
    typed = {"version": "0", "item_1": "Travel", "cost_1": "much", "take": key_of(proposal)}
    assert lead.post(budget(proposal), typed).status_code == 400
    assert (saved(proposal)["cost_1"], saved(proposal)["item_2"]) == ("much", COST)


def test_a_cost_that_is_not_offered_takes_nothing(lead, proposal, funded, cast, funded_call):
    other = stages.submit(conftest.new_proposal(funded_call, cast, "Not funded"), cast)
    for key in (f"{other.versions.last().pk}-0", "nonsense", ""):
        version = Section.objects.filter(proposal=proposal, key="budget").values_list("version", flat=True).first()
        lead.post(budget(proposal), {"version": version or 0, "item_1": "Travel", "cost_1": "500", "take": key})
        assert {name for name, text in saved(proposal).items() if text} == {"item_1", "cost_1"}


def test_a_full_budget_has_no_row_for_a_cost(proposal, funded):
    from django.http import QueryDict

    full = QueryDict(mutable=True)
    full.update({f"item_{row}": "x" for row in range(1, 41)})
    assert earlier.with_cost(full, earlier.unit_costs_for(proposal)[0]) is full


def test_the_source_is_frozen_and_read_and_hidden_where_names_are(proposal, cast, funded):
    source = f"{funded.reference}, 1 May 2026"
    answers = stages.ANSWERS["budget"] | {"source_1": source}
    stages.drafting.save_section(proposal, by=cast["lead"], key="budget", version=0, answers=answers)
    content = compose(Proposal.objects.get(pk=proposal.pk))
    assert [item.get("source") for item in content["budget"]["items"]] == [source, None]
    assert f"(cost known from: {source})" in budget_rows(content)[0].value
    assert source not in str(blinded(content))


def test_texts_that_were_frozen_before_sources_keep_their_fingerprint(proposal, cast):
    answers = stages.ANSWERS["budget"]
    stages.drafting.save_section(proposal, by=cast["lead"], key="budget", version=0, answers=answers)
    items = compose(Proposal.objects.get(pk=proposal.pk))["budget"]["items"]
    assert [set(item) for item in items] == [{"item", "agency", "unit", "count", "cost", "total"}] * 2


# Agencies


def test_what_an_agency_gave_before_fills_the_form_and_saves_nothing(lead, proposal, funded, cast):
    url = reverse("proposal_partners", args=[proposal.case])
    offer = lead.get(url).context["gifts"]
    assert [(gift.agency, gift.days, gift.contribution) for gift in offer] == [("GovTech Agency", 4, "Builds the form")]
    page = lead.get(url, {"take": offer[0].key})
    values = {name: str(page.context["form"][name].value()) for name in ("agency", "days", "contribution")}
    digital = cast["colleague"].snapshots.get().agency
    assert values == {"agency": str(digital.pk), "days": "4", "contribution": "Builds the form"}
    assert f"Filled in from {funded.reference}, " in page.content.decode()
    assert proposal.partners.count() == 1
    assert lead.post(url, values).status_code == 302
    assert lead.get(url).context["gifts"] == []


def test_the_lead_agency_takes_over_what_it_gave_before(lead, proposal, funded):
    own = proposal.partners.get()
    url = reverse("proposal_partner", args=[proposal.case, own.pk])
    offer = lead.get(url).context["gifts"]
    assert [(gift.days, gift.contribution) for gift in offer] == [(6, "Two nurses test the form")]
    page = lead.get(url, {"take": offer[0].key, "sure": "yes"})
    assert (page.context["form"]["days"].value(), dict(page.context["was"])["days"]) == (6, "")
    sent = {"edit": own.edit, "was_days": "", "was_contribution": "", "days": "6", "contribution": "Two nurses"}
    assert lead.post(url, sent).status_code == 302
    assert (proposal.partners.get().days, proposal.partners.get().contribution) == (6, "Two nurses")


def test_the_enter_key_in_a_box_of_the_budget_takes_no_cost(lead, proposal, funded):
    form = lead.get(budget(proposal)).content.decode().split('id="section"')[1]
    assert form.split("<button", 1)[1].startswith(' type="submit" hidden>')
