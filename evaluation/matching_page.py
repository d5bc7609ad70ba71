"""A computed assignment as its page shows it: who gets what, each one's load, what binds and what is short."""

from collections import Counter
from dataclasses import dataclass

from people.models import User
from people.queries import with_agency
from proposals.models import Proposal

from .expertise import MOST
from .models import MatchingRun
from .models.review import still_to_review


@dataclass(frozen=True)
class Given:
    """One reviewer of one proposal; `below`: fewer points than were wished."""

    person: User
    points: int
    below: bool


@dataclass(frozen=True)
class PageRow:
    """One proposal with its reviewers and the rules that were let go."""

    proposal: Proposal
    given: list[Given]
    relaxed: list[str]

    @property
    def below(self) -> bool:
        """Tell whether somebody knows the subject less than was wished."""
        return any(row.below for row in self.given)

    @property
    def points(self) -> int:
        """Return the points of its reviewers together."""
        return sum(row.points for row in self.given)

    @property
    def highest(self) -> int:
        """Return the most that so many reviewers could have."""
        return MOST * len(self.given)

    @property
    def served(self) -> tuple[int, float]:
        """Return how well it is served, as it was weighed: first by how few are below what was wished."""
        few = sum(row.below for row in self.given)
        return -few, self.points / max(1, len(self.given))


@dataclass(frozen=True)
class Load:
    """What one reviewer has to do now and would get."""

    person: User
    now: int
    more: int
    full: bool
    least: bool = False

    @property
    def total(self) -> int:
        """Return both together."""
        return self.now + self.more


@dataclass(frozen=True)
class Page:
    """Everything on the page."""

    rows: list[PageRow]
    loads: list[Load]
    shortfalls: list[str]
    floor_words: str = ""

    @property
    def full(self) -> list[Load]:
        """Return who has no place left."""
        return [load for load in self.loads if load.full]

    @property
    def at_least(self) -> list[Load]:
        """Return who was given no more than the least that was asked for."""
        return [load for load in self.loads if load.least]

    @property
    def worst(self) -> PageRow | None:
        """Return the proposal that is served worst of those shown."""
        return min((row for row in self.rows if row.given), key=lambda row: row.served, default=None)

    @property
    def below(self) -> list[PageRow]:
        """Return the proposals that had to go below the wished expertise."""
        return [row for row in self.rows if row.below]

    @property
    def count(self) -> int:
        """Return how many reviews it is."""
        return sum(len(row.given) for row in self.rows)


def page_of(run: MatchingRun, user: User) -> Page:
    """Return the page, without proposals that the reader may not see now or still has to review; five queries."""
    said = run.said
    rows, loads, shortfalls = (said.get(key, []) for key in ("rows", "loads", "shortfalls"))
    wanted = {row["proposal"] for row in [*rows, *shortfalls]} - {None}
    seen = Proposal.objects.visible_to(user).not_concealed().exclude(pk__in=still_to_review(user)).in_bulk(wanted)
    people = with_agency(User.objects.filter(pk__in=[pk for pk, _ in loads])).in_bulk()
    more = Counter(pk for row in rows for pk, _ in row["reviewers"])
    return Page(
        [
            PageRow(
                seen[row["proposal"]],
                [Given(people[pk], points, points < run.preferred) for pk, points in row["reviewers"]],
                row["relaxed"],
            )
            for row in rows
            if row["proposal"] in seen
        ],
        [
            Load(people[pk], now, more[pk], now + more[pk] >= run.load_max, 0 < now + more[pk] <= run.load_min)
            for pk, now in loads if now or more[pk]
        ],
        [row["words"] for row in shortfalls if row["proposal"] is None or row["proposal"] in seen],
        _floor_words(run),
    )  # fmt: skip


def _floor_words(run: MatchingRun) -> str:
    """Return whether the proposal that is worst off could be served better."""
    if not run.maximin:
        return "You did not ask to serve it first, so another assignment may serve it better and others worse."
    if run.said.get("gap"):
        return "It was served first, but the time for the search ran out, so a better one for it may exist."
    return "It was served first: no assignment within your settings serves the one that is worst off better."
