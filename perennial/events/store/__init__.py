"""The analytical store: events, daily activity and score history, in Delta tables.

Only this package knows the engine (DuckDB) and the table format (Delta Lake).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from perennial.events.store.door import Store
from perennial.events.store.engine import (
    QueryError,
    Session,
    file_literal,
    files_literal,
    identifier,
    literal,
    table_session,
)
from perennial.events.store.snapshot import File, Snapshot
from perennial.events.store.tables import ACTIVITY, EVENTS, HEALTH_HISTORY, Table
from perennial.events.store.upkeep import compact, sweep
from perennial.events.store.writing import Change, plan_files

__all__ = [
    "ACTIVITY",
    "EVENTS",
    "HEALTH_HISTORY",
    "Change",
    "File",
    "QueryError",
    "Session",
    "Snapshot",
    "Store",
    "Table",
    "compact",
    "file_literal",
    "files_literal",
    "identifier",
    "literal",
    "open_store",
    "plan_files",
    "sweep",
    "table_session",
]


def open_store() -> Store:
    """The store of this installation (`PERENNIAL_HOME/store`)."""
    return _store(settings.PERENNIAL_HOME / "store")


@lru_cache(maxsize=8)
def _store(path: Path) -> Store:
    return Store(path)
