"""What an assignment of a whole call is computed from: who could be asked, what they know, what they have to do."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from fund.models import Call
from people.enums import Grade, Role
from people.models import EmploymentSnapshot, User
from people.queries import holders
from proposals.models import Proposal

from ..enums import LIVE, OPEN, VALID, Language
from ..expertise import expertise, language_of
from ..guards import counted
from ..models import Expertise, PanelName, Review
from .conflict_finders import is_rolling, team_of
from .conflicts import conflicts_among
from .reviewing import ASSIGNING


@dataclass(frozen=True)
class Reviewer:
    """One who could be asked; `agency` and `sector` are those of the present post."""

    person: User
    agency: int | None
    sector: str
    worked: frozenset[str]
    knows: frozenset[str]
    reads: frozenset[str]
    reviewed: Counter[str]
    load: int

    @property
    def name(self) -> str:
        """Return how the pages call the person."""
        return f"{self.person.full_name} · {self.person.employee_number}"


@dataclass
class Task:
    """One proposal that needs reviewers: how many more, who is on it, and by reviewer pk the points of who could be."""

    proposal: Proposal
    need: int
    lead: str
    present: list[int]
    points: dict[int, int] = field(default_factory=dict)


def reviewers_for(call: Call) -> list[Reviewer]:
    """Return all who could be asked to review in the call: of the names made known, where there are any."""
    people = holders(Role.REVIEWER)
    names = PanelName.objects.filter(call=call)
    if names.exists():
        people = people.filter(pk__in=names.values("person"))
    found = list(people.order_by("pk"))
    said = {row.person_id: row for row in Expertise.objects.filter(person__in=found)}
    posts: dict[int, list[EmploymentSnapshot]] = {}
    for post in EmploymentSnapshot.objects.filter(person__in=found).select_related("agency"):  # the newest first
        posts.setdefault(post.person_id, []).append(post)
    past, loads = _past_work(found), loads_of(found)
    return [_reviewer(person, said.get(person.pk), posts.get(person.pk, []), past, loads) for person in found]


def _reviewer(
    person: User, said: Expertise | None, posts: list[EmploymentSnapshot], past: dict[int, Counter[str]],
    loads: Counter[int],
) -> Reviewer:  # fmt: skip
    return Reviewer(
        person,
        posts[0].agency_id if posts else None,
        posts[0].agency.sector if posts else "",
        frozenset(post.agency.sector for post in posts),
        frozenset(said.sectors if said else ()),
        frozenset(said.languages if said and said.languages else (Language.ENGLISH,)),
        past.get(person.pk, Counter()),
        loads[person.pk],
    )


def _past_work(people: list[User]) -> dict[int, Counter[str]]:
    """Return person -> sector of the lead agency -> reviews handed in, without practice."""
    done = Review.objects.of_practice(False).filter(reviewer__in=people, state__in=VALID).order_by()
    rows = done.values_list("reviewer", "proposal__lead_agency__sector").annotate(n=Count("pk"))
    found: dict[int, Counter[str]] = {}
    for pk, sector, count in rows:
        found.setdefault(pk, Counter())[sector] += count
    return found


def loads_of(people: list[User]) -> Counter[int]:
    """Return person -> reviews that they still have to do, in all calls, without practice."""
    rows = Review.objects.of_practice(False).filter(reviewer__in=people, state__in=OPEN).order_by()
    return Counter(dict(rows.values_list("reviewer").annotate(n=Count("pk"))))


def tasks_of(call: Call, by: User, reviewers: list[Reviewer]) -> Iterator[Task]:
    """Yield what still needs reviewers, of what `by` may see, each with who could review it.

    That is: no conflict of any grade but a note, reads the language, is not and was not asked for it before, and nobody
    of the same agency is on it.
    """
    seen = Proposal.objects.visible_to(by).not_concealed().filter(call=call, state__in=ASSIGNING)
    for proposal in seen.select_related("call", "lead_agency").order_by("number"):
        need = call.reviews_needed - counted(proposal).count()
        if need > 0:
            yield _task(proposal, need, reviewers)


def _task(proposal: Proposal, need: int, reviewers: list[Reviewer]) -> Task:
    asked = list(proposal.reviews.values_list("reviewer", "state"))
    before = {pk for pk, _ in asked}
    present = [pk for pk, state in asked if state in LIVE]
    lead = proposal.lead_agency.sector
    others = set(proposal.partners.values_list("agency__sector", flat=True))
    version = proposal.versions.last()
    language = language_of(words_of(version.facts) if version else "")
    taken = {row.agency for row in reviewers if row.person.pk in present and row.agency}
    free = free_of_conflicts(proposal, [row.person for row in reviewers])
    points = {
        row.person.pk: expertise(
            lead=lead, others=others, knows=row.knows, worked=row.worked, reviewed=row.reviewed[lead]
        )
        for row in reviewers
        if row.person.pk in free - before and language in row.reads and row.agency not in taken
    }
    return Task(proposal, need, lead, present, points)


def words_of(facts: dict[str, Any]) -> str:
    """Return what was written in the answers of a version."""
    return " ".join(str(text) for answers in facts["sections"].values() for text in answers.values())


def free_of_conflicts(proposal: Proposal, people: list[User]) -> set[int]:
    """Return those whom no more than a note ties to the proposal."""
    found = conflicts_among(proposal, people)
    return {pk for pk, rows in found.items() if all(row.grade == Grade.NOTE for row in rows)}


def drop_mutual(tasks: list[Task]) -> None:
    """Of two people who could review each other's proposals of a rolling call keep one direction, the earlier's."""
    if not tasks or not is_rolling(tasks[0].proposal):
        return
    teams = {task.proposal.pk: team_of(task.proposal) for task in tasks}
    for later in tasks:
        for earlier in tasks:
            if earlier.proposal.pk >= later.proposal.pk:
                continue
            if teams[earlier.proposal.pk] & set(later.points) and teams[later.proposal.pk] & set(earlier.points):
                for pk in teams[later.proposal.pk]:
                    earlier.points.pop(pk, None)
