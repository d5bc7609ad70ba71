import pytest
from django.db import IntegrityError, transaction

from lifecycle.performing import perform
from proposals.enums import ProposalState
from proposals.models import Proposal


def test_state_assignment_is_refused(proposal):
    with pytest.raises(AttributeError, match="only through perform"):
        proposal.state = ProposalState.WITHDRAWN
    assert proposal.state == ProposalState.DRAFT


def test_state_same_value_passes(proposal):
    proposal.state = ProposalState.DRAFT
    proposal.full_clean()
    assert proposal.state == ProposalState.DRAFT


def test_state_deferred_is_loaded_then_guarded(proposal):
    deferred = Proposal.objects.defer("state").get(pk=proposal.pk)
    with pytest.raises(AttributeError):
        deferred.state = ProposalState.WITHDRAWN
    assert deferred.state == ProposalState.DRAFT


def test_state_refresh_takes_the_new_state(proposal, cast):
    perform(proposal, "withdraw", by=cast["lead"])
    assert proposal.state == ProposalState.DRAFT
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.WITHDRAWN


def test_state_failed_refresh_keeps_value_and_protection(proposal):
    with pytest.raises(Proposal.DoesNotExist):
        proposal.refresh_from_db(from_queryset=Proposal.objects.none())
    assert proposal.state == ProposalState.DRAFT
    with pytest.raises(AttributeError):
        proposal.state = ProposalState.WITHDRAWN


def test_state_partial_refresh_keeps_the_state(proposal):
    proposal.refresh_from_db(fields=["title"])
    assert proposal.state == ProposalState.DRAFT


def test_state_unknown_value_is_refused_by_the_database(proposal):
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(state="nonsense")
