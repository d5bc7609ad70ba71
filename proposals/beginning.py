"""The mark of one opened start page: sent twice, by a second press or by the page's script, it begins one draft only.

The mark is the number of the case that will begin, signed, so that nobody can choose the number of another.
"""

from uuid import UUID, uuid4

from django.core import signing

from fund.models import Call
from people.models import User

SALT = "proposals.beginning"


def mark_for(user: User, call: Call) -> str:
    """Return a fresh mark for one opened page of this person."""
    return signing.dumps([user.pk, call.pk, str(uuid4())], salt=SALT)


def case_of(mark: str | None, user: User, call: Call) -> UUID | None:
    """Return the case that the mark stands for; None for none, and for one of another person or call."""
    try:
        person, wanted, case = signing.loads(mark or "", salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return UUID(case) if (person, wanted) == (user.pk, call.pk) else None
