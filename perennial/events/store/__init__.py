"""The analytical store: events, daily activity and score history, in Delta tables.

Only this package knows the engines (DuckDB, and Spark when asked for) and the table format
(Delta Lake).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
from django.conf import settings

from perennial.events.store.answers import Fresh, Question, on_duckdb
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
from perennial.events.store.tables import ACTIVITY, EVENTS, HEALTH_HISTORY, LINKS, Table
from perennial.events.store.upkeep import compact, drop_before, merge_small, sweep
from perennial.events.store.writing import Change, plan_files

__all__ = [
    "ACTIVITY",
    "EVENTS",
    "HEALTH_HISTORY",
    "LINKS",
    "Change",
    "File",
    "Fresh",
    "QueryError",
    "Session",
    "Snapshot",
    "Store",
    "Table",
    "answer",
    "check_engine",
    "compact",
    "drop_before",
    "file_literal",
    "files_literal",
    "identifier",
    "literal",
    "merge_small",
    "open_store",
    "plan_files",
    "sweep",
    "table_session",
]


def open_store() -> Store:
    """The store of this installation (`PERENNIAL_HOME/store`)."""
    return _store(settings.PERENNIAL_HOME / "store")


def answer(
    expression: ir.Table,
    *,
    first_on: date | None = None,
    last_on: date | None = None,
    known_by: date | None = None,
    offered: Mapping[str, pa.Table] | None = None,
    fresh: Mapping[str, Fresh] | None = None,
    ever: bool = False,
) -> pa.Table:
    """The rows of an Ibis expression, in any order, from the engine of PERENNIAL_ENGINE.

    Its tables are found by name: those of the store are limited to the days [first_on, last_on]
    and to what was known at the end of `known_by` (None: now); all others are in `offered`.
    Days of a table that its files do not have yet are in `fresh`. With `ever`, rows that were
    replaced are among them, for expressions that say themselves what was known when.
    Raises EnvironmentFault when the engine is not there or stops.
    """
    tables, late = offered or {}, fresh or {}
    question = Question(expression, first_on, last_on, known_by, tables, late, ever)
    engine = settings.PERENNIAL_ENGINE.lower()
    if engine == "duckdb":
        return on_duckdb(question, open_store())
    from perennial.events.store.spark.run import on_spark

    log = settings.PERENNIAL_HOME / "logs" / "spark.log"
    return on_spark(question, open_store(), engine=engine, log=log)


def check_engine() -> None:
    """Raise an EnvironmentFault when the engine of PERENNIAL_ENGINE cannot be reached."""
    if (engine := settings.PERENNIAL_ENGINE.lower()) != "duckdb":
        from perennial.events.store.spark.session import check

        check(engine)


@lru_cache(maxsize=8)
def _store(path: Path) -> Store:
    return Store(path)
