"""What is wrong in the rows of a file: found, told in sentences, kept for the sender."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext

from perennial.events.load.columns import Columns
from perennial.events.load.file import ERRORS_KEPT
from perennial.events.load.judging import described_rows
from perennial.events.store import Session, file_literal, identifier, literal
from perennial.units.errors import RowError
from perennial.units.sentence import sentence

_IDS_AT_ONCE = 4_000_000

# code → our column, sentence
FAULTS = {
    "broken_row": ("", sentence("This row cannot be read: {value}")),
    "missing_event": ("event", sentence("The event's name is missing.")),
    "missing_timestamp": ("timestamp", sentence("The timestamp is missing.")),
    "bad_timestamp": ("timestamp", sentence("“{value}” is not a date and time.")),
    "future_timestamp": ("timestamp", sentence("“{value}” lies in the future.")),
    "bad_received_at": ("received_at", sentence("“{value}” is not a date and time.")),
    "missing_value": ("value", sentence("The value is missing.")),
    "bad_value": ("value", sentence("“{value}” is not a number.")),
    "negative_value": ("value", sentence("“{value}” is negative; a count cannot be.")),
    "repeated_id": (
        "message_id",
        sentence("An earlier row has the id “{value}” with other contents."),
    ),
    "repeated_day": (
        "",
        sentence("An earlier row says otherwise for the same day, event, customer and user."),
    ),
    "erased_person": ("", sentence("The person was erased; nothing more is stored about them.")),
}


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows were read and how many are bad; the first of these as errors."""

    rows: int
    count: int
    repeated: int
    errors: tuple[RowError, ...]


def collect(columns: Columns, session: Session, staged: str, *, rows: int) -> Found:
    """Fill the temporary tables `bad` (row, fault) and `broken` (row, text, reason).

    `staged` is the relation of the judged rows, `rows` their number.
    """
    session.run(
        "CREATE OR REPLACE TEMP TABLE broken AS "
        "SELECT line AS row, any_value(csv_line) AS text, any_value(error_message) AS reason "
        "FROM reject_errors WHERE scan_id = (SELECT max(scan_id) FROM reject_scans) GROUP BY line"
        if columns.file.format == "csv"
        else "CREATE OR REPLACE TEMP TABLE broken (row BIGINT, text VARCHAR, reason VARCHAR)"
    )
    session.run("CREATE OR REPLACE TEMP TABLE bad (row BIGINT, fault VARCHAR)")
    repeated = 0
    if rows:
        session.run(f"INSERT INTO bad SELECT row, fault FROM {staged} WHERE fault IS NOT NULL")
        _find_erased(columns, session, staged)
        if columns.file.daily:
            repeated = _find_repeated(session, staged, rows, fault="repeated_day")
        elif columns.file.id_columns or columns.given("message_id"):
            repeated = _find_repeated(session, staged, rows, fault="repeated_id")
    [(bad,)] = session.rows("SELECT count(*) FROM bad")
    [(broken,)] = session.rows("SELECT count(*) FROM broken")
    errors = _errors(columns, session) if bad or broken else ()
    return Found(rows + broken, bad + broken, repeated, errors)


def _find_erased(columns: Columns, session: Session, staged: str) -> None:
    erased_among = columns.file.erased_among
    if erased_among is None:
        return
    people = session.rows(f"SELECT DISTINCT person FROM {staged} WHERE person IS NOT NULL")
    erased = sorted(erased_among({person for (person,) in people}))
    session.run(
        f"INSERT INTO bad SELECT row, 'erased_person' FROM {staged} "
        "WHERE fault IS NULL AND person IN (SELECT unnest($1::VARCHAR[]))",
        [erased],
    )


def _find_repeated(session: Session, staged: str, rows: int, *, fault: str) -> int:
    """Add the rows whose id stands in an earlier row with other contents; how many.

    Short hashes find the few ids to look at, a share of them at a time: memory stays bounded.
    """
    parts = rows // _IDS_AT_ONCE + 1
    identity = "source, message_id" + (", day" if fault == "repeated_day" else "")
    for part in range(parts):
        ids = f"SELECT hash({identity}) AS id, * FROM {staged} WHERE fault IS NULL"
        mine = f"SELECT * FROM ({ids}) WHERE contents IS NOT NULL AND id % {parts} = {part}"
        session.run(
            "CREATE OR REPLACE TEMP TABLE repeated AS "
            f"SELECT id FROM ({mine}) GROUP BY id HAVING min(contents) <> max(contents)"
        )
        [(some,)] = session.rows("SELECT count(*) FROM repeated")
        if some:
            session.run(
                f"INSERT INTO bad SELECT row, '{fault}' FROM (SELECT row, contents, "
                f"first(contents) OVER (PARTITION BY {identity} ORDER BY row) AS earliest "
                f"FROM ({mine}) SEMI JOIN repeated USING (id)) WHERE contents <> earliest"
            )
    [(repeated,)] = session.rows(f"SELECT count(*) FROM bad WHERE fault = '{fault}'")
    return int(repeated)


def _errors(columns: Columns, session: Session) -> tuple[RowError, ...]:
    file = columns.file.title
    broken = session.rows(f"SELECT row, reason FROM broken ORDER BY row LIMIT {ERRORS_KEPT}")
    first = f"SELECT row, fault FROM bad ORDER BY row LIMIT {ERRORS_KEPT}"
    errors = [_error("broken_row", file, row, None, reason) for row, reason in broken]
    lines = [row for (row,) in session.rows("SELECT row FROM broken ORDER BY row")]
    for row, fault, *texts in session.rows(described_rows(columns, first)):
        ours, _ = FAULTS[fault]
        told = dict(zip(("timestamp", "received_at", "value", "message_id"), texts, strict=True))
        name = columns.name(ours) if ours else None
        if fault == "repeated_id" and columns.file.id_columns:
            name = "+".join(columns.file.id_columns)
        errors.append(_error(fault, file, _in_file(row, lines), name, told.get(ours)))
    return tuple(sorted(errors, key=lambda error: error.row or 0)[:ERRORS_KEPT])


def _error(code: str, file: str, row: int, column: str | None, value: str | None) -> RowError:
    return RowError(
        code=code,
        message=FAULTS[code][1],
        row=row,
        column=column,
        file=file,
        params={"value": value or ""},
    )


def _in_file(row: int, broken: list[int]) -> int:
    """The row's number in the file: the engine does not number the lines it could not read."""
    for line in broken:
        if line > row:
            break
        row += 1
    return row


def write_rejects(columns: Columns, session: Session, path: Path) -> None:
    """Keep the bad rows with all their source columns and a `reason`, as CSV.

    A line that could not be split into columns stands in the first one.
    """
    names = columns.relation.names
    told = " ".join(
        f"WHEN {literal(code)} THEN replace({literal(gettext(text))}, '{{value}}', "
        f"coalesce({identifier(ours or 'value')}, ''))"
        for code, (ours, text) in FAULTS.items()
        if ours != "event"
    )
    _, text = FAULTS["missing_event"]
    missing_event = literal(gettext(text))
    reasons = (
        f"SELECT row, CASE fault WHEN 'missing_event' THEN {missing_event} {told} END AS reason "
        f"FROM ({described_rows(columns, 'SELECT row, fault FROM bad')})"
    )
    fields = ", ".join(f"c{index} AS {identifier(name)}" for index, name in enumerate(names))
    empty = ", ".join(["NULL"] * (len(names) - 1))
    lines = f"SELECT text{', ' + empty if empty else ''}, reason FROM broken"
    session.run(
        f"COPY (SELECT {fields}, reason FROM ({columns.relation.select}) JOIN ({reasons}) "
        f"USING (row) UNION ALL {lines}) TO {file_literal(path)} (FORMAT csv, HEADER true)"
    )
