"""What this room shows on a proposal's page: letters, the appeal, and the decision file."""

from typing import Any

from django.urls import reverse

from people.policies import is_in_team
from proposals.beside import Beside, Link, shown_beside
from proposals.policies import may_lead

from .appealing import APPEALABLE, in_words, last_day, obstacle, open_appeal
from .policies import reads_decision_file, reads_letters, sees_all_appeals

UPHELD = "An appeal was upheld, so it is being judged again."
CALLED_UP = "It stood on the reserve list, and money became free. So the board decides again."


@shown_beside
def letters_and_appeal(proposal: Any, user: Any) -> Beside:
    """Return the mark of an open appeal, the newest letter, and the way to an appeal while it is open."""
    marks, links = [], []
    if proposal.submitted_at is None:
        return Beside()
    case = proposal.case
    appeal = open_appeal(proposal) if proposal.state in APPEALABLE else None
    if appeal:
        marks.append("Under appeal")
    if not reads_letters(proposal, user):
        return Beside(marks)
    newest, again = proposal.letters.last(), ""
    if newest:
        again = CALLED_UP if newest.decision_id else UPHELD  # of what the team was told last, never of what stands now
        links.append(Link(f"Read the letter: {newest}", newest.get_absolute_url()))
    if proposal.state in APPEALABLE and not appeal and may_lead(proposal, user) and not obstacle(proposal):
        day = in_words(last_day(proposal.released_at))
        links.append(Link(f"If you think that this is wrong: appeal until {day}", reverse("appeal_lodge", args=[case])))
    if appeal and (is_in_team(proposal, user) or sees_all_appeals(proposal, user)):
        links.append(Link(f"The appeal: answered by {in_words(appeal.due_on)}", appeal.get_absolute_url()))
    if newest or appeal:
        links.append(Link("Letters and appeal", reverse("letters", args=[case])))
    if reads_decision_file(proposal, user):
        links.append(Link("Decision file", reverse("decision_file", args=[case])))
    return Beside(marks, links, again)
