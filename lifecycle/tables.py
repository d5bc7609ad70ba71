"""The state machines as a document: tables and diagrams made from the code."""

from collections.abc import Iterator

from .transitions import lifecycle_models, rules_of

HEAD = "# Lifecycles\n\nMade by `make docs` from the code; a test compares the two.\n"


def lines() -> Iterator[str]:
    """Yield the lines of `docs/lifecycles.md`."""
    for model in sorted(lifecycle_models(), key=lambda m: m._meta.label):
        rules = rules_of(model).values()
        yield f"\n## {model._meta.label}\n"
        yield "| action | from | to | who | facts |\n|---|---|---|---|---|"
        for rule in rules:
            facts = "; ".join([guard.reason for guard in rule.guards] + [f"needs {need}" for need in rule.needs])
            cells = (f"{rule.label} (`{rule.name}`)", ", ".join(rule.sources), rule.target, rule.who.name, facts)
            yield f"| {' | '.join(cells)} |"
        yield "\n```mermaid\nstateDiagram-v2"
        yield from (f"    {source} --> {rule.target}: {rule.name}" for rule in rules for source in rule.sources)
        yield "```"


def document() -> str:
    """Return the whole document as markdown."""
    return HEAD + "\n".join(lines()) + "\n"
