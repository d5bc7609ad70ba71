"""Everything on one proposal in time order, read from the rows and the trail: the content of the decision file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from documents.models import StoredFile
from fund.models import LedgerEntry
from lifecycle import trail
from lifecycle.models import TrailEntry
from people.models import Block, User
from people.templatetags.fund import money
from proposals.differing import differences
from proposals.models import Endorsement, Proposal

from .appealing import in_words
from .hanging import without_one
from .inputs import name_of_review
from .models import Appeal, RankingRun, Review
from .queries import points

DRAFTS = ("saved_", "review_saved")  # saves of a draft: many, and the frozen text says what came of them


@dataclass(frozen=True)
class Event:
    """One thing that happened: when, what, by whom, and what stands in its row."""

    at: datetime
    what: str
    who: int | None = None
    lines: list[str] = field(default_factory=list)
    name: str = ""


Found = Iterator[Event]


def events_of(proposal: Proposal, words: Mapping[str, str]) -> list[Event]:
    """Return all events, the earliest first; `words` say what the actions of the trail are. A constant few queries."""
    finders = (_versions, _answers, _first_check, _questions, _conflicts, _reviews, _agreed, _places, _votes,
               _decisions, _money, _letters, _appeals)  # fmt: skip
    found = [event for find in finders for event in find(proposal)]
    found += _trail(proposal, words)
    people = {event.who for event in found if event.who}
    names = {
        pk: f"{name} · {number}" if number else name
        for pk, name, number in User.objects.filter(pk__in=people).values_list("pk", "full_name", "employee_number")
    }
    named = [Event(e.at, e.what, e.who, e.lines, names.get(e.who or 0, "")) for e in found]
    return sorted(named, key=lambda event: event.at)


def _trail(proposal: Proposal, words: Mapping[str, str]) -> Found:
    """Yield the entries of the trail of proposal, reviews and appeals, each with the mark by which it is verified."""
    subjects = {trail.stream_key(proposal): "The proposal"}
    subjects |= {trail.stream_key(row): f"Review {row.pk}" for row in proposal.reviews.all()}
    subjects |= {trail.stream_key(row): f"Appeal {row.pk}" for row in proposal.appeals.all()}
    found = TrailEntry.objects.filter(stream__key__in=subjects).select_related("payload", "stream")
    for entry in found.order_by("at", "pk"):
        if entry.action.startswith(DRAFTS):
            continue
        mark = f"Trail entry {entry.seq}, {entry.hash[:16]}"
        note = [f"“{entry.payload.note}”"] if entry.payload.note else []
        what = words.get(entry.action, entry.action.replace("_", " "))
        yield Event(entry.at, f"{subjects[entry.stream.key]}: {what}", entry.actor_id, [*note, mark])


def _versions(proposal: Proposal) -> Found:
    versions = list(proposal.versions.all())
    changes = {new.pk: differences(old.facts, new.facts) for old, new in pairwise(versions)}
    for version in versions:
        lines = [f"SHA-256 {version.sha256}"]
        lines += [f"{change.label}: “{change.before}” → “{change.after}”" for change in changes.get(version.pk, [])]
        yield Event(version.frozen_at, f"Version {version.number} frozen", version.frozen_by_id, lines)


def _answers(proposal: Proposal) -> Found:
    rows = Endorsement.objects.filter(version__proposal=proposal).select_related("agency", "version")
    for row in rows:
        lines = [f"“{row.reason}”"] if row.reason else []
        what = f"{row.agency.name} on version {row.version.number}: {row.get_answer_display()}"
        yield Event(row.answered_at or row.asked_at, what, row.answered_by_id, lines)


def _first_check(proposal: Proposal) -> Found:
    for row in proposal.rule_results.all():
        lines = [f"“{row.note}”"] if row.note else []
        what = f"First check, {row.get_rule_display()}: {'met' if row.passed else 'not met'}"
        yield Event(row.checked_at, what, row.checked_by_id, lines)


def _questions(proposal: Proposal) -> Found:
    for row in proposal.info_requests.all():
        lines = [f"“{row.question}”", f"Answer until {in_words(row.due_on)}", f"Opened: {', '.join(row.fields)}"]
        yield Event(row.asked_at, "The secretariat asked the team", row.asked_by_id, lines)
        if row.answered_at:
            yield Event(row.answered_at, "The team answered", row.answered_by_id, [f"“{row.explanation}”"])


def _conflicts(proposal: Proposal) -> Found:
    for row in Block.objects.filter(case=proposal.case):
        yield Event(
            row.since, f"Conflict of interest on record: {row.get_grade_display()}", row.person_id, [row.reason]
        )


def _reviews(proposal: Proposal) -> Found:
    rows = proposal.reviews.prefetch_related("scores__criterion").select_related("version")
    for row in rows:
        if row.submitted_at:
            yield Event(row.submitted_at, f"Review {row.pk} handed in", row.reviewer_id, _review(row))


def _review(row: Review) -> list[str]:
    scores = [
        f"{score.criterion.name}: {score.points} of 5" + (f". “{score.reason}”" if score.reason else "")
        for score in row.scores.all()
    ]
    pairs = (("Strength", row.strength), ("Weakness", row.weakness), ("To change", row.change))
    whole = [f"{label}: “{text}”" for label, text in pairs if text]
    chance = f"Chance that the target is met: {row.get_chance_display()}"
    return [f"Of version {row.version.number}; now: {row.get_state_display()}", *scores, *whole, chance]


def _agreed(proposal: Proposal) -> Found:
    for row in proposal.consensus.select_related("criterion"):
        lines = [f"From {row.before} to {points(row.halves)}, sitting {row.sitting}", f"“{row.reason}”"]
        yield Event(row.at, f"Score agreed on {row.criterion.name}", row.by_id, lines)


def _places(proposal: Proposal) -> Found:
    for place in proposal.places.select_related("run").order_by("run"):
        run = place.run
        least = "reaches" if place.meets else "does not reach"
        lines = [
            f"Place {place.place}, {place.total} percent; {least} the least that the call asks for",
            f"Ranking run {run.pk}, rules {run.code_version}, inputs SHA-256 {run.sha256}",
        ]
        yield Event(run.at, "Ranked", run.by_id, [*lines, *_leaning(run, proposal)])


def _leaning(run: RankingRun, proposal: Proposal) -> list[str]:
    """Return what each review weighs in the estimate, and what would be without it."""
    numbers = {name_of_review(review): review.pk for review in proposal.reviews.all()}
    return [
        f"Review {numbers[row['review']]} weighs {row['weight']:.2f} in the estimate; without it the estimate is "
        f"{row['merit']:.1f} percent, place {row['place']}"
        for row in without_one(run.said).get(proposal.reference or "", []) if row["review"] in numbers
    ]  # fmt: skip


def _votes(proposal: Proposal) -> Found:
    for row in proposal.votes.all():
        what = f"Vote to {row.get_choice_display().lower()}, round {row.round}, sitting {row.sitting}"
        yield Event(row.at, what, row.member_id, [f"“{row.reason}”"])


def _decisions(proposal: Proposal) -> Found:
    for row in proposal.decisions.select_related("replaces"):
        lines = [f"Set aside: {money(row.amount)}"] if row.amount else []
        if row.replaces:
            lines.append(f"Takes the place of the decision of round {row.replaces.round}, after an upheld appeal")
        yield Event(row.at, f"Decision of round {row.round}: {row.get_choice_display().lower()}", row.by_id, lines)


def _money(proposal: Proposal) -> Found:
    for row in LedgerEntry.objects.filter(case=proposal.case).select_related("line").order_by("at", "pk"):
        lines = [f"Budget line {row.line.code}, entry {row.seq}, source {row.source}"]
        yield Event(row.at, f"Ledger: {row.get_kind_display()}, {money(row.amount)}", row.by_id, lines)


def _letters(proposal: Proposal) -> Found:
    for row in proposal.letters.select_related("file"):
        yield Event(row.at, f"Letter to the team: {row}", None, [_sum_of(row.file)] if row.file else [])


def _appeals(proposal: Proposal) -> Found:
    for row in proposal.appeals.select_related("file"):
        lines = [f"Ground: {row.get_ground_display()}", f"“{row.words}”"]
        lines += [_sum_of(row.file)] if row.file else []
        yield Event(row.lodged_at, f"Appeal {row.pk} lodged", row.lodged_by_id, lines)
        if row.ended_at:
            yield Event(row.ended_at, f"Appeal {row.pk}: {row.get_state_display()}", row.officer_id, _found_in(row))


def _found_in(appeal: Appeal) -> list[str]:
    return [f"“{text}”" for text in (appeal.check_reason, appeal.reason) if text]


def _sum_of(stored: StoredFile) -> str:
    return f"File {stored.original_name}, SHA-256 {stored.sha256}"
