"""The mapping of a file's columns to ours, compiled to SQL.

Names are quoted, texts escaped; the file's contents never become SQL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from perennial.events.load.file import EventFile
from perennial.events.load.source import Relation
from perennial.events.store import literal
from perennial.units.dates import EPOCH_TEXT, EPOCHS, MICROS_FROM, MILLIS_FROM
from perennial.units.errors import InputRefused
from perennial.units.mapping import Column, Constant, Source
from perennial.units.sentence import sentence

# The common shapes of ISO 8601, which the engine reads itself; every other text is read by
# units.dates, so that one rule holds for all kinds of files.
_ISO = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?"
_OFFSET = r".*:\d{2}.*(Z|[+-]\d{2}(:?\d{2})?)"
_YEARS = "BETWEEN TIMESTAMPTZ '1900-01-01 00:00:00+00' AND TIMESTAMPTZ '2199-12-31 23:59:59+00'"
_LAST_MICROS = 7_300_000_000_000_000  # a moment after 2199 that the engine can still hold
UNIT = "\x1f"
_DAILY_NAMES = {"day": "timestamp", "recorded_at": "received_at"}
# What a parsed column contributes to a row's contents, whatever its text looked like.
_CANONICAL = {
    "timestamp": "epoch_us(ts)",
    "received_at": "epoch_us(received)",
    "value": "number",
    "properties": "properties",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Our columns as they come out of one file."""

    file: EventFile
    relation: Relation
    mapping: Mapping[str, Column]

    def name(self, ours: str) -> str:
        """What the file calls our column, for messages."""
        column = self.mapping.get(ours)
        return column.name if isinstance(column, Source) else ours

    def given(self, ours: str) -> bool:
        return ours in self.mapping

    def text(self, ours: str) -> str:
        """Our column as stripped text; NULL when empty or not in the file."""
        column = self.mapping.get(ours)
        if column is None:
            return "NULL::VARCHAR"
        if isinstance(column, Constant):
            return literal(column.text)
        return _translated(self._raw(column.name), column.translate)

    def _raw(self, theirs: str) -> str:
        return f"nullif(trim({self.relation.column(theirs)}::VARCHAR), '')"

    def present(self, ours: str) -> str:
        """Whether a row has our column."""
        typed = self._typed(ours)
        return f"{typed[0] if typed else self.text(ours)} IS NOT NULL"

    def _typed(self, ours: str) -> tuple[str, str] | None:
        """The SQL and type of a column that the file itself holds as a date or moment."""
        column = self.mapping.get(ours)
        if not isinstance(column, Source) or column.translate:
            return None
        kind = self.relation.type_of(column.name)
        moments = kind == "DATE" or kind.startswith("TIMESTAMP")
        return (self.relation.column(column.name), kind) if moments else None

    def moment(self, ours: str, *, other: str) -> str:
        """Our column as a moment; `other` is the SQL that looks up texts of other shapes."""
        column = self.mapping.get(ours)
        if column is None:
            return "NULL::TIMESTAMPTZ"
        zone = literal(self.file.time_zone.key)
        if typed := self._typed(ours):
            raw, kind = typed
            aware = kind == "TIMESTAMP WITH TIME ZONE"
            return _within(raw if aware else f"timezone({zone}, {raw}::TIMESTAMP)")
        text = self.text(ours)
        if self.file.date_format in EPOCHS:
            return _within(_epoch(text, self.file.date_format, zone))
        if self.file.date_format:
            return other
        return (
            f"CASE WHEN NOT regexp_full_match({text}, {literal(_ISO)}) THEN {other} "
            f"WHEN regexp_full_match({text}, {literal(_OFFSET)}) "
            f"THEN {_within(f'try_cast({text} AS TIMESTAMPTZ)')} "
            f"ELSE {_within(f'timezone({zone}, try_cast({text} AS TIMESTAMP))')} END"
        )

    def other_texts(self, ours: str) -> str | None:
        """A query of the distinct texts that the engine does not read as moments itself."""
        if not self.given(ours) or self._typed(ours) or self.file.date_format in EPOCHS:
            return None
        text = self.text(ours)
        iso = (
            "" if self.file.date_format else f"NOT regexp_full_match({text}, {literal(_ISO)}) AND "
        )
        return (
            f"SELECT {text} AS text, min(row) AS row FROM ({self.relation.select}) "
            f"WHERE {iso}{text} IS NOT NULL GROUP BY ALL"
        )

    def message_text(self) -> str:
        """The text of the message id, NULL where none is given."""
        if self.file.id_columns:
            parts = [f"coalesce({self._raw(name)}, '')" for name in self.file.id_columns]
            return f"nullif(concat_ws('{UNIT}', {', '.join(parts)}), '{UNIT * (len(parts) - 1)}')"
        return self.text("message_id")

    def properties(self) -> str:
        """What nobody mapped, as JSON text; NULL when there is nothing."""
        mapped = {column.name for column in self.mapping.values() if isinstance(column, Source)}
        rest = [
            name for name in self.relation.names if name not in {*mapped, *self.relation.nested}
        ]
        pairs = ", ".join(f"{literal(name)}, {self._present(name)}" for name in rest)
        own = f"json_object({pairs})" if rest else "'{}'"
        text = self.text("properties")
        if self.given("properties"):
            own = (
                f"json_merge_patch(CASE WHEN json_valid({text}) THEN {text} ELSE '{{}}' END, {own})"
            )
        for name in self.relation.nested:  # mapped, so no property any more
            own = f"json_merge_patch({own}, {literal(_without(name, self._inside))})"
        return (
            f"nullif(json_merge_patch('{{}}', {own})::VARCHAR, '{{}}')"
            if (rest or self.given("properties"))
            else "NULL::VARCHAR"
        )

    @property
    def _inside(self) -> str:
        """The file's object whose fields are the properties themselves."""
        column = self.mapping.get("properties")
        return f"{column.name}." if isinstance(column, Source) else ""

    def _present(self, name: str) -> str:
        if self.relation.lines or self.relation.type_of(name) != "VARCHAR":
            return self.relation.json(name)
        return f"nullif({self.relation.column(name)}, '')"

    def contents(self) -> list[str]:
        """The row's contents as texts, the same in every format: what its identity is when it
        has no id. Read over the parsed columns ts, received, number, properties."""
        parts = {
            ours: _CANONICAL.get(ours, f"raw_{ours}")
            for ours, column in self.mapping.items()
            if isinstance(column, Source)
        } | {"properties": "properties"}
        return [f"coalesce({parts[ours]}::VARCHAR, '')" for ours in sorted(parts)]

    def raw_columns(self) -> str:
        """The mapped texts before translation: two rows that a translation makes alike are two."""
        return "".join(
            f", {self._raw(column.name)} AS raw_{ours}"
            for ours, column in self.mapping.items()
            if isinstance(column, Source) and ours not in _CANONICAL
        )


def resolve(file: EventFile, relation: Relation) -> Columns:
    """The mapping with our own names filled in. Raises InputRefused for unknown columns."""
    mapping: dict[str, Column] = {}
    mapping |= {name: Source(name) for name in file.fields if name in relation.names}
    mapping |= file.mapping
    for ours, column in mapping.items():
        if ours not in file.fields:
            raise _refused(file, "unknown_field", sentence("Events have no column “{name}”."), ours)
        if isinstance(column, Source):
            _known(file, relation, column.name)
    for name in file.id_columns:
        _known(file, relation, name)
    for ours in file.required:
        if ours not in mapping:
            raise _refused(
                file,
                "missing_column",
                sentence("The file has no column “{name}”; name it with a mapping."),
                ours,
            )
    if file.daily:
        mapping = {_DAILY_NAMES.get(ours, ours): column for ours, column in mapping.items()}
    return Columns(file, relation, mapping)


def _known(file: EventFile, relation: Relation, name: str) -> None:
    if name not in relation.names:
        raise _refused(file, "unknown_column", sentence("The file has no column “{name}”."), name)


def _refused(file: EventFile, code: str, message: str, name: str) -> InputRefused:
    return InputRefused(message, code=code, params={"name": name}, file=file.title, column=name)


def _without(name: str, inside: str) -> str:
    """The JSON merge patch that takes a nested field out."""
    steps = name.removeprefix(inside).split(".") if inside else name.split(".")
    return reduce(lambda inner, step: f"{{{json.dumps(step)}:{inner}}}", reversed(steps), "null")


def _epoch(text: str, pattern: str, zone: str) -> str:
    """A moment since 1970, by the rule of units.dates."""
    digits = f"length(split_part({text}, '.', 1))"
    unit = f"CASE WHEN {digits} >= {MICROS_FROM} THEN 1 WHEN {digits} >= {MILLIS_FROM} "
    unit += "THEN 1000 ELSE 1000000 END"
    unit = "1000" if pattern == "epoch_ms" else unit
    micros = f"least(try_cast({text} AS DECIMAL(25, 7)) * {unit}, {_LAST_MICROS})::BIGINT"
    found = f"make_timestamptz({micros})"
    if pattern == "epoch_wall":
        found = f"timezone({zone}, timezone('UTC', {found}))"
    return f"CASE WHEN regexp_full_match({text}, {literal(EPOCH_TEXT)}) THEN {found} END"


def _within(moment: str) -> str:
    return f"CASE WHEN {moment} {_YEARS} THEN {moment} END"


def _translated(raw: str, translate: Mapping[str, str] | None) -> str:
    if not translate:
        return raw
    cases = " ".join(
        f"WHEN {literal(theirs)} THEN {literal(ours)}" for theirs, ours in translate.items()
    )
    return f"nullif(CASE {raw} {cases} ELSE {raw} END, '')"
