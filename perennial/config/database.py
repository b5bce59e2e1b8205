"""The database is ready before a command touches it: migrations run by themselves."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from perennial.config import schema
from perennial.config.home import enter

_ADVISORY_KEY = 0x7065_7265_6E6E  # any number that only this product uses


def pending() -> list[str]:
    """Names of the migrations that have not run yet."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]


def ready() -> None:
    """Make the home if need be and bring the tables up to date; safe from several processes."""
    home = enter()
    if not (schema.is_untouched() or pending()):
        return
    with _alone(home):  # another process may have been faster
        if schema.is_untouched():
            schema.make()
            emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
        elif pending():
            call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One migrator at a time: on this machine by a file lock, across machines by PostgreSQL."""
    with (home / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_KEY])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY_KEY])
