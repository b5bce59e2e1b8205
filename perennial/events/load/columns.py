"""The mapping of a file's columns to ours, compiled to SQL.

Names are quoted, texts escaped; the file's contents never become SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from perennial.events.load.file import EventFile, Recorded
from perennial.events.load.source import Relation
from perennial.events.store import identifier, literal
from perennial.units.errors import InputRefused
from perennial.units.mapping import Column, Constant, Source
from perennial.units.sentence import sentence

# The common shapes of ISO 8601, which the engine reads itself; every other text is read by
# units.dates, so that one rule holds for all kinds of files.
_ISO = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?"
_OFFSET = r".*:\d{2}.*(Z|[+-]\d{2}(:?\d{2})?)"
_YEARS = "BETWEEN TIMESTAMPTZ '1900-01-01 00:00:00+00' AND TIMESTAMPTZ '2199-12-31 23:59:59+00'"
_UNIT = "\x1f"
_DAILY_NAMES = {"day": "timestamp", "recorded_at": "received_at"}
# Whose daily aggregate it is; the day itself is part of every identity.
_DAILY_KEY = ", ".join(
    ["'daily'"] + [f"coalesce({it}, '')" for it in ("event", "own_customer", "person", "product")]
)
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
        if self.file.date_format:
            return other
        text = self.text(ours)
        return (
            f"CASE WHEN NOT regexp_full_match({text}, {literal(_ISO)}) THEN {other} "
            f"WHEN regexp_full_match({text}, {literal(_OFFSET)}) "
            f"THEN {_within(f'try_cast({text} AS TIMESTAMPTZ)')} "
            f"ELSE {_within(f'timezone({zone}, try_cast({text} AS TIMESTAMP))')} END"
        )

    def other_texts(self, ours: str) -> str | None:
        """A query of the distinct texts that the engine does not read as moments itself."""
        if not self.given(ours) or self._typed(ours):
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
            return f"nullif(concat_ws('{_UNIT}', {', '.join(parts)}), '{_UNIT * (len(parts) - 1)}')"
        return self.text("message_id")

    def properties(self) -> str:
        """What nobody mapped, as JSON text; NULL when there is nothing."""
        mapped = {column.name for column in self.mapping.values() if isinstance(column, Source)}
        rest = [name for name in self.relation.names if name not in mapped]
        pairs = ", ".join(f"{literal(name)}, {self._present(name)}" for name in rest)
        own = f"json_object({pairs})" if rest else "'{}'"
        text = self.text("properties")
        if self.given("properties"):
            own = (
                f"json_merge_patch(CASE WHEN json_valid({text}) THEN {text} ELSE '{{}}' END, {own})"
            )
        return (
            f"nullif(json_merge_patch('{{}}', {own})::VARCHAR, '{{}}')"
            if (rest or self.given("properties"))
            else "NULL::VARCHAR"
        )

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


def parsed(columns: Columns, *, zone: ZoneInfo, at: datetime, recorded: Recorded) -> str:
    """One SELECT from the file's relation to judged rows in the shape of the events table,
    with `row`, `fault` (NULL when good) and `contents` (of rows that bring an id)."""
    file = columns.file
    now = f"TIMESTAMPTZ '{at.isoformat(sep=' ')}'"
    judged = f"""
        SELECT *, {_fault(now, columns.file)} AS fault,
            coalesce(received, {"ts" if recorded is Recorded.EFFECTIVE else now}) AS received_at
        FROM ({_read(columns)})"""
    business = literal(zone.key)
    contents = ", ".join(columns.contents())
    ts, given = "ts", "message_text IS NOT NULL"
    named = f"coalesce({_uuid('message_text')}, unhex(md5(message_text)))"
    if columns.file.daily:
        ts = f"timezone({business}, date_trunc('day', timezone({business}, ts)))"
        given, named = "true", f"unhex(md5(concat_ws('{_UNIT}', {_DAILY_KEY})))"
    customer, join = "own_customer", ""
    if file.orders:
        customer = "coalesce(own_customer, orders.customer)"
        join = "LEFT JOIN orders ON judged.order_id = orders.order_id"
    return f"""
        SELECT row, fault, timezone({business}, ts)::DATE AS day,
            {customer} AS customer, person, event, product,
            {ts} AS ts, received_at, timezone({business}, received_at)::DATE AS received_on,
            coalesce(number, 1) AS value, judged.order_id,
            CASE WHEN {given} THEN {named}
                 ELSE unhex(md5(concat_ws('{_UNIT}', {contents}))) END AS message_id,
            properties,
            {"received IS NULL" if recorded is Recorded.EFFECTIVE else "false"} AS assumed,
            CASE WHEN {given} THEN hash({contents}) END AS contents,
            CASE WHEN fault IS NULL THEN date_trunc('month', day)::DATE END AS month
        FROM ({judged}) AS judged {join}"""


def _read(columns: Columns) -> str:
    """The file's columns as typed ones, with what `_fault` needs to judge them."""
    value = columns.text("value")
    joins = "".join(
        f" LEFT JOIN moments AS {ours} ON {ours}.text = {columns.text(ours)}"
        for ours in ("timestamp", "received_at")
        if columns.other_texts(ours)
    )
    return f"""
        SELECT row, {"line IS NULL" if columns.relation.lines else "false"} AS broken,
            {columns.text("event")} AS event, {columns.text("product")} AS product,
            {columns.text("customer_id")} AS own_customer, {columns.text("user_id")} AS person,
            {columns.text("order_id")} AS order_id, {columns.message_text()} AS message_text,
            {columns.present("timestamp")} AS timed,
            {columns.moment("timestamp", other='"timestamp".ts')} AS ts,
            {columns.present("received_at")} AS received_given,
            {columns.moment("received_at", other="received_at.ts")} AS received,
            {value} IS NOT NULL AS valued, try_cast({value} AS DOUBLE) AS number,
            {columns.properties()} AS properties{columns.raw_columns()}
        FROM ({columns.relation.select}){joins}"""


def described_rows(columns: Columns, rows: str) -> str:
    """The texts of some rows (a relation with `row` and `fault`), for messages about them."""
    texts = {ours: columns.text(ours) for ours in ("timestamp", "received_at", "value")}
    texts |= {"message_id": f"replace({columns.message_text()}, '{_UNIT}', ' + ')"}
    fields = ", ".join(f"{text} AS {identifier(ours)}" for ours, text in texts.items())
    return f"""
        SELECT bad.row, fault, {fields} FROM ({columns.relation.select}) AS source
        JOIN ({rows}) AS bad ON source.row = bad.row ORDER BY bad.row"""


def _fault(now: str, file: EventFile) -> str:
    """The first fault of a row (the codes of `faults.FAULTS`), NULL when it has none."""
    conditions = {
        "broken_row": "broken",
        "missing_event": "event IS NULL",
        "missing_timestamp": "NOT timed",
        "bad_timestamp": "ts IS NULL",
        "future_timestamp": f"ts > {now}",
        "bad_received_at": "received_given AND received IS NULL",
        "missing_value": "NOT valued" if file.daily else "false",
        "bad_value": "valued AND NOT coalesce(isfinite(number), false)",
        "negative_value": "number < 0",
    }
    cases = " ".join(f"WHEN {test} THEN '{code}'" for code, test in conditions.items())
    return f"CASE {cases} END"


def _uuid(text: str) -> str:
    """The sixteen bytes of a text that is a UUID, else NULL."""
    return f"unhex(replace(try_cast({text} AS UUID)::VARCHAR, '-', ''))"


def _within(moment: str) -> str:
    return f"CASE WHEN {moment} {_YEARS} THEN {moment} END"


def _translated(raw: str, translate: Mapping[str, str] | None) -> str:
    if not translate:
        return raw
    cases = " ".join(
        f"WHEN {literal(theirs)} THEN {literal(ours)}" for theirs, ours in translate.items()
    )
    return f"nullif(CASE {raw} {cases} ELSE {raw} END, '')"
