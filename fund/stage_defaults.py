"""What each stage of money proposes to a new call; every figure can be changed for one call."""

from dataclasses import dataclass

from .enums import Stage

STANDARD_ANCHORS = (
    "Nothing is said about it.",
    "Claims without evidence.",
    "Some evidence, with large gaps.",
    "Convincing in the main; gaps are named.",
    "Strong evidence; small open points.",
    "As good as could be expected at this stage.",
)
# The five criteria of Explore and above: name and weight in percent.
STANDARD_CRITERIA = (
    ("Public value and user need", 30),
    ("Learning value: hypothesis, measure, stop rules", 20),
    ("Feasibility and team", 20),
    ("Cross-agency reach and replicability", 15),
    ("Co-production and inclusion", 15),
)
SPARK_CRITERIA = (("Worth trying", 34), ("Can teach us something", 33), ("Can be done", 33))


@dataclass(frozen=True)
class StageDefaults:
    """One row of the fund's table of stages. Scores are half points (6 is 3.0 of 5), money is chhetrum."""

    ceiling: int
    length_weeks: int
    reviews_needed: int
    least_halves: int
    least_total: int
    answer_days: int
    minutes_needed: int
    names_hidden: bool = False
    criteria: tuple[tuple[str, int], ...] = STANDARD_CRITERIA

    def columns(self) -> dict[str, int | bool]:
        """Return the defaults as columns of a call."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "criteria"}


STAGES = {
    Stage.SPARK: StageDefaults(10_000_000, 8, 2, 6, 0, 10, 10, names_hidden=True, criteria=SPARK_CRITERIA),
    Stage.EXPLORE: StageDefaults(100_000_000, 26, 3, 6, 65, 30, 40),
    Stage.BUILD: StageDefaults(500_000_000, 52, 3, 6, 70, 40, 120),
    Stage.SCALE: StageDefaults(1_500_000_000, 78, 5, 7, 75, 60, 180),
}
URGENT_DAYS = 90  # at most, from opening to closing
URGENT_REVIEWS = 2
URGENT_ANSWER_DAYS = 5

# Standard wording, offered to each new call.
WORDING = {
    "have_ready": "What the situation is today in one figure, and what the work would cost.",
    "leads_regular": "It can lead to money for the work, to points on your record, and with enough of them to "
    "consideration for fast-track promotion. It is never a promise of a promotion.",
    "leads_contract": "It can lead to money for the work, and to an award, leave or training. It cannot lead to "
    "fast-track promotion, which is for regular posts.",
    "leads_deputed": "It can lead to money for the work and to points on the record of your own agency. Whether they "
    "count for fast-track promotion follows the kind of post that you return to.",
}
