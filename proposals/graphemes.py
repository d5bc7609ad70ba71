"""Counting letters as people do: a letter with its vowel signs, or an emoji of several parts, is one.

The rules that matter of Unicode annex 29 (extended grapheme clusters), from the standard library's own tables.
"""

import unicodedata
from collections.abc import Iterator

SIGNS = 3  # code points that a letter with its vowel signs has at most, over a whole text; columns have room for them
JOINER = "\u200d"
FLAGS = range(0x1F1E6, 0x1F200)  # regional indicators: two make a flag
SKINS = range(0x1F3FB, 0x1F400)
PICTURES = (range(0x1F000, 0x1FB00), range(0x2190, 0x3300))
CONTROLS = ("Cc", "Zl", "Zp")


def _is_picture(char: str) -> bool:
    """Tell whether it is an emoji that others can be joined to; halves of flags and skins are not."""
    return any(ord(char) in block for block in PICTURES) and ord(char) not in FLAGS and ord(char) not in SKINS


def _links(letter: str) -> bool:
    """Tell whether `letter` ends in a picture, its marks, and one joiner, so that a further picture belongs to it."""
    pictures = [place for place, char in enumerate(letter) if _is_picture(char)]
    return letter[-1] == JOINER and bool(pictures) and JOINER not in letter[pictures[-1] : -1]


def _joins(letter: str, char: str) -> bool:
    """Tell whether `char` still belongs to `letter`."""
    before = letter[-1]
    if before == "\r" and char == "\n":
        return True
    if unicodedata.category(before) in CONTROLS or unicodedata.category(char) in CONTROLS:
        return False
    if char == JOINER or unicodedata.category(char) in ("Mn", "Me", "Mc") or ord(char) in SKINS:
        return True
    return _is_picture(char) and _links(letter)


def _letters(text: str) -> Iterator[str]:
    letter = ""
    for char in text:
        flag = len(letter) == 1 and ord(letter) in FLAGS and ord(char) in FLAGS
        if letter and (flag or _joins(letter, char)):
            letter += char
        else:
            if letter:
                yield letter
            letter = char
    if letter:
        yield letter


def count(text: str) -> int:
    """Return how many letters a reader sees; composed and decomposed spellings count the same."""
    return sum(1 for _ in _letters(unicodedata.normalize("NFC", text)))
