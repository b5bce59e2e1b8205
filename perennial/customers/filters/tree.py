"""A filter as a tree, and the versioned text that it is kept as."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, unquote

from perennial.customers.filters.fields import BARE, FilterRefused, Op
from perennial.units.sentence import sentence

VERSION = "1"
MAX_LENGTH = 2000
MAX_CONDITIONS = 40
MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    op: Op
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        values = ",".join(quote(value, safe="") for value in self.values)
        return f"{self.field}.{self.op}" + (f".{values}" if values else "")

    @property
    def meaning(self) -> tuple[object, ...]:
        return (self.field, self.op, frozenset(self.values))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Alternatives; `negated`: none of them."""

    alternatives: tuple[AllOf, ...]
    negated: bool = False

    def __str__(self) -> str:
        either = "(" + "|".join(str(part) for part in self.alternatives) + ")"
        return f"!{either}" if self.negated else either

    @property
    def meaning(self) -> tuple[object, ...]:
        return (self.negated, frozenset(each.meaning for each in self.alternatives))


@dataclass(frozen=True, slots=True)
class AllOf:
    """A whole filter, or one alternative of an or-group. Empty: everything matches."""

    parts: tuple[Condition | AnyOf, ...] = ()

    def __str__(self) -> str:
        return ";".join(str(part) for part in self.parts)

    @property
    def text(self) -> str:
        """The versioned text that `parse` reads back; empty for no condition."""
        return f"{VERSION};{self}" if self.parts else ""

    @property
    def meaning(self) -> frozenset[object]:
        """Equal for filters that say the same in another order."""
        return frozenset(part.meaning for part in self.parts)

    def without(self, part: Condition | AnyOf) -> AllOf:
        return AllOf(tuple(other for other in self.parts if other != part))

    def plus(self, more: Iterable[Condition | AnyOf]) -> AllOf:
        """Further conditions, each once."""
        return AllOf(tuple(dict.fromkeys((*self.parts, *more))))

    def conditions(self) -> Iterator[Condition]:
        """Every condition, also those inside groups, in its order."""
        for part in self.parts:
            if isinstance(part, Condition):
                yield part
            else:
                for each in part.alternatives:
                    yield from each.conditions()

    def values_of(self, field: str) -> tuple[str, ...]:
        """What a top-level `field.in.…` selects: the ticked boxes of a facet."""
        for part in self.parts:
            if isinstance(part, Condition) and part.field == field and part.op is Op.IN:
                return part.values
        return ()


Part: TypeAlias = Condition | AnyOf


def parse(text: str) -> AllOf:
    """Read a filter. Raises FilterRefused with one sentence on anything else."""
    if not text:
        return AllOf()
    if len(text) > MAX_LENGTH or text.count(".") > 4 * MAX_CONDITIONS:
        raise FilterRefused(text, sentence("This filter is too long: it begins with {value}"))
    version, _, rest = text.partition(";")
    if version != VERSION or "%00" in text or "\0" in text:
        raise FilterRefused(text)
    tree, end = _group(rest, 0, 1)
    if end != len(rest):
        raise FilterRefused(text)
    return tree


def _group(text: str, start: int, depth: int) -> tuple[AllOf, int]:
    """Conditions joined by `;` from `start` to the end or to `|` or `)`."""
    if depth > MAX_DEPTH:
        raise FilterRefused(text, sentence("Groups stand in groups too deeply: {value}"))
    parts: list[Part] = []
    at = start
    while True:
        part, at = _either(text, at, depth) if text[at : at + 1] in "(!" else _condition(text, at)
        parts.append(part)
        if text[at : at + 1] != ";":
            return AllOf(tuple(parts)), at
        at += 1


def _either(text: str, start: int, depth: int) -> tuple[AnyOf, int]:
    alternatives: list[AllOf] = []
    negated = text[start : start + 1] == "!"
    start = at = start + negated
    while text[at : at + 1] in ("(", "|") and (at == start or text[at] == "|"):
        alternative, at = _group(text, at + 1, depth + 1)
        alternatives.append(alternative)
    if text[at : at + 1] != ")":
        raise FilterRefused(text)
    return AnyOf(tuple(alternatives), negated), at + 1


def _condition(text: str, start: int) -> tuple[Condition, int]:
    end = min((i for sign in ";|)(!" if (i := text.find(sign, start)) >= 0), default=len(text))
    name, _, rest = text[start:end].partition(".")
    op, _, values = rest.partition(".")
    if not name.replace("_", "").isalnum() or op not in set(Op):
        raise FilterRefused(text[start:end] or text)
    read = tuple(unquote(value) for value in values.split(",")) if values else ()
    if bool(read) == (Op(op) in BARE):
        raise FilterRefused(text[start:end])
    return Condition(name, Op(op), read), end
