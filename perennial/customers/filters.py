"""The filter language: one text for lists, saved views and links.

    1;tier.in.S,A;renewal_on.within.90;(nps.lte.6|silent.is.yes)

`1` is the version. Conditions are `field.operator.value`; `;` means and, `(a|b)` means or, and
each alternative may hold several conditions. Values are percent-encoded, so that they may hold
any letter. A slice declares its FIELDS; a consumer joins those of the slices below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import quote, unquote

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_noop

from perennial.units.errors import InputRefused
from perennial.units.whole import whole

VERSION = "1"
MAX_LENGTH = 2000
MAX_CONDITIONS = 40
MAX_DEPTH = 4
LARGEST, LONGEST = Decimal(10) ** 15, timedelta(days=36600)  # databases and calendars end


class FilterRefused(InputRefused):
    """The text is no filter, or names a field that this list does not have."""

    code = "filter_refused"

    def __init__(self, text: str) -> None:
        message = gettext_noop("This filter cannot be read: {value}")
        super().__init__(message, params={"value": text[:80]})


class Kind(StrEnum):
    CHOICE = "choice"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"
    USER = "user"


class Op(StrEnum):
    IN = "in"
    NOT_IN = "not"
    HAS = "has"  # the text contains
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    WITHIN = "within"  # from the as-of day to n days later
    OLDER = "older"  # more than n days before the as-of day, or never
    NEWER = "newer"  # in the n days up to the as-of day
    IS = "is"
    EMPTY = "empty"
    KNOWN = "known"


_COMPARE = frozenset({Op.LT, Op.LTE, Op.GT, Op.GTE})
_BARE = frozenset({Op.EMPTY, Op.KNOWN})
_OPS: dict[Kind, frozenset[Op]] = {
    Kind.CHOICE: frozenset({Op.IN, Op.NOT_IN}) | _BARE,
    Kind.TEXT: frozenset({Op.IN, Op.NOT_IN, Op.HAS}) | _BARE,
    Kind.NUMBER: _COMPARE | _BARE,
    Kind.DATE: _COMPARE | {Op.WITHIN, Op.OLDER, Op.NEWER} | _BARE,
    Kind.FLAG: frozenset({Op.IS}),
    Kind.USER: frozenset({Op.IN, Op.NOT_IN}) | _BARE,
}


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a list can be filtered by. `path` is the column as the list's rows see it."""

    name: str
    title: str | Promise
    kind: Kind
    path: str
    choices: tuple[tuple[str, str | Promise], ...] = ()  # value and title
    is_money: bool = False
    is_rate: bool = False  # 0–1, said in percent


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    op: Op
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        values = ",".join(quote(value, safe="") for value in self.values)
        return f"{self.field}.{self.op}" + (f".{values}" if values else "")


@dataclass(frozen=True, slots=True)
class AnyOf:
    alternatives: tuple[AllOf, ...]

    def __str__(self) -> str:
        return "(" + "|".join(str(part) for part in self.alternatives) + ")"


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
        return frozenset(
            (part.field, part.op, frozenset(part.values))
            if isinstance(part, Condition)
            else frozenset(each.meaning for each in part.alternatives)
            for part in self.parts
        )

    def without(self, part: Condition | AnyOf) -> AllOf:
        return AllOf(tuple(other for other in self.parts if other != part))

    def plus(self, more: Iterable[Condition | AnyOf]) -> AllOf:
        """Further conditions, each once."""
        return AllOf(tuple(dict.fromkeys((*self.parts, *more))))

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
    version, _, rest = text.partition(";")
    if version != VERSION or len(text) > MAX_LENGTH or "%00" in text or "\0" in text:
        raise FilterRefused(text)
    tree, end = _group(rest, 0, 1)
    if end != len(rest) or rest.count(".") > 4 * MAX_CONDITIONS:
        raise FilterRefused(text)
    return tree


def _group(text: str, start: int, depth: int) -> tuple[AllOf, int]:
    """Conditions joined by `;` from `start` to the end or to `|` or `)`."""
    if depth > MAX_DEPTH:
        raise FilterRefused(text)
    parts: list[Part] = []
    at = start
    while True:
        part, at = _either(text, at, depth) if text[at : at + 1] == "(" else _condition(text, at)
        parts.append(part)
        if text[at : at + 1] != ";":
            return AllOf(tuple(parts)), at
        at += 1


def _either(text: str, start: int, depth: int) -> tuple[AnyOf, int]:
    alternatives: list[AllOf] = []
    at = start
    while text[at : at + 1] in ("(", "|") and (at == start or text[at] == "|"):
        alternative, at = _group(text, at + 1, depth + 1)
        alternatives.append(alternative)
    if text[at : at + 1] != ")":
        raise FilterRefused(text)
    return AnyOf(tuple(alternatives)), at + 1


def _condition(text: str, start: int) -> tuple[Condition, int]:
    end = min((i for sign in ";|)(" if (i := text.find(sign, start)) >= 0), default=len(text))
    name, _, rest = text[start:end].partition(".")
    op, _, values = rest.partition(".")
    if not name.replace("_", "").isalnum() or op not in set(Op):
        raise FilterRefused(text[start:end])
    read = tuple(unquote(value) for value in values.split(",")) if values else ()
    if bool(read) == (Op(op) in _BARE):
        raise FilterRefused(text[start:end])
    return Condition(name, Op(op), read), end


def compile_filter(tree: AllOf, fields: Sequence[Field], *, as_of: date, user_id: int | None) -> Q:
    """The tree as a condition on rows. Raises FilterRefused for a field that is not in `fields`,
    an operator that does not fit it, or a value that is no number or date."""
    known = {field.name: field for field in fields}
    return _all_of(tree, known, as_of, user_id)


def _all_of(tree: AllOf, known: Mapping[str, Field], as_of: date, user_id: int | None) -> Q:
    found = Q()
    for part in tree.parts:
        if isinstance(part, Condition):
            found &= _compile(part, known, as_of, user_id)
        else:
            either = Q()
            for alternative in part.alternatives:
                either |= _all_of(alternative, known, as_of, user_id)
            found &= either
    return found


def _compile(part: Condition, known: Mapping[str, Field], as_of: date, user_id: int | None) -> Q:
    field = known.get(part.field)
    if field is None or part.op not in _OPS[field.kind]:
        raise FilterRefused(str(part))
    if part.op in _BARE:
        return _empty(field) if part.op is Op.EMPTY else ~_empty(field)
    if part.op in (Op.IN, Op.NOT_IN):
        chosen = Q(**{f"{field.path}__in": [_member(field, v, user_id) for v in part.values]})
        return chosen if part.op is Op.IN else ~chosen
    return _COMPILERS[field.kind](field, part, as_of)


def _empty(field: Field) -> Q:
    nothing = Q(**{f"{field.path}__isnull": True})
    blank = field.kind in (Kind.CHOICE, Kind.TEXT)
    return nothing | Q(**{field.path: ""}) if blank else nothing


def _member(field: Field, value: str, user_id: int | None) -> str | int | None:
    if field.kind is not Kind.USER:
        return value
    if value == "me":
        return user_id
    if (number := whole(value)) is None:
        raise FilterRefused(value)
    return number


def _text(field: Field, part: Condition, as_of: date) -> Q:
    del as_of
    return Q(**{f"{field.path}__icontains": part.values[0]})


def _flag(field: Field, part: Condition, as_of: date) -> Q:
    del as_of
    if part.values[0] not in ("yes", "no"):
        raise FilterRefused(str(part))
    return Q(**{field.path: part.values[0] == "yes"})


def _number(field: Field, part: Condition, as_of: date) -> Q:
    del as_of
    try:
        value = Decimal(part.values[0])
    except InvalidOperation as wrong:
        raise FilterRefused(str(part)) from wrong
    if not value.is_finite() or abs(value) >= LARGEST:
        raise FilterRefused(str(part))
    return Q(**{f"{field.path}__{part.op}": value})


def _date(field: Field, part: Condition, as_of: date) -> Q:
    try:
        if part.op in _COMPARE:
            return Q(**{f"{field.path}__{part.op}": date.fromisoformat(part.values[0])})
        days = timedelta(days=int(part.values[0]))
        if abs(days) > LONGEST:
            raise FilterRefused(str(part))
        match part.op:
            case Op.WITHIN:
                return Q(**{f"{field.path}__gte": as_of, f"{field.path}__lte": as_of + days})
            case Op.NEWER:
                return Q(**{f"{field.path}__gte": as_of - days, f"{field.path}__lte": as_of})
            case _:
                return Q(**{f"{field.path}__lt": as_of - days}) | _empty(field)
    except (ValueError, OverflowError) as wrong:
        raise FilterRefused(str(part)) from wrong


_COMPILERS: dict[Kind, Callable[[Field, Condition, date], Q]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.FLAG: _flag,
}
