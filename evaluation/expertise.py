"""How well a reviewer knows what a proposal is about: pure, in whole points."""

from collections.abc import Collection

from .enums import Language

LEAD, OTHER, OTHERS, WORKED, REVIEWED = 3, 1, 2, 2, 3
MOST = LEAD + OTHERS * OTHER + WORKED + REVIEWED  # 10
TIBETAN = range(0x0F00, 0x1000)


def expertise(
    *, lead: str, others: Collection[str], knows: Collection[str], worked: Collection[str], reviewed: int
) -> int:
    """Return 0 to 10 points, the sum of what follows.

    3 when the reviewer says they know the sector of the lead agency; 1 for each further sector of a partner that they
    know, 2 at most; 2 when the register has them in an agency of the lead's sector, now or before; 1 for each review of
    a proposal led from that sector that they handed in before, 3 at most.
    """
    further = len((set(others) - {lead}) & set(knows))
    return (
        LEAD * (lead in knows)
        + OTHER * min(further, OTHERS)
        + WORKED * (lead in worked)
        + min(max(reviewed, 0), REVIEWED)
    )


def language_of(text: str) -> Language:
    """Return the language that a text is read in: Dzongkha when more than half of its letters are Tibetan script."""
    letters = [char for char in text if char.isalpha()]
    tibetan = sum(ord(char) in TIBETAN for char in letters)
    return Language.DZONGKHA if 2 * tibetan > len(letters) else Language.ENGLISH
