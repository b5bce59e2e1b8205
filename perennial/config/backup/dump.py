"""What people wrote, as files: the database of a backup, both ways.

SQLite goes through its backup API; PostgreSQL through COPY, table by table, so that no client
program is needed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from perennial.config import schema
from perennial.config.home import DATABASE_FILE
from perennial.units.errors import Busy, InputRefused

_WAIT_SECONDS = 2.0  # then let the others go on, and try again
_LOAD_WAIT_SECONDS = 20.0
_WRITING = "Somebody else is writing to the database. Try again in a moment."


def kind() -> str:
    """`sqlite` or `postgresql`: a backup goes back into the kind it came from."""
    return connection.vendor


def migrations() -> list[list[str]]:
    """Every migration that has run, as [app, name]."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


@contextmanager
def frozen(to: Path) -> Iterator[None]:
    """Write the database into the folder `to`; until the block ends, nobody writes to it.

    Raises Busy when somebody else goes on writing for longer than a moment.
    """
    to.mkdir(parents=True, exist_ok=True)
    if kind() == "sqlite":
        with _frozen_sqlite(to / DATABASE_FILE):
            yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        tables = connection.introspection.django_table_names(only_existing=True)
        # EXCLUSIVE waits for whoever writes or means to, and keeps new ones out; readers go on.
        _lock(tables, "EXCLUSIVE", seconds=_WAIT_SECONDS)
        for table in sorted(tables):
            with (to / f"{table}.copy").open("wb") as file:
                file.write(_columns(table).encode() + b"\n")
                with cursor.copy(f"COPY {_quoted(table)} ({_columns(table)}) TO STDOUT") as rows:
                    file.writelines(rows)
        yield


@contextmanager
def _frozen_sqlite(to: Path) -> Iterator[None]:
    path = str(connection.settings_dict["NAME"])
    with (
        closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as guard,
        closing(sqlite3.connect(path)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        try:
            guard.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise Busy(_WRITING) from error
        source.backup(target)
        yield
        guard.execute("ROLLBACK")


def _lock(tables: Iterable[str], mode: str, *, seconds: float) -> None:
    """Lock PostgreSQL's tables until the transaction ends. Raises Busy after a while."""
    if not (names := ", ".join(map(_quoted, tables))):
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{seconds:.0f}s'")
            cursor.execute(f"LOCK TABLE {names} IN {mode} MODE")
    except OperationalError as error:
        raise Busy(_WRITING) from error


def is_empty() -> bool:
    """Whether nobody has worked with this database yet."""
    present = {"team_user", "team_auditentry", "customers_customer"}
    present &= set(connection.introspection.table_names())  # fewer where setting up was cut off
    with connection.cursor() as cursor:
        for table in present:
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {_quoted(table)})")  # noqa: S608
            if cursor.fetchone()[0]:
                return False
    return True


def load(source: Path, *, applied: list[list[str]]) -> None:
    """Replace our tables in PostgreSQL by a dump: all of it, or, when something fails, nothing.

    They are made anew as they were when the backup was taken; migrations after it run later.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        present = set(connection.introspection.table_names())
        ours = present & {schema.BOOK, *connection.introspection.django_table_names()}
        _lock(sorted(ours), "ACCESS EXCLUSIVE", seconds=_LOAD_WAIT_SECONDS)
        for table in sorted(ours):
            cursor.execute(f"DROP TABLE {_quoted(table)} CASCADE")
        schema.make_as_of([(app, name) for app, name in applied])
        # A foreign key added to a table is checked at once until its transaction ends, and the
        # files stand in the order of their names, not of their references.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for file in sorted(source.glob("*.copy")):
            _fill(file)


def _fill(file: Path) -> None:
    table = file.stem
    with connection.cursor() as cursor, file.open("rb") as rows:
        columns = rows.readline().decode().strip()
        with cursor.copy(f"COPY {_quoted(table)} ({columns}) FROM STDIN") as copy:
            while block := rows.read(1 << 20):
                copy.write(block)
        for it in connection.introspection.get_sequences(cursor, table):
            name, column = it["name"], _quoted(it["column"])
            cursor.execute(
                f"SELECT setval(%s, coalesce(max({column}), 1), count(*) > 0) "  # noqa: S608
                f"FROM {_quoted(table)}",
                [name],
            )


def refuse_unknown(applied: list[list[str]]) -> None:
    """Raises InputRefused for a backup whose tables this version does not know."""
    if not {(app, name) for app, name in applied} <= schema.known():
        raise InputRefused(
            "This backup was made by a newer Perennial. Install that version first.",
            code="backup_too_new",
        )


def _columns(table: str) -> str:
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, table)
    return ", ".join(_quoted(column.name) for column in found)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
