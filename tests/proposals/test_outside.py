"""Partners outside government and data of other agencies: written, frozen, shown."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from lifecycle.errors import NotPossible
from proposals.differing import differences
from proposals.models import DataNeed, OutsidePartner
from proposals.services import outside
from proposals.services.versions import compose

from .. import stages
from .test_attachments import attach

FIRM = {"name": "Druk Forms", "kind": "firm", "contribution": "Ten days", "interests": "Sells forms"}


@pytest.fixture
def lead_client(client, cast):
    client.force_login(cast["lead"])
    return client


def add_firm(proposal, by, **said):
    return outside.save_partner(proposal, by=by, partner=None, **({"letter": None} | FIRM | said))


def test_partner_with_letter_is_added_changed_and_taken_out_on_its_pages(lead_client, proposal, cast):
    letter = attach(proposal, cast["lead"])
    url = reverse("proposal_outside_add", args=[proposal.case])
    back = reverse("proposal_partners", args=[proposal.case])
    assert lead_client.post(url, FIRM | {"letter": str(letter.pk)}).headers["Location"] == back
    page = lead_client.get(back).content.decode()
    assert all(words in page for words in ("Druk Forms", "Sells forms", "letter.txt"))
    made = OutsidePartner.objects.get()
    url = reverse("proposal_outside", args=[proposal.case, made.pk])
    lead_client.post(url, FIRM | {"contribution": "Five days", "edit": "1"})
    assert (OutsidePartner.objects.get().contribution, OutsidePartner.objects.get().letter) == ("Five days", None)
    lead_client.post(url, {"remove": "yes", "edit": "2"})
    assert not OutsidePartner.objects.exists()


def test_partner_without_interest_says_so(lead_client, proposal):
    answer = lead_client.post(reverse("proposal_outside_add", args=[proposal.case]), FIRM | {"interests": ""})
    assert answer.status_code == 400
    assert not OutsidePartner.objects.exists()


def test_letter_of_another_proposal_is_refused(lead_client, proposal, funded_call, cast):
    from .. import conftest

    foreign = attach(conftest.new_proposal(funded_call, cast, "Other"), cast["lead"])
    answer = lead_client.post(reverse("proposal_outside_add", args=[proposal.case]), FIRM | {"letter": str(foreign.pk)})
    assert answer.status_code == 400


def test_the_same_partner_and_the_same_data_twice_are_refused(proposal, cast, agencies):
    add_firm(proposal, cast["lead"])
    with pytest.raises(NotPossible, match="already a partner"):
        add_firm(proposal, cast["lead"])
    need = {"need": None, "dataset": "Births", "owner": agencies["digital"], "answer": "asked"}
    outside.save_data_need(proposal, by=cast["lead"], **need)
    with pytest.raises(NotPossible, match="already on the list"):
        outside.save_data_need(proposal, by=cast["lead"], **need)


@pytest.mark.parametrize("who", ["stranger", "exmember", "conflicted", "sponsor", "head"])
def test_others_write_nothing(proposal, cast, who):
    with pytest.raises(NotPossible) as no:
        add_firm(proposal, cast[who])
    assert no.value.forbidden


def test_frozen_version_shows_both_and_an_approver_reads_what_changed(client, proposal, cast, agencies):
    add_firm(proposal, cast["lead"])
    waiting = stages.await_agreement(proposal, cast)
    before = waiting.versions.last().facts
    client.force_login(cast["sponsor"])
    page = client.get(reverse("proposal_endorse", args=[proposal.case])).content.decode()
    assert all(words in page for words in ("Druk Forms", "gets no money from the fund", "Ten days"))
    with pytest.raises(NotPossible, match="Only a draft"):
        outside.remove(OutsidePartner.objects.get(), by=cast["lead"])
    DataNeed.objects.create(proposal=proposal, dataset="Births", owner=agencies["digital"], answer="refused")
    changed = [(row.label, row.before, row.after) for row in differences(before, compose(waiting))]
    assert changed == [(f"Data of {agencies['digital'].name}: Births", "", "Refused")]


@pytest.mark.parametrize(
    ("model", "field", "constraint"),
    [(OutsidePartner, "kind", "outside_partner_kind_known"), (DataNeed, "answer", "data_need_answer_known")],
)
def test_the_database_knows_the_words(proposal, cast, agencies, model, field, constraint):
    add_firm(proposal, cast["lead"])
    DataNeed.objects.create(proposal=proposal, dataset="Births", owner=agencies["digital"], answer="refused")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**{field: "other"})
