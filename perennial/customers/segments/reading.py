"""What a filter reads: its fields and segments, also those that stand behind other segments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perennial.customers.filters import AllOf, parse

SEGMENT = "segment"  # the field whose values are names of segments


def segments_in(tree: AllOf) -> set[str]:
    """The segments that a filter names itself."""
    return {it for part in tree.conditions() if part.field == SEGMENT for it in part.values}


def fields_behind(tree: AllOf, texts: Mapping[str, str]) -> set[str]:
    """Every field that decides, also through segments. `texts`: their filters by name."""
    found = {part.field for part in tree.conditions()}
    for name in segments_behind(tree, texts):
        found |= {part.field for part in parse(texts.get(name, "")).conditions()}
    return found


def segments_behind(tree: AllOf, texts: Mapping[str, str]) -> set[str]:
    """Every segment that decides, directly or through another."""
    found: set[str] = set()
    waiting = segments_in(tree)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= segments_in(parse(texts.get(name, ""))) - found
    return found


def in_order(texts: Mapping[str, str]) -> Iterator[str]:
    """Names so that each comes after those that it is made of."""
    done: dict[str, None] = {}

    def visit(name: str, above: frozenset[str]) -> None:
        if name in done or name in above or name not in texts:
            return
        for lower in sorted(segments_in(parse(texts[name]))):
            visit(lower, above | {name})
        done[name] = None

    for name in sorted(texts):
        visit(name, frozenset())
    return iter(done)
