"""Lots that anyone can draw again: an order of labels from a committed code and public randomness.

HKDF (RFC 5869) with SHA-256: the code is the salt, the public randomness the key material, each label the info of its
own key of 32 bytes; the lots are the labels in the order of their keys. A label's key depends on no other label, so
that the order of the list does not matter and striking one leaves the rest in order.
"""

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY = 32  # bytes


class BadLots(ValueError):
    """The lots cannot be drawn; the message names the field."""


@dataclass(frozen=True)
class Lot:
    """One label and the key that gives it its place, in hexadecimal digits."""

    label: str
    key: str


def extract(code: bytes, randomness: bytes) -> bytes:
    """Return the pseudorandom key of RFC 5869, section 2.2 (32 bytes)."""
    return hmac.digest(code, randomness, "sha256")


def expand(key: bytes, info: bytes, length: int = KEY) -> bytes:
    """Return the output key material of RFC 5869, section 2.3."""
    return HKDFExpand(SHA256(), length, info).derive(key)


def commitment(code: str) -> str:
    """Return what is published before the call closes: the SHA-256 of the code in UTF-8."""
    return sha256(code.encode()).hexdigest()


def digest_of_list(labels: Iterable[str]) -> str:
    """Return the SHA-256 of the frozen list's canonical JSON, the labels in the order of their code points."""
    return sha256(json.dumps(sorted(labels), ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def draw(labels: list[str], code: str, randomness: str) -> list[Lot]:
    """Return the lots in their order, the first one drawn first; `randomness` is in hexadecimal digits.

    Raises BadLots for no label, an empty or repeated one, an empty code, and randomness that is not hexadecimal.
    """
    if not labels or not all(labels):
        raise BadLots("labels: there is none, or one is empty")
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise BadLots(f"labels: {twice!r} is there twice")
    if not code:
        raise BadLots("code: empty")
    try:
        public = bytes.fromhex(randomness)
    except ValueError:
        raise BadLots("randomness: not in hexadecimal digits, two for each byte") from None
    if not public:
        raise BadLots("randomness: empty")
    key = extract(code.encode(), public)
    keys = {label: expand(key, label.encode()).hex() for label in labels}
    return [Lot(label, keys[label]) for label in sorted(labels, key=keys.__getitem__)]
