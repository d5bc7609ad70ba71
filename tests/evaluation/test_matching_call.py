"""The reviewers of a whole call: points, the computed assignment, what binds, and asking all or nobody."""

import re
from datetime import timedelta
from itertools import combinations

import pytest

from evaluation.expertise import expertise, language_of
from evaluation.models import Expertise, MatchingRun, Review
from evaluation.services import conflicts, knowing, matching, matching_job, naming, reviewing
from evaluation.services.matching import Changed
from evaluation.services.panel_facts import reviewers_for, tasks_of
from evaluation.services.reminding import due_on, is_late, remind
from lifecycle import clock, jobs
from lifecycle.errors import NotPossible
from lifecycle.models import Job
from lifecycle.performing import perform
from people.enums import Role
from people.models import Block, EmploymentSnapshot, Involvement, Notification
from people.services.accounts import system_user
from people.services.grants import grant_role

from .. import factories, stages
from ..conftest import new_proposal, officers
from ..remembering import remembered

ALL = {"lead": "health", "others": ("digital",), "knows": ("health", "digital"), "worked": ("health",), "reviewed": 3}


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({}, 9), ({"others": ("digital", "finance", "home"), "knows": ("health", "digital", "finance", "home")}, 10),
        ({"knows": ("digital",)}, 6), ({"knows": ()}, 5), ({"worked": ("finance",)}, 7), ({"reviewed": 0}, 6),
        ({"reviewed": 1}, 7), ({"reviewed": 9}, 9), ({"others": ("health",), "knows": ("health",)}, 8),
        ({"knows": (), "worked": (), "reviewed": 0}, 0),
    ],
)  # fmt: skip
def test_points_are_the_written_sum(change, points):
    assert expertise(**(ALL | change)) == points


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "english"),
        ("One form", "english"),
        ("འབྲུག་རྒྱལ་ཁབ", "dzongkha"),
        ("འབྲུག one two three", "english"),
        ("12", "english"),
    ],
)
def test_language_is_told_from_the_letters(text, language):
    assert language_of(text) == language


AGENCIES = (("moe", "education"), ("mof", "finance"), ("moic", "industry"), ("reha", "health"))


@remembered
def pool(cast, agencies):
    """Four reviewers of four agencies, one of them in the lead's sector and in no agency that takes part."""
    cast["reviewer"].role_grants.update(until=clock.now())
    return [
        officers(Role.REVIEWER, factories.AgencyFactory(code=code, name=f"Agency {code}", sector=sector), 1)[0]
        for code, sector in AGENCIES
    ]


@remembered
def two(funded_call, cast, pool):
    return [stages.check(new_proposal(funded_call, cast, title), cast) for title in ("First", "Second")]


def run_of(call, cast, **settings):
    values = {"load_min": 0, "load_max": 6, "preferred": 0, "maximin": False} | settings
    run = matching.start(call, by=cast["secretariat"], **values)
    assert jobs.run(Job.objects.get(name=matching.JOB, key=str(run.pk)).pk)
    run.refresh_from_db()
    return run


def given(run):
    return {row["proposal"]: {pk for pk, _ in row["reviewers"]} for row in run.said["rows"]}


def ask(run, cast):
    return matching.ask_all(run, by=cast["secretariat"])


def test_assignment_keeps_the_rules_and_asks_nobody_before_it_is_said(funded_call, cast, two, pool):
    run = run_of(funded_call, cast)
    assert not Review.objects.exists()
    assert {pk: len(people) for pk, people in given(run).items()} == {p.pk: 3 for p in two}
    inside = pool[3].pk
    assert all(inside in people and len(people - {inside}) == 2 for people in given(run).values())
    assert ask(run, cast) == 6
    assert Review.objects.filter(state="assigned").count() == 6
    assert Notification.objects.filter(subject="You are asked to review a proposal").count() == 6
    assert MatchingRun.objects.get().asked_at is not None
    with pytest.raises(NotPossible, match="asked already"):
        ask(run, cast)


def test_total_is_that_of_every_choice_tried(funded_call, cast, two, pool):
    """Brute force over all pairs of choices under the rules and loads gives the same total of points."""
    Expertise.objects.create(person=pool[0], sectors=["health"], languages=["english"], updated_at=clock.now())
    Expertise.objects.create(person=pool[1], sectors=["digital"], languages=["english"], updated_at=clock.now())
    run = run_of(funded_call, cast)
    people = reviewers_for(funded_call)
    tasks = list(tasks_of(funded_call, cast["secretariat"], people))
    sector = {row.person.pk: row.sector for row in people}

    def best(task):
        choices = combinations(task.points, task.need)
        sides = ("health",)
        return max(
            sum(task.points[pk] for pk in choice) for choice in choices
            if any(sector[pk] in sides for pk in choice) and any(sector[pk] not in sides for pk in choice)
        )  # fmt: skip

    total = sum(points for row in run.said["rows"] for _, points in row["reviewers"])
    assert total == sum(best(task) for task in tasks) > 0


def test_in_sector_rule_is_let_go_where_nobody_is_free_and_the_page_says_so(funded_call, cast, two, pool, client):
    conflicts.block(two[0], pool[3], reason="Cousin", by=cast["secretariat"])
    run = run_of(funded_call, cast, load_min=1)
    relaxed = {row["proposal"]: row["relaxed"] for row in run.said["rows"]}
    words = "Nobody from inside the lead's sector is free of conflicts, so none is asked for."
    assert relaxed == {two[0].pk: [words], two[1].pk: []}
    assert pool[3].pk not in given(run)[two[0].pk]
    client.force_login(cast["secretariat"])
    page = client.get(run.get_absolute_url()).content.decode()
    for part in (
        words.replace("'", "&#x27;"),
        "You did not ask to serve it first",
        "only the least that you asked for (1)",
    ):
        assert part in page


def test_at_most_one_of_an_agency(funded_call, cast, two, pool):
    """A second one of an agency could fill the place, and the rule forbids it."""
    agency = EmploymentSnapshot.objects.get(person=pool[0]).agency
    EmploymentSnapshot.objects.filter(person=pool[1]).update(agency=agency)
    run = run_of(funded_call, cast)
    assert all(len(people & {pool[0].pk, pool[1].pk}) == 1 for people in given(run).values())
    EmploymentSnapshot.objects.filter(person=pool[2]).update(agency=agency)
    assert run_of(funded_call, cast).said["shortfalls"]


def test_too_small_a_load_is_an_answer_in_numbers(funded_call, cast, two, pool, client):
    run = run_of(funded_call, cast, load_max=1)
    words = [row["words"] for row in run.said["shortfalls"]]
    assert words
    assert all("only" in text for text in words)
    assert run.said["rows"] == []
    client.force_login(cast["secretariat"])
    page = client.get(run.get_absolute_url()).content.decode()
    assert "It cannot be done this way" in page
    assert "Ask all" not in page
    with pytest.raises(NotPossible, match="nobody to ask"):
        ask(run, cast)


def test_too_few_reviewers_at_all_is_an_answer(funded_call, cast, two, pool):
    for person in pool[:2]:
        person.is_active = False
        person.save()
    words = [row["words"] for row in run_of(funded_call, cast).said["shortfalls"]]
    assert len(words) == 2
    assert "needs 3, only 2 reviewers" in words[0]


def test_below_the_wished_points_only_where_nobody_better_is_left(funded_call, cast, two, pool, client):
    for person in pool[:2]:
        Expertise.objects.create(person=person, sectors=["health"], languages=["english"], updated_at=clock.now())
    run = run_of(funded_call, cast, preferred=2)
    assert all(people == {pool[0].pk, pool[1].pk, pool[3].pk} for people in given(run).values())
    below = run_of(funded_call, cast, preferred=3)
    assert given(below) == given(run)
    client.force_login(cast["secretariat"])
    page = client.get(below.get_absolute_url()).content.decode()
    assert page.count("had to take somebody with fewer than 3 points") == 2


def test_who_does_not_read_the_language_gets_nothing(funded_call, cast, two, pool):
    Expertise.objects.create(person=pool[0], sectors=["health"], languages=["dzongkha"], updated_at=clock.now())
    assert all(pool[0].pk not in people for people in given(run_of(funded_call, cast)).values())


def test_what_somebody_has_to_do_already_comes_off(funded_call, cast, two, pool):
    reviewing.assign(two[0], by=cast["secretariat"], reviewer=pool[3])
    run = run_of(funded_call, cast, load_max=2)
    assert {pk: len(people) for pk, people in given(run).items()} == {two[0].pk: 2, two[1].pk: 3}
    assert ask(run, cast) == 5


def test_only_named_people_are_asked(funded_call, cast, two, pool):
    naming.name_panel(funded_call, by=cast["secretariat"], people=pool[:3])
    assert all(people == {p.pk for p in pool[:3]} for people in given(run_of(funded_call, cast)).values())


# All or nobody


def test_conflict_that_came_up_since_stops_all_of_it(funded_call, cast, two, pool):
    run = run_of(funded_call, cast)
    tied = next(person for person in pool if person.pk in given(run)[two[0].pk])
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(line_manager=tied)
    with pytest.raises(Changed) as no:
        ask(run, cast)
    assert any(tied.full_name in words and "line manager" in words for words in no.value.changes)
    assert not Review.objects.exists()
    assert not Notification.objects.filter(subject="You are asked to review a proposal").exists()
    assert not Involvement.objects.filter(part="reviewer").exists()


def test_page_says_what_changed_and_asks_nobody(funded_call, cast, two, pool, client):
    run = run_of(funded_call, cast)
    perform(two[0], "withdraw", by=cast["lead"])
    client.force_login(cast["secretariat"])
    answer = client.post(run.get_absolute_url())
    assert answer.status_code == 409
    assert f"{two[0].reference}: Reviewers are assigned after" in answer.content.decode()
    assert not Review.objects.exists()


def test_reviewers_asked_by_hand_and_full_loads_are_changes(funded_call, cast, two, pool):
    run = run_of(funded_call, cast, load_max=2)
    somebody = next(person for person in pool if person.pk in given(run)[two[0].pk])
    reviewing.assign(two[0], by=cast["secretariat"], reviewer=somebody)
    with pytest.raises(Changed) as no:
        ask(run, cast)
    said = " ".join(no.value.changes)
    assert "reviewers were asked in the meantime" in said
    assert Review.objects.count() == 1


def test_failure_in_the_middle_leaves_nothing(funded_call, cast, two, pool, monkeypatch):
    run, count, add = run_of(funded_call, cast), [], matching.add_review

    def breaks(*args, **kwargs):
        count.append(1)
        if len(count) == 4:
            raise RuntimeError("killed")
        return add(*args, **kwargs)

    monkeypatch.setattr(matching, "add_review", breaks)
    with pytest.raises(RuntimeError):
        ask(run, cast)
    assert not Review.objects.exists()
    assert MatchingRun.objects.get(pk=run.pk).asked_at is None
    monkeypatch.setattr(matching, "add_review", add)
    assert ask(run, cast) == 6


def test_job_that_dies_leaves_no_result_and_is_done_by_the_next(funded_call, cast, two, pool, monkeypatch):
    run = matching.start(funded_call, by=cast["secretariat"], load_min=0, load_max=6, preferred=0, maximin=True)
    job = Job.objects.get(name=matching.JOB)
    solve = matching_job.solve
    monkeypatch.setattr(matching_job, "solve", lambda *args: 1 / 0)
    jobs.run(job.pk)
    run.refresh_from_db()
    assert run.result is None
    monkeypatch.setattr(matching_job, "solve", solve)
    with clock.frozen(clock.shift(minutes=5)):
        jobs.run(job.pk)
    run.refresh_from_db()
    assert len(given(run)) == 2


def test_only_the_newest_of_its_own_maker_is_asked(funded_call, cast, two, pool):
    run = run_of(funded_call, cast)
    other = officers(Role.SECRETARIAT, factories.AgencyFactory(code="cab"), 1)[0]
    with pytest.raises(NotPossible) as no:
        matching.ask_all(run, by=other)
    assert no.value.forbidden
    run_of(funded_call, cast)
    with pytest.raises(NotPossible, match="A newer assignment"):
        ask(run, cast)
    assert not Review.objects.exists()


def test_only_the_secretariat_starts(funded_call, cast):
    for name in ("head", "chair", "lead", "auditor"):
        with pytest.raises(NotPossible) as no:
            matching.start(funded_call, by=cast[name], load_min=0, load_max=6, preferred=0, maximin=False)
        assert no.value.forbidden


def test_officer_with_a_conflict_finds_no_trace_in_it(funded_call, cast, two, pool, client):
    run = run_of(funded_call, cast)
    Block.objects.create(case=two[0].case, person=cast["secretariat"], grade="block", reason="x", since=clock.now())
    client.force_login(cast["secretariat"])
    page = client.get(run.get_absolute_url()).content.decode()
    assert "Second" in page
    assert "First" not in page
    assert two[0].reference not in page
    later = run_of(funded_call, cast)
    assert set(given(later)) == {two[1].pk}
    with pytest.raises(NotPossible):
        ask(run, cast)


def test_pages_start_and_show(funded_call, cast, two, pool, client):
    client.force_login(cast["secretariat"])
    url = f"/calls/{funded_call.reference}/assign/"
    assert client.post(url, {"load_min": "7", "load_max": "6", "preferred": "3"}).status_code == 400
    answer = client.post(url, {"load_min": "0", "load_max": "6", "preferred": "3", "maximin": "on"})
    run = MatchingRun.objects.get()
    assert answer.headers["Location"] == run.get_absolute_url()
    assert "look again" in client.get(run.get_absolute_url()).content.decode()
    jobs.run(Job.objects.get(name=matching.JOB).pk)
    page = client.get(run.get_absolute_url()).content.decode()
    assert "Ask all 6" in page
    assert re.search(r"Worst off is EXPLORE-1-000\d, with \d+ of 30 points. It was served first: no assignment", page)
    assert client.post(run.get_absolute_url()).status_code == 302
    assert Review.objects.count() == 6


# What a reviewer knows; taking back; reminders


def test_reviewer_says_what_they_know(cast, pool, client):
    client.force_login(pool[0])
    assert client.post("/expertise/", {"sectors": ["health"], "languages": []}).status_code == 400
    assert client.post("/expertise/", {"sectors": ["health"], "languages": ["dzongkha"]}).status_code == 302
    assert b'value="health" id="id_sectors_5" checked' in client.get("/expertise/").content
    with pytest.raises(NotPossible) as no:
        knowing.save(by=cast["lead"], sectors=["health"], languages=["english"])
    assert no.value.forbidden
    with pytest.raises(NotPossible, match="from the list"):
        knowing.save(by=pool[0], sectors=["stars"], languages=["english"])


def test_review_is_taken_back_and_given_to_another(eligible, cast, panel, client):
    person = panel["reviewers"][0]
    stages.assign(eligible, cast, [person])
    review = Review.objects.get()
    client.force_login(cast["secretariat"])
    url = f"/act/evaluation.review/{review.pk}/reassign/"
    assert client.post(url, {"note": ""}).status_code == 400
    assert client.post(url, {"note": "On leave."}).status_code == 302
    review.refresh_from_db()
    assert review.state == "reassigned"
    assert Notification.objects.get(subject="A review was taken back").person == person
    assert client.get(review.get_absolute_url()).headers["Location"].endswith("/reviewers/")
    assert reviewing.assign(eligible, by=cast["secretariat"], reviewer=person)


def test_handed_in_review_is_not_taken_back(eligible, cast, panel):
    proposal = stages.judge(eligible, cast, panel["reviewers"])
    with pytest.raises(NotPossible, match="can no longer be done"):
        reviewing.reassign(proposal.reviews.first(), by=cast["secretariat"], note="x")
    with pytest.raises(NotPossible) as no:
        reviewing.reassign(proposal.reviews.first(), by=cast["head"], note="x")
    assert no.value.forbidden


def test_reviewers_are_reminded_when_due_and_once_when_late(eligible, cast, panel):
    stages.assign(eligible, cast, panel["reviewers"][:1])
    review = Review.objects.get()
    sent = Notification.objects.filter(subject__startswith="Your review is")
    remind()
    assert not sent.exists()
    late = clock.now() + (due_on(review) - clock.today())
    with clock.frozen(late):
        assert not is_late(review)
        remind()
        remind()
        assert [row.subject for row in sent.all()] == ["Your review is due"]
    with clock.frozen(late + timedelta(days=1)):
        assert is_late(review)
        remind()
        remind()
        assert sorted(row.subject for row in sent.all()) == ["Your review is due", "Your review is late"]
    Block.objects.create(case=review.case, person=review.reviewer, grade="block", reason="x", since=clock.now())
    sent.delete()
    with clock.frozen(late):
        remind()
    assert not sent.exists()


def test_grant_of_the_role_that_ended_since_is_a_change(funded_call, cast, two, pool):
    run = run_of(funded_call, cast)
    pool[3].role_grants.update(until=clock.now())
    with pytest.raises(Changed) as no:
        ask(run, cast)
    assert any("is not a reviewer of the fund" in words for words in no.value.changes)
    grant_role(by=system_user(), person=pool[3], role=Role.REVIEWER, reason="test")
    assert ask(run, cast) == 6
