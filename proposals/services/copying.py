"""What stands around the written sections, carried over from an earlier proposal of one's own team."""

import re

from documents.errors import DamagedFile
from documents.services import read_file, store_file
from people.models import User

from ..lane import is_spark
from ..models import Attachment, Proposal

FILE = "attachment"  # the kind of stored file


def carry_parts(source: Proposal, proposal: Proposal, by: User) -> dict[str, str]:
    """Copy partners, partners outside government, data needs and files; a small idea has none of them.

    A file becomes one of its own, so that neither proposal can take it away from the other. One that is damaged stays
    behind: `left_behind` names it. Returns the key of each old file -> the key of its copy.
    """
    if is_spark(proposal):
        return {}
    for partner in source.partners.select_related("agency"):
        proposal.partners.update_or_create(
            agency=partner.agency, defaults={"days": partner.days, "contribution": partner.contribution}
        )
    files = _carry_files(source, proposal, by)
    for row in source.outside_partners.all():
        proposal.outside_partners.create(
            name=row.name, kind=row.kind, contribution=row.contribution, interests=row.interests,
            letter=files.get(str(row.letter_id)),
        )  # fmt: skip
    for need in source.data_needs.all():
        proposal.data_needs.create(dataset=need.dataset, owner_id=need.owner_id, answer=need.answer)
    return {old: str(new.pk) for old, new in files.items()}


def _carry_files(source: Proposal, proposal: Proposal, by: User) -> dict[str, Attachment]:
    """Copy the files and return the key of each old one -> the new one."""
    made = {}
    for old in source.attachments.select_related("file"):
        try:
            content = read_file(old.file)
        except DamagedFile:
            continue
        stored = store_file(
            content=content, name=old.file.original_name, content_type=old.file.content_type, kind=FILE,
            case=proposal.case, owner_id=by.pk,
        )  # fmt: skip
        made[str(old.pk)] = proposal.attachments.create(file=stored, description=old.description, added_by=by)
    return made


def with_spenders(source: Proposal, proposal: Proposal, answers: dict[str, str]) -> dict[str, str]:
    """Return a budget that names the source's lead agency where it meant it without a name, so that no money moves."""
    if source.lead_agency_id == proposal.lead_agency_id:
        return answers
    rows = {
        name.rpartition("_")[2] for name, said in answers.items() if said and re.fullmatch(r"(item|cost)_\d+", name)
    }
    unnamed = [row for row in rows if not answers.get(f"agency_{row}")]
    return answers | {f"agency_{row}": source.lead_agency.code for row in unnamed}


def left_behind(source: Proposal, proposal: Proposal) -> list[str]:
    """Return the names of the source's files that the copy does not have."""
    if is_spark(proposal):
        return []
    have = set(proposal.attachments.values_list("file__sha256", flat=True))
    files = source.attachments.select_related("file")
    return [found.file.original_name for found in files if found.file.sha256 not in have]
