"""A frozen version without who wrote it: what reviewers read where the call hides names."""

import re
from pathlib import PurePosixPath
from typing import Any

from .enums import SectionKey

HIDDEN = "(hidden)"
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


def blinded(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content without team, agencies and approver, their names blanked in every answer, files numbered.

    Whole names, employee numbers, agencies and e-mail addresses are blanked in any case of letters; a single word of
    a person's name only as it is written there.
    """
    team, partners = content["team"], content["partners"]
    approver, _, number = content.get("approver", "").partition(" · ")
    people = [name for name in (*(member["name"] for member in team), approver) if name]
    whole = [*people, number, content["lead_agency"], *(member["number"] for member in team)]
    whole += [member["agency"] for member in team] + [text for p in partners for text in (p["agency"], p["name"])]
    whole += [partner["name"] for partner in content.get("outside_partners", [])]
    parts = [word for name in people for word in name.split() if len(word) > 2]

    def blank(text: str) -> str:
        text = _without(ADDRESS.sub(HIDDEN, text), whole, re.IGNORECASE)
        return _without(text, parts, 0)

    sections = {
        key: {name: blank(answer) for name, answer in answers.items() if not _tells_where(key, name)}
        for key, answers in content["sections"].items()
    }
    files = [
        {"number": number, "name": name, "size": found["size"], "description": blank(found["description"])}
        for number, name, found in files_for_reviewers(content)
    ]
    named = {found["id"]: name for _, name, found in files_for_reviewers(content)}
    own = [
        row | {"answer": named.get(row["file"], "") if "file" in row else blank(row["answer"])}
        for row in content.get("own_questions", [])
    ]
    items = [
        item | {"item": blank(item["item"]), "unit": blank(item["unit"]), "agency": "", "source": ""}
        for item in content.get("budget", {}).get("items", [])
    ]
    return {
        "format": content["format"], "title": blank(content["title"]), "requested": content["requested"],
        "sections": sections, "own_questions": own, "budget": {"items": items, "sums": {}}, "team": [], "partners": [],
        "files": files,
    }  # fmt: skip


def _tells_where(key: str, name: str) -> bool:
    """Tell whether an answer names from which earlier proposal, and so of whom, a cost was taken."""
    return key == SectionKey.BUDGET and name.startswith("source_")


def files_for_reviewers(content: dict[str, Any]) -> list[tuple[int, str, dict[str, Any]]]:
    """Return number, a name that says only what kind of file it is, and the attachment, of each that may be read.

    A partner's letter, and what answers a hidden question, is left out.
    """
    letters = {partner["letter"] for partner in content.get("outside_partners", [])}
    hidden = {row.get("file") for row in content.get("own_questions", []) if row["hidden"]}
    return [
        (number, f"file-{number}{PurePosixPath(found['name']).suffix.lower()}", found)
        for number, found in enumerate(content.get("attachments", []), start=1)
        if found["id"] not in hidden and found["name"] not in letters
    ]


def _without(text: str, words: list[str], flags: int) -> str:
    """Blank whole occurrences, the longest first."""
    for word in sorted({word for word in words if word}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", HIDDEN, text, flags=flags)
    return text
