"""The command that assigns reviewers, as an operator runs it."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

from ...commands import offline

BASE_DIR = settings.BASE_DIR
SCORES = [[10, 6, 4], [10, 4, 3], [5, 0, 2]]


def run(tmp_path, said):
    file = tmp_path / "demand.json"
    file.write_text(said if isinstance(said, str) else json.dumps(said))
    return offline("match_reviewers", file)


def test_command_prints_the_best_assignment_and_needs_no_database(tmp_path):
    done = run(tmp_path, {"scores": SCORES, "need": 2, "load_min": 1, "load_max": 3})
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["total"], said["worst"]) == (37, 7)
    assert sum(SCORES[p][r] for p, row in enumerate(said["assignment"]) for r in row) == 37


def test_unknown_scores_and_forbidden_pairs_are_never_assigned(tmp_path):
    scores = [[None, 6, 4], *SCORES[1:]]
    said = {"scores": scores, "need": [1, 1, 1], "load_max": [3, 3, 3], "forbidden": [[1, 0]], "maximin": True}
    done = json.loads(run(tmp_path, said).stdout)
    assert done["assignment"] == [[1], [1], [0]]
    assert (done["worst"], done["gap"]) == (4, 0)


def test_at_most_one_reviewer_of_a_group(tmp_path):
    done = json.loads(
        run(tmp_path, {"scores": SCORES, "need": 2, "load_max": 3, "groups": ["moh", "moh", "moe"]}).stdout
    )
    assert all(2 in row for row in done["assignment"])


def test_rule_of_a_group_for_some_proposals(tmp_path):
    rule = {"reviewers": [1], "proposals": [2], "min": 1, "name": "of the sector"}
    done = json.loads(run(tmp_path, {"scores": SCORES, "need": 1, "load_max": 3, "groups": [rule]}).stdout)
    assert done["assignment"] == [[0], [0], [1]]


def test_impossible_ends_with_status_3_and_says_who_is_short(tmp_path):
    done = run(tmp_path, {"scores": [[1, None, None]], "need": 3, "load_max": 3})
    assert done.returncode == 3
    assert json.loads(done.stdout)["shortfall"] == [
        {"proposal": 0, "needs": 3, "possible": 1, "short": 2,
         "words": "Proposal 0 needs 3, only 1 reviewer without a conflict and with the expertise can be had."}
    ]  # fmt: skip


def test_shortfall_names_the_rule_of_the_group(tmp_path):
    done = run(tmp_path, {"scores": [[1, 2, 3]], "need": 2, "load_max": 1, "groups": ["moh", "moh", "moh"]})
    assert done.returncode == 3
    (short,) = json.loads(done.stdout)["shortfall"]
    assert short["words"] == (
        "Proposal 0 needs 2, only 1 reviewer with room left and within the rule “at most one of moh” can be had."
    )


def test_one_is_one_and_a_byte_order_mark_is_read(tmp_path):
    said = {"scores": [[1, None]], "need": 1, "load_max": 1, "load_min": [0, 1]}
    done = run(tmp_path, "\ufeff" + json.dumps(said))
    assert "Reviewer 1 must have 1 proposal, only 0 are left for them." in done.stdout


def test_nothing_but_the_answer_is_printed_where_the_solver_has_remarks(tmp_path):
    """On this demand HiGHS writes two lines to the standard output by itself."""
    said = {
        "scores": [[0.5, -1, 0.5, 1, 0.5], [3, 3, 0, 2, -1]], "need": [2, 2], "load_min": [0, 1, 1, 0, 0],
        "load_max": [2, 2, 1, 2, 1], "maximin": True,
    }  # fmt: skip
    done = run(tmp_path, said)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"total": 7.5, "worst": 1.5, "assignment": [[2, 3], [0, 1]], "gap": 0}


def test_words_of_compiled_code_are_dropped_and_those_of_python_kept():
    """In a process of its own, with a standard output and with none."""
    script = (
        "import ctypes, os, sys; from evaluation.management.quiet import without_library_words as quiet\n"
        "print('before')\n"
        "with quiet(): ctypes.CDLL(None).puts(b'buffered'); os.write(1, b'at once')\n"
        "print('after')"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=BASE_DIR, capture_output=True, text=True, check=True)
    assert done.stdout == "before\nafter\n"
    closed = "import os, sys; sys.stdout = sys.stderr; os.close(1)\n" + script.replace("os.write(1, b'at once')", "0")
    done = subprocess.run([sys.executable, "-c", closed], cwd=BASE_DIR, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "before\nafter\n")


@pytest.mark.parametrize(
    ("said", "field"),
    [("{", "file"), ("[]", "file"), ({}, "scores"), ({"scores": [[1], [1, 2]], "need": 1}, "scores"),
     ({"scores": [["x"]], "need": 1}, "scores"), ({"scores": [[1]]}, "need"), ({"scores": [[1]], "need": 0}, "need"),
     ({"scores": [[1]], "need": [1, 1]}, "need"), ({"scores": [[1]], "need": 1, "load_max": -1}, "load_max"),
     ({"scores": [[1]], "need": 1, "load_min": 2, "load_max": 1}, "load_min"),
     ({"scores": [[1]], "need": 1, "forbidden": [[0, 1]]}, "forbidden"),
     ({"scores": [[1]], "need": 1, "groups": [{"reviewers": [3]}]}, "groups"),
     ({"scores": [[1]], "need": 1, "groups": ["a", "b"]}, "groups"),
     ({"scores": [[1]], "need": 1, "maximin": 1}, "maximin"),
     ({"scores": [[1]], "need": 1, "forbiden": []}, "forbiden: no such field"),
     ({"scores": [[1]], "need": 1, "groups": [{"reviewers": [0], "most": 1}]}, "groups: entry 0, most: no such field"),
     ('{"scores": [[1]], "need": 1, "need": 2}', "file: the key 'need' is there twice")],
)  # fmt: skip
def test_poor_input_ends_with_status_2_and_one_line(tmp_path, said, field):
    done = run(tmp_path, said)
    assert (done.returncode, done.stdout, len(done.stderr.strip().splitlines())) == (2, "", 1)
    assert (field if ": " in field else f"{field}: ") in done.stderr
