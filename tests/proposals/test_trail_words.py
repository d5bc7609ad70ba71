"""Every action that the code writes into the trail of a proposal or a call has words: no page prints code."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from fund.call_queries import WORDS as CALL_WORDS
from fund.enums import CallTask
from fund.models import Call
from lifecycle.transitions import rules_of
from proposals.enums import CallSection, SectionKey
from proposals.models import Proposal
from proposals.services import drafting
from proposals.views.reading import CONCEALED, WORDS

from .. import sparks

RECORD = re.compile(r"(record|_ask_to_join)\(\s*(\w+(?:\.\w+)?),(.*?)\)\n", re.DOTALL)
NAMES = {"proposal": Proposal, "row.proposal": Proposal, "call": Call}
FRESH = {"proposals": Proposal, "fund/services/extensions": Call, "fund/services/call_setup": Call}
FILLED = {"saved_{key}": [*SectionKey, *CallSection], "set_{task}": CallTask}  # what stands in the gap
PARTS = [f"{part}_{what}" for part in ("outside_partner", "data_need") for what in ("added", "changed", "removed")]


def recorded(model):
    """Return every literal action that the services of all rooms record of this model."""
    found = set()
    for path in settings.BASE_DIR.glob("*/services/*.py"):
        place = str(path.relative_to(settings.BASE_DIR))
        fresh = next((kind for start, kind in FRESH.items() if place.startswith(start)), None)
        for call, first, rest in RECORD.findall(Path(path).read_text()):
            action = re.search(r'action=f?"([^"]+)"' if call == "record" else r'"(\w+)"', rest)
            if action and NAMES.get(first, fresh if first == "fresh" else None) is model:
                found.add(action[1])
    return found


def expanded(actions):
    plain = {action for action in actions if "{" not in action}
    return plain | {
        re.sub(r"{\w+}", str(value), action) for action in actions for value in FILLED.get(action, ()) if "{" in action
    }


def test_the_scan_finds_what_is_recorded():
    assert {"started", "saved_{key}", "joined", "invited", "attached", "agreed", "voted"} <= recorded(Proposal)
    assert {"extended", "call_added", "set_{task}", "lots_drawn"} <= recorded(Call)


@pytest.mark.parametrize(("model", "words"), [(Proposal, WORDS), (Call, CALL_WORDS)])
def test_every_action_has_words(model, words):
    actions = expanded(recorded(model)) | set(rules_of(model))
    assert sorted(actions - set(words)) == []
    assert set(PARTS) <= set(WORDS)
    assert set(CONCEALED) <= set(WORDS)


def test_a_save_of_the_calls_own_questions_prints_no_code(client, cast, line):
    idea = sparks.draft(sparks.asking_call(cast, line), cast["lead"])
    question = idea.call.questions.get()
    drafting.save_section(idea, by=cast["lead"], key="questions", version=0, answers={question.name: "Laya"})
    client.force_login(cast["lead"])
    assert "saved_questions" not in client.get(reverse("proposal_detail", args=[idea.case])).content.decode()
