"""Mentoring: asked by the lead, accepted by the mentor, confirmed by the team at an accepted milestone."""

from django.db import IntegrityError, transaction

from fund.models import Grant
from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, perform
from people.enums import TEAM_PARTS
from people.models import Involvement, User
from people.policies import post_of
from people.queries import blocked_people
from people.services.notify import notify

from ..enums import CreditCode
from ..guards import RUNNING, milestone_for
from ..models import Mentoring
from ..policies import may_lead
from . import credits


def ask_mentor(grant: Grant, *, by: User, mentor: User, words: str) -> Mentoring:
    """Ask somebody outside the team to mentor it. NotPossible says why not."""
    if not may_lead(grant, by):
        raise NotPossible("Only the lead asks for a mentor.", forbidden=True)
    if grant.state not in RUNNING:
        raise NotPossible("The grant is not running.")
    if Involvement.objects.filter(case=grant.case, person=mentor, part__in=TEAM_PARTS).exists():
        raise NotPossible(f"{mentor.full_name} is in the team. A mentor stands outside it.")
    post = post_of(by)
    if post is not None and mentor.pk == post.line_manager_id:
        raise NotPossible("Helping one's own staff is a line manager's work. Ask somebody else.")
    if blocked_people(grant.case).filter(person=mentor).exists():
        raise NotPossible("A conflict of interest keeps this person out of the case.")
    if not words.strip():
        raise NotPossible("Say with what the team needs help.")
    try:
        with transaction.atomic():
            row = Mentoring.objects.create(
                grant=grant, case=grant.case, mentor=mentor, asked_by=by, asked_at=clock.now(), words=words.strip()
            )
            trail.record(row, action="mentor_asked", by=by)
    except IntegrityError:
        raise NotPossible(f"{mentor.full_name} has been asked already.") from None
    notify(
        person=mentor, key=f"mentor:{row.pk}", case=grant.case, subject="Will you mentor a team?",
        body=f"{by.full_name} asks you to help the team of “{grant.title}”.", path=row.get_absolute_url(),
    )  # fmt: skip
    return row


def _answer(row: Mentoring, name: str, by: User, note: str) -> Mentoring:
    with changing(row, name) as fresh:
        fresh = perform(fresh, name, by=by, note=note, at=clock.now())
        notify(
            person=fresh.asked_by, key=f"mentor-answer:{fresh.pk}", case=fresh.case, subject="Your mentor has answered",
            body=f"{fresh.mentor.full_name}: {fresh.get_state_display().lower()}.", path=fresh.get_absolute_url(),
        )  # fmt: skip
        return fresh


@act
def agree_to_mentor(row: Mentoring, *, by: User, note: str = "") -> Mentoring:
    """Take it on."""
    return _answer(row, "agree_to_mentor", by, note)


@act
def say_no(row: Mentoring, *, by: User, note: str = "") -> Mentoring:
    """Leave it to somebody else."""
    return _answer(row, "say_no", by, note)


@act
def confirm_help(row: Mentoring, *, by: User, note: str = "") -> Mentoring:
    """Confirm the help at the milestone that was reached with it; the secretariat checks it next."""
    with transaction.atomic():
        with changing(row, "confirm_help") as fresh:
            fresh = perform(fresh, "confirm_help", by=by, note=note, milestone=milestone_for(fresh))
        post = post_of(fresh.mentor)
        credit = credits.write_down(
            code=CreditCode.MENTORING, person=fresh.mentor, agency=post.agency if post else None, grant=fresh.grant,
            reference=f"{fresh.grant.reference}, {fresh.milestone}"[:200], words=fresh.words, by=by,
        )  # fmt: skip
        credits.bear_out(credit, by=by)
    return fresh
