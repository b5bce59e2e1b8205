"""A filter asked of columns instead of a database: many cases at once, of any day.

Audiences of profiles, rules of tiers and the backtest ask so. It says what `compile_filter`
says, except that columns may hold several values at once (tags, products).
Columns by kind: texts as objects ("" unknown, tuples for several values and for the names of
segments), numbers as floats (nan unknown), dates as datetime64[D] (NaT unknown), flags as bools,
users as whole numbers (-1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perennial.customers.filters import (
    AllOf,
    Condition,
    Field,
    FilterRefused,
    Kind,
    Op,
    compile_filter,
)
from perennial.customers.filters.periods import bounds

Flags = NDArray[np.bool_]
Columns = Mapping[str, NDArray[Any]]
_A_DAY = date(2000, 1, 1)


def matches(
    tree: AllOf,
    fields: Sequence[Field],
    columns: Columns,
    *,
    as_of: NDArray[np.datetime64],
) -> Flags:
    """Which cases the filter means; `columns` by name of the field, as long as `as_of`.

    Raises FilterRefused as compile_filter does. A field without a column is unknown everywhere.
    """
    compile_filter(tree, fields, as_of=_A_DAY, user_id=None)  # the same texts are refused
    kinds = {field.name: field.kind for field in fields}
    return _all_of(tree, kinds, columns, as_of.astype("datetime64[D]"))


def _all_of(
    tree: AllOf, kinds: Mapping[str, Kind], columns: Columns, as_of: NDArray[np.datetime64]
) -> Flags:
    found = np.ones(len(as_of), np.bool_)
    for part in tree.parts:
        if isinstance(part, Condition):
            column = columns.get(part.field)
            kind = kinds[part.field]
            found &= _condition(part, kind, _none(kind, as_of) if column is None else column, as_of)
        else:
            either = np.zeros(len(as_of), np.bool_)
            for alternative in part.alternatives:
                either |= _all_of(alternative, kinds, columns, as_of)
            found &= ~either if part.negated else either
    return found


def _none(kind: Kind, as_of: NDArray[np.datetime64]) -> NDArray[Any]:
    """A column of which nothing is known."""
    nothing: dict[Kind, Any] = {
        Kind.NUMBER: np.nan,
        Kind.DATE: np.datetime64("NaT"),
        Kind.FLAG: False,
        Kind.USER: -1,
    }
    if kind in nothing:
        return np.full(len(as_of), nothing[kind])
    return np.full(len(as_of), "", object)


def _condition(
    part: Condition, kind: Kind, column: NDArray[Any], as_of: NDArray[np.datetime64]
) -> Flags:
    unknown = _unknown(kind, column)
    match part.op:
        case Op.EMPTY:
            return unknown
        case Op.KNOWN:
            return ~unknown
        case Op.IS:
            return _flags(column == (part.values[0] == "yes"))
        case Op.IN | Op.NOT_IN:
            wanted = _members(part, kind)
            among = _any(column, lambda value: value in wanted)
            return among if part.op is Op.IN else ~among
        case Op.HAS:
            needle = part.values[0].casefold()
            return _any(column, lambda value: needle in str(value).casefold())
        case Op.OLDER:  # or never
            return unknown | _flags(column < as_of - np.timedelta64(int(part.values[0]), "D"))
    return ~unknown & _measured(part, kind, column, as_of)


def _members(part: Condition, kind: Kind) -> set[Any]:
    if kind is not Kind.USER:
        return set(part.values)
    if "me" in part.values:  # nobody reads a rule
        raise FilterRefused(str(part))
    return {int(value) for value in part.values}


def _unknown(kind: Kind, column: NDArray[Any]) -> Flags:
    match kind:
        case Kind.NUMBER:
            return _flags(np.isnan(column))
        case Kind.DATE:
            return _flags(np.isnat(column))
        case Kind.USER:
            return _flags(column < 0)
        case Kind.FLAG:
            return np.zeros(len(column), np.bool_)
    return np.array([not value for value in column], np.bool_)


def _any(column: NDArray[Any], wanted: Any) -> Flags:
    """Where the value, or one of several, is wanted; each different value is asked once."""
    asked: dict[Any, bool] = {}
    for value in column.tolist():
        if value not in asked:
            asked[value] = any(map(wanted, value)) if isinstance(value, tuple) else wanted(value)
    return np.fromiter((asked[value] for value in column.tolist()), np.bool_, len(column))


def _measured(
    part: Condition, kind: Kind, column: NDArray[Any], as_of: NDArray[np.datetime64]
) -> Flags:
    """Numbers and dates against a bound. Unknown ones compare as false."""
    if kind is Kind.NUMBER:
        return _compared(part.op, column, np.float64(part.values[0]))
    if part.op in (Op.LT, Op.LTE, Op.GT, Op.GTE):
        return _compared(part.op, column, np.datetime64(part.values[0], "D"))
    if part.op is Op.DURING:
        first, end = bounds(part.values[0], as_of)
        return _flags((column >= first) & (column < end))
    days = np.timedelta64(int(part.values[0]), "D")
    if part.op is Op.BEYOND:
        return _flags(column > as_of + days)
    if part.op is Op.WITHIN:
        return _flags((column >= as_of) & (column <= as_of + days))
    return _flags((column >= as_of - days) & (column <= as_of))


def _compared(op: Op, column: NDArray[Any], bound: Any) -> Flags:
    match op:
        case Op.LT:
            return _flags(column < bound)
        case Op.LTE:
            return _flags(column <= bound)
        case Op.GT:
            return _flags(column > bound)
    return _flags(column >= bound)


def _flags(found: Any) -> Flags:
    """What a comparison of columns gives."""
    return np.asarray(found, np.bool_)
