"""Attached files: added, replaced, removed, frozen with the version, and handed only to who may read the proposal."""

import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents.models import StoredFile
from documents.services import read_file
from fund.models.call import GRACE
from fund.services import extensions
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from proposals.models import Attachment, Proposal, Version
from proposals.services import attachments, endorsing

from .. import stages
from ..documents import hostile

TEXT = b"Twelve mothers said yes."


def upload(content=TEXT, name="letter.txt"):
    return SimpleUploadedFile(name, content)


def attach(proposal, by, content=TEXT, name="letter.txt", description="A letter"):
    return attachments.add(proposal, by=by, upload=upload(content, name), description=description)


@pytest.fixture
def lead_client(client, cast):
    client.force_login(cast["lead"])
    return client


def page_of(proposal):
    return reverse("proposal_attachments", args=[proposal.case])


def test_attach_stores_under_a_random_name_and_leaves_a_trace(proposal, cast):
    made = attach(proposal, cast["colleague"])
    stored = made.file
    assert (stored.original_name, stored.case, stored.kind, stored.size) == (
        "letter.txt",
        proposal.case,
        "attachment",
        24,
    )
    assert len(stored.stored_name) == 32
    assert "letter" not in stored.path
    assert read_file(stored) == TEXT
    assert trail.entries_of(proposal).order_by("seq").last().action == "attached"


@pytest.mark.parametrize("who", ["stranger", "exmember", "conflicted", "sponsor", "secretariat", "head", "citizen"])
def test_attach_by_others_is_refused_before_the_file_is_read(proposal, cast, who):
    with pytest.raises(NotPossible) as no:
        attach(proposal, cast[who])
    assert no.value.forbidden
    assert not StoredFile.objects.exists()


def test_hostile_file_through_the_page_names_it_and_stores_nothing(lead_client, proposal):
    answer = lead_client.post(page_of(proposal), {"file": upload(hostile.pdf(hostile.hidden_script), "plan.pdf")})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "“plan.pdf” holds something that acts by itself (a script)" in page
    assert not Attachment.objects.exists()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"), [({}, "Choose a file first."), ({"file": upload(b"", "a.pdf")}, "“a.pdf” is empty.")]
)
def test_nothing_chosen_and_an_empty_file_say_different_things(lead_client, proposal, data, words):
    assert words in lead_client.post(page_of(proposal), data).content.decode()


def test_the_page_lists_name_size_who_and_description(lead_client, proposal):
    lead_client.post(page_of(proposal), {"file": upload(), "description": "What <b>she</b> said"})
    page = lead_client.get(page_of(proposal)).content.decode()
    assert all(words in page for words in ("letter.txt", "24", "Name of lead", "What &lt;b&gt;she&lt;/b&gt; said"))
    assert "1 file" in lead_client.get(proposal.get_absolute_url()).content.decode()


def test_the_same_file_twice_is_refused(proposal, cast):
    attach(proposal, cast["lead"])
    with pytest.raises(NotPossible, match=r"already attached, as “letter\.txt”"):
        attach(proposal, cast["lead"], name="again.txt")


def test_files_have_a_number_and_a_sum(proposal, cast, monkeypatch):
    monkeypatch.setattr(attachments, "MOST", 2)
    attach(proposal, cast["lead"], b"a", "a.txt")
    with monkeypatch.context() as small:
        small.setattr(attachments, "TOTAL", 1)
        with pytest.raises(NotPossible, match="All files together"):
            attach(proposal, cast["lead"], b"b", "b.txt")
    attach(proposal, cast["lead"], b"b", "b.txt")
    with pytest.raises(NotPossible, match="can have 2 files"):
        attach(proposal, cast["lead"], b"c", "c.txt")


def test_replacing_keeps_the_row_and_deletes_the_old_bytes(proposal, cast, django_capture_on_commit_callbacks):
    made = attach(proposal, cast["lead"])
    old = made.file.path
    with django_capture_on_commit_callbacks(execute=True):
        attachments.change(made, by=cast["colleague"], upload=upload(b"New", "new.txt"), description="Newer")
    fresh = Attachment.objects.get()
    assert (fresh.pk, fresh.file.original_name, fresh.description) == (made.pk, "new.txt", "Newer")
    assert not default_storage.exists(old)


def test_removing_deletes_the_bytes_and_a_second_removal_says_so(proposal, cast, django_capture_on_commit_callbacks):
    made = attach(proposal, cast["lead"])
    with django_capture_on_commit_callbacks(execute=True):
        attachments.remove(made, by=cast["lead"])
    assert (Attachment.objects.count(), StoredFile.objects.count()) == (0, 0)
    assert not default_storage.exists(made.file.path)
    with pytest.raises(NotPossible, match="already removed"):
        attachments.remove(made, by=cast["lead"])


def test_a_frozen_version_holds_the_digest_and_its_bytes_survive_removal(
    proposal, cast, django_capture_on_commit_callbacks
):
    made = attach(proposal, cast["lead"])
    waiting = stages.await_agreement(proposal, cast)
    frozen = waiting.versions.last().facts["attachments"]
    assert [(f["name"], f["sha256"], f["file"]) for f in frozen] == [
        ("letter.txt", made.file.sha256, str(made.file_id))
    ]
    draft = endorsing.give_back(waiting, by=cast["sponsor"], note="No letter, please.", version=1)
    with django_capture_on_commit_callbacks(execute=True):
        attachments.remove(made, by=cast["lead"])
    assert read_file(made.file) == TEXT
    endorsing.ask(stages.fresh(draft), by=cast["lead"])
    assert Version.objects.last().facts["attachments"] == []
    assert json.loads(Version.objects.first().content)["attachments"] == frozen


def test_files_of_a_submitted_proposal_never_change(proposal, cast):
    made = attach(proposal, cast["lead"])
    stages.submit(proposal, cast)
    for act in (
        lambda: attach(stages.fresh(proposal), cast["lead"], b"more", "more.txt"),
        lambda: attachments.change(Attachment.objects.get(), by=cast["lead"], upload=None, description="x"),
        lambda: attachments.remove(Attachment.objects.get(), by=cast["lead"]),
    ):
        with pytest.raises(NotPossible, match="Only a draft"):
            act()
    assert Attachment.objects.get().file == made.file


def test_a_slow_upload_is_judged_by_its_arrival(proposal, cast):
    """The line takes ten minutes; what counts is when the request began."""
    proposal = Proposal.objects.select_related("call").get()
    over = proposal.call.closes_at + GRACE
    with clock.frozen(over + timedelta(minutes=10)):
        with clock.arrived(over), pytest.raises(NotPossible, match="The call has closed"):
            attach(proposal, cast["lead"])
        with clock.arrived(over - timedelta(seconds=1)):
            attach(proposal, cast["lead"])
    assert Attachment.objects.count() == 1


def test_a_lead_with_more_time_attaches_until_that_end_and_others_do_not(proposal, cast, call):
    ends = call.closes_at
    more = {"until": ends + timedelta(days=3), "reason": "Ill."}
    extensions.extend(call, by=cast["secretariat"], person=cast["stranger"], **more)
    with clock.frozen(ends + GRACE), pytest.raises(NotPossible, match="The call has closed"):
        attach(proposal, cast["lead"])
    extensions.extend(call, by=cast["secretariat"], person=cast["lead"], **more)
    with clock.frozen(ends + GRACE):
        attach(proposal, cast["lead"])
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("lead", 200), ("sponsor", 200), ("secretariat", 200), ("stranger", 404), ("conflicted", 404), ("citizen", 404)],
)
def test_download_asks_the_permission_of_the_proposal(client, proposal, cast, who, status):
    name = "འབྲུག་གི་ཡིག་ཆ་.txt"
    made = attach(proposal, cast["lead"], name=name)
    stages.submit(proposal, cast)
    client.force_login(cast[who])
    answer = client.get(made.get_absolute_url())
    assert answer.status_code == status
    if status == 200:
        assert answer.content == TEXT
        assert answer.headers["Content-Disposition"] == f"attachment; filename*=utf-8''{quote(name)}"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_a_file_of_another_proposal_is_not_found(client, proposal, funded_call, cast):
    from .. import conftest

    made = attach(proposal, cast["lead"])
    other = conftest.new_proposal(funded_call, cast, "Other")
    client.force_login(cast["lead"])
    for route in ("proposal_attachment", "proposal_attachment_change"):
        assert client.get(reverse(route, args=[other.case, made.pk])).status_code == 404
