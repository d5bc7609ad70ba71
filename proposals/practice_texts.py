"""Invented proposals for practice calls: four of different quality, so that there is something to judge."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Invented:
    """One invented proposal; `share` is what it asks for, in percent of the call's ceiling."""

    title: str
    problem: str
    idea: str
    stop: str
    baseline: str
    target: str
    consulted: str
    share: int


INVENTED = (
    Invented(
        "Practice: one counter for three permits",
        "A shopkeeper visits three counters in two buildings for the permits of one shop, 2.8 visits on average.",
        "One counter takes all three forms on two mornings a week, and the offices share one list.",
        "We stop if the visits are still above 2.2 after three months.",
        "2.8",
        "1.4",
        "Twenty shopkeepers in the queue, and the three clerks who stamp",
        60,
    ),
    Invented(
        "Practice: a text message before each vaccination",
        "Every fifth child comes late to the second vaccination, because the date stands on a card that gets lost.",
        "The ward sends a text message two days before, in Dzongkha and English, from a shared phone.",
        "We stop if fewer than half of the messages reach a number that works.",
        "20",
        "8",
        "Mothers in two villages and the health assistant who writes the list",
        35,
    ),
    Invented(
        "Practice: a new office for ideas",
        "There is no office for ideas yet.",
        "We furnish an office, and people can come in with ideas.",
        "We stop if nobody comes.",
        "10",
        "9.8",
        "Nobody yet",
        100,
    ),
    Invented(
        "Practice: fewer empty buses to the weekly market",
        "Two buses go to the weekly market, one full and one nearly empty, because nobody knows who will come.",
        "Shops keep a list the evening before, and the second bus goes only when twelve names stand on it.",
        "We stop if more than five people are left behind in one month.",
        "50",
        "25",
        "Both drivers and people who waited at three stops",
        45,
    ),
)
