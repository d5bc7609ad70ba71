"""Attaching files with real dragging: Chromium takes them from the disk, as from a folder on the desktop."""

import pytest

from documents.uploads import MAX_BYTES

from .conftest import STACKS
from .journey import start_draft
from .test_journey import examine, look

MIDDLE = (160, 300)  # no field: a file may be dropped anywhere
EVENTS = ("dragEnter", "dragOver", "drop")


def drag(person, *files, events=EVENTS):
    """Drag files from the disk over the page, and let them go."""
    line = person.context.new_cdp_session(person.page)
    data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
    for kind in events:
        line.send("Input.dispatchDragEvent", {"type": kind, "x": MIDDLE[0], "y": MIDDLE[1], "data": data})
    line.detach()


def written(folder, name, content):
    file = folder / name
    file.write_bytes(content)
    return file


@pytest.fixture(params=[320, 1280])
def lead(enter, request):
    person = enter("lead", width=request.param)
    start_draft(person, f"Dragged at {request.param}")
    person.follow("Add attachments")
    person.sees("Nothing is attached yet.")
    return person


@pytest.mark.parametrize("server", STACKS[:1], indirect=True)
def test_file_is_dragged_onto_the_page_and_attached(server, lead, tmp_path):
    here = lead.page.url
    letter = written(tmp_path, "letter.txt", b"Twelve mothers said yes.")
    other = written(tmp_path, "table.csv", b"a,b\n1,2\n")
    drag(lead, letter, events=EVENTS[:2])
    lead.page.locator("form.fund-drop").wait_for()
    look(lead, "files-dragging")
    drag(lead, letter, other, events=EVENTS[2:])
    lead.sees("Chosen: letter.txt. Press Attach. Files are attached one at a time.")
    assert (lead.page.url, lead.page.locator("form.fund-drop").count()) == (here, 0)
    lead.fill("What does it show?", "What mothers said")
    assert examine(lead, None) == []
    lead.press("Attach")
    lead.sees("Attached: letter.txt")
    lead.sees("What mothers said")
    assert lead.page.get_by_role("link", name="table.csv").count() == 0
    look(lead, "files-attached")
    with lead.page.expect_download() as download:
        lead.page.get_by_role("link", name="letter.txt", exact=True).click()
    assert download.value.path().read_bytes() == b"Twelve mothers said yes."


@pytest.mark.parametrize("server", STACKS[:1], indirect=True)
def test_dragged_file_that_is_not_taken_says_why_and_another_can_follow(server, lead, tmp_path):
    for name, content, words in (
        ("page.html", b"<script>alert(1)</script>", "page.html"),
        ("large.txt", b"x" * (MAX_BYTES + 1), "10 MB"),
    ):
        drag(lead, written(tmp_path, name, content))
        lead.sees(f"Chosen: {name}.")
        lead.press("Attach")
        summary = lead.page.locator(".govuk-error-summary")
        summary.get_by_text(words).first.wait_for()
        assert lead.page.evaluate("document.activeElement.className").startswith("govuk-error-summary")
    look(lead, "files-refused")
    drag(lead, written(tmp_path, "small.txt", b"Small."))
    lead.press("Attach")
    lead.sees("Attached: small.txt")
    assert lead.page.locator(".govuk-error-summary").count() == 0


@pytest.mark.parametrize("server", STACKS[:1], indirect=True)
def test_without_script_the_same_form_attaches(server, enter, tmp_path):
    person = enter("lead", width=320, javascript=False)
    start_draft(person, "Chosen without script")
    person.follow("Add attachments")
    person.page.get_by_label("File", exact=True).set_input_files(written(tmp_path, "letter.txt", b"Twelve."))
    person.press("Attach")
    person.sees("Attached: letter.txt")
