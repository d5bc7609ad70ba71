"""Checking a decision bundle offline: every figure is computed again from what it follows from. Pure.

Integers and texts have to be the same, other figures within 1e-6, since a newer numerical library changes last digits.
"""

import hashlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from lifecycle.trail import canonical

from .ambition import ambition_of
from .bundle_form import BUNDLE_FORM, Differs
from .bundle_rules import at_ as _at
from .bundle_rules import (
    budgets_fit,
    decision_fits,
    draw_is_there,
    inputs_fit,
    left_at,
    movement_fits,
    refuse_small_ranked,
)
from .engine.line import DRAW, FUND, Line, after_lots, fates_after
from .engine.lots import BadLots, commitment, draw
from .majority import APPROVE, LEAST_QUORUM, RESERVE, carried
from .recompute import results_of

NEAR = 1e-6
CHOICES = (APPROVE, "decline", RESERVE)
Bundle = dict[str, Any]


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(bundle: Bundle) -> str:
    """Return the digest of a bundle without its own field for it."""
    return sha256(canonical({key: value for key, value in bundle.items() if key != "sha256"}))


def checks_of(bundle: Bundle) -> Iterator[str]:
    """Yield the name of each check that holds, in the order of the work; raises Differs at the first that does not.

    A bundle that lacks a field, or holds another kind of value in it, does not hold either.
    """
    name = "format"
    try:
        for name, check in _checks(bundle):
            check()
            yield name
    except Differs as no:
        raise Differs(f"{name}: {no}") from None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, BadLots) as no:
        raise Differs(f"{name}: cannot be computed ({type(no).__name__}: {no})") from None


def _checks(bundle: Bundle) -> Iterator[tuple[str, Any]]:
    yield "format", lambda: BUNDLE_FORM(bundle, "")
    for number, run in enumerate(bundle["runs"], 1):
        yield f"inputs of ranking {number}", lambda run=run: _inputs(run)
        yield (
            f"results of ranking {number}",
            lambda run=run: _close(run["results"], results_of(run["inputs"]), "results"),
        )
        yield (
            f"hash of ranking {number}",
            lambda run=run: _same(run["results_sha256"], sha256(canonical(run["results"])), "results_sha256"),
        )
        yield f"call of ranking {number}", lambda run=run: _call(bundle, run)
    yield "closing", lambda: _closing(bundle)
    if _draws(bundle):
        yield "lots", lambda: _lots(bundle)
    yield "places after the lots", lambda: _same(bundle["fates"], _fates(bundle), "fates")
    for row in bundle["decisions"]:
        yield f"decision on {row['proposal']}, round {row['round']}", lambda row=row: _decision(bundle, row)
    yield "every decision", lambda: _decided(bundle)
    yield "money", lambda: _money(bundle)
    yield "departures", lambda: _departures(bundle)
    yield "whole", lambda: _same(bundle["sha256"], digest_of(bundle), "sha256")


def _same(given: Any, found: Any, where: str) -> None:
    if type(given) is not type(found) or given != found:
        raise Differs(f"{where} is {given!r}, computed {found!r}")


def _close(given: Any, found: Any, where: str) -> None:
    if isinstance(found, dict) and isinstance(given, dict):
        _same(sorted(given), sorted(found), f"fields of {where}")
        for key, value in found.items():
            _close(given[key], value, f"{where}.{key}")
    elif isinstance(found, list) and isinstance(given, list):
        _same(len(given), len(found), f"length of {where}")
        for place, value in enumerate(found):
            _close(given[place], value, f"{where}[{place}]")
    elif isinstance(found, float) and isinstance(given, int | float) and not isinstance(given, bool):
        if not abs(given - found) <= NEAR:
            raise Differs(f"{where} is {given!r}, computed {found!r}")
    else:
        _same(given, found, where)


def _inputs(run: dict[str, Any]) -> None:
    _same(run["inputs_sha256"], sha256(canonical(run["inputs"])), "inputs_sha256")
    inputs_fit(run["inputs"])
    _same(run["code_version"], run["inputs"]["format"], "code_version")


def _call(bundle: Bundle, run: dict[str, Any]) -> None:
    refuse_small_ranked(bundle)
    _same(run["inputs"]["call"], bundle["call"], "call")
    _same(run["inputs"]["stage"], bundle["stage"], "stage")


def _closing(bundle: Bundle) -> None:
    """Look whether nothing of a dated call was ranked, drawn or decided while somebody could still send a proposal."""
    draw_is_there(bundle)
    if bundle["closed_at"] is None:
        return
    acts = {f"ranking {number}": run["at"] for number, run in enumerate(bundle["runs"], 1)}
    acts |= {f"the list of draw {row['number']}": row["frozen_at"] for row in _draws(bundle) if row["frozen_at"]}
    acts |= {f"the decision on {row['proposal']}, round {row['round']}": row["at"] for row in bundle["decisions"]}
    early = [name for name, at in acts.items() if _at(at) < _at(bundle["closed_at"])]
    if early:
        raise Differs(f"{early[0]} came before the call was closed")


def _draws(bundle: Bundle) -> list[dict[str, Any]]:
    """Return every draw of the call, those that were replaced first."""
    return [*bundle["replaced_lotteries"], *([bundle["lottery"]] if bundle["lottery"] is not None else [])]


def _lots(bundle: Bundle) -> None:
    for number, row in enumerate(_draws(bundle), 1):
        _same(row["number"], number, "number of the draw")
        if row["frozen_at"] is not None:
            _frozen(bundle, row)
        else:
            blank = (row["ranking"], row["labels"], row["seal"], row["source"], row["source_at"], row["drawn_at"])
            _same(blank, (None, [], "", "", None, None), "a list that was not frozen")
        if row["drawn_at"] is None:
            _same((row["code"], row["randomness"], row["order"]), (None, None, []), "a draw that was not made")
        else:
            _drawn(row)
    fresh = [row["commitment"] for row in _draws(bundle)]
    _same(len(set(fresh)), len(fresh), "draws with a commitment of their own")
    for old, new in pairwise(_draws(bundle)):
        if old["frozen_at"] is None or not _at(old["frozen_at"]) < _at(new["committed_at"]):
            raise Differs("a draw was replaced before its list was frozen")


def _frozen(bundle: Bundle, row: dict[str, Any]) -> None:
    """Hold a frozen list against the ranking that it was frozen for, and the order in time."""
    if not 1 <= row["ranking"] <= len(bundle["runs"]):
        raise Differs(f"ranking {row['ranking']}, whose list was frozen, is not there")
    run = bundle["runs"][row["ranking"] - 1]
    _same(
        sorted(row["labels"]), _waiting(run), f"the list of draw {row['number']}, frozen for ranking {row['ranking']}"
    )
    if not max(_at(run["at"]), _at(row["committed_at"])) <= _at(row["frozen_at"]) < _at(row["source_at"]):
        raise Differs("the seal, the ranking, the frozen list and the source do not follow each other in time")


def _drawn(row: dict[str, Any]) -> None:
    _same(row["commitment"], commitment(row["code"]), "commitment")
    _same(row["seal"], sha256(f"{row['code']}\n{canonical(sorted(row['labels']))}"), "seal")
    found = [{"label": lot.label, "key": lot.key} for lot in draw(row["labels"], row["code"], row["randomness"])]
    _same(row["order"], found, "order")
    if not _at(row["source_at"]) <= _at(row["drawn_at"]):
        raise Differs("the lots were drawn before the source had spoken")


def _waiting(run: dict[str, Any]) -> list[str]:
    return sorted(name for name, fate in run["results"]["line"]["fates"].items() if fate == DRAW)


def _fates(bundle: Bundle, until: str = "") -> dict[str, str]:
    """Return the places as they stood at the time `until`, or now; lots decide between exactly those of their list."""

    def known(at: str | None) -> bool:
        return at is not None and (not until or _at(at) <= _at(until))

    runs = [run for run in bundle["runs"] if known(run["at"])]
    if not runs:
        return {}
    run, stood = runs[-1], [row for row in _draws(bundle) if known(row["committed_at"])][-1:]
    line, waiting = run["results"]["line"], _waiting(run)
    fates = dict(line["fates"])
    drawn_now = [row for row in stood if known(row["drawn_at"]) and sorted(row["labels"]) == waiting]
    if not waiting or not drawn_now:
        return fates
    costs = {row["id"]: row["cost"] for row in run["inputs"]["proposals"]}
    lots = [lot.label for lot in draw(waiting, drawn_now[0]["code"], drawn_now[0]["randomness"])]
    drawn = after_lots(Line(fates, line["left"]), lots, costs.__getitem__, run["inputs"]["money"]["rule"])
    return fates_after(Line(fates, line["left"]), drawn)


def _decision(bundle: Bundle, row: dict[str, Any]) -> None:
    _same(row["ambition"], str(ambition_of(row["chances"])), "ambition")
    _same(row["amount"], row["asked"] if row["choice"] == "approve" else 0, "amount")
    if row["choice"] == "approve" and row["left"] is not None and row["left"] < 0:
        raise Differs(f"{row['amount']} chhetrum set aside, {-row['left']} more than there was")
    decision_fits(bundle, row)
    known = {one["id"]: one["cost"] for run in bundle["runs"] for one in run["inputs"]["proposals"]}
    if row["proposal"] in known:
        _same(row["asked"], known[row["proposal"]], "asked")
    if bundle["stage"] == "spark":
        return
    members = [vote["member"] for vote in row["votes"]]
    _same(len(members), len(set(members)), "votes of one member")
    votes = [vote["choice"] for vote in row["votes"]]
    if bundle["quorum"] < LEAST_QUORUM:
        raise Differs(f"quorum is {bundle['quorum']}, never less than {LEAST_QUORUM}")
    if len(votes) < bundle["quorum"]:
        raise Differs(f"{len(votes)} votes counted, at least {bundle['quorum']} are needed")
    ahead = carried(votes)
    if ahead == APPROVE and row["choice"] == RESERVE and _too_dear(row):
        return
    _same(row["choice"], ahead or ("decline" if _was_deferred(bundle, row) else "defer"), "choice")


def _too_dear(row: dict[str, Any]) -> bool:
    """Tell whether less was left than was asked for, so that what the board would fund went to the reserve list."""
    return row["left"] is not None and row["left"] < row["asked"]


def _was_deferred(bundle: Bundle, row: dict[str, Any]) -> bool:
    """Tell whether an earlier round, since the last approval or refusal, was tied: a second tie is a refusal."""
    earlier = [one for one in bundle["decisions"] if one["proposal"] == row["proposal"] and one["round"] < row["round"]]
    for one in sorted(earlier, key=lambda one: one["round"], reverse=True):
        if one["choice"] in ("approve", "decline"):
            return False
        if one["choice"] == "defer":
            return True
    return False


def _decided(bundle: Bundle) -> None:
    """Look whether every decision is there once, and none is about something else."""
    rounds: dict[str, list[int]] = {}
    for row in bundle["decisions"]:
        rounds.setdefault(row["proposal"], []).append(row["round"])
    for name, found in rounds.items():
        if len(found) != len(set(found)):
            raise Differs(f"{name} is decided twice in one round")
    _same(bundle["decided"], {name: sorted(found) for name, found in sorted(rounds.items())}, "decided")


def _money(bundle: Bundle) -> None:
    """Follow the budget line from movement to movement: each approval is one, and nothing is set aside beyond it."""
    money = bundle["money"]
    approved = {(row["proposal"], row["round"]): row for row in bundle["decisions"] if row["choice"] == APPROVE}
    if money is None:
        _same([row["left"] for row in bundle["decisions"] if row["left"] is not None], [], "left without a budget line")
        return
    balances: list[tuple[str | None, int]] = [(None, money["opening"])]
    found = set()
    for row in money["movements"]:
        balances.append((row["at"], balances[-1][1] + row["amount"]))
        if row["decision"] is None:
            movement_fits(row, None)
            continue
        key = (row["decision"][0], row["decision"][1])
        if key not in approved or key in found:
            raise Differs(f"{-row['amount']} chhetrum set aside for {key[0]}, round {key[1]}, which was not approved")
        found.add(key)
        movement_fits(row, approved[key])
        _same(-row["amount"], approved[key]["amount"], f"set aside for {key[0]}")
        _same(approved[key]["left"], balances[-1][1], f"left after {key[0]}")
    _same(sorted(found), sorted(approved), "approvals for which money was set aside")
    budgets_fit(bundle, balances)
    for row in bundle["decisions"]:
        if row["choice"] == RESERVE and row["left"] not in left_at(balances, row["at"]):
            raise Differs(f"left is {row['left']!r} when {row['proposal']} went to the reserve list")


def _departures(bundle: Bundle) -> None:
    """Look for a reason behind each decision that does not follow the places as they stood when it was taken.

    And for a decision behind each reason.
    """
    taken = {(row["proposal"], row["choice"]) for row in bundle["decisions"]}
    for row in bundle["departures"]:
        if row["act"] in CHOICES and (row["proposal"], row["act"]) not in taken:
            raise Differs(f"a reason for {row['act']} of {row['proposal']}, which was not decided")
    said = {(row["proposal"], row["act"]) for row in bundle["departures"] if str(row["reason"]).strip()}
    for row in bundle["decisions"]:
        name, fate = row["proposal"], _fates(bundle, row["at"]).get(row["proposal"])
        follows = (fate == FUND) == (row["choice"] == "approve")
        if fate is not None and row["choice"] != "defer" and not follows and (name, row["choice"]) not in said:
            raise Differs(f"{row['choice']} of {name} has no reason, although its place says {fate}")
