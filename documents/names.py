"""File names that are safe to store, show and send."""

import re
import unicodedata

NAME_LENGTH = 200  # characters; longer names are cut, the ending is kept
SUFFIX_LENGTH = 20  # characters kept of an ending such as .xlsx when a name is cut
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, bidirectional override, half of a pair, line breaks


def safe_name(name: str) -> str:
    """Return `name` without folders, control and invisible characters, at most 200 characters, never empty."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(sign for sign in last if unicodedata.category(sign) not in HIDDEN).strip(" .")
    if len(shown) > NAME_LENGTH:
        stem, dot, suffix = shown.rpartition(".")
        ending = dot + suffix if stem and len(suffix) < SUFFIX_LENGTH else ""
        shown = shown[: NAME_LENGTH - len(ending)] + ending
    return shown or "file"
