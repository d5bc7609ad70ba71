"""Looks at a person: asked why before nominations and the auditor's pages, one line an hour, all of them to be read."""

import html
from datetime import timedelta

import pytest
from django.urls import reverse

from incentives.enums import Wish
from incentives.models import Nomination
from incentives.services import contests, nominations
from incentives.views.purpose import KEPT
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


@pytest.mark.parametrize(("who", "step", "state"), [
    ("hr", "bring_to_committee", "submitted"), ("hr", "forward", "endorsed"), ("hrc", "endorse", "hrc_review"),
])  # fmt: skip
def test_office_that_acts_without_a_purpose_is_asked_and_then_acts(client, nomination, cast, who, step, state):
    Nomination.objects.filter(pk=nomination.pk).update(state=state)
    client.force_login(cast[who])
    url = reverse("act", args=["incentives.nomination", nomination.pk, step])
    asked = client.post(url, {"note": "Well “evidenced”."})
    text = text_of_main(asked)
    assert (asked.status_code, WHY in text, "Nothing has been done yet." in text) == (200, True, True)
    assert 'name="note" value="Well “evidenced”."' in asked.content.decode()
    kept = {KEPT: "yes", "note": "Well “evidenced”."}
    assert 'name="note"' in client.post(url, kept | {"purpose": "curiosity"}).content.decode()
    assert (Nomination.objects.get().state, seen(cast["lead"])) == (state, [])
    assert client.post(url, kept | {"purpose": "committee"}).status_code == 302
    assert Nomination.objects.get().state != state
    assert "Well “evidenced”." in html.unescape(text_of_main(client.get(nomination.get_absolute_url())))
    looked = [what for _, what in seen(cast["lead"])]
    assert looked[0] == "Nomination: a meeting of the HR committee"
    assert looked[1].startswith("Nomination, “")
    client.force_login(cast["lead"])
    assert looked[1] in html.unescape(text_of_main(client.get(reverse("my_looks"))))


def test_result_is_recorded_after_the_purpose_and_what_was_typed_is_kept(client, nomination, cast):
    Nomination.objects.filter(pk=nomination.pk).update(state="forwarded", forwarded_on=clock.today())
    client.force_login(cast["rcsc"])
    url = reverse("nomination_result", args=[nomination.pk])
    form = {"granted": "award", "decided_on": str(clock.today()), "reason": "For the two pilots."}
    page = client.post(url, form)
    assert (page.status_code, Nomination.objects.get().state) == (200, "forwarded")
    assert 'value="For the two pilots."' in page.content.decode()
    assert client.post(url, form | {KEPT: "yes", "purpose": "committee"}).status_code == 302
    assert Nomination.objects.get().state == "result_recorded"
    assert [what for _, what in seen(cast["lead"])] == [
        "Nomination: a meeting of the HR committee", "Nomination, “Record the result”: a meeting of the HR committee",
    ]  # fmt: skip


def test_person_acts_on_their_own_nomination_without_a_purpose(client, nomination, cast):
    client.force_login(cast["lead"])
    url = reverse("act", args=["incentives.nomination", nomination.pk, "withdraw"])
    assert client.post(url, {"note": ""}).status_code == 302
    assert (Nomination.objects.get().state, seen(cast["lead"])) == ("withdrawn", [])


def test_checking_the_rules_and_noting_a_fact_of_somebody_are_looks(client, recorded, cast):
    client.force_login(cast["hr"])
    number = cast["lead"].employee_number
    page = client.post(reverse("person_file", args=[number]), {"run": "yes"})
    assert "Nothing has been done yet." in text_of_main(page)
    client.post(reverse("person_file", args=[number]), {"run": "yes", KEPT: "yes", "purpose": "committee"})
    said = {"kind": "gender", "value": "female", "as_of": str(clock.today()), "source": "Register"}
    assert client.post(reverse("hr_fact", args=[number]), said).status_code == 302
    why = "a meeting of the HR committee"
    assert [what for _, what in seen(cast["lead"])] == [f"Rules checked: {why}", f"A fact of HR noted: {why}"]


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
