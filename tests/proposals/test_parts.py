"""Two people have the same part of a draft open: no save is lost, and what was taken out stays in sight."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from proposals.models import Attachment, DataNeed, OutsidePartner, Partner
from proposals.services import attachments, outside, partners, parts
from proposals.services import team as teams

from ..remembering import remembered
from .test_attachments import attach

FIRM = {"name": "Firm", "kind": "firm", "contribution": "Days", "interests": "None known", "letter": None}


@remembered
def two(proposal, cast):
    """The browsers of the lead and of a colleague."""
    teams.join(proposal, by=cast["colleague"])
    browsers = [Client(), Client()]
    for browser, who in zip(browsers, ("lead", "colleague"), strict=True):
        browser.force_login(cast[who])
    return browsers


@remembered
def made(proposal, cast, agencies):
    """One of each part, by the name of its page."""
    by = cast["lead"]
    return {
        "proposal_partner": partners.add(proposal, by=by, agency=agencies["digital"], days=4, contribution="Builds"),
        "proposal_outside": outside.save_partner(proposal, by=by, partner=None, **FIRM),
        "proposal_data": outside.save_data_need(
            proposal, by=by, need=None, dataset="Births", owner=agencies["digital"], answer="asked"
        ),
        "proposal_attachment_change": attach(proposal, by),
    }  # fmt: skip


def hidden(answer):
    """Return what the page's first form holds out of sight."""
    form = answer.content.decode().split("<main")[1].split("<form")[1].split("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="((?:edit|was_|asked|agency)\w*)" value="([^"]*)"', form))


def shown(answer):
    form = answer.context["form"]
    return {name: form[name].value() or "" for name in form.fields if name != "file"}


# the page -> what the first of two changes, what the second does, and what both do
CHANGES = {
    "proposal_partner": ({"days": "9"}, {"contribution": "Mine"}),
    "proposal_outside": ({"contribution": "Theirs"}, {"interests": "Mine"}),
    "proposal_data": ({"answer": "agreed"}, {"dataset": "Births by month"}),
}
each = pytest.mark.parametrize("name", CHANGES)


def opened(browser, proposal, made, name):
    """Return address and everything that the form of the open page would send."""
    url = reverse(name, args=[proposal.case, made[name].pk])
    answer = browser.get(url)
    return url, {key: str(getattr(value, "pk", value)) for key, value in shown(answer).items()} | hidden(answer)


@each
def test_each_changed_another_answer_and_both_are_kept(two, proposal, made, name):
    (url, first), (_, second) = (opened(browser, proposal, made, name) for browser in two)
    theirs, mine = CHANGES[name]
    assert two[0].post(url, first | theirs).status_code == 302
    assert two[1].post(url, second | mine).status_code == 302
    now = opened(two[0], proposal, made, name)[1]
    assert {key: now[key] for key in theirs | mine} == theirs | mine
    words = two[1].get(reverse("proposal_partners", args=[proposal.case])).content.decode()
    assert "Name of lead changed “" in words


@each
def test_same_answer_of_both_is_asked_about_and_nothing_is_written(two, proposal, made, name):
    (url, first), (_, second) = (opened(browser, proposal, made, name) for browser in two)
    field, theirs = next(iter(CHANGES[name][0].items()))
    mine = {"days": "5", "contribution": "Mine", "answer": "refused"}[field]
    two[0].post(url, first | {field: theirs})
    answer = two[1].post(url, second | {field: mine})
    page = answer.content.decode()
    assert (answer.status_code, f'name="take_{field}"' in page, "Name of lead saved this page at" in page) == (
        409, True, True,
    )  # fmt: skip
    assert opened(two[0], proposal, made, name)[1][field] == theirs
    sent = {key: str(value) for key, value in shown(answer).items()} | hidden(answer)
    again = two[1].post(url, sent)
    assert (again.status_code, "Choose which text to keep" in again.content.decode()) == (400, True)
    assert two[1].post(url, sent | {f"take_{field}": "mine"}).status_code == 302
    assert opened(two[0], proposal, made, name)[1][field] == mine


@each
def test_text_for_a_part_that_was_taken_out_stays_and_can_be_added_again(two, proposal, made, name):
    (url, first), (_, second) = (opened(browser, proposal, made, name) for browser in two)
    two[0].post(url, {"remove": "yes", "edit": first["edit"]})
    answer = two[1].post(url, second | CHANGES[name][1])
    page = answer.content.decode()
    assert (answer.status_code, "Somebody of your team took this out" in page) == (409, True)
    address = page.split('<form method="post" novalidate action="')[1].split('"')[0]
    sent = {key: str(value) for key, value in shown(answer).items()} | hidden(answer)
    assert two[1].post(address, sent).status_code == 302
    field, mine = next(iter(CHANGES[name][1].items()))
    assert type(made[name]).objects.filter(proposal=proposal, **{field: mine}).count() == 1
    assert two[1].get(url).status_code == 404


@each
def test_part_that_was_changed_is_not_taken_out_unseen(two, proposal, made, name):
    (url, first), (_, second) = (opened(browser, proposal, made, name) for browser in two)
    two[0].post(url, first | CHANGES[name][0])
    answer = two[1].post(url, {"remove": "yes", "edit": second["edit"]})
    assert (answer.status_code, "Look at it again." in answer.content.decode()) == (409, True)
    assert type(made[name]).objects.filter(pk=made[name].pk).exists()
    assert two[1].post(url, {"remove": "yes", "edit": hidden(answer)["edit"]}).status_code == 302
    assert two[1].post(url, {"remove": "yes", "edit": "2"}).status_code == 302
    assert not type(made[name]).objects.filter(pk=made[name].pk).exists()


def test_description_of_a_file_and_another_file_in_its_place_are_kept_both(two, proposal, made):
    name = "proposal_attachment_change"
    (url, first), (_, second) = (opened(browser, proposal, made, name) for browser in two)
    two[0].post(url, first | {"description": "Theirs"})
    two[1].post(url, second | {"file": SimpleUploadedFile("new.txt", b"Other words.")})
    now = Attachment.objects.get()
    assert (now.description, now.file.original_name, now.edit) == ("Theirs", "new.txt", 3)
    (_, third) = opened(two[1], proposal, made, name)
    two[0].post(url, third | {"file": SimpleUploadedFile("a.txt", b"Theirs once more.")})
    answer = two[1].post(url, third | {"file": SimpleUploadedFile("b.txt", b"Mine once more.")})
    page = answer.content.decode()
    assert (answer.status_code, "Choose yours again" in page) == (400, True)
    assert Attachment.objects.get().file.original_name == "a.txt"


def test_file_that_was_taken_out_keeps_its_description_for_another(two, proposal, made):
    name = "proposal_attachment_change"
    url, sent = opened(two[1], proposal, made, name)
    attachments.remove(made[name], by=proposal.created_by)
    answer = two[1].post(url, sent | {"description": "What I wrote"})
    page = answer.content.decode()
    assert (answer.status_code, 'value="What I wrote"' in page) == (409, True)
    assert f'action="{reverse("proposal_attachments", args=[proposal.case])}"' in page


def test_part_of_another_proposal_is_never_said_to_be_taken_out(two, proposal, made, call, cast):
    from .. import conftest

    other = conftest.new_proposal(call, cast, "Other")
    url = reverse("proposal_partner", args=[other.case, made["proposal_partner"].pk])
    assert two[0].post(url, {"edit": "1", "days": "3", "contribution": "x"}).status_code == 404


def test_saving_what_stands_there_changes_nothing(two, proposal, made):
    for name in CHANGES:
        url, sent = opened(two[0], proposal, made, name)
        before = two[0].get(proposal.get_absolute_url()).content.decode()
        assert two[0].post(url, sent).status_code == 302
        assert type(made[name]).objects.get(pk=made[name].pk).edit == 1
        assert two[0].get(proposal.get_absolute_url()).content.decode().count("<li") == before.count("<li")


@pytest.mark.parametrize("model", [Partner, OutsidePartner, DataNeed])
def test_without_the_comparison_the_first_save_is_lost(proposal, made, cast, model):
    """Negative control: the row of the second writer still says edit 1; only the comparison refuses it."""
    name, values = {
        Partner: ("contribution", "Mine"), OutsidePartner: ("contribution", "Mine"), DataNeed: ("dataset", "Mine"),
    }[model]  # fmt: skip
    first, second = (model.objects.exclude(**{f"{name}": ""}).last() for _ in range(2))
    assert parts.write(first, by=cast["lead"], values={name: "Theirs"})
    with pytest.raises(parts.Overtaken):
        parts.write(second, by=cast["lead"], values={name: values})
    model.objects.filter(pk=second.pk).update(edit=1)
    assert parts.write(second, by=cast["lead"], values={name: values})
    assert getattr(model.objects.get(pk=second.pk), name) == "Mine"
