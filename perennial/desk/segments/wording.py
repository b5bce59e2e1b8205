"""The builder in words: fields by kind, comparisons, values to choose from, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.filter_words import PERIODS
from perennial.customers.filters import (
    OPS,
    AllOf,
    Field,
    FilterRefused,
    Kind,
    Op,
    compile_filter,
)
from perennial.customers.queries import visible_customers
from perennial.desk.segments.builder import Built, Row, condition, widget
from perennial.team.models import User
from perennial.web.faults import in_words

_DAY = date(2000, 1, 1)
MOST_KNOWN = 60
_AMONG = {Op.IN: _("is one of"), Op.NOT_IN: _("is none of")}
_BARE = {Op.EMPTY: _("is unknown"), Op.KNOWN: _("is known")}
TITLES: dict[Kind, dict[Op, str | Promise]] = {
    Kind.CHOICE: {**_AMONG, **_BARE},
    Kind.TEXT: {**_AMONG, Op.HAS: pgettext_lazy("filter", "contains"), **_BARE},
    Kind.NUMBER: {Op.GTE: "≥", Op.LTE: "≤", Op.GT: ">", Op.LT: "<", **_BARE},
    Kind.DATE: {
        Op.WITHIN: _("within the next … days"),
        Op.BEYOND: _("in more than … days"),
        Op.NEWER: _("in the last … days"),
        Op.OLDER: _("more than … days ago, or never"),
        Op.DURING: _("in the calendar period"),
        Op.GTE: pgettext_lazy("filter by date", "on or after"),
        Op.LTE: pgettext_lazy("filter by date", "on or before"),
        **_BARE,
    },
    Kind.FLAG: {Op.IS: pgettext_lazy("filter", "is")},
    Kind.USER: {**_AMONG, **_BARE},
    Kind.SEVERAL: {
        Op.IN: pgettext_lazy("tags", "has one of"),
        Op.NOT_IN: pgettext_lazy("tags", "has none of"),
        Op.EMPTY: pgettext_lazy("tags", "has none"),
        Op.KNOWN: pgettext_lazy("tags", "has any"),
    },
    Kind.SEGMENT: {
        Op.IN: pgettext_lazy("segment", "is in"),
        Op.NOT_IN: pgettext_lazy("segment", "is not in"),
    },
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the form shows it. `at` names its inputs."""

    at: str
    row: Row
    ops: Sequence[tuple[str, str | Promise]]
    widget: str
    value: str
    options: Sequence[tuple[str, str | Promise, bool]]  # value, title, chosen
    shown: str  # what is chosen, in one line
    known: str  # id of the list of known values
    fault: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A group: `at` is its number, `alternatives` pairs of a place and its lines."""

    at: int
    negated: bool
    alternatives: Sequence[tuple[str, Sequence[Line]]]


def groups(built: Built, fields: Mapping[str, Field], owners: Mapping[int, str]) -> list[Shown]:
    return [
        Shown(
            g,
            group.negated,
            [
                (
                    f"{g}.{a}",
                    [_line(f"{g}.{a}.{r}", row, fields, owners) for r, row in enumerate(rows)],
                )
                for a, rows in enumerate(group.alternatives)
            ],
        )
        for g, group in enumerate(built.groups)
    ]


def _line(at: str, row: Row, fields: Mapping[str, Field], owners: Mapping[int, str]) -> Line:
    of = fields.get(row.field)
    if of is None:
        return Line(at, row, (), "", "", (), "", "", "")
    ops = [(str(op), title) for op, title in TITLES[of.kind].items() if op in OPS[of.kind]]
    if row.op and row.op not in dict(ops):
        ops.append((row.op, row.op))
    how = widget(of, row.op)
    options = _options(of, how, row, owners)
    chosen = [str(title) for _value, title, on in options if on]
    return Line(
        at=at,
        row=row,
        ops=ops,
        widget=how,
        value=", ".join(row.values),
        options=options,
        shown=", ".join(chosen),
        known=f"known-{of.name}" if how == "text" else "",
        fault=_fault(row, of, fields),
    )


def _options(
    of: Field, how: str, row: Row, owners: Mapping[int, str]
) -> list[tuple[str, str | Promise, bool]]:
    match how:
        case "pick" if of.kind is Kind.USER:
            offered: Sequence[tuple[str, str | Promise]] = [
                (str(pk), name) for pk, name in owners.items()
            ]
        case "pick":
            offered = [it for it in of.choices if it[0] != "-"]
        case "period":
            offered = list(PERIODS.items())
        case "flag":
            offered = [("yes", _("yes")), ("no", _("no"))]
        case _:
            return []
    return [(value, title, value in row.values) for value, title in offered]


def _fault(row: Row, of: Field, fields: Mapping[str, Field]) -> str:
    told = condition(row, fields)
    if told is None:
        return ""
    try:
        compile_filter(AllOf((told,)), [of], as_of=_DAY, user_id=0)
    except FilterRefused as wrong:
        return in_words(wrong)
    return ""


def known_values(user: User, built: Built, fields: Mapping[str, Field]) -> dict[str, list[str]]:
    """What is there to choose from, for each field of texts that stands in the builder."""
    names = {row.field for group in built.groups for rows in group.alternatives for row in rows}
    found: dict[str, list[str]] = {}
    for name in sorted(names & fields.keys()):
        of = fields[name]
        column = of.path.removeprefix("customer__")
        if of.kind is Kind.TEXT:
            values = visible_customers(user).exclude(**{column: ""}).order_by(column)
            found[name] = list(values.values_list(column, flat=True).distinct()[:MOST_KNOWN])
        elif of.kind is Kind.SEVERAL:
            tags = visible_customers(user).exclude(**{column: []}).values_list(column, flat=True)
            found[name] = sorted({tag for one in tags for tag in one})[:MOST_KNOWN]
    return found
