"""What of a decision bundle no hash and no recomputed figure holds: whether its parts can belong together. Pure."""

import hashlib
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from .bundle_form import INPUTS_FORM, Differs
from .engine.line import DRAW

SMALL = "spark"
SMALL_CHOICES = ("approve", "decline")
ONE_ACT = timedelta(minutes=1)  # an approval and its movement of money are written in one transaction
SIGNS = {"commitment": -1, "commitment_release": 1}
Bundle = dict[str, Any]


def seed_of(call: str) -> int:
    """Return the seed of a call's rank intervals, which its reference fixes, so that nobody can choose it."""
    return int.from_bytes(hashlib.sha256(call.encode()).digest()[:4])


def inputs_fit(inputs: Bundle) -> None:
    """Raise Differs unless these can be the inputs of a ranking: kinds, scale, weights, seed, nothing there twice."""
    INPUTS_FORM(inputs, "")
    if (total := sum(inputs["weights"].values())) != 100:
        raise Differs(f"the weights add up to {total}, not to 100")
    if inputs["seed"] != seed_of(inputs["call"]):
        raise Differs(f"seed is {inputs['seed']}, of this call {seed_of(inputs['call'])}")
    _once([row["id"] for row in inputs["proposals"]], "proposal")
    _once([review["id"] for row in inputs["proposals"] for review in row["reviews"]], "review")
    orders: dict[str, list[int]] = defaultdict(list)
    for row in inputs["proposals"]:
        _once([review["reviewer"] for review in row["reviews"]], f"reviewer of {row['id']}")
        _of_the_call(inputs, row["consensus"], f"what the panel agreed on {row['id']}")
        for review in row["reviews"]:
            _of_the_call(inputs, review["scores"], review["id"])
            _of_the_call(inputs, review["reasons"], review["id"])
            orders[review["reviewer"]].append(review["order"])
    for name, found in orders.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            raise Differs(f"the reviews of {name} are not counted from 1 in their order")


def _once(names: list[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Differs(f"{what} {name} is there twice")
        seen.add(name)


def _of_the_call(inputs: Bundle, said: Bundle, where: str) -> None:
    if strange := sorted(set(said) - set(inputs["weights"])):
        raise Differs(f"{where}: criterion {strange[0]} has no weight")


def refuse_small_ranked(bundle: Bundle) -> None:
    """Raise Differs where a small idea is said to have been ranked."""
    if bundle["stage"] == SMALL:
        raise Differs("stage is 'spark', and a small idea is not ranked")


def draw_is_there(bundle: Bundle) -> None:
    """Raise Differs where lots decide by a ranking and there is no draw; a practice, without money, has none."""
    drawing = any(DRAW in run["results"]["line"]["fates"].values() for run in bundle["runs"])
    if drawing and bundle["lottery"] is None and bundle["money"] is not None:
        raise Differs("lots decide by a ranking, and no draw is there")
    if bundle["stage"] == SMALL and (bundle["lottery"] is not None or bundle["closed_at"] is not None):
        raise Differs("stage is 'spark', and a small idea has neither a closing day nor a draw")


def decision_fits(bundle: Bundle, row: Bundle) -> None:
    """Raise Differs unless the decision can be one of this call: its reference, its way to the decision, what was left.

    What is left is written down with an approval and with a place on the reserve list only.
    """
    if not row["proposal"].startswith(f"{bundle['call'].upper()}-"):
        raise Differs(f"{row['proposal']} is no reference of the call {bundle['call']}")
    told = row["choice"] in ("approve", "reserve")
    if row["left"] is not None and not told:
        raise Differs(f"left is {row['left']} with the choice {row['choice']}")
    if row["left"] is None and told and bundle["money"] is not None:
        raise Differs(f"left is missing with the choice {row['choice']}")
    if bundle["stage"] == SMALL:
        if row["votes"] or row["choice"] not in SMALL_CHOICES:
            raise Differs("stage is 'spark', and a small idea is approved or declined by one member without votes")
        return
    ranked = [run["at"] for run in bundle["runs"] if row["proposal"] in _ids(run)]
    if not any(at_(when) <= at_(row["at"]) for when in ranked):
        raise Differs("decided without a ranking before it")


def _ids(run: Bundle) -> list[str]:
    return [one["id"] for one in run["inputs"]["proposals"]]


def at_(text: str) -> datetime:
    """Return the time that a text of the bundle says."""
    return datetime.fromisoformat(text)


def movement_fits(row: Bundle, decision: Bundle | None) -> None:
    """Raise Differs unless the movement goes the way of its kind, and an approval's is one of the same act."""
    if row["amount"] * SIGNS.get(row["kind"], row["amount"]) < 0:
        raise Differs(f"{row['amount']} chhetrum moved by a {row['kind']}")
    if decision is None:
        return
    if row["kind"] != "commitment":
        raise Differs(f"{decision['proposal']} was approved by a {row['kind']}")
    if abs(at_(row["at"]) - at_(decision["at"])) > ONE_ACT:
        raise Differs(f"{decision['proposal']} was approved at {decision['at']}, its money set aside at {row['at']}")


def budgets_fit(bundle: Bundle, balances: list[tuple[str | None, int]]) -> None:
    """Raise Differs unless the money of each ranking is what was left on the line, and from the second what it holds.

    How much of that is held the bundle does not say: not more than was set aside by then. `balances` are (time, left).
    """
    for number, run in enumerate(bundle["runs"], 1):
        when, budget = at_(run["at"]), run["inputs"]["money"]["budget"]
        left = [max(0, rest) for rest in left_at(balances, run["at"])]
        aside = -sum(row["amount"] for row in bundle["money"]["movements"]
                     if row["kind"] == "commitment" and at_(row["at"]) <= when)  # fmt: skip
        exact = number == 1 and budget in left
        between = number > 1 and min(left) <= budget <= max(left) + aside
        if not (exact or between):
            raise Differs(f"ranking {number} had {budget} chhetrum to give, on the line were {min(left)}")


def left_at(balances: list[tuple[str | None, int]], at: str) -> set[int]:
    """Return what was left at a time: more than one figure where something moved at that very time."""
    later = [*(when for when, _ in balances[1:]), None]
    return {
        left
        for (when, left), following in zip(balances, later, strict=True)
        if (when is None or at_(when) <= at_(at)) and (following is None or at_(at) <= at_(following))
    }
