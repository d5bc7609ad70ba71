"""The arithmetic of the ledger, without a database: what each kind moves, and what must always hold."""

from collections.abc import Mapping

from .enums import EntryKind

Totals = Mapping[str, int]
TOTALS = (
    "programme_budget", "allocated", "allocated_for_year", "committed", "released", "disbursed", "spent", "refunded",
)  # fmt: skip
CASE_TOTALS = ("committed", "released", "disbursed", "spent", "refunded")

# kind -> total -> sign; a reversal moves back what its entry moved. What is allocated for a year measures its
# innovation share: it is not less because the rest was returned, nor more by what an earlier year carried in.
MOVES: dict[str, dict[str, int]] = {
    EntryKind.APPROPRIATION: {"programme_budget": 1},
    EntryKind.ALLOCATION: {"allocated": 1, "allocated_for_year": 1},
    EntryKind.COMMITMENT: {"committed": 1},
    EntryKind.COMMITMENT_RELEASE: {"released": 1},
    EntryKind.DISBURSEMENT: {"disbursed": 1},
    EntryKind.EXPENDITURE: {"spent": 1},
    EntryKind.REFUND: {"refunded": 1},
    EntryKind.LAPSE: {"allocated": -1},
    EntryKind.CARRY_FORWARD: {"allocated": 1, "committed": 1},
    EntryKind.TRANSFER_OUT: {"allocated": -1, "allocated_for_year": -1},
    EntryKind.TRANSFER_IN: {"allocated": 1, "allocated_for_year": 1},
}


def moves_of(kind: str, amount: int, reversed_kind: str | None = None) -> dict[str, int]:
    """Return total -> signed change in chhetrum of one entry."""
    if kind == EntryKind.REVERSAL:
        return {total: -sign * amount for total, sign in MOVES[reversed_kind or ""].items()}
    return {total: sign * amount for total, sign in MOVES[kind].items()}


def moves_of_grant(moves: Totals) -> dict[str, int]:
    """Return the same change for a grant, whose amount stands for its first commitment."""
    own = {total: moves[total] for total in ("disbursed", "spent", "refunded") if total in moves}
    freed = moves.get("released", 0) - moves.get("committed", 0)
    return own | ({"released": freed} if freed else {})


def after(totals: Totals, moves: Totals) -> dict[str, int]:
    """Return the totals once `moves` are applied."""
    return {name: value + moves.get(name, 0) for name, value in totals.items()}


def available(totals: Totals) -> int:
    """Return what may still be set aside: allocated - (committed - released) + refunded, in chhetrum."""
    return totals["allocated"] - (totals["committed"] - totals["released"]) + totals["refunded"]


def available_by(moves: Totals) -> int:
    """Return by how much `moves` change what may still be set aside, in chhetrum."""
    return available({name: moves.get(name, 0) for name in TOTALS})


def unpaid(totals: Totals) -> int:
    """Return what is set aside and not paid out."""
    return totals["committed"] - totals["released"] - totals["disbursed"]


def unaccounted(totals: Totals) -> int:
    """Return what is paid out and neither spent nor paid back."""
    return totals["disbursed"] - totals["spent"] - totals["refunded"]


def is_sound_for_case(totals: Totals) -> bool:
    """Tell whether the totals of one case hold together."""
    in_order = 0 <= totals["released"] <= totals["committed"] and unpaid(totals) >= 0 and unaccounted(totals) >= 0
    return in_order and min(totals.values()) >= 0


def is_sound(totals: Totals) -> bool:
    """Tell whether the totals of a budget line hold together; the database CHECKs say the same.

    What is allocated for the year may fall below zero: money that was carried in and set free can move to another line.
    """
    held = {name: value for name, value in totals.items() if name != "allocated_for_year"}
    return is_sound_for_case(held) and available(held) >= 0
