"""The protection officer of a case: named when the proposal is sent, and again when the one named may no longer act."""

from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from people.enums import Part, Role
from people.models import Involvement, User
from people.policies import agencies_of_case, post_of, tree_of
from people.queries import blocked_people, holders
from people.services.involvement import involve, release
from people.services.notify import notify
from people.toxic import ConflictOfInterest
from proposals.models import Proposal

AT_ONCE = 200  # cases in one round of the hourly job


def officers_of(case: UUID) -> QuerySet[User]:
    """Return the named protection officers of a case who still hold the role and have no conflict in it."""
    named = Involvement.objects.filter(case=case, part=Part.PROTECTION, until=None).values("person")
    return holders(Role.PROTECTION).filter(pk__in=named).exclude(pk__in=blocked_people(case))


def name_officer(case: UUID) -> User | None:
    """Name the officer of a case, once: of another agency where there is one, with the fewest cases. None: nobody can.

    Whoever was named and may no longer act is released. Call inside a transaction.
    """
    standing = officers_of(case).first()
    if standing is not None:
        return standing
    for row in Involvement.objects.filter(case=case, part=Part.PROTECTION, until=None).select_related("person"):
        release(case=case, person=row.person, part=Part.PROTECTION)
    for person in _candidates(case):
        try:
            involve(case=case, person=person, part=Part.PROTECTION)
        except ConflictOfInterest:
            continue
        return person
    return None


def _candidates(case: UUID) -> list[User]:
    """Return who can be named: without a part or a conflict in the case, those of other agencies first."""
    part_in_it = Involvement.objects.filter(case=case).exclude(part=Part.PROTECTION).values("person")
    people = holders(Role.PROTECTION).exclude(pk__in=part_in_it).exclude(pk__in=blocked_people(case))
    cases = Count("involvements", filter=Q(involvements__part=Part.PROTECTION, involvements__until=None))
    ours = agencies_of_case(case)
    found: list[User] = list(people.annotate(cases=cases).order_by("cases", "pk"))
    posts = {person.pk: post_of(person) for person in found}
    return sorted(found, key=lambda person: (post := posts[person.pk]) is None or tree_of(post.agency_id) in ours)


def name_missing() -> int:
    """Name an officer for sent proposals that have none who may act; returns for how many."""
    able = holders(Role.PROTECTION)
    if not able.exists():
        return 0
    named = Involvement.objects.filter(case=OuterRef("case"), part=Part.PROTECTION, until=None, person__in=able)
    cases = Proposal.objects.filter(~Exists(named), submitted_at__isnull=False, call__practice_of=None)
    cases = cases.order_by(F("submitted_at").desc())
    found = [name_officer(case) for case in cases.values_list("case", flat=True)[:AT_ONCE]]
    return len([person for person in found if person is not None])


def tell_protection(case: UUID, *, key: str, body: str, path: str) -> None:
    """Tell the protection officer of the case, or all where none is named."""
    named = officers_of(case)
    officers = named if named.exists() else holders(Role.PROTECTION).exclude(pk__in=blocked_people(case))
    for person in officers:
        notify(
            person=person, key=f"protect:{key}:{person.pk}", subject="A record that you protect", body=body, path=path,
            case=case,
        )  # fmt: skip
