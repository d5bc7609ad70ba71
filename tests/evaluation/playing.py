"""A whole panel, played through the pages by its people, each signed in; the applicants' part is written by services.

Every page that is opened is held against its bound of queries: twelve for a list, fifteen for anything else. Any
error that a page shows ends the play.
"""

import random
import re
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from evaluation.engine.line import FUND
from evaluation.models import Lottery, MatchingRun, Review
from evaluation.review_queries import LEFT_OUT
from evaluation.services import matching
from evaluation.standing import fate_of, standing_of
from fund.models import BudgetLine
from lifecycle import clock, jobs
from lifecycle.models import Job
from people.enums import Role
from people.models import EmploymentSnapshot
from proposals.models import Proposal

from .. import factories, stages
from ..conftest import new_proposal, officers

LISTS = {"panel", "ranking", "moderation_queue", "my_reviews", "run_sheet", "home", "proposal_list", "appeals", "lots"}
MOST = {True: 12, False: 15}
VALUE = "00ff10" * 8
SECTORS = ("education", "finance", "industry", "health")
TIED = 3  # of exactly the same scores at the line, of whom one is paid
PEOPLE_SAY = {"strength": "Clear need.", "weakness": "Small numbers.", "change": "Say which second hospital."}


class Seat:
    """One person's browser."""

    def __init__(self, person):
        self.person, self.client, self.opened = person, Client(), []
        self.client.force_login(person)
        self.client.get("/help/")

    def open(self, name, *args, query=""):
        """Open a page within its bound; return what it says."""
        path = reverse(name, args=args) + query
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.get(path)
        assert answer.status_code == 200, (self.person.email, path, answer.status_code)
        asked = [query["sql"] for query in queries]
        assert len(asked) <= MOST[name in LISTS], f"{name} {self.person.email} {len(asked)}\n" + "\n".join(asked)
        self.opened.append(name)
        return unescape(answer.content.decode())

    def finds_nothing(self, name, *args):
        """Hold that for this person there is no such page."""
        assert self.client.get(reverse(name, args=args)).status_code == 404, (self.person.email, name)

    def send(self, path, **fields):
        """Send a form; nothing may be refused."""
        answer = self.client.post(path, fields, follow=True)
        said = unescape(answer.content.decode())
        shown = re.findall(r'(?:govuk-error-message"|fund-message--error).{0,300}', said, re.S)
        assert (answer.status_code, shown) == (200, []), (self.person.email, path, answer.status_code, shown)
        return said

    def act(self, row, name, note=""):
        """Press the button of a step."""
        said = self.send(reverse("act", args=[row._meta.label_lower, row.pk, name]), note=note)
        fresh = type(row).objects.get(pk=row.pk)
        assert fresh.state != row.state, (row, name, self.person.email, _messages(said))
        return fresh


def _messages(page):
    return re.findall(r"govuk-notification-banner__(?:content|heading)[^>]*>(.*?)</", page, re.S)


@dataclass
class Play:
    """The people at their browsers, what is judged, and what was agreed on the way."""

    call: object
    cast: dict
    panel: dict
    size: int
    judges: list
    blocked: list = field(default_factory=list)  # (proposal, person) who must find no trace
    seats: dict = field(default_factory=dict)

    def seat(self, person):
        """Return the person's browser."""
        if person.pk not in self.seats:
            self.seats[person.pk] = Seat(person)
        return self.seats[person.pk]

    @property
    def officer(self):
        """Return the secretariat's browser."""
        return self.seat(self.cast["secretariat"])

    @property
    def chair(self):
        """Return the chair's browser."""
        return self.seat(self.panel["chair"])

    @property
    def rows(self):
        """Return the proposals afresh, in the order of their numbers."""
        return list(Proposal.objects.filter(call=self.call).order_by("number"))


def begin(call, cast, panel, proposals, reviewers):
    """Return a play of so many checked proposals and reviewers of as many agencies, some of them in conflict."""
    for person in (cast["reviewer"], *panel["reviewers"]):
        person.role_grants.update(until=clock.now())
    places = [
        factories.AgencyFactory(code=f"judge{n}", name=f"Agency of judge {n}", sector=SECTORS[n % len(SECTORS)])
        for n in range(reviewers)
    ]
    judges = [officers(Role.REVIEWER, place, 1)[0] for place in places]
    play = Play(call, cast, panel, proposals, judges)
    health = cast["lead"].snapshots.get().agency
    for number in range(proposals):
        lead = factories.civil_servant(f"lead{number}@x.example", health)
        stages.check(new_proposal(call, {**cast, "lead": lead}, f"Idea {number}"), {**cast, "lead": lead})
        if number % 5 == 1:  # the lead's line manager is a reviewer of the call
            EmploymentSnapshot.objects.filter(person=lead).update(line_manager=judges[number % reviewers])
    play.blocked = [
        (row, judges[number % reviewers]) for number, row in enumerate(play.rows) if number % 5 == 1
    ]  # fmt: skip
    award = stages.REQUESTED
    BudgetLine.objects.filter(pk=call.budget_line_id).update(allocated=award * paid(proposals) + 7)
    return play


def paid(size):
    """Return for how many of `size` there is money: the better third, and one of the tied."""
    return size // 3 + 1


def ask_reviewers(play):
    """The secretariat has the whole call assigned by the solver, and asks all."""
    call = play.call.reference
    play.officer.open("assign_all", call)
    most = max(play.size * play.call.reviews_needed / len(play.judges), play.size / (len(play.judges) // len(SECTORS)))
    play.officer.send(reverse("assign_all", args=[call]), load_min=0, load_max=int(most) + 2, preferred=0, maximin="on")
    run = MatchingRun.objects.get()
    assert jobs.run(Job.objects.get(name=matching.JOB, key=str(run.pk)).pk)
    play.officer.open("assignment", run.pk)
    play.officer.send(reverse("assignment", args=[run.pk]))
    assert Review.objects.count() == play.size * play.call.reviews_needed
    for proposal, person in play.blocked:
        assert not Review.objects.filter(proposal=proposal, reviewer=person).exists()


def declare(play):
    """All declare; one is related, one has no time, one later cannot judge; others are asked by hand in their place."""
    free = play.rows[0], play.rows[2], play.rows[3]  # on which nobody was in conflict before
    first, second, third = (row.reviews.order_by("pk")[0] for row in free)
    for review in Review.objects.filter(state="assigned").select_related("reviewer"):
        seat = play.seat(review.reviewer)
        seat.open("review", review.pk)
        path = review.get_absolute_url()
        if review == first:
            seat.send(path, interest="relative", note="A cousin.")
            play.blocked.append((review.proposal, review.reviewer))
        elif review == second:
            seat.act(review, "refuse", note="On leave.")
        else:
            seat.send(path, interest="none", note="")
    review = Review.objects.get(pk=third.pk)
    play.seat(third.reviewer).act(review, "abstain", note="Not my subject.")
    for gone in (first, second, third):
        replace(play, Proposal.objects.get(pk=gone.proposal_id))
    for row in play.rows:
        play.officer.act(row, "begin_review")


def replace(play, proposal):
    """The secretariat asks by hand whoever is offered first, and they declare."""
    page = play.officer.open("assign_reviewers", proposal.case)
    asked = set(proposal.reviews.values_list("reviewer", flat=True))
    offered = [int(pk) for pk in re.findall(r'name="reviewer" value="(\d+)"', page)]
    pk = next(pk for pk in offered if pk not in asked)
    play.officer.send(reverse("assign_reviewers", args=[proposal.case]), reviewer=pk)
    review = Review.objects.get(proposal=proposal, reviewer=pk, state="assigned")
    play.seat(review.reviewer).send(review.get_absolute_url(), interest="none", note="")


def grades(play, number, place, count, generator):
    """Return the half points of one review: of the better, of the exactly tied, of the rest; the last differ much."""
    if number == play.size - 1:
        return [3 if place == 0 else 9, *[7] * (count - 1)]
    if number < play.size // 3:
        return [9, *(generator.choice((8, 9, 10)) for _ in range(count - 1))]
    if number < play.size // 3 + TIED:
        return [8] * count
    return [6, *(generator.choice((4, 5, 6, 7)) for _ in range(count - 1))]


def write_reviews(play, seed=1):
    """Each reviewer writes all of theirs, saves and goes on to the next, and hands the last in."""
    generator, order = random.Random(seed), {row.pk: n for n, row in enumerate(play.rows)}
    criteria = [row.pk for row in play.call.criteria.all()]
    for review in Review.objects.filter(state="accepted").order_by("reviewer", "pk").select_related("reviewer"):
        seat, number = play.seat(review.reviewer), order[review.proposal_id]
        seat.open("my_reviews")
        seat.open("review", review.pk)
        place = list(review.proposal.reviews.order_by("pk").values_list("pk", flat=True)).index(review.pk)
        given = grades(play, number, place % 3, len(criteria), generator)
        said = {f"score_{pk}": str(halves) for pk, halves in zip(criteria, given, strict=True)}
        if number == play.size - 2 and place == 0:
            said[f"score_{criteria[-1]}"] = LEFT_OUT
        said |= {f"reason_{pk}": f"Reason {number}." for pk in criteria}
        said |= PEOPLE_SAY | {"chance": "open", "version": "0", "writer": str(review.reviewer_id)}
        seat.send(review.get_absolute_url(), **said, hand_in_next="yes")
        assert Review.objects.get(pk=review.pk).state == "submitted"
    for row in play.rows:
        play.chair.act(row, "close_review")


def moderate(play):
    """The chair talks over what differs, with a note and an agreed score; the queue says which."""
    call = play.call.reference
    page = play.chair.open("moderation_queue", call, query="?show=open")
    last = play.rows[-1]
    assert last.reference in page
    last = play.chair.act(last, "moderate")
    play.chair.open("consensus", last.case)
    play.chair.send(reverse("moderation_notes", args=[last.case]), text="One had read the old annex.")
    play.chair.send(
        reverse("consensus", args=[last.case]), criterion=play.call.criteria.first().pk, halves="7", reason="Agreed."
    )
    play.chair.open("panel", call)


def rank_and_draw(play):
    """The secretariat ranks and freezes the list; two people enter the public value. Returns when it spoke."""
    call = play.call.reference
    row = play.rows[0]
    play.officer.act(row, "rank")
    assert {row.state for row in play.rows} == {"ranked"}
    for seat in (play.officer, play.chair, play.seat(play.panel["board"][0])):
        seat.open("ranking", call)
        seat.open("lots", call)
    page, soon = reverse("lots", args=[call]), timezone.localtime(clock.now() + timedelta(minutes=2))
    said = {"source": "The beacon", "day": soon.date().isoformat(), "time": f"{soon:%H:%M}"}
    play.officer.send(page, step="freeze", **said)
    lottery = Lottery.objects.get(call=play.call)
    with clock.frozen(lottery.source_at):
        for name in ("secretariat", "head"):
            Seat(play.cast[name]).send(page, step="enter", value=VALUE)
    assert len(standing_of(play.call).lots) == TIED
    return lottery.source_at


def recommend(play):
    """The chair follows the standing; the secretariat brings all to the board."""
    for row in play.rows:
        inside = fate_of(row) == FUND
        fresh = play.chair.act(row, "recommend" if inside else "not_recommend", note="As it stands.")
        play.officer.act(fresh, "bring_to_board")


def decide(play):
    """Three members vote on each and one closes the vote; one proposal is refused against the ranking."""
    members = play.panel["board"][:3]
    for number, row in enumerate(play.rows):
        choice = "approve" if fate_of(row) == FUND and number else "decline"
        for member in members:
            play.seat(member).open("vote", row.case)
            play.seat(member).send(reverse("vote", args=[row.case]), choice=choice, reason="On the evidence.")
        play.seat(members[0]).act(Proposal.objects.get(pk=row.pk), choice)


def release(play):
    """The chair certifies what each team will read; the batch goes out; the letters are made."""
    for row in Proposal.objects.filter(call=play.call, state__in=("approved", "declined")):
        play.chair.open("feedback", row.case)
        page = reverse("feedback", args=[row.case])
        reviews = row.reviews.filter(state="locked").prefetch_related("scores")
        how = {f"how_{score.criterion_id}_{one.pk}": "as_is" for one in reviews for score in one.scores.all()}
        play.chair.send(page, version="0", certify_it="yes", **PEOPLE_SAY, **how)
    for lead in {row.created_by for row in play.rows}:
        assert "Declined" not in play.seat(lead).open("proposal_list").split("<select")[0]
    first = Proposal.objects.filter(call=play.call, state="approved").first()
    play.officer.act(first, "offer")
    for job in Job.objects.filter(name="evaluation.make_letter", state="queued"):
        assert jobs.run(job.pk)


def read_letters(play):
    """Each lead opens the page, the letter and its PDF; a lot has its receipt."""
    drawn = set(standing_of(play.call).lots)
    for row in play.rows:
        seat, letter = play.seat(row.created_by), row.letters.get()
        seat.open("letters", row.case)
        said = seat.open("letter", row.case, letter.pk)
        assert ("Your lot was number" in said) == (row.reference in drawn)
        pdf = seat.client.get(reverse("letter_pdf", args=[row.case, letter.pk]))
        assert pdf.headers["Content-Type"] == "application/pdf"


def blocked_find_nothing(play):
    """Hold that who is in conflict finds the proposal on no page, list or count."""
    for proposal, person in play.blocked:
        seat = play.seat(person)
        seat.finds_nothing("proposal_detail", proposal.case)
        for name in ("my_reviews", "home", "proposal_list", "inbox"):
            page = seat.open(name)
            assert proposal.reference not in page
            assert proposal.title not in re.findall(r"Idea \d+", page), (name, person.email)
