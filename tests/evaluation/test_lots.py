"""The public draw of a call, step by step."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from evaluation.engine.lots import draw
from evaluation.models import Departure, Lottery, RankingRun
from evaluation.run_sheet import waiting_for
from evaluation.services import decide, lots, ranking
from evaluation.standing import fate_of, standing_of
from fund.models import BudgetLine
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Role

from .. import stages
from ..conftest import new_proposal
from ..remembering import remembered

VALUE = "00ff10" * 8
SOURCE = "The beacon's value of noon"


@remembered
def tied(funded_call, cast, panel):
    """Three proposals of exactly the same score, and money for two."""
    found = [stages.check(new_proposal(funded_call, cast, title), cast) for title in ("First", "Second", "Third")]
    found = [stages.judge(row, cast, panel["reviewers"]) for row in found]
    BudgetLine.objects.filter(pk=funded_call.budget_line_id).update(allocated=stages.REQUESTED * 2 + 1)
    ranking.run(found[0], by=cast["secretariat"])
    return [stages.fresh(row) for row in found]


def later(**after):
    return clock.now() + timedelta(**after)


@remembered
def frozen(tied, funded_call, cast):
    lots.freeze(funded_call, by=cast["secretariat"], source=SOURCE, source_at=later(hours=1))
    return tied


def entered(call, *pairs):
    with clock.frozen(later(hours=2)):
        for by, value in pairs:
            lots.enter(call, by=by, value=value)
    return Lottery.objects.get(call=call)


def test_every_call_is_approved_with_a_seal_that_hides_its_code(funded_call, client):
    row = Lottery.objects.get(call=funded_call)
    assert row.commitment == sha256(row.code.encode()).hexdigest()
    page = client.get(reverse("lots", args=[funded_call.reference])).content.decode()
    assert (row.commitment in page, row.code in page) == (True, False)


def test_nobody_is_recommended_or_not_before_the_lots_are_drawn(tied, panel):
    assert {fate_of(row) for row in tied} == {"draw"}
    for step in ("recommend", "not_recommend"):
        with pytest.raises(NotPossible, match="Lots decide about this one"):
            perform(tied[0], step, by=panel["chair"], note="Said.")


def test_lots_decide_and_anybody_can_draw_them_again(frozen, funded_call, cast, panel):
    row = entered(funded_call, (cast["secretariat"], "00FF10 " * 8), (cast["head"], VALUE))
    expected = [lot.label for lot in draw([p.reference for p in frozen], row.code, VALUE)]
    standing = standing_of(funded_call)
    assert (list(standing.lots), list(standing.reserve), standing.left) == (expected, expected[2:], 1)
    by_reference = {p.reference: stages.fresh(p) for p in frozen}
    winner, loser = by_reference[expected[0]], by_reference[expected[2]]
    assert perform(winner, "recommend", by=panel["chair"]).state == "recommended"
    with pytest.raises(NotPossible, match="outside the money of this ranking"):
        perform(loser, "recommend", by=panel["chair"])
    perform(loser, "recommend", by=panel["chair"], note="The only one of the east.")
    (departure,) = Departure.objects.all()
    assert (departure.act, departure.reason, departure.proposal) == ("recommend", "The only one of the east.", loser)


def test_values_that_differ_are_both_taken_back(frozen, funded_call, cast):
    row = entered(funded_call, (cast["secretariat"], VALUE), (cast["head"], "aa"))
    assert (row.first_value, row.first_by, row.drawn_at) == ("", None, None)
    assert entered(funded_call, (cast["head"], VALUE), (cast["secretariat"], VALUE)).drawn_at is not None


@pytest.mark.parametrize("value", ["", "abc", "xy", "ab" * 513, "é1"])
def test_value_that_is_not_hexadecimal_is_refused(frozen, funded_call, cast, value):
    with pytest.raises(NotPossible, match="hexadecimal digits"):
        entered(funded_call, (cast["secretariat"], value))


def test_steps_out_of_their_order_are_refused(tied, funded_call, cast):
    call, by = funded_call, cast["secretariat"]
    with pytest.raises(NotPossible, match="Freeze the list first"):
        lots.enter(call, by=by, value=VALUE)
    with pytest.raises(NotPossible, match="choose a later time"):
        lots.freeze(call, by=by, source=SOURCE, source_at=clock.now())
    with pytest.raises(NotPossible, match="Name the public source"):
        lots.freeze(call, by=by, source=" ", source_at=later(hours=1))
    lots.freeze(call, by=by, source=SOURCE, source_at=later(hours=1))
    with pytest.raises(NotPossible, match="frozen already"):
        lots.freeze(call, by=by, source=SOURCE, source_at=later(hours=3))
    with pytest.raises(NotPossible, match="has not spoken"):
        lots.enter(call, by=by, value=VALUE)
    entered(call, (by, VALUE))
    with pytest.raises(NotPossible, match="Another person"):
        entered(call, (by, VALUE))
    entered(call, (cast["head"], VALUE))
    with pytest.raises(NotPossible, match="drawn already"):
        entered(call, (by, VALUE))


@pytest.mark.parametrize("who", ["lead", "board", "auditor", "reviewer"])
def test_others_neither_freeze_nor_enter(tied, funded_call, cast, who):
    for work in (
        lambda: lots.freeze(funded_call, by=cast[who], source=SOURCE, source_at=later(hours=1)),
        lambda: lots.enter(funded_call, by=cast[who], value=VALUE),
        lambda: lots.commit_late(funded_call, by=cast[who]),
    ):
        with pytest.raises(NotPossible) as no:
            work()
        assert no.value.forbidden


def test_seal_of_the_list_binds_it_without_showing_it(frozen, funded_call, client):
    row = Lottery.objects.get(call=funded_call)
    names = sorted(p.reference for p in frozen)
    said = json.dumps(names, separators=(",", ":"))
    assert row.seal == sha256(f"{row.code}\n{said}".encode()).hexdigest()
    page = client.get(reverse("lots", args=[funded_call.reference])).content.decode()
    assert (row.seal in page, SOURCE in page.replace("&#x27;", "'"), names[0] in page) == (True, True, False)


def test_public_reads_the_lots_only_when_the_results_are_told(frozen, funded_call, cast, client):
    entered(funded_call, (cast["secretariat"], VALUE), (cast["head"], VALUE))
    row, names = Lottery.objects.get(call=funded_call), [p.reference for p in frozen]

    def shown():
        page = client.get(reverse("lots", args=[funded_call.reference])).content.decode()
        return row.code in page, names[0] in page

    assert shown() == (False, False)
    client.force_login(cast["lead"])
    assert shown() == (False, False)
    client.force_login(cast["auditor"])
    assert shown() == (True, True)
    client.logout()
    type(frozen[0]).objects.filter(reference__in=names).update(released_at=clock.now())
    assert shown() == (True, True)


def test_commitment_after_the_closing_would_prove_nothing(funded_call, cast):
    with clock.frozen(funded_call.ends_at + timedelta(seconds=1)), pytest.raises(NotPossible, match="prove nothing"):
        lots.commit_late(funded_call, by=cast["secretariat"])


@pytest.mark.parametrize(
    "change", [{"code": "0" * 64}, {"labels": "[]"}, {"source_at": None}, {"seal": "0" * 64}, {"run": None}]
)
def test_what_was_published_is_held_by_the_database_too(frozen, funded_call, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        Lottery.objects.filter(call=funded_call).update(**change)


def test_one_person_alone_cannot_draw_in_the_database_either(frozen, funded_call, cast):
    alone = {"first_value": VALUE, "first_by": cast["head"], "second_by": cast["head"], "randomness": VALUE}
    with pytest.raises(IntegrityError, match="lottery_drawn_by_two"), transaction.atomic():
        Lottery.objects.filter(call=funded_call).update(**alone, drawn_at=clock.now())


def test_runs_stay_as_they_are(tied):
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        RankingRun.objects.update(results="{}")


def test_board_that_leaves_the_ranking_is_on_record(pending, panel):
    proposal = stages.votes(pending, panel["board"][:3], *["decline"] * 3)
    decide.decline(proposal, by=panel["board"][0])
    row = Departure.objects.get()
    assert (row.act, row.reason) == ("decline", "On the evidence.")


def test_board_that_follows_it_is_not(pending, panel):
    decide.approve(stages.votes(pending, panel["board"][:3], *["approve"] * 3), by=panel["board"][0])
    assert not Departure.objects.exists()


def test_draw_waits_for_the_secretariat(tied, funded_call, cast):
    rows = waiting_for(cast["secretariat"], {Role.SECRETARIAT})
    assert [row.what for row in rows if "lots" in row.what] == ["Draw lots in “Services without a second visit”"]
    assert [row.path for row in rows if "lots" in row.what] == [reverse("lots", args=[funded_call.reference])]


def test_pages_walk_through_the_four_steps(tied, funded_call, cast, client):
    page = reverse("lots", args=[funded_call.reference])
    client.force_login(cast["secretariat"])
    wrong = client.post(page, {"step": "freeze", "source": "", "day": "x", "time": ""})
    assert (wrong.status_code, wrong.content.decode().count("govuk-error-message")) == (400, 3)
    for far in ("9999-12-31", "0001-01-01"):
        refused = client.post(page, {"step": "freeze", "source": SOURCE, "day": far, "time": "00:00"})
        assert (refused.status_code, "Check the year" in refused.content.decode()) == (400, True)
    day = clock.today() + timedelta(days=1)
    client.post(page, {"step": "freeze", "source": SOURCE, "day": day.isoformat(), "time": "12:00"})
    row = Lottery.objects.get(call=funded_call)
    assert row.source_at.isoformat() == f"{day.isoformat()}T06:00:00+00:00"  # noon in Thimphu
    with clock.frozen(row.source_at):
        client.logout()  # a session idle for so long is over
        client.force_login(cast["secretariat"])
        client.post(page, {"step": "enter", "value": VALUE})
        client.force_login(cast["head"])
        told = client.post(page, {"step": "enter", "value": VALUE}, follow=True).content.decode()
    assert "Both values agree. The lots are drawn." in told
    assert "In the order of their lots" in told
    client.force_login(cast["auditor"])
    assert client.post(page, {"step": "enter", "value": VALUE}).status_code == 403


def ranked_again(rows, cast, panel, halves=10):
    """Exclude the reviews of the first and let the panel agree on another score, so that lots decide between others."""
    from evaluation.models import ConsensusScore, Review

    Review.objects.filter(proposal=rows[0]).update(state="submitted")
    for criterion in rows[0].call.criteria.all():
        ConsensusScore.objects.create(
            proposal=rows[0], criterion=criterion, sitting=1, before="4.00", halves=halves, reason="Agreed.",
            by=panel["chair"], at=clock.now(),
        )  # fmt: skip
    with transaction.atomic():
        return ranking._write(rows[0].call, [stages.fresh(row) for row in rows], cast["secretariat"])


@pytest.fixture
def other_list(frozen, funded_call, cast, panel):
    """The lots are drawn between three; ranked again, the first stands above, and lots decide between two."""
    entered(funded_call, (cast["secretariat"], VALUE), (cast["head"], VALUE))
    ranked_again(frozen, cast, panel)
    return frozen


def test_draw_decides_nothing_in_a_ranking_that_leaves_others_to_the_lots(other_list, funded_call, panel):
    _, *others = other_list
    assert [fate_of(row) for row in other_list] == ["fund", "draw", "draw"]
    assert standing_of(funded_call).lots == ()
    for row in others:
        with pytest.raises(NotPossible, match="Lots decide about this one"):
            perform(stages.fresh(row), "recommend", by=panel["chair"], note="Said.")


def test_new_draw_needs_two_people_a_reason_and_a_public_value_of_the_future(other_list, funded_call, cast):
    call, by, head = funded_call, cast["secretariat"], cast["head"]
    with pytest.raises(NotPossible, match="ranked again"):
        lots.freeze(call, by=by, source=SOURCE, source_at=later(hours=3))
    with pytest.raises(NotPossible, match="Say why"):
        lots.renew(call, by=by, reason=" ")
    made = lots.renew(call, by=by, reason="A review was excluded.")
    old = Lottery.objects.get(call=call, number=1)
    assert (made.number, made.code != old.code, old.drawn_at is not None) == (2, True, True)
    with pytest.raises(NotPossible, match="another person"):
        lots.freeze(call, by=by, source=SOURCE, source_at=later(hours=3))
    with pytest.raises(NotPossible, match="in the future"):
        lots.freeze(call, by=other_officer(cast), source=SOURCE, source_at=clock.now())
    lots.freeze(call, by=other_officer(cast), source=SOURCE, source_at=later(hours=1))
    with clock.frozen(later(hours=2)):
        for person in (by, head):
            row = lots.enter(call, by=person, value="ab" * 8)
    two = sorted(p.reference for p in other_list[1:])
    assert (row.number, row.listed) == (2, two)
    assert list(standing_of(call).lots) == [lot.label for lot in draw(two, row.code, "ab" * 8)]
    receipt = "\n".join(lots.receipt_of(other_list[1]))
    for part in (row.seal, ", ".join(two), "of 2", "this new one took its place"):
        assert part in receipt
    with pytest.raises(NotPossible, match="so the draw stands"):
        lots.renew(call, by=head, reason="Again.")


def other_officer(cast):
    from ..conftest import officers

    if "officer2" not in cast:
        (cast["officer2"],) = officers(Role.SECRETARIAT, cast["secretariat"].snapshots.get().agency, 1)
    return cast["officer2"]


def test_draw_over_the_same_list_stands_and_the_page_says_so(frozen, funded_call, cast, panel, client):
    entered(funded_call, (cast["secretariat"], VALUE), (cast["head"], VALUE))
    before = standing_of(funded_call).lots
    ranked_again(frozen, cast, panel, halves=8)
    assert standing_of(funded_call).lots == before
    client.force_login(cast["auditor"])
    page = client.get(reverse("lots", args=[funded_call.reference])).content.decode()
    assert "so this draw stands" in page


def test_list_frozen_for_an_earlier_ranking_is_not_drawn_any_more(frozen, funded_call, cast, panel):
    ranked_again(frozen, cast, panel)
    with pytest.raises(NotPossible, match="ranked again"):
        entered(funded_call, (cast["secretariat"], VALUE))


def test_one_person_cannot_begin_and_freeze_a_new_draw_in_the_database_either(other_list, funded_call, cast):
    made = lots.renew(funded_call, by=cast["secretariat"], reason="A review was excluded.")
    alone = {"run": RankingRun.objects.last(), "labels": "[]", "seal": "x", "source": "y", "frozen_at": clock.now(),
             "source_at": later(hours=1)}  # fmt: skip
    with pytest.raises(IntegrityError, match="lottery_renewed_by_two"), transaction.atomic():
        Lottery.objects.filter(pk=made.pk).update(**alone, frozen_by=cast["secretariat"])
    with pytest.raises(IntegrityError, match="lottery_source_speaks_later"), transaction.atomic():
        Lottery.objects.filter(pk=made.pk).update(
            **alone | {"source_at": clock.now() - timedelta(1)}, frozen_by=cast["head"]
        )


def test_pages_begin_a_new_draw_and_keep_the_old_one(other_list, funded_call, cast, client):
    page = reverse("lots", args=[funded_call.reference])
    old = Lottery.objects.get(call=funded_call)
    client.force_login(cast["secretariat"])
    assert client.post(page, {"step": "renew", "reason": ""}).status_code == 400
    said = client.post(page, {"step": "renew", "reason": "A review was excluded."}, follow=True).content.decode()
    for part in ("A new draw has begun", "This is draw 2", "A review was excluded.", old.commitment, old.seal):
        assert part in said, part
    client.logout()
    public = client.get(page).content.decode()
    assert (old.commitment in public, old.code in public, other_list[0].reference in public) == (True, False, False)


def twin(cast, proposal, *roles):
    """Return somebody of the team, or in conflict with it, who also holds offices."""
    from people.services.accounts import system_user
    from people.services.grants import grant_role

    for role in roles:
        grant_role(by=system_user(), person=cast["colleague"], role=role, reason="test")
    return cast["colleague"]


def test_who_has_a_tie_to_a_proposal_neither_sees_nor_draws_its_lots(tied, funded_call, cast, client):
    person = twin(cast, tied[0], Role.SECRETARIAT)
    page = reverse("lots", args=[funded_call.reference])
    client.force_login(person)
    assert tied[0].reference not in client.get(page).content.decode()
    day = (clock.today() + timedelta(days=1)).isoformat()
    assert client.post(page, {"step": "freeze", "source": SOURCE, "day": day, "time": "12:00"}).status_code == 403
    for work in (
        lambda: lots.freeze(funded_call, by=person, source=SOURCE, source_at=later(hours=1)),
        lambda: lots.enter(funded_call, by=person, value=VALUE),
        lambda: lots.renew(funded_call, by=person, reason="x"),
    ):
        with pytest.raises(NotPossible) as no:
            work()
        assert no.value.forbidden
    for name in ("panel", "ranking", "reserve_list"):
        assert client.get(reverse(name, args=[funded_call.reference])).status_code == 404, name


def test_who_is_kept_out_of_one_reads_neither_counts_nor_sums_of_the_call(tied, funded_call, cast, panel, client):
    from people.enums import Grade
    from people.models import Block

    member, call = panel["board"][0], funded_call.reference
    client.force_login(member)

    def shown():
        pages = [client.get(reverse(name, args=[call])).content.decode() for name in ("lots", "ranking", "panel")]
        return tied[0].reference in pages[0], "lots decide between 3" in pages[1], " left." in pages[2]

    assert shown() == (True, True, True)
    Block.objects.create(case=tied[0].case, person=member, grade=Grade.BLOCK, reason="relative", since=clock.now())
    assert shown() == (False, False, False)


def test_withdrawal_hides_the_draw_no_longer_than_the_results_of_the_others(frozen, funded_call, cast):
    row = entered(funded_call, (cast["secretariat"], VALUE), (cast["head"], VALUE))
    kind, names = type(frozen[0]), [p.reference for p in frozen]
    kind.objects.filter(reference=names[0]).update(state="withdrawn")
    assert not lots.is_told(row)
    kind.objects.filter(reference__in=names[1:]).update(released_at=clock.now())
    assert lots.is_told(row)
    kind.objects.filter(reference__in=names).update(state="withdrawn", released_at=None)
    assert lots.is_told(row)  # nobody of the field waits
