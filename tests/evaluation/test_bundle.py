"""The decision bundle: exported, verified by a stranger, and refused wherever anything in it is altered."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from evaluation.bundle import bundle_of
from evaluation.bundle_form import Differs
from evaluation.enums import Choice
from evaluation.models import Lottery
from evaluation.services import decide, lots, ranking
from evaluation.standing import standing_of
from evaluation.verify import checks_of, digest_of
from fund.models import BudgetLine
from lifecycle import clock
from lifecycle.performing import perform

from .. import stages
from ..commands import offline
from ..conftest import new_proposal
from ..sizes import FULL_SIZE, once

VALUE = "00ff10" * 8


MADE: list[str] = []  # the bundle, made once: most tests need no database


@pytest.fixture
def decided(request):
    """Return the bundle of `stored`, without making its rows a second time."""
    if not MADE:
        MADE.append(json.dumps(request.getfixturevalue("stored")))
    return json.loads(MADE[0])


@pytest.fixture
def stored(funded_call, cast, panel):
    """Four proposals: one clearly best, two equal for one place, one below; lots drawn, all decided, one departure."""
    scores = {"Best": (9, 9, 8), "Twin A": (8, 7, 8), "Twin B": (8, 8, 7), "Last": (7, 6, 7)}
    rows = [stages.check(new_proposal(funded_call, cast, title), cast) for title in scores]
    rows = [stages.judge(row, cast, panel["reviewers"], scores[row.title]) for row in rows]
    BudgetLine.objects.filter(pk=funded_call.budget_line_id).update(allocated=stages.REQUESTED * 2 + 7)
    ranking.run(rows[0], by=cast["secretariat"])
    soon = clock.now() + timedelta(minutes=1)
    lots.freeze(funded_call, by=cast["secretariat"], source="The beacon at noon", source_at=soon)
    with clock.frozen(soon):
        for name in ("secretariat", "head"):
            lots.enter(funded_call, by=cast[name], value=VALUE)
        winner = standing_of(funded_call).lots[0]
        for row in rows:
            fresh = stages.fresh(row)
            ahead = row.title == "Best" or row.reference == winner
            step = "recommend" if ahead else "not_recommend"
            fresh = perform(fresh, step, by=panel["chair"], note="As it stands.")
            fresh = perform(fresh, "bring_to_board", by=cast["secretariat"])
            choice = Choice.APPROVE if row.title == "Best" else Choice.DECLINE
            fresh = stages.votes(fresh, panel["board"][:3], choice, choice, Choice.DEFER)
            (decide.approve if choice == Choice.APPROVE else decide.decline)(fresh, by=panel["board"][0])
    return bundle_of(funded_call)


def test_every_check_of_an_exported_bundle_holds(decided):
    names = list(checks_of(decided))
    assert names[:7] == [
        "format", "inputs of ranking 1", "results of ranking 1", "hash of ranking 1", "call of ranking 1", "closing",
        "lots",
    ]  # fmt: skip
    assert [name for name in names if name.startswith("decision")] != []
    assert names[-2:] == ["departures", "whole"]
    assert len(decided["departures"]) == 1  # the board declined the twin whom the lots favoured


def test_bundle_names_nobody(stored, cast, panel):
    text = json.dumps(stored)
    people = [*cast.values(), *panel["reviewers"], *panel["board"], panel["chair"]]
    for person in people:
        assert person.full_name not in text
        assert person.email not in text
        assert (person.employee_number or "?") not in text
    assert stages.WHOLE["strength"] not in text
    assert "On the evidence" in text  # the published reason of the departure, and nothing else


def numbers(value, path=()) -> Iterator[tuple]:
    """Yield the path of each number in a JSON value."""
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from numbers(part, (*path, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path


def altered(bundle, path, change):
    found = json.loads(json.dumps(bundle))
    part = found
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = change(part[path[-1]])
    return found


@once
def test_any_altered_number_is_found_and_the_check_is_named(decided):
    paths = list(numbers(decided))
    assert len(paths) > 150
    for path in paths[:: 1 if FULL_SIZE else 3]:
        with pytest.raises(Differs) as no:
            list(checks_of(altered(decided, path, lambda value: value + 1)))
        assert not str(no.value).startswith("whole"), path
        assert ":" in str(no.value)


def test_forger_who_also_renews_every_hash_is_found_by_the_figures(decided):
    from evaluation.verify import sha256
    from lifecycle.trail import canonical

    found = altered(decided, ("runs", 0, "inputs", "proposals", 0, "reviews", 0, "scores"),
                    lambda scores: dict.fromkeys(scores, 0))  # fmt: skip
    run = found["runs"][0]
    run["inputs_sha256"] = sha256(canonical(run["inputs"]))
    found["sha256"] = digest_of(found)
    with pytest.raises(Differs, match="results of ranking 1"):
        list(checks_of(found))


@pytest.mark.parametrize(
    ("path", "change", "check"),
    [
        (("lottery", "code"), lambda code: code[::-1], "lots"),
        (("lottery", "randomness"), lambda value: "aa" + value, "lots"),
        (("lottery", "labels"), lambda labels: labels[:1], "lots"),
        (("lottery", "order"), lambda order: order[::-1], "lots"),
        (("lottery", "source_at"), lambda at: at.replace("20", "19", 1), "lots"),
        (("fates",), lambda fates: dict.fromkeys(fates, "fund"), "places after the lots"),
        (("departures",), lambda rows: [], "departures"),
        (("decisions", 0, "votes"), lambda votes: votes[:2], "decision on"),
        (("decisions", 0, "votes"), lambda votes: [votes[0]] * 3, "decision on"),
        (("decisions", 0, "choice"), lambda choice: "decline", "decision on"),
        (("decisions", 0, "left"), lambda left: -1, "decision on"),
        (("decisions", 0, "left"), lambda left: 10**12, "money"),
        (("decisions",), lambda rows: rows[1:], "every decision"),
        (("decisions",), lambda rows: [*rows, rows[-1]], "every decision"),
        (("decided",), lambda rounds: {}, "every decision"),
        (("closed_at",), lambda at: "2999-01-01T00:00:00+06:00", "closing"),
        (("money", "opening"), lambda left: left + 1, "money"),
        (("money", "movements"), lambda rows: rows[1:], "money"),
        (("money",), lambda money: None, "money"),
        (("quorum",), float, "format"),
        (("quorum",), lambda least: 2, "decision on"),
        (("departures",), lambda rows: [*rows, {"proposal": "?", "act": "decline", "reason": "x"}], "departures"),
        (("decisions", 0, "ambition"), lambda mark: "bold", "decision on"),
        (("runs", 0, "inputs", "call"), lambda name: "other", "inputs of ranking 1"),
        (("runs",), lambda runs: 3, "format"),
        (("call",), lambda name: "other", "call of ranking 1"),
        (("lottery", "source"), lambda text: "another", "whole"),
    ],
)
def test_what_is_altered_is_found_by_its_check(decided, path, change, check):
    with pytest.raises(Differs, match=f"^{check}"):
        list(checks_of(altered(decided, path, change)))


def test_award_that_the_money_does_not_reach_is_found_though_all_else_was_made_to_fit(decided):
    """The forger turns a refusal into an approval with a reason, adds its movement of money, and renews the digest."""
    row = next(row for row in decided["decisions"] if row["choice"] == "decline")
    votes = [vote | {"choice": "approve"} for vote in row["votes"]]
    row |= {"choice": "approve", "amount": row["asked"], "votes": votes, "left": 0}
    decided["departures"].append({"proposal": row["proposal"], "act": "approve", "reason": "As it stands."})
    with pytest.raises(Differs, match="money"):
        list(checks_of(decided | {"sha256": digest_of(decided)}))
    decided["money"]["movements"].append(
        {"at": row["at"], "kind": "commitment", "amount": -row["asked"], "decision": [row["proposal"], row["round"]]}
    )
    row["left"] = decided["money"]["opening"] + sum(one["amount"] for one in decided["money"]["movements"])
    decided["sha256"] = digest_of(decided)
    if row["left"] < 0:
        with pytest.raises(Differs, match="more than there was"):
            list(checks_of(decided))


def test_newer_library_may_change_last_digits_and_nothing_more(decided):
    path = ("runs", 0, "results", "advice", "mu")
    for by, holds in ((1e-7, True), (1e-5, False)):
        found = altered(decided, path, lambda value, by=by: value + by)
        from evaluation.recompute import results_of
        from evaluation.verify import _close

        run = found["runs"][0]
        if holds:
            _close(run["results"], results_of(run["inputs"]), "results")
        else:
            with pytest.raises(Differs, match=r"results\.advice\.mu"):
                _close(run["results"], results_of(run["inputs"]), "results")


def test_bundle_of_a_call_without_rankings_holds(funded_call):
    assert list(checks_of(bundle_of(funded_call))) == [
        "format", "closing", "lots", "places after the lots", "every decision", "money", "departures", "whole",
    ]  # fmt: skip


def test_secret_code_is_not_exported_before_the_draw(funded_call):
    assert Lottery.objects.get(call=funded_call).code not in json.dumps(bundle_of(funded_call))


def test_commands_export_and_verify_offline(stored, funded_call, tmp_path, capsys):
    call_command("export_decision", funded_call.reference)
    file = tmp_path / "bundle.json"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    held = offline("verify_decision", file)
    assert (held.returncode, held.stdout.splitlines()[-1]) == (0, f"All {len(list(checks_of(stored)))} checks hold.")
    file.write_text(json.dumps(altered(stored, ("decisions", 0, "amount"), lambda amount: amount + 1)), "utf-8")
    differs = offline("verify_decision", file)
    assert (differs.returncode, "DIFFERS  decision on EXPLORE-1-000" in differs.stderr) == (1, True)
    file.write_text("[", "utf-8")
    broken = offline("verify_decision", file)
    assert (broken.returncode, broken.stderr.count("\n")) == (2, 1)
    with pytest.raises(CommandError, match="there is no call 'none'"):
        call_command("export_decision", "none")


def test_decision_is_taken_as_one_file_in_the_browser(stored, funded_call, cast, client):
    from django.urls import reverse

    from documents.models import StoredFile
    from documents.services import read_file
    from lifecycle import jobs
    from lifecycle.models import Job

    path = reverse("judging_sheet", args=[funded_call.reference, "decision"])
    for name in ("head", "board", "chair", "lead", "secretariat"):  # the secretariat only when all results are told
        client.force_login(cast[name])
        assert client.post(path).status_code == 404, name
    client.force_login(cast["auditor"])
    page = client.get(reverse("ranking", args=[funded_call.reference])).content.decode()
    assert "Take the decision as one file" in page
    assert client.post(path).status_code == 302
    job = Job.objects.get(name="evaluation.make_judging_sheet")
    assert jobs.run(job.pk)
    file = StoredFile.objects.get(pk=Job.objects.get(pk=job.pk).result)
    assert (file.content_type, file.owner_id) == ("application/json", cast["auditor"].pk)
    assert list(checks_of(json.loads(read_file(file)))) == list(checks_of(stored))


def test_auditor_kept_out_of_one_proposal_gets_no_file(stored, funded_call, cast, client):
    from django.urls import reverse

    from people.enums import Grade
    from people.models import Block
    from proposals.models import Proposal

    case = Proposal.objects.filter(call=funded_call).first().case
    Block.objects.create(case=case, person=cast["auditor"], grade=Grade.BLOCK, reason="relative", since=clock.now())
    client.force_login(cast["auditor"])
    assert client.post(reverse("judging_sheet", args=[funded_call.reference, "decision"])).status_code == 404


def renewed(bundle):
    bundle["sha256"] = digest_of(bundle)
    return bundle


def test_draw_over_another_list_than_its_rankings_is_named(decided):
    from evaluation.engine.lots import draw
    from evaluation.verify import sha256
    from lifecycle.trail import canonical

    row = decided["lottery"]
    row["labels"] = sorted(one["id"] for one in decided["runs"][0]["inputs"]["proposals"])
    row["seal"] = sha256(f"{row['code']}\n{canonical(row['labels'])}")
    order = draw(row["labels"], row["code"], row["randomness"])
    row["order"] = [{"label": lot.label, "key": lot.key} for lot in order]
    with pytest.raises(Differs, match=r"^lots: the list of draw 1, frozen for ranking 1 is"):
        list(checks_of(renewed(decided)))


def test_draw_does_not_stand_for_a_later_ranking_of_others(decided):
    """A second ranking leaves all to the lots, whose keys are known: nothing is decided by the old draw."""
    later = json.loads(json.dumps(decided["runs"][0]))
    later["at"] = decided["lottery"]["drawn_at"]
    fates = later["results"]["line"]["fates"]
    later["results"]["line"]["fates"] = dict.fromkeys(fates, "draw")
    decided["runs"].append(later)
    from evaluation.verify import _fates

    assert set(_fates(decided).values()) == {"draw"}


def test_file_frozen_after_its_source_spoke_is_named(decided):
    decided["lottery"]["frozen_at"] = decided["lottery"]["drawn_at"]
    with pytest.raises(Differs, match=r"^lots: the seal, the ranking, the frozen list and the source"):
        list(checks_of(renewed(decided)))
