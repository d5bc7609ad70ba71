"""What people say about a draft of the points policy, before two people of the RCSC approve it."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from incentives.models import PolicyComment
from incentives.services import versions
from lifecycle import clock
from lifecycle.errors import NotPossible

from ..races import race
from ..remembering import remembered


@remembered
def draft(cast, points_policy):
    data = versions.standard_policy() | {"version": "FT-2027.1"}
    return versions.add_draft(by=cast["rcsc"], data=data, valid_from=clock.today().replace(year=clock.today().year + 1))


def seat(person):
    client = Client()
    client.force_login(person)
    return client


def test_anybody_signed_in_says_what_they_think_and_nobody_reads_who(draft, cast):
    path = draft.get_absolute_url()
    client = seat(cast["lead"])
    assert "Say what you think of it" in client.get(path).content.decode()
    assert client.post(path, {"text": "Mentoring deserves more."}).status_code == 302
    assert '<p class="govuk-hint">You, ' in client.get(path).content.decode()
    for name in ("rcsc", "stranger", "hr", "auditor"):
        text = seat(cast[name]).get(path).content.decode()
        assert "Mentoring deserves more." in text
        assert cast["lead"].full_name not in text
        assert '<p class="govuk-hint">Somebody, ' in text


def test_empty_comment_is_refused_beside_its_field_and_what_was_typed_stays(draft, cast):
    answer = seat(cast["lead"]).post(draft.get_absolute_url(), {"text": "  "})
    assert answer.status_code == 400
    assert 'href="#id_text"' in answer.content.decode()
    with pytest.raises(IntegrityError, match="policy_comment_says_something"), transaction.atomic():
        PolicyComment.objects.create(version=draft, by=cast["lead"], text="", at=clock.now())


def test_same_words_sent_twice_are_one_and_ten_are_the_most(draft, cast):
    for _ in range(2):
        versions.comment(draft, by=cast["lead"], text="Once")
    assert PolicyComment.objects.count() == 1
    for number in range(versions.MOST_COMMENTS - 1):
        versions.comment(draft, by=cast["lead"], text=f"Again {number}")
    with pytest.raises(NotPossible, match="You have said 10"):
        versions.comment(draft, by=cast["lead"], text="One more")
    versions.comment(draft, by=cast["colleague"], text="One more")


def test_nothing_is_said_once_somebody_approved_it_and_what_was_said_stays_to_be_read(draft, cast):
    versions.comment(draft, by=cast["lead"], text="Mentoring deserves more.")
    versions.consult(draft, by=cast["rcsc"], note="Mentoring stays: it is capped by the year.")
    answer = seat(cast["lead"]).post(draft.get_absolute_url(), {"text": "Too late"})
    text = answer.content.decode()
    assert (answer.status_code, "The consultation is over" in text) == (400, True)
    assert "Too late" in text  # what was typed is not lost
    assert "Mentoring deserves more." in text
    assert "Mentoring stays: it is capped by the year." in text
    assert "Send it to the RCSC" not in seat(cast["lead"]).get(draft.get_absolute_url()).content.decode()


def test_what_was_said_is_never_changed(draft, cast):
    row = versions.comment(draft, by=cast["lead"], text="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyComment.objects.filter(pk=row.pk).update(text="y")


@pytest.mark.django_db(transaction=True)
def test_twenty_presses_at_once_keep_it_once(draft, cast):
    done = race(20, lambda _: versions.comment(draft, by=cast["lead"], text="Once"))
    assert len(done) == 20
    assert PolicyComment.objects.count() == 1
