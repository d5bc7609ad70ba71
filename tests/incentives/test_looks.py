"""Looks at a person: asked why before nominations and the auditor's pages, one line an hour, all of them to be read."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incentives.enums import Wish
from incentives.services import contests, nominations
from lifecycle import clock
from people.models import AccessLog
from people.services.access import log_look, log_looks

from .test_hr import looks, text_of_main

WHY = "Why do you look"


@pytest.fixture
def nomination(recorded, cast):
    return nominations.nominate_oneself(by=cast["lead"], wish=Wish.AWARD, statement="What I wish the committee knew.")


def seen(person):
    return list(AccessLog.objects.filter(person=person).order_by("pk").values_list("viewer__email", "what"))


@pytest.mark.parametrize("who", ["hr", "hrc"])
def test_office_says_why_before_it_reads_a_nomination_and_the_person_reads_it(client, nomination, cast, who):
    client.force_login(cast[who])
    for url in (reverse("nomination_list"), nomination.get_absolute_url()):
        page = text_of_main(client.get(url))
        assert (WHY in page, cast["lead"].full_name in page) == (True, False)
    assert seen(cast["lead"]) == []
    url = nomination.get_absolute_url()
    assert client.post(url, {"purpose": "committee"}).headers["Location"] == url
    for _ in range(2):
        assert "What I wish the committee knew." in text_of_main(client.get(url))
        assert cast["lead"].full_name in text_of_main(client.get(reverse("nomination_list")))
    why = "a meeting of the HR committee"
    assert seen(cast["lead"]) == [
        (cast[who].email, f"Nomination: {why}"), (cast[who].email, f"List of nominations: {why}"),
    ]  # fmt: skip


def test_person_reads_their_own_nomination_without_a_purpose(client, nomination, cast):
    client.force_login(cast["lead"])
    assert "What I wish the committee knew." in text_of_main(client.get(nomination.get_absolute_url()))
    assert seen(cast["lead"]) == []


def test_auditor_says_why_on_every_page_about_people_and_the_head_need_not(client, nomination, recorded, cast):
    row = contests.lodge(recorded.outcome, by=cast["lead"], about="result", words="The second log.")
    pages = [reverse(name) for name in ("nomination_list", "integrity", "keeping", "take_up")]
    pages.append(row.get_absolute_url())
    client.force_login(cast["auditor"])
    assert [WHY in text_of_main(client.get(url)) for url in pages] == [True] * 5
    looks(client, cast["auditor"], "audit")
    assert [WHY in text_of_main(client.get(url)) for url in pages] == [False] * 5
    assert (cast["auditor"].email, "Second look: an audit") in seen(cast["lead"])
    client.force_login(cast["head"])
    assert [WHY in text_of_main(client.get(url)) for url in (reverse("integrity"), row.get_absolute_url())] == [
        False
    ] * 2


def test_look_is_one_line_an_hour_for_each_purpose(cast):
    look = {"viewer": cast["hr"], "person": cast["lead"]}
    for what in ("File: a", "File: a", "File: b"):
        log_look(**look, what=what)
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        log_look(**look, what="File: a")
        log_looks(viewer=cast["hr"], people=[cast["lead"], cast["colleague"], cast["hr"]], what="File: a")
    assert [what for _, what in seen(cast["lead"])] == ["File: a", "File: b", "File: a"]
    assert (len(seen(cast["colleague"])), seen(cast["hr"])) == (1, [])


def test_first_look_is_still_to_be_read_after_many_others(client, recorded, cast):
    log_look(viewer=cast["rcsc"], person=cast["lead"], what="The first look")
    for number in range(60):
        log_look(viewer=cast["hr"], person=cast["lead"], what=f"Look {number}")
    client.force_login(cast["lead"])
    assert reverse("my_looks") in client.get(reverse("my_record")).content.decode()
    assert "The first look" not in text_of_main(client.get(reverse("my_looks")))
    assert "The first look" in text_of_main(client.get(reverse("my_looks"), {"page": 2}))
    client.force_login(cast["colleague"])
    assert "Nobody has looked at it." in text_of_main(client.get(reverse("my_looks")))
