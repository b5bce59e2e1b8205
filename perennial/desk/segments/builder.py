"""The builder of a segment: groups joined by and; in each any or none of its alternatives.

Its state is the form itself, so that it works without script: every button names what it does,
and the answer is the form after it. A filter that is nested deeper is edited as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from django.http import QueryDict

from perennial.customers.filters import AllOf, AnyOf, Condition, Field, Kind, Op
from perennial.customers.filters.fields import AMONG, BARE, DAYS

MOST_ROWS = 40
_CELL = re.compile(r"f(\d{1,2})\.(\d{1,2})\.(\d{1,2})")
PICKED = frozenset({Kind.CHOICE, Kind.SEGMENT, Kind.USER})  # chosen from boxes, not typed
FIRST: dict[Kind, Op] = {
    Kind.CHOICE: Op.IN,
    Kind.TEXT: Op.IN,
    Kind.NUMBER: Op.GTE,
    Kind.DATE: Op.WITHIN,
    Kind.FLAG: Op.IS,
    Kind.USER: Op.IN,
    Kind.SEVERAL: Op.IN,
    Kind.SEGMENT: Op.IN,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A condition as it is typed; it may be unfinished."""

    field: str = ""
    op: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Alternatives, each of rows that hold together."""

    alternatives: tuple[tuple[Row, ...], ...] = ((Row(),),)
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """What stands in the builder. `text`: a filter too deep for it, edited as it is written."""

    groups: tuple[Group, ...] = field(default=(Group(),))
    text: str = ""

    def rows(self) -> int:
        return sum(len(rows) for group in self.groups for rows in group.alternatives)


def built_of(tree: AllOf, fields: Mapping[str, Field]) -> Built:
    """The builder that shows a filter."""
    plain = tuple(part for part in tree.parts if isinstance(part, Condition))
    either = [part for part in tree.parts if isinstance(part, AnyOf)]
    if any(
        not isinstance(it, Condition)
        for part in either
        for a in part.alternatives
        for it in a.parts
    ):
        return Built((), tree.text)
    groups = [Group((_rows(plain, fields),))] if plain else []
    groups += [
        Group(tuple(_rows(each.parts, fields) for each in part.alternatives), part.negated)
        for part in either
    ]
    return Built(tuple(groups) or (Group(),))


def _rows(parts: Sequence[object], fields: Mapping[str, Field]) -> tuple[Row, ...]:
    return tuple(
        Row(it.field, it.op, tuple(_typed(value, fields.get(it.field)) for value in it.values))
        for it in parts
        if isinstance(it, Condition)
    )


def _typed(value: str, of: Field | None) -> str:
    """A value as people type it: rates in percent."""
    if of is None or not of.is_rate:
        return value
    try:
        return f"{(Decimal(value) * 100).normalize():f}"
    except InvalidOperation:
        return value


def tree_of(built: Built, fields: Mapping[str, Field]) -> AllOf:
    """The finished rows as a filter."""
    parts: list[Condition | AnyOf] = []
    for group in built.groups:
        alternatives = [
            tuple(it for row in rows if (it := condition(row, fields)) is not None)
            for rows in group.alternatives
        ]
        told = [AllOf(each) for each in alternatives if each]
        if len(told) == 1 and not group.negated:
            parts += told[0].parts
        elif told:
            parts.append(AnyOf(tuple(told), group.negated))
    return AllOf(tuple(parts))


def condition(row: Row, fields: Mapping[str, Field]) -> Condition | None:
    """A row as a condition; None while it is unfinished."""
    of = fields.get(row.field)
    if of is None or row.op not in set(Op):
        return None
    op = Op(row.op)
    if op in BARE:
        return Condition(of.name, op)
    values = tuple(value for it in row.values for value in _split(it.strip(), of, op) if value)
    return Condition(of.name, op, values) if values else None


def _split(value: str, of: Field, op: Op) -> list[str]:
    """Typed lists are separated by commas of either width; percent become rates."""
    if op in AMONG:
        return [it.strip() for it in value.replace("，", ",").split(",")]
    if of.is_rate:
        try:
            return [f"{(Decimal(value) / 100).normalize():f}"]
        except InvalidOperation:
            return [value]
    return [value.replace(",", "")] if of.kind is Kind.NUMBER else [value]


def read(params: QueryDict, fields: Mapping[str, Field]) -> Built:
    """What was sent, each row with an operator that fits its field."""
    cells: dict[int, dict[int, dict[int, Row]]] = {}
    for key in params:
        if found := _CELL.fullmatch(key):
            g, a, r = map(int, found.groups())
            row = _row(params, f"{g}.{a}.{r}", fields)
            cells.setdefault(g, {}).setdefault(a, {})[r] = row
    groups = tuple(
        Group(
            tuple(
                tuple(rows[r] for r in sorted(rows)) for _a, rows in sorted(alternatives.items())
            ),
            params.get(f"n{g}") == "none",
        )
        for g, alternatives in sorted(cells.items())
    )
    return Built(groups, "" if groups else params.get("text", ""))


def _row(params: QueryDict, at: str, fields: Mapping[str, Field]) -> Row:
    name, op = params.get(f"f{at}", ""), params.get(f"o{at}", "")
    of = fields.get(name)
    if of is None:
        return Row()
    if name != params.get(f"was{at}", name):  # another field: what was typed means nothing here
        return Row(name, FIRST[of.kind])
    return Row(name, op if op in set(Op) else FIRST[of.kind], tuple(params.getlist(f"v{at}")))


def done(built: Built, act: str) -> Built:
    """The builder after a button: `and:0.1`, `or:0`, `group`, `drop:0.1.2`."""
    verb, _, place = act.partition(":")
    at = [int(it) for it in place.split(".") if it.isdecimal()]
    groups = list(built.groups)
    full = built.rows() >= MOST_ROWS
    match verb, at:
        case "group", []:
            groups += [] if full else [Group()]
        case "or", [g] if g < len(groups) and not full:
            groups[g] = replace(groups[g], alternatives=(*groups[g].alternatives, (Row(),)))
        case "and", [g, a] if g < len(groups) and a < len(groups[g].alternatives) and not full:
            groups[g] = _with(groups[g], a, (*groups[g].alternatives[a], Row()))
        case "drop", [g, a, r] if g < len(groups) and a < len(groups[g].alternatives):
            rows = groups[g].alternatives[a]
            groups[g] = _with(groups[g], a, (*rows[:r], *rows[r + 1 :]))
    kept = tuple(group for group in groups if group.alternatives)
    return replace(built, groups=kept or (() if built.text else (Group(),)))


def _with(group: Group, at: int, rows: tuple[Row, ...]) -> Group:
    """A group with other rows in one alternative; without rows there is no alternative."""
    parts = (*group.alternatives[:at], rows, *group.alternatives[at + 1 :])
    return replace(group, alternatives=tuple(part for part in parts if part))


def widget(of: Field, op: str) -> str:
    """How the value of a row is entered."""
    if op in BARE:
        return "none"
    if op == Op.DURING:
        return "period"
    if op in DAYS:
        return "days"
    if of.kind is Kind.DATE:
        return "date"
    if of.kind is Kind.FLAG:
        return "flag"
    if of.kind is Kind.NUMBER:
        return "percent" if of.is_rate else "number"
    return "pick" if of.kind in PICKED else "text"
