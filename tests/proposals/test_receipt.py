"""The PDF copy: tagged, whole, in the right order of letters, and deaf to whatever was typed into it."""

import re
from io import BytesIO

import pikepdf
from pypdf import PdfReader

from lifecycle.jobs import run
from lifecycle.models import Job
from proposals.enums import Domain, SectionKey
from proposals.models import Version
from proposals.services import attachments, drafting, outside, partners, receipts, submitting

from .. import stages
from ..documents.test_pdf import CANARY, streams, trap
from .test_attachments import upload

__all__ = ["trap"]
NAME = "སྐལ་བཟང་རྡོ་རྗེ"


def receipt(proposal):
    """Run the job as the worker does, and return the bytes."""
    run(Job.objects.get(name="proposals.make_receipt", key=submitting.receipt_key(proposal)).pk)
    from documents.services import read_file

    return read_file(receipts.receipt_of(proposal))


def words_of(content):
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def plain(text):
    return re.sub(r"\s", "", text)


def write_everywhere(proposal, cast, agencies, text):
    """Put `text` into every free-text field, beside answers that keep the proposal whole."""
    by = cast["lead"]
    complete = stages.complete(proposal, cast)
    kept = {"title", "unit_1", "count_1", "cost_1", "cost_2", "baseline", "target", "direction", "stop_figure"}
    for section in complete.sections.all():
        answers = {
            k: v if k in kept or "date" in k else f"{v} {text[:40] if k in ('unit', 'when_1') else text}"
            for k, v in section.answers.items()
        }
        drafting.save_section(complete, by=by, key=section.key, version=section.version, answers=answers)
    harms = {f"effect_{key}": "harms" for key in Domain} | {f"harm_{key}": text for key in Domain}
    drafting.save_section(complete, by=by, key=SectionKey.WELLBEING, version=0, answers=harms)
    own = complete.partners.get(agency=complete.lead_agency)
    partners.change(own, by=by, days=6, contribution=text)
    made = attachments.add(complete, by=by, upload=upload(), description=text)
    outside.save_partner(
        complete, by=by, partner=None, name=text[:200], kind="firm", contribution=text, interests=text, letter=made
    )
    need = {"need": None, "dataset": text[:200], "owner": agencies["digital"], "answer": "asked"}
    outside.save_data_need(complete, by=by, **need)
    return made


def submitted(proposal, cast):
    from proposals.services import endorsing

    waiting = endorsing.ask(stages.fresh(proposal), by=cast["lead"])
    return submitting.submit(stages.agree_all(waiting, cast), by=cast["lead"])


def test_receipt_is_tagged_and_prints_fingerprints_of_text_and_files(proposal, cast, agencies):
    made = write_everywhere(proposal, cast, agencies, "Plain")
    content = receipt(submitted(proposal, cast))
    words = plain(words_of(content))
    assert Version.objects.get().sha256 in words
    assert made.file.sha256 in words
    assert all(
        plain(w) in words
        for w in ("letter.txt", "May harm: Plain", "Sum of", "register: Test register, as of 1 January 2026")
    )
    with pikepdf.open(BytesIO(content)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root
        assert b"pdfuaid" in pdf.Root.Metadata.read_bytes()


def test_receipt_keeps_dzongkha_in_order_in_every_field(proposal, cast, agencies):
    write_everywhere(proposal, cast, agencies, NAME)
    words = plain(words_of(receipt(submitted(proposal, cast))))
    assert words.count(NAME) >= 25


def test_receipt_with_hostile_text_in_every_field_fetches_nothing(proposal, cast, agencies, trap, tmp_path):
    address, hits = trap
    secret = tmp_path / "s.txt"
    secret.write_text(CANARY)
    hostile = f'<img src="{address}/b"><link rel=attachment href="file://{secret}">'
    write_everywhere(proposal, cast, agencies, hostile)
    content = receipt(submitted(proposal, cast))
    assert hits == []
    assert CANARY.encode() not in streams(content)
    assert plain("<link rel=attachment") in plain(words_of(content))
    with pikepdf.open(BytesIO(content)) as pdf:
        assert dict(pdf.attachments) == {}
