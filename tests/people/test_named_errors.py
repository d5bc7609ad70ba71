"""An error names its field, whoever worded it."""

from django.urls import reverse


def test_summary_of_an_empty_form_says_which_answers_are_missing(client, proposal, cast):
    client.force_login(cast["lead"])
    said = client.post(reverse("proposal_outside_add", args=[proposal.case]), {"kind": "ghost"}).content.decode()
    assert "This field is required." not in said
    assert "Select a valid choice." not in said
    assert said.count("Answer “") >= 2
    assert "Choose one of the answers of “" in said
