"""The decision bundle of a call: all that a stranger needs to recompute its ranking, lots, votes and money.

People stand as pseudonyms, proposals by their reference, and no free text but the published reasons of departures.
"""

import hmac
import json
from typing import Any
from uuid import UUID

from django.conf import settings

from fund.balance import available_by
from fund.enums import EntryKind
from fund.models import Call, LedgerEntry
from lifecycle.trail import canonical
from proposals.models import Proposal

from .bundle_form import FORMAT
from .engine.lots import draw
from .inputs import costs_of
from .models import Decision, Departure, Lottery, RankingRun, Vote
from .standing import lottery_of, standing_in
from .verify import digest_of


def bundle_of(call: Call) -> dict[str, Any]:
    """Return the bundle; its format is told by `bundle_form.FORMAT`, every field by docs/judging.md."""
    runs = list(RankingRun.objects.filter(call=call).exclude(results=""))
    closed = call.receives_until()
    lotteries = [_lottery(row, runs) for row in Lottery.objects.filter(call=call)]
    found: dict[str, Any] = {
        "format": FORMAT, "call": call.reference, "stage": call.stage, "quorum": call.quorum,
        "closed_at": closed.isoformat() if closed else None,
        "runs": [_run(run) for run in runs],
        "lottery": lotteries[-1] if lotteries else None, "replaced_lotteries": lotteries[:-1],
        "fates": standing_in(runs[-1], lottery_of(call)).fates if runs else {},
        "decisions": _decisions(call),
        "decided": _decided(call),
        "money": _money(call, runs),
        "departures": [row.facts for row in Departure.objects.filter(run__call=call).select_related("proposal")],
    }  # fmt: skip
    plain: dict[str, Any] = json.loads(canonical(found))
    return plain | {"sha256": digest_of(plain)}


def _run(run: RankingRun) -> dict[str, Any]:
    return {
        "at": run.at.isoformat(), "code_version": run.code_version, "inputs": run.asked, "inputs_sha256": run.sha256,
        "results": run.said, "results_sha256": run.results_sha256,
    }  # fmt: skip


def _lottery(row: Lottery, runs: list[RankingRun]) -> dict[str, Any]:
    """Return a draw; `ranking` is the number of the one whose list was frozen, counted from 1."""
    frozen = [number for number, run in enumerate(runs, 1) if run.pk == row.run_id]
    found = {
        "number": row.number, "ranking": frozen[0] if frozen else None,
        "frozen_at": row.frozen_at.isoformat() if row.frozen_at else None,
        "commitment": row.commitment, "committed_at": row.committed_at.isoformat(), "labels": row.listed,
        "seal": row.seal, "source": row.source, "source_at": row.source_at.isoformat() if row.source_at else None,
        "drawn_at": None, "code": None, "randomness": None, "order": [],
    }  # fmt: skip
    if row.drawn_at is None:
        return found
    lots = [{"label": lot.label, "key": lot.key} for lot in draw(row.listed, row.code, row.randomness)]
    return found | {
        "drawn_at": row.drawn_at.isoformat(), "code": row.code, "randomness": row.randomness, "order": lots,
    }  # fmt: skip


def _decisions(call: Call) -> list[dict[str, Any]]:
    decisions = list(Decision.objects.filter(proposal__call=call).select_related("proposal").order_by("at", "pk"))
    costs = costs_of([row.proposal for row in decisions])
    votes = {row.pk: row for row in Vote.objects.filter(proposal__call=call)}
    found = []
    for row in decisions:
        counted = json.loads(row.counted)
        found.append({
            "proposal": row.proposal.reference, "round": row.round, "choice": row.choice, "amount": row.amount,
            "asked": costs[row.proposal_id], "at": row.at.isoformat(), "ambition": row.ambition,
            "chances": counted.get("chances", []), "left": counted.get("left"),
            "votes": [
                {"member": _member(call, votes[pk].member_id), "choice": votes[pk].choice}
                for pk in counted.get("votes", []) if pk in votes
            ],
        })  # fmt: skip
    return found


def _decided(call: Call) -> dict[str, list[int]]:
    """Return by reference the rounds in which each proposal was decided."""
    found: dict[str, list[int]] = {}
    rows = Decision.objects.filter(proposal__call=call).order_by("proposal__reference", "round")
    for reference, number in rows.values_list("proposal__reference", "round"):
        found.setdefault(reference or "", []).append(number)
    return found


def _money(call: Call, runs: list[RankingRun]) -> dict[str, Any] | None:
    """Return what was left on the call's budget line, and what moved it since the first ranking or approval.

    Amounts are in chhetrum; `decision` names the proposal and the round of an approval of this call. None where no
    money is set aside.
    """
    if call.budget_line is None or call.practice_of_id is not None:
        return None
    cases = {row.case: row.reference for row in Proposal.objects.filter(call=call, decisions__isnull=False)}
    entries = [(row, available_by(row.moves())) for row in call.budget_line.entries.select_related("reverses")]
    approved = [row.seq for row, _ in entries if row.case in cases and row.kind == EntryKind.COMMITMENT]
    since = [row.seq for row, _ in entries if runs and row.at >= runs[0].at] + approved
    moved = [(row, amount) for row, amount in entries if since and row.seq >= min(since) and amount]
    return {
        "opening": call.budget_line.available - sum(amount for _, amount in moved),
        "movements": [
            {"at": row.at.isoformat(), "kind": row.kind, "amount": amount, "decision": _approved(row, cases)}
            for row, amount in moved
        ],
    }  # fmt: skip


def _approved(row: LedgerEntry, cases: dict[UUID, str | None]) -> list[Any] | None:
    """Return reference and round of the approval that the entry set money aside for."""
    case, _, rest = row.source.partition(":approve:")
    if row.kind != EntryKind.COMMITMENT or row.case not in cases or case != str(row.case) or not rest.isdigit():
        return None
    return [cases[row.case], int(rest)]


def _member(call: Call, member: int) -> str:
    own = hmac.digest(settings.SECRET_KEY.encode(), f"member:{call.pk}:{member}".encode(), "sha256")
    return f"member-{own.hex()[:12]}"
