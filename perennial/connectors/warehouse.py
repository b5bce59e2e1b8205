"""A table, or a query, of the user's own warehouse as a file that any import reads.

It is read with COPY in a read-only transaction. The password comes from PGPASSWORD or PGPASSFILE,
as everywhere with PostgreSQL, and is neither printed nor kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from perennial.connectors.files.opening import scratch
from perennial.units.errors import EnvironmentFault, InputRefused

SCHEMES = ("postgresql://", "postgres://")
CONNECT_SECONDS = 20
_SETTINGS = "-c default_transaction_read_only=on -c datestyle=ISO -c timezone=UTC"


def is_address(text: str) -> bool:
    return text.startswith(SCHEMES)


def title_of(address: str, table: str | None) -> str:
    """What the import is called: where it came from, without who fetched it."""
    parts = _parts(address)
    return f"{parts.get('host', '')}/{parts.get('dbname', '')} {table or 'query'}"


@contextmanager
def fetched(address: str, *, query: str | None, table: str | None) -> Iterator[Path]:
    """The rows of a SELECT or of a table (`schema.name`), as CSV with a header.

    Raises InputRefused for what cannot be asked, EnvironmentFault when nobody answers.
    """
    if bool(query) == bool(table):
        raise InputRefused(
            "Name what to read from the warehouse: either --table or --query.",
            code="table_or_query",
        )
    parts = _parts(address)
    if parts.get("password"):
        raise InputRefused(
            "Take the password out of the address and give it as PGPASSWORD or in PGPASSFILE: "
            "others on this machine can read a command.",
            code="password_in_address",
        )
    with TemporaryDirectory(dir=scratch()) as folder:
        path = Path(folder) / "rows.csv"
        with _connected(address) as connection:
            _copy(connection, _select(query, table), path)
        yield path


def _parts(address: str) -> dict[str, str]:
    try:
        found = conninfo_to_dict(address)
    except psycopg.Error as wrong:
        raise InputRefused(
            "This is no address of a warehouse. Write postgresql://user@host/database.",
            code="bad_address",
        ) from wrong
    return {name: str(value) for name, value in found.items() if value is not None}


def _select(query: str | None, table: str | None) -> sql.Composable:
    if table:
        return sql.SQL("SELECT * FROM {}").format(sql.Identifier(*table.split(".")))
    # What the user writes is the query; the server makes sure that it is one SELECT.
    return sql.SQL((query or "").strip().rstrip(";"))


@contextmanager
def _connected(address: str) -> Iterator[psycopg.Connection]:
    try:
        connection = psycopg.connect(
            address,
            connect_timeout=CONNECT_SECONDS,
            options=_SETTINGS,
            client_encoding="utf-8",
            application_name="perennial",
        )
    except psycopg.Error as wrong:
        raise EnvironmentFault(
            "The warehouse cannot be reached: {reason}",
            code="warehouse_unreachable",
            params={"reason": _reason(wrong)},
        ) from wrong
    with connection:
        yield connection


def _copy(connection: psycopg.Connection, select: sql.Composable, path: Path) -> None:
    try:
        connection.read_only = True
        # A cursor is declared for one SELECT only, so that its text is nothing else in the COPY.
        declared = sql.SQL("DECLARE asked CURSOR FOR {}").format(select)
        connection.execute(declared, binary=True)
        copying = sql.SQL("COPY ({}\n) TO STDOUT (FORMAT csv, HEADER true)").format(select)
        with path.open("wb") as target, connection.cursor().copy(copying) as rows:
            for portion in rows:
                target.write(portion)
    except psycopg.Error as wrong:
        raise InputRefused(
            "The warehouse refuses the query: {reason}",
            code="warehouse_refused",
            params={"reason": _reason(wrong)},
        ) from wrong


def _reason(error: psycopg.Error) -> str:
    """What the server said, in one line."""
    text = error.diag.message_primary or str(error)
    return text.strip().splitlines()[-1] if text.strip() else type(error).__name__
