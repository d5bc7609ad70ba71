"""Files that are handed in with a milestone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents.models import StoredFile
from fund.models import MilestoneFile
from fund.services import delivery
from fund.services.evidence import MOST
from lifecycle import trail
from lifecycle.errors import NotPossible


def text(name, words):
    return SimpleUploadedFile(name, words.encode())


def first(grant):
    return grant.milestones.get(position=1)


def test_files_are_handed_in_with_a_milestone_and_read_by_who_sees_the_grant(client, cast, grant):
    client.force_login(cast["colleague"])
    path = reverse("milestone_submit", args=[grant.case, 1])
    assert 'enctype="multipart/form-data"' in client.get(path).content.decode()
    files = [text("list.txt", "Forty names"), text("letter.txt", "Thanks")]
    assert client.post(path, {"evidence": "See the list", "uploads": files}).status_code == 302
    assert first(grant).state == "submitted"
    kept = list(first(grant).files.select_related("file"))
    assert [(one.file.original_name, one.by) for one in kept] == [
        ("list.txt", cast["colleague"]),
        ("letter.txt", cast["colleague"]),
    ]
    assert trail.entries_of(first(grant)).filter(action="attached").count() == 2
    client.force_login(cast["secretariat"])
    assert "2 files" in client.get(grant.get_absolute_url()).content.decode()
    page = client.get(reverse("grant_part", args=[grant.case, "milestone", 1])).content.decode()
    link = reverse("evidence_file", args=[grant.case, kept[0].pk])
    assert link in page
    answer = client.get(link)
    assert (answer.content, answer["Content-Disposition"].split(";")[0]) == (b"Forty names", "attachment")


def test_a_refused_file_hands_in_nothing_and_keeps_the_text(client, cast, grant):
    client.force_login(cast["lead"])
    path = reverse("milestone_submit", args=[grant.case, 1])
    files = [text("list.txt", "Forty names"), SimpleUploadedFile("run.exe", b"MZ")]
    answer = client.post(path, {"evidence": "See the list", "uploads": files})
    said = answer.content.decode()
    assert answer.status_code == 400
    assert "run.exe" in said and "See the list" in said and "choose the files again" in said
    assert 'href="#id_uploads"' in said  # the summary leads to the field
    assert first(grant).state == "in_progress"
    assert (MilestoneFile.objects.count(), StoredFile.objects.filter(kind="milestone").count()) == (0, 0)


def test_handing_in_again_adds_files_and_keeps_none_twice(client, cast, grant):
    delivery.submit_milestone(first(grant), by=cast["lead"], evidence="See", uploads=[text("a.txt", "One")])
    delivery.return_milestone(first(grant), by=cast["secretariat"], note="Which list?")
    client.force_login(cast["lead"])
    path = reverse("milestone_submit", args=[grant.case, 1])
    assert "a.txt" in client.get(path).content.decode()
    client.post(path, {"evidence": "This one", "uploads": [text("again.txt", "One"), text("b.txt", "Two")]})
    names = first(grant).files.values_list("file__original_name", flat=True)
    assert list(names) == ["a.txt", "b.txt"]


def test_more_files_than_a_milestone_can_have_are_refused_and_none_is_kept(cast, grant):
    many = [text(f"{number}.txt", f"File {number}") for number in range(MOST + 1)]
    with pytest.raises(NotPossible, match=f"{MOST} files; you chose {MOST + 1}"):
        delivery.submit_milestone(first(grant), by=cast["lead"], evidence="See", uploads=many)
    again = [text(f"{number}.txt", f"File {number}") for number in range(MOST)]
    delivery.submit_milestone(first(grant), by=cast["lead"], evidence="See", uploads=again)
    delivery.return_milestone(first(grant), by=cast["secretariat"], note="More")
    with pytest.raises(NotPossible, match="Choose fewer"):
        delivery.submit_milestone(first(grant), by=cast["lead"], evidence="See", uploads=[text("x.txt", "One more")])
    assert (first(grant).state, first(grant).files.count()) == ("returned", MOST)


def test_an_empty_file_is_named_and_refused(client, cast, grant):
    client.force_login(cast["lead"])
    path = reverse("milestone_submit", args=[grant.case, 1])
    answer = client.post(path, {"evidence": "See", "uploads": [SimpleUploadedFile("empty.txt", b"")]})
    assert answer.status_code == 400
    assert "empty.txt" in answer.content.decode()
    assert first(grant).state == "in_progress"


@pytest.mark.parametrize("who", ["stranger", "conflicted", "hr"])
def test_who_does_not_see_the_grant_reads_no_file_of_it(client, cast, grant, who):
    delivery.submit_milestone(first(grant), by=cast["lead"], evidence="See", uploads=[text("a.txt", "One")])
    client.force_login(cast[who])
    path = reverse("evidence_file", args=[grant.case, MilestoneFile.objects.get().pk])
    assert client.get(path).status_code == 404
