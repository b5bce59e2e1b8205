"""Which column of a file becomes which of ours, decided once per file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from zoneinfo import ZoneInfo

from perennial.connectors.fields import Field
from perennial.connectors.files import Table
from perennial.connectors.kinds import Kind
from perennial.connectors.options import Options
from perennial.units.dates import BadDate, Dates
from perennial.units.errors import InputRefused
from perennial.units.mapping import Column, Source
from perennial.units.sentence import sentence


@dataclass(frozen=True, slots=True)
class Plan:
    """`columns`: our column → theirs or a constant. `ids`: theirs that together are the
    external id. `unused`: theirs that nothing reads. `custom`: theirs that become fields of
    the customer's own."""

    kind: Kind
    columns: Mapping[str, Column]
    ids: tuple[str, ...]
    unused: tuple[str, ...]
    custom: Mapping[str, str]

    def theirs(self, ours: str | None) -> str | None:
        """The name that people know a column of ours by."""
        if ours is None:
            return None
        column = self.columns.get(ours)
        if self.ids and ours == self.kind.id_field:
            return "+".join(self.ids)
        return column.name if isinstance(column, Source) else ours


def plan(kind: Kind, table: Table, options: Options) -> Plan:
    """Raises InputRefused: a mapped column that does not exist, or a required one missing."""
    columns = dict(options.map)
    _check_sources(table, columns, options.id_columns)
    used = {column.name for column in columns.values() if isinstance(column, Source)}
    for name in () if options.exact else table.columns:
        if kind.field(name) and name not in columns and name not in used:
            columns[name] = Source(name)
    used = {column.name for column in columns.values() if isinstance(column, Source)}
    ours_unknown = [name for name in columns if kind.field(name) is None]
    takes_custom = options.custom and kind.name == "customers"
    if ours_unknown and not takes_custom and not kind.stored:
        raise InputRefused(
            "{kind} have no column “{name}”. They have: {columns}.",
            code="unknown_column",
            params={
                "kind": str(kind.label),
                "name": ours_unknown[0],
                "columns": ", ".join(it.name for it in kind.fields),
            },
            file=table.title,
        )
    _check_required(kind, table, columns, options.id_columns)
    left = tuple(name for name in table.columns if name and name not in used)
    left = tuple(name for name in left if name not in options.id_columns)
    custom = {name: name for name in left if not kind.field(name)} if takes_custom else {}
    for name in ours_unknown if takes_custom else ():
        column = columns[name]
        if isinstance(column, Source):
            custom[column.name] = name
            del columns[name]
    return Plan(kind, columns, options.id_columns, () if takes_custom else left, custom)


def _check_sources(
    table: Table, columns: Mapping[str, Column], id_columns: tuple[str, ...]
) -> None:
    named = [column.name for column in columns.values() if isinstance(column, Source)]
    for name in (*named, *id_columns):
        if name not in table.columns:
            raise InputRefused(
                "The file has no column “{name}”. It has: {columns}.",
                code="no_such_column",
                params={"name": name, "columns": ", ".join(filter(None, table.columns))},
                file=table.title,
                row=1,
                column=name,
            )


def _check_required(
    kind: Kind, table: Table, columns: Mapping[str, Column], id_columns: tuple[str, ...]
) -> None:
    missing = [it for it in kind.fields if it.required and it.name not in columns]
    if id_columns:
        missing = [it for it in missing if it.name != kind.id_field]
    if not missing:
        return
    params = {
        "missing": ", ".join(it.name for it in missing),
        "columns": ", ".join(filter(None, table.columns)),
        "name": missing[0].name,
        "theirs": _alike(missing[0], table.columns) or "…",
    }
    message = sentence(
        "Required columns are missing: {missing}. The file has: {columns}. "
        "Name the right one, for example {name}={theirs}."
    )
    names = list(filter(None, table.columns))
    if len(names) == 1 < len(missing):
        message = sentence(
            "The first row must hold the names of the columns, but it is a title: {columns}. "
            "Delete the rows above the names."
        )
    elif not any(kind.field(name) for name in names) and _looks_like_data(table.columns):
        message = sentence(
            "The first row must hold the names of the columns, but it looks like data: {columns}."
        )
    raise InputRefused(
        message,
        code="missing_column",
        params=params,
        file=table.title,
        row=1,
        column=missing[0].name,
    )


def _looks_like_data(header: tuple[str, ...]) -> bool:
    return any(_is_date(name) or name.replace(".", "", 1).isdigit() for name in header)


def _is_date(text: str) -> bool:
    try:
        Dates(ZoneInfo("UTC")).day(text)
    except BadDate:
        return False
    except ValueError:  # ambiguous: a date all the same
        return True
    return True


def _alike(what: Field, names: tuple[str, ...]) -> str | None:
    known = {_plain(it) for it in (what.name, *what.alike)} | {_plain(str(what.label))}
    return next((name for name in names if name and _plain(name) in known), None)


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def suggest(kind: Kind, columns: tuple[str, ...]) -> dict[str, Column]:
    """A mapping by name and synonyms, in both languages; each of theirs is used once."""
    left = [name for name in columns if name]
    found: dict[str, Column] = {}
    for what in kind.fields:
        name = what.name if what.name in left else _alike(what, tuple(left))
        if name:
            found[what.name] = Source(name)
            left.remove(name)
    return found


def shape_of(columns: tuple[str, ...]) -> str:
    """A digest that files with the same columns, in any order, share."""
    return sha256("\n".join(sorted(columns)).encode()).hexdigest()
