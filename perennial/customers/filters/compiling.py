"""A filter as a condition on rows of the database."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from math import ceil, floor

import numpy as np
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Cast, StrIndex
from django.db.models.lookups import GreaterThan

from perennial.customers.filters.fields import (
    AMONG,
    BARE,
    COMPARING,
    LARGEST,
    LONGEST,
    OPS,
    Field,
    FilterRefused,
    Kind,
    Op,
)
from perennial.customers.filters.periods import NAMES, bounds
from perennial.customers.filters.tree import AllOf, Condition
from perennial.customers.models import Segment, SegmentMember
from perennial.units.sentence import sentence
from perennial.units.whole import whole

_NULLABLE = frozenset({Kind.NUMBER, Kind.DATE, Kind.USER})


@dataclass(frozen=True, slots=True)
class _Asked:
    known: Mapping[str, Field]
    as_of: date
    me: tuple[int, ...]


def compile_filter(
    tree: AllOf,
    fields: Sequence[Field],
    *,
    as_of: date,
    user_id: int | None,
    books: tuple[int, ...] = (),
) -> Q:
    """The tree as a condition on rows. Raises FilterRefused for a field that is not in `fields`,
    an operator that does not fit it, or a value that is no number, date or segment.

    `me` is the user, and with `books` those for whom the user stands in (team.access.books)."""
    me = books or ((user_id,) if user_id is not None else ())
    return _all_of(tree, _Asked({it.name: it for it in fields}, as_of, me), negated=False)


def _all_of(tree: AllOf, asked: _Asked, *, negated: bool) -> Q:
    found = Q()
    for part in tree.parts:
        if isinstance(part, Condition):
            found &= _leaf(part, asked, negated=negated)
            continue
        either = Q()
        for alternative in part.alternatives:
            either |= _all_of(alternative, asked, negated=negated != part.negated)
        found &= ~either if part.negated else either
    return found


def _leaf(part: Condition, asked: _Asked, *, negated: bool) -> Q:
    field = asked.known.get(part.field)
    if field is None:
        raise FilterRefused(part.field, sentence("There is no field “{value}” here."))
    if part.op not in OPS[field.kind]:
        raise FilterRefused(str(part), sentence("This comparison does not fit its field: {value}"))
    found = _compiled(field, part, asked)
    if negated and field.kind in _NULLABLE and part.op not in BARE | {Op.NOT_IN, Op.OLDER}:
        found &= Q(**{f"{field.path}__isnull": False})  # else "not unknown" is unknown in SQL
    return found


def _compiled(field: Field, part: Condition, asked: _Asked) -> Q:
    if part.op in BARE:
        return _empty(field) if part.op is Op.EMPTY else ~_empty(field)
    if part.op in AMONG:
        chosen = _AMONG.get(field.kind, _values)(field, part, asked)
        return chosen if part.op is Op.IN else ~chosen
    return _COMPILERS[field.kind](field, part, asked)


def _empty(field: Field) -> Q:
    if field.kind is Kind.SEVERAL:
        return Q(**{field.path: []})
    nothing = Q(**{f"{field.path}__isnull": True})
    blank = field.kind in (Kind.CHOICE, Kind.TEXT)
    return nothing | Q(**{field.path: ""}) if blank else nothing


def _values(field: Field, part: Condition, asked: _Asked) -> Q:
    del asked
    return Q(**{f"{field.path}__in": part.values})


def _users(field: Field, part: Condition, asked: _Asked) -> Q:
    ids: list[int] = []
    for value in part.values:
        number = whole(value)
        if number is None and value != "me":
            raise FilterRefused(value)
        ids += asked.me if number is None else (number,)
    return Q(**{f"{field.path}__in": ids})


def _several(field: Field, part: Condition, asked: _Asked) -> Q:
    """One of the texts of a JSON list, whole; some databases keep its letters escaped."""
    del asked
    column, found = Cast(F(field.path), TextField()), Q()
    for value in part.values:
        for text in {json.dumps(value), json.dumps(value, ensure_ascii=False)}:
            found |= Q(GreaterThan(StrIndex(column, Value(text)), 0))
    return found


def _segments(field: Field, part: Condition, asked: _Asked) -> Q:
    offered = {name for name, _title in field.choices}
    if not offered:  # a list of nobody in particular: what everybody shares
        offered = set(Segment.objects.filter(shared=True).values_list("name", flat=True))
    for name in part.values:
        if name not in offered:
            raise FilterRefused(name, sentence("There is no segment “{value}”."))
    inside = SegmentMember.objects.filter(segment__name__in=part.values, from_on__lte=asked.as_of)
    inside = inside.filter(Q(until_on__isnull=True) | Q(until_on__gt=asked.as_of))
    return Q(**{f"{field.path}__in": inside.values("customer")})


_AMONG: dict[Kind, Callable[[Field, Condition, _Asked], Q]] = {
    Kind.USER: _users,
    Kind.SEVERAL: _several,
    Kind.SEGMENT: _segments,
}


def _text(field: Field, part: Condition, asked: _Asked) -> Q:
    del asked
    return Q(**{f"{field.path}__icontains": part.values[0]})


def _flag(field: Field, part: Condition, asked: _Asked) -> Q:
    del asked
    if part.values[0] not in ("yes", "no"):
        raise FilterRefused(str(part))
    return Q(**{field.path: part.values[0] == "yes"})


def _number(field: Field, part: Condition, asked: _Asked) -> Q:
    del asked
    refused = FilterRefused(part.values[0], sentence("“{value}” is no number."))
    try:
        value = Decimal(part.values[0])
    except InvalidOperation as wrong:
        raise refused from wrong
    if not value.is_finite() or abs(value) >= LARGEST:
        raise refused
    if field.is_whole:  # Django cuts a bound to a whole number, and lets unknown pass one below 0
        value = Decimal(floor(value) if part.op in (Op.GT, Op.LTE) else ceil(value))
        known = Q(**{f"{field.path}__isnull": False})
        return known & Q(**{f"{field.path}__{part.op}": value})
    return Q(**{f"{field.path}__{part.op}": value})


def _date(field: Field, part: Condition, asked: _Asked) -> Q:
    value, as_of = part.values[0], asked.as_of
    try:
        if part.op in COMPARING:
            return Q(**{f"{field.path}__{part.op}": date.fromisoformat(value)})
    except ValueError as wrong:
        raise FilterRefused(value, sentence("“{value}” is no day, like 2026-03-31.")) from wrong
    if part.op is Op.DURING:
        if value not in NAMES:
            raise FilterRefused(value, sentence("“{value}” is no period, like this_month."))
        first, end = (it.item() for it in bounds(value, np.datetime64(as_of, "D")))
        return Q(**{f"{field.path}__gte": first, f"{field.path}__lt": end})
    try:
        days = timedelta(days=int(value))
    except (ValueError, OverflowError) as wrong:
        raise FilterRefused(value, sentence("“{value}” is no number of days.")) from wrong
    if abs(days) > LONGEST:
        raise FilterRefused(value, sentence("“{value}” is no number of days."))
    match part.op:
        case Op.WITHIN:
            return Q(**{f"{field.path}__gte": as_of, f"{field.path}__lte": as_of + days})
        case Op.BEYOND:
            return Q(**{f"{field.path}__gt": as_of + days})
        case Op.NEWER:
            return Q(**{f"{field.path}__gte": as_of - days, f"{field.path}__lte": as_of})
        case _:
            return Q(**{f"{field.path}__lt": as_of - days}) | _empty(field)


_COMPILERS: dict[Kind, Callable[[Field, Condition, _Asked], Q]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.FLAG: _flag,
}
