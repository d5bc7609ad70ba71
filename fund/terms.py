"""The promise of an agreement in the words that people read."""

from collections.abc import Mapping

from people.templatetags.fund import money

# What the agreement's terms are called on the page
TERMS = {
    "stage": "Stage", "ceiling": "At most for one proposal",
    "ambition": "Chance of reaching the target, as the reviewers saw it",
    "hypothesis": "What you believe", "indicator": "The measure you promised", "unit": "Unit", "baseline": "Today",
    "direction": "Which way is better", "target": "At the end", "target_date": "To be reached by",
    "source": "Source", "method": "Method", "stop_rule": "Stop rule",
    "stop_figure": "Stop at", "stop_date": "Known by",
    "second_rule": "Second stop rule", "second_figure": "Stop at (second)",
    "second_date": "Known by (second)",
}  # fmt: skip


def in_words(terms: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (name, text) for each term, in the order of the agreement."""
    return [(TERMS.get(key, key), money(int(said)) if key == "ceiling" else said) for key, said in terms.items()]
