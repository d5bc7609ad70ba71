"""A frozen version without who wrote it: what reviewers read where the call hides names."""

import re
from typing import Any

HIDDEN = "(hidden)"
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


def blinded(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content without team, agencies, approver and files, their names blanked in every answer.

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
        key: {name: blank(answer) for name, answer in answers.items()} for key, answers in content["sections"].items()
    }
    own = [row | {"answer": blank(row["answer"])} for row in content.get("own_questions", [])]
    items = [
        item | {"item": blank(item["item"]), "unit": blank(item["unit"]), "agency": ""}
        for item in content.get("budget", {}).get("items", [])
    ]
    return {
        "format": content["format"], "title": blank(content["title"]), "requested": content["requested"],
        "sections": sections, "own_questions": own, "budget": {"items": items, "sums": {}}, "team": [], "partners": [],
    }  # fmt: skip


def _without(text: str, words: list[str], flags: int) -> str:
    """Blank whole occurrences, the longest first."""
    for word in sorted({word for word in words if word}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", HIDDEN, text, flags=flags)
    return text
