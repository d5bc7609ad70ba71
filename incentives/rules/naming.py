"""When two texts name the same thing, whatever their case, spaces and punctuation."""

import unicodedata

LENGTH = 200


def normalised(text: str) -> str:
    """Return the letters, their marks and the digits of a text, in one case: what two spellings share."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] in "LMN")[:LENGTH]
