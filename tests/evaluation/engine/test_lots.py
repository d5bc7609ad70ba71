"""Lots against the published test vector, their properties, and what the command says of poor input."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.engine.lots import BadLots, commitment, draw, expand, extract

from ...commands import offline

CODE, RANDOM = "white scarf over the pass", "00ff10ab"
names = st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=12, unique=True)


def labels_of(lots):
    return [lot.label for lot in lots]


def test_first_case_of_rfc_5869():
    key = extract(bytes(range(13)), b"\x0b" * 22)
    assert key.hex() == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    assert expand(key, bytes(range(0xF0, 0xFA)), 42).hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


@given(names, st.randoms())
def test_order_of_the_list_changes_nothing(labels, random):
    assert draw(labels, CODE, RANDOM) == draw(random.sample(labels, len(labels)), CODE, RANDOM)


@given(names)
def test_striking_one_label_leaves_the_rest_in_order(labels):
    rest = [label for label in labels_of(draw(labels, CODE, RANDOM)) if label != labels[0]]
    assert labels_of(draw(labels[1:], CODE, RANDOM)) == rest


def test_another_code_or_another_randomness_gives_another_order():
    labels = [f"IF-{n:03}" for n in range(40)]
    order = labels_of(draw(labels, CODE, RANDOM))
    assert sorted(order) == labels
    assert order not in (labels, labels_of(draw(labels, CODE + "!", RANDOM)), labels_of(draw(labels, CODE, "00")))


def test_every_label_is_first_about_equally_often():
    labels = [f"IF-{n}" for n in range(4)]
    first = [draw(labels, CODE, f"{n:04x}")[0].label for n in range(2000)]
    assert all(400 < first.count(label) < 600 for label in labels)


@pytest.mark.parametrize(
    ("labels", "code", "randomness", "field"),
    [([], "c", "00", "labels"), (["a", "a"], "c", "00", "labels"), (["a", ""], "c", "00", "labels"),
     (["a"], "", "00", "code"), (["a"], "c", "0", "randomness"), (["a"], "c", "zz", "randomness"),
     (["a"], "c", "", "randomness")],
)  # fmt: skip
def test_poor_input_is_refused_by_field(labels, code, randomness, field):
    with pytest.raises(BadLots, match=f"^{field}: "):
        draw(labels, code, randomness)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_command_prints_each_key_and_needs_no_database(tmp_path, encoding):
    file = tmp_path / "lots.json"
    file.write_text(json.dumps({"labels": ["b", "a"], "code": CODE, "randomness": RANDOM}), encoding)
    done = offline("draw_lots", file)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["order"] == [{"label": lot.label, "key": lot.key} for lot in draw(["a", "b"], CODE, RANDOM)]
    assert said["commitment"] == commitment(CODE)
    assert said["list"] == sha256(b'["a","b"]').hexdigest()


@pytest.mark.parametrize(
    ("text", "field"),
    [("{", "file"), ("[]", "file"), ('{"labels": [1]}', "labels"), ('{"labels": ["a"], "code": 1}', "code"),
     ('{"labels": ["a"], "code": "c"}', "randomness"), ("[" * 100_000, "file"),
     ('{"labels": ["\\ud800"], "code": "c", "randomness": "00"}', "labels"),
     ('{"labels": ["a"], "code": "\\ud800", "randomness": "00"}', "code")],
)  # fmt: skip
def test_command_refuses_with_status_2_and_one_line(tmp_path, text, field):
    file = tmp_path / "lots.json"
    file.write_text(text)
    done = offline("draw_lots", file)
    assert (done.returncode, done.stdout, len(done.stderr.strip().splitlines())) == (2, "", 1)
    assert f"{field}: " in done.stderr
