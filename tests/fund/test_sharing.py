"""How the money of a call is shared out, in words that an applicant understands."""

import pytest

from fund.enums import FundingRule, LotsRule
from fund.set_up import sharing_of

from .. import sparks
from ..factories import open_call

WORDS = {
    FundingRule.STOP: "it ends there", FundingRule.SKIP: "it is passed over",
    LotsRule.EXACT_TIES: "In no other case are lots drawn.", LotsRule.RANK_INTERVAL: "those, lots decide",
}  # fmt: skip


@pytest.mark.parametrize("lots", LotsRule)
@pytest.mark.parametrize("funding", FundingRule)
def test_public_page_says_both_rules_in_plain_words(client, cast, line, funding, lots):
    call = open_call(
        cast["secretariat"], cast["head"], reference="rules", budget_line=line, funding_rule=funding, lots_rule=lots
    )
    text = client.get(call.get_absolute_url()).content.decode()
    assert {rule for rule, words in WORDS.items() if words in text} == {funding, lots}
    for heading in ("Regular civil servants", "People on contract", "People on deputation"):
        assert heading in text


def test_small_ideas_have_no_list_and_no_lots(cast, line):
    assert "no lots are drawn" in " ".join(sharing_of(sparks.spark_call(cast, line)))
