"""The invented example that a reviewer scores before the first review of a year, and what three readers said of it.

It is nobody's proposal; its figures are made so that one criterion is strong, one weak and one lies between.
"""

from dataclasses import dataclass

from fund.stage_defaults import STANDARD_ANCHORS, STANDARD_CRITERIA

NEAR = 2  # half points: as near to the readers as they were to each other

TEXT = (
    (
        "The problem",
        "Parents of 340 pupils in two valleys walk to the school office to say that a child is ill: 40 "
        "minutes each way, on average three times a term. Teachers learn of it a day late and ask the neighbours.",
    ),
    (
        "The idea",
        "Parents send one free text message with the child's number. The teacher's list is marked by itself. Two "
        "schools try it for six months.",
    ),
    (
        "The measure",
        "Walks to the office for each 100 pupils in a month: 55 today by the visitors' book, 15 at the end. The "
        "schools keep the book.",
    ),
    ("When would you stop?", "If it does not work well."),
    (
        "The people",
        "A school clerk and a programmer of another agency, four days a month each. Who answers when the programmer is "
        "away is not said.",
    ),
    ("Who was asked", "“The parents like it.” When and how many is not said."),
    ("The money", "Nu. 420,000: text messages 120,000, programming 300,000."),
)


@dataclass(frozen=True)
class Told:
    """One criterion of the example: the readers' score in half points, and why."""

    key: str
    name: str
    halves: int
    why: str
    anchors: tuple[str, ...] = STANDARD_ANCHORS


READERS = (
    (9, "The walks are counted, the people are named by number and place, and one figure says what changes for them."),
    (5, "The measure has a figure of today, a target and a source. But the stop rule names no figure and no day, so "
        "that nobody can say later whether it was met."),
    (6, "The steps are small and two people are named. What happens when one of them is away is not said."),
    (6, "Two agencies work on it and any school could take it over; how, is left open."),
    (3, "That parents like it is claimed. Nobody can see who was asked, when, and what changed after it."),
)  # fmt: skip
CRITERIA = tuple(
    Told(f"c{place}", name, halves, why)
    for place, ((name, _), (halves, why)) in enumerate(zip(STANDARD_CRITERIA, READERS, strict=True), 1)
)
