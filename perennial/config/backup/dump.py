"""What people wrote, as files: the database of a backup, both ways.

SQLite goes through its backup API; PostgreSQL through COPY, table by table, so that no client
program is needed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from perennial.config.home import DATABASE_FILE
from perennial.units.errors import InputRefused

_WAIT_SECONDS = 20.0
_OWN_BOOK = "django_migrations"  # restored by migrating, not by copying


def kind() -> str:
    """`sqlite` or `postgresql`: a backup goes back into the kind it came from."""
    return connection.vendor


def migrations() -> list[list[str]]:
    """Every migration that has run, as [app, name]."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


@contextmanager
def frozen(to: Path) -> Iterator[None]:
    """Write the database into the folder `to`; until the block ends, nobody writes to it."""
    to.mkdir(parents=True)
    if kind() == "sqlite":
        with _frozen_sqlite(to / DATABASE_FILE):
            yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        tables = _tables()
        # SHARE waits for writers and keeps new ones out; readers go on.
        cursor.execute(f"LOCK TABLE {', '.join(map(_quoted, tables))} IN SHARE MODE")
        for table in tables:
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
        guard.execute("BEGIN IMMEDIATE")
        source.backup(target)
        yield
        guard.execute("ROLLBACK")


def is_empty() -> bool:
    """Whether nobody has worked with this database yet."""
    tables = connection.introspection.table_names()
    if "team_user" not in tables:
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM team_user), (SELECT count(*) FROM "
                       "team_auditentry), (SELECT count(*) FROM customers_customer)")  # fmt: skip
        return not any(cursor.fetchone())


def load(source: Path, *, applied: list[list[str]]) -> None:
    """Replace PostgreSQL's contents by a dump, in one transaction, then migrate forward."""
    leaves: dict[str, str] = dict(applied)  # sorted: the last one wins
    for app, name in leaves.items():
        call_command("migrate", app, name, verbosity=0, interactive=False)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(map(_quoted, _tables()))} RESTART IDENTITY CASCADE")
        for file in sorted(source.glob("*.copy")):
            with file.open("rb") as rows:
                columns = rows.readline().decode().strip()
                with cursor.copy(f"COPY {_quoted(file.stem)} ({columns}) FROM STDIN") as copy:
                    while block := rows.read(1 << 20):
                        copy.write(block)
    call_command("migrate", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        models = apps.get_models(include_auto_created=True)
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def refuse_unknown(applied: list[list[str]]) -> None:
    """Raises InputRefused for a backup whose tables this version does not know."""
    from django.db.migrations.loader import MigrationLoader

    known = {tuple(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if not {tuple(it) for it in applied} <= known:
        raise InputRefused(
            "This backup was made by a newer Perennial. Install that version first.",
            code="backup_too_new",
        )


def _tables() -> list[str]:
    return sorted(it for it in connection.introspection.table_names() if it != _OWN_BOOK)


def _columns(table: str) -> str:
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, table)
    return ", ".join(_quoted(column.name) for column in found)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
