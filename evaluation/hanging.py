"""What hangs on single reviews, in words: read from a run, never computed while a page is served."""

from typing import Any

from .models import RankingRun

SAME = 0.05  # percentage points of severity that are none


def without_one(said: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return proposal -> what would be without each of its reviews; nothing of runs that did not ask."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in said.get("stability", ()):
        found.setdefault(row["proposal"], []).append(row)
    return found


def leaning(rows: list[dict[str, Any]]) -> str:
    """Return between which places a proposal would stand without one of its reviews; whole places tell no score."""
    places = sorted({row["place"] for row in rows})
    if len(rows) < 2:
        return ""
    where = f"at place {places[0]}" if len(places) == 1 else f"between place {places[0]} and {places[-1]}"
    return f"Whichever one of its reviews is left out, the same figures put it {where}."


def allowed_for(run: RankingRun) -> dict[str, str]:
    """Return proposal -> by how much its reviewers together were milder or stricter; none of a proposal with one."""
    severity = {row["id"]: row["severity"] for row in (run.said["advice"] or {}).get("reviewers", ())}
    own = {
        row["id"]: [severity[review["reviewer"]] for review in row["reviews"] if review["reviewer"] in severity]
        for row in run.asked["proposals"]
    }
    return {name: _in_words(sum(found) / len(found)) for name, found in own.items() if len(found) > 1}


def _in_words(milder: float) -> str:
    if abs(milder) < SAME:
        return "Its reviewers were together neither stricter nor milder than the panel."
    how = "milder" if milder > 0 else "stricter"
    return (
        f"Its reviewers were together {abs(milder):.1f} percentage points {how} than the panel; that is allowed for in "
        "the estimate."
    )
