import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from fund.models import Call
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform

from ..factories import make_call


def test_call_is_approved_by_the_head_and_never_by_its_author(cast):
    call = make_call(cast["secretariat"])
    with pytest.raises(NotPossible):
        perform(call, "approve", by=cast["secretariat"])
    assert perform(call, "approve", by=cast["head"]).state == "approved"


def test_call_written_by_the_head_needs_another_head(cast):
    call = make_call(cast["secretariat"])
    Call.objects.filter(pk=call.pk).update(created_by=cast["head"])
    with pytest.raises(NotPossible):
        perform(call, "approve", by=cast["head"])


def test_call_by_others_is_refused(cast):
    with pytest.raises(NotPossible, match="Only the secretariat"):
        make_call(cast["lead"])


def test_call_that_is_over_cannot_be_approved(cast):
    call = make_call(cast["secretariat"])
    with clock.frozen(call.closes_at), pytest.raises(NotPossible, match="must lie in the future"):
        perform(call, "approve", by=cast["head"])


def test_call_closing_before_opening_is_refused_by_the_database(call):
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(closes_at=call.opens_at)


def test_call_in_preparation_is_hidden_from_the_public(client, cast):
    call = make_call(cast["secretariat"])
    assert client.get(call.get_absolute_url()).status_code == 404
    client.force_login(cast["secretariat"])
    assert client.get(call.get_absolute_url()).status_code == 200


def test_call_page_tells_the_public_how_it_is_judged(client, call):
    page = client.get(call.get_absolute_url()).content.decode()
    assert "Public value and user need, 30 %" in page
    assert "Up to Nu. 1,000,000 for each proposal" in page
    assert f"/account/login/?next={reverse('call_detail', args=[call.reference])}" in page


def test_call_closing_at_midnight_is_shown_as_2359(client, call):
    from datetime import UTC, datetime

    Call.objects.filter(pk=call.pk).update(closes_at=datetime(2030, 1, 3, 18, tzinfo=UTC))
    assert "3 January 2030, 23:59 (Thimphu)" in client.get(call.get_absolute_url()).content.decode()


def test_open_is_derived_from_the_clock(call):
    assert call.is_open
    with clock.frozen(call.closes_at):
        assert not call.is_open
