"""Each kind of tie, at its edge and beyond it; written down when found, and looked at again at each act."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from evaluation.enums import Interest
from evaluation.models import Permission, Review
from evaluation.queries import candidates_for, item_of
from evaluation.services import conflicts, decide, excluding, permitting, reviewing
from evaluation.services.conflicts import conflicts_of
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from lifecycle.remembering import reading
from people.enums import Grade, Part, Role
from people.models import Block, EmploymentSnapshot, Involvement
from people.queries import inbox
from people.services.accounts import system_user
from people.services.calendar import months_before
from people.services.grants import grant_role
from people.services.involvement import involve
from people.services.notify import dispatch
from people.toxic import ConflictOfInterest
from proposals.models import Proposal

from .. import factories, sparks, stages
from ..conftest import new_proposal, officers

BLOCK, MITIGATE = Grade.BLOCK, Grade.MITIGATE


def found(proposal, person, part=Part.REVIEWER):
    return [(row.grade, row.reason) for row in conflicts_of(proposal, person, part)]


def post(person, agency, as_of, **fields):
    return factories.SnapshotFactory(person=person, agency=agency, as_of=as_of, **fields)


@pytest.fixture
def person(panel):
    """A reviewer of an agency that takes no part, in the register since long ago."""
    EmploymentSnapshot.objects.filter(person=panel["reviewers"][0]).update(as_of=date(2020, 1, 1))
    return panel["reviewers"][0]


def test_nobody_without_a_tie_has_a_conflict(eligible, person):
    assert found(eligible, person) == []


@pytest.mark.parametrize(("days", "counts"), [(0, True), (1, False)])
def test_employment_counts_for_24_months(eligible, person, agencies, days, counts):
    """The earlier post ended when the next began: on the first day of the window it still held, or the day before."""
    start = months_before(clock.today(), 24)
    EmploymentSnapshot.objects.filter(person=person).update(agency=agencies["health"])
    post(person, agencies["farms"], start + timedelta(days=1 - days))
    words = "Worked in Ministry of Health, which takes part, in the last 24 months"
    assert found(eligible, person) == ([(MITIGATE, words)] if counts else [])


def test_partner_agency_counts_with_all_below_its_ministry(eligible, person, agencies):
    department = factories.AgencyFactory(code="dep", name="Department", parent=agencies["digital"], kind="department")
    below = factories.AgencyFactory(code="div", name="Division", parent=department, kind="division")
    EmploymentSnapshot.objects.filter(person=person).update(agency=below)
    assert found(eligible, person) == [(MITIGATE, "Works in Division, which takes part")]


def test_partner_that_nobody_of_the_team_works_for_counts(eligible, person, agencies):
    eligible.partners.create(agency=agencies["farms"], days=1)
    assert found(eligible, person) == [(MITIGATE, "Works in Ministry of Agriculture, which takes part")]


def test_same_division_blocks_and_same_ministry_does_not(eligible, person, cast, agencies):
    division = factories.AgencyFactory(code="div", name="Planning Division", parent=agencies["health"], kind="division")
    EmploymentSnapshot.objects.filter(person__in=[person, cast["lead"]]).update(agency=division)
    assert found(eligible, person)[0] == (BLOCK, "Works in the same division: Planning Division")
    EmploymentSnapshot.objects.filter(person=person).update(agency=agencies["health"])
    assert [grade for grade, _ in found(eligible, person)] == [MITIGATE]


@pytest.mark.parametrize("below", [True, False])
@pytest.mark.parametrize(("days", "counts"), [(0, True), (1, False)])
def test_line_management_counts_for_12_months_both_ways(eligible, person, cast, below, days, counts):
    start, lead = months_before(clock.today(), 12), cast["lead"]
    report, manager = (lead, person) if below else (person, lead)
    EmploymentSnapshot.objects.filter(person=report).update(line_manager=manager, as_of=date(2020, 1, 1))
    place = EmploymentSnapshot.objects.get(person=report).agency
    post(report, place, start + timedelta(days=1 - days))
    words = f"Was the line manager of {lead.full_name}" if below else f"Reported to {lead.full_name}"
    assert found(eligible, person) == ([(BLOCK, words)] if counts else [])


@pytest.mark.parametrize(("days", "counts"), [(1, True), (0, False)])
def test_applying_together_counts_for_36_months(eligible, person, cast, days, counts):
    other = factories.open_call(cast["secretariat"], cast["head"], reference="old")
    together = stages.submit(new_proposal(other, cast, "Together"), cast)
    involve(case=together.case, person=person, part=Part.MEMBER)
    start = months_before(clock.today(), 36) - timedelta(days=1 - days)
    sent = clock.now().replace(year=start.year, month=start.month, day=start.day, hour=6)
    Proposal.objects.filter(pk=together.pk).update(submitted_at=sent, state="funded")
    words = "Applied together with somebody of the team in the last 36 months"
    assert found(eligible, person) == ([(MITIGATE, words)] if counts else [])


@pytest.mark.parametrize(("state", "counts"), [("submitted", True), ("in_review", True), ("declined", False)])
def test_own_undecided_proposal_on_the_same_budget_line(eligible, person, cast, agencies, state, counts):
    line = eligible.call.budget_line
    other = factories.open_call(cast["secretariat"], cast["head"], reference="other", budget_line=line)
    own = new_proposal(other, cast, "Own")
    Involvement.objects.filter(case=own.case).delete()
    involve(case=own.case, person=person, part=Part.LEAD)
    sent = {"submitted_at": clock.now(), "number": 1, "reference": "x"}
    Proposal.objects.filter(pk=own.pk).update(state=state, **sent)
    words = "Has a proposal of their own that asks for money of the same budget line"
    assert found(eligible, person) == ([(MITIGATE, words)] if counts else [])
    line = factories.make_line(cast["head"], agency=agencies["farms"], code="other")
    elsewhere = factories.open_call(cast["secretariat"], cast["head"], reference="else", budget_line=line)
    Proposal.objects.filter(pk=own.pk).update(call=elsewhere)
    assert found(eligible, person) == []


def test_two_do_not_review_each_other_in_one_rolling_call(cast, line, panel):
    first = panel["reviewers"][0]
    second = officers(Role.REVIEWER, factories.AgencyFactory(code="moe", name="Ministry of Education"), 1)[0]
    call = sparks.spark_call(cast, line)
    hers, his = sparks.sent(call, first, title="Hers"), sparks.sent(call, second, title="His")
    Proposal.objects.filter(pk=his.pk).update(submitted_at=clock.now() - timedelta(days=40))
    hers, his = (sparks.checked(p, cast["secretariat"]) for p in (hers, his))
    Block.objects.all().delete()
    assert found(his, first) == []
    reviewing.assign(his, by=cast["secretariat"], reviewer=first)
    words = "Somebody of this team reviews their own proposal in this call"
    assert found(hers, second) == [(BLOCK, words)]
    with pytest.raises(ConflictOfInterest, match=words):
        reviewing.assign(hers, by=cast["secretariat"], reviewer=second)


# Written down


@pytest.fixture
def manager(cast, agencies):
    """The lead's line manager, a reviewer and board member of an agency that takes no part."""
    made = factories.civil_servant("manager@x.example", agencies["farms"])
    for role in (Role.REVIEWER, Role.BOARD):
        grant_role(by=system_user(), person=made, role=role, reason="test")
    factories.second_factor(made)
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(line_manager=made)
    return made


def test_what_passes_the_first_check_does_not_exist_for_whom_it_blocks(manager, funded_call, cast, client):
    proposal = stages.check(new_proposal(funded_call, cast), cast)
    assert Block.objects.get(person=manager).grade == BLOCK
    assert not Proposal.objects.visible_to(manager).exists()
    client.force_login(manager)
    for page in ("/", "/proposals/", "/proposals/?q=visit", f"/calls/{funded_call.reference}/panel/", "/inbox/"):
        assert "One visit is enough" not in client.get(page).content.decode()
    for page in ("", "vote/", "reviewers/", "names/", "objections/", "permissions/"):
        assert client.get(f"{proposal.get_absolute_url()}{page}").status_code == 404
    assert not inbox(manager).filter(case=proposal.case).exists()


def test_who_must_go_on_reading_it_is_not_kept_out(funded_call, cast):
    """The approver of a partner agency manages the lead, and holds a role of the panel beside."""
    grant_role(by=system_user(), person=cast["sponsor"], role=Role.REVIEWER, reason="test")
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(line_manager=cast["sponsor"])
    stages.check(new_proposal(funded_call, cast), cast)
    assert not Block.objects.filter(person=cast["sponsor"]).exists()
    assert Proposal.objects.visible_to(cast["sponsor"]).exists()


def test_what_comes_up_later_is_written_down_once_by_the_clock(eligible, manager):
    assert excluding.look_everywhere() == 1
    assert excluding.look_everywhere() == 0
    assert [reason for _, reason in found(eligible, manager)] == ["Is the line manager of Name of lead"]
    assert not Proposal.objects.visible_to(manager).exists()


def test_mail_that_waits_is_not_sent_to_whom_a_conflict_keeps_out_since(eligible, cast, panel, mailoutbox):
    person = panel["reviewers"][0]
    reviewing.assign(eligible, by=cast["secretariat"], reviewer=person)
    conflicts.block(eligible, person, reason="Cousin", by=cast["secretariat"])
    while dispatch():
        pass
    assert person.email not in [to for mail in mailoutbox for to in mail.to]


# Looked at again at each act


def late_tie(cast, person):
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(line_manager=person)


def test_conflict_that_comes_up_after_the_assignment_stops_each_later_act(eligible, cast, panel):
    person = panel["reviewers"][0]
    review = reviewing.assign(eligible, by=cast["secretariat"], reviewer=person)
    review = reviewing.declare(review, by=person, interest=Interest.NONE)
    late_tie(cast, person)
    with pytest.raises(ConflictOfInterest, match="Is the line manager"):
        reviewing.save(review, by=person, edit=0, draft=stages.draft_of(review))
    assert (Review.objects.get().edit, Review.objects.get().state) == (0, "invalidated")


def test_handing_in_looks_again(eligible, cast, panel):
    proposal = stages.assign(eligible, cast, panel["reviewers"])
    review = proposal.reviews.first()
    review = reviewing.save(review, by=review.reviewer, edit=0, draft=stages.draft_of(review))
    late_tie(cast, review.reviewer)
    with pytest.raises(ConflictOfInterest, match="Is the line manager"):
        reviewing.submit(review, by=review.reviewer)
    assert Review.objects.get(pk=review.pk).state == "invalidated"


def test_board_member_with_a_conflict_does_not_vote(pending, cast, panel, agencies):
    member = panel["board"][0]
    late_tie(cast, member)
    with pytest.raises(ConflictOfInterest, match="You cannot decide on this: Is the line manager"):
        decide.vote(pending, by=member, choice="approve", reason="x")
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(line_manager=None)
    EmploymentSnapshot.objects.filter(person=member).update(agency=agencies["health"], as_of=date(2025, 1, 1))
    post(member, agencies["farms"], clock.today())
    with pytest.raises(ConflictOfInterest, match="Worked in Ministry of Health"):
        decide.vote(pending, by=member, choice="approve", reason="x")
    assert not pending.votes.exists()


def test_vote_of_a_member_whose_tie_came_up_since_does_not_count(pending, cast, panel):
    stages.votes(pending, panel["board"][:3], *["approve"] * 3)
    assert explain(stages.fresh(pending), "approve") == []
    conflicts.block(pending, panel["board"][0], reason="Applied together", by=cast["secretariat"], grade=MITIGATE)
    assert explain(stages.fresh(pending), "approve") != []


def test_acquaintance_is_noted_and_the_person_reads_on(eligible, cast, panel):
    person = panel["reviewers"][0]
    review = reviewing.assign(eligible, by=cast["secretariat"], reviewer=person)
    review = reviewing.declare(review, by=person, interest=Interest.ACQUAINTED, note="Same school")
    assert review.state == "accepted"
    assert Block.objects.get(person=person).grade == Grade.NOTE
    saved = reviewing.save(review, by=person, edit=0, draft=stages.draft_of(review))
    assert reviewing.submit(saved, by=person).state == "submitted"


@pytest.mark.parametrize("interest", [x for x in Interest if x not in (Interest.NONE, Interest.ACQUAINTED)])
def test_any_other_interest_keeps_the_person_out(eligible, cast, panel, interest):
    person = panel["reviewers"][0]
    review = reviewing.assign(eligible, by=cast["secretariat"], reviewer=person)
    assert reviewing.declare(review, by=person, interest=interest).state == "recused"
    assert not Proposal.objects.visible_to(person).exists()


# The chair's permission


@pytest.fixture
def tied(eligible, cast, agencies):
    """A reviewer of a partner agency."""
    made = factories.civil_servant("tied@x.example", agencies["digital"])
    grant_role(by=system_user(), person=made, role=Role.REVIEWER, reason="test")
    return made


def asked(eligible, cast, tied):
    return permitting.ask(eligible, by=cast["secretariat"], person=tied)


def test_permission_lets_a_tied_person_be_heard_and_not_counted(eligible, cast, panel, tied):
    with pytest.raises(ConflictOfInterest, match="needs the chair's written permission"):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=tied)
    row = asked(eligible, cast, tied)
    with pytest.raises(ConflictOfInterest):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=tied)
    permitting.answer(row, by=panel["chair"], given=True, answer="Nobody else knows data systems.")
    proposal = stages.assign(eligible, cast, [tied, *panel["reviewers"][:2]])
    assert explain(proposal, "begin_review") == ["Not enough reviewers have accepted yet."]
    proposal = perform(stages.assign(proposal, cast, panel["reviewers"][2:]), "begin_review", by=cast["secretariat"])
    for review in proposal.reviews.all():
        halves = 0 if review.reviewer == tied else 8
        saved = reviewing.save(review, by=review.reviewer, edit=0, draft=stages.draft_of(review, halves))
        reviewing.submit(saved, by=review.reviewer)
    assert len(item_of(stages.fresh(proposal)).sheets) == 3


def test_refused_permission_stands(eligible, cast, panel, tied):
    row = permitting.answer(asked(eligible, cast, tied), by=panel["chair"], given=False, answer="Others know it too.")
    assert row.given is False
    with pytest.raises(ConflictOfInterest):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=tied)
    with pytest.raises(NotPossible, match="answered already"):
        permitting.answer(row, by=panel["chair"], given=True, answer="x")


def test_refused_permission_is_asked_again_and_the_first_answer_stays_on_record(eligible, cast, panel, tied):
    row = asked(eligible, cast, tied)
    with pytest.raises(NotPossible, match="asked about Name of tied already"):
        asked(eligible, cast, tied)
    permitting.answer(row, by=panel["chair"], given=False, answer="Others know it too.")
    again = asked(eligible, cast, tied)
    assert (again.pk, again.given, again.answer) == (row.pk, None, "")
    with pytest.raises(ConflictOfInterest):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=tied)
    permitting.answer(again, by=panel["chair"], given=True, answer="The others fell ill.")
    assert reviewing.assign(eligible, by=cast["secretariat"], reviewer=tied).state == "assigned"
    with pytest.raises(NotPossible, match="asked about Name of tied already"):
        asked(eligible, cast, tied)
    answers = trail.entries_of(row).filter(action="permission_answered")
    assert [entry.payload.note for entry in answers] == ["The others fell ill.", "Others know it too."]


def test_permission_is_asked_by_the_secretariat_and_given_by_a_free_chair(eligible, cast, panel, tied):
    for name in ("lead", "chair", "head"):
        with pytest.raises(NotPossible) as no:
            permitting.ask(eligible, by=cast[name], person=tied)
        assert no.value.forbidden
    row = asked(eligible, cast, tied)
    for person in (cast["chair"], cast["secretariat"], panel["reviewers"][0], tied):  # cast's chair is of a team agency
        with pytest.raises(NotPossible) as no:
            permitting.answer(row, by=person, given=True, answer="x")
        assert no.value.forbidden
    with pytest.raises(NotPossible, match="Say why"):
        permitting.answer(row, by=panel["chair"], given=True, answer=" ")


def test_no_permission_for_a_block_or_for_nothing(eligible, cast, panel, tied):
    with pytest.raises(NotPossible, match="needs no permission"):
        permitting.ask(eligible, by=cast["secretariat"], person=panel["reviewers"][0])
    late_tie(cast, tied)
    with pytest.raises(NotPossible, match="may not take part, also with a permission"):
        asked(eligible, cast, tied)


def test_permission_does_not_lift_a_block_that_comes_up_later(eligible, cast, panel, tied):
    permitting.answer(asked(eligible, cast, tied), by=panel["chair"], given=True, answer="Needed.")
    late_tie(cast, tied)
    with pytest.raises(ConflictOfInterest, match="Is the line manager"):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=tied)


def test_database_refuses_half_an_answer(eligible, cast, tied):
    row = asked(eligible, cast, tied)
    for values in ({"given": True}, {"answer": "x"}, {"given": True, "answered_by": tied, "answered_at": clock.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Permission.objects.filter(pk=row.pk).update(**values)


def test_candidates_cost_the_same_for_any_number_of_people(eligible, panel, agencies):
    counts = []
    for number in range(3):
        with reading(), CaptureQueriesContext(connection) as queries:
            candidates_for(eligible)
        counts.append(len(queries))
        for more in range(3):
            made = factories.civil_servant(f"more{number}{more}@x.example", agencies["farms"])
            grant_role(by=system_user(), person=made, role=Role.REVIEWER, reason="test")
    assert counts == [8, 7, 7]  # the first also reads the call
