"""A computed assignment as its page shows it: who gets what, each one's load, what binds and what is short."""

from collections import Counter
from dataclasses import dataclass

from people.models import User
from people.queries import with_agency
from proposals.models import Proposal

from .models import MatchingRun


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


@dataclass(frozen=True)
class Load:
    """What one reviewer has to do now and would get."""

    person: User
    now: int
    more: int
    full: bool

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

    @property
    def full(self) -> list[Load]:
        """Return who has no place left."""
        return [load for load in self.loads if load.full]

    @property
    def below(self) -> list[PageRow]:
        """Return the proposals that had to go below the wished expertise."""
        return [row for row in self.rows if row.below]

    @property
    def count(self) -> int:
        """Return how many reviews it is."""
        return sum(len(row.given) for row in self.rows)


def page_of(run: MatchingRun, user: User) -> Page:
    """Return the page, without proposals that the reader may not see now; five queries."""
    said = run.said
    rows, loads, shortfalls = (said.get(key, []) for key in ("rows", "loads", "shortfalls"))
    wanted = {row["proposal"] for row in [*rows, *shortfalls]} - {None}
    seen = Proposal.objects.visible_to(user).not_concealed().filter(pk__in=wanted).in_bulk()
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
        [Load(people[pk], now, more[pk], now + more[pk] >= run.load_max) for pk, now in loads if now or more[pk]],
        [row["words"] for row in shortfalls if row["proposal"] is None or row["proposal"] in seen],
    )
