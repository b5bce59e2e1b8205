"""Answers from Spark: the snapshot's files as Parquet, and the same expression over them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from perennial.events.store import functions
from perennial.events.store.answers import Question
from perennial.events.store.door import Store
from perennial.events.store.spark import faults
from perennial.events.store.spark.session import Connection, connection, drop
from perennial.events.store.tables import TABLES, Table
from perennial.units.errors import EnvironmentFault

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

WAIT_FOR_WORKERS_SECONDS = 60.0
# Whatever an administrator's defaults say, answers must be those of the embedded engine.
_MEANING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, never a wrong figure
    "spark.sql.caseSensitive": "true",
    "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",  # we name every file
}
_TYPES = {
    "date32[day]": "DATE",
    "string": "STRING",
    "timestamp[us, tz=UTC]": "TIMESTAMP",
    "double": "DOUBLE",
    "int64": "BIGINT",
    "binary": "BINARY",
    "bool": "BOOLEAN",
}


def on_spark(question: Question, store: Store, *, engine: str, log: Path) -> pa.Table:
    """The answer of the cluster; `engine` as in PERENNIAL_ENGINE."""
    here = connection(engine, scratch=store.scratch, log=log)
    try:
        with faults.named(log), _patience(here):
            session = here.session.newSession()
            for name, value in _MEANING.items():
                session.conf.set(name, value)
            for definition in functions.SPARK:
                session.sql(definition)
            for name in question.tables:
                _rows(question, store, session, name).createOrReplaceTempView(name)
            return question.typed(session.sql(question.sql("pyspark")).toArrow())
    except EnvironmentFault:
        if here.session.sparkContext._jsc is None or _is_stopped(here):
            drop()
        raise


def _rows(question: Question, store: Store, session: SparkSession, name: str) -> DataFrame:
    if name not in TABLES:
        return session.createDataFrame(question.offered[name])
    snapshot = store.snapshot(name)
    files = snapshot.between(question.first_on, question.last_on)
    paths = [_address(snapshot.folder / file.path) for file in files]
    schema = columns(snapshot.table)
    found = (
        session.read.schema(schema).option("recursiveFileLookup", "true").parquet(*paths)
        if paths
        else session.createDataFrame([], schema)
    )
    return found.where(where(snapshot.table, question))


def columns(table: Table) -> str:
    """A table's columns as Spark declares them; files without one read it as null."""
    types = ((name, _TYPES[str(table.schema.field(name).type)]) for name in table.columns)
    return ", ".join(f"`{name}` {kind}" for name, kind in types)


def where(table: Table, question: Question) -> str:
    """The days of a question, and the rows as they were known at the end of `known_by`.

    A row that became known otherwise later is replaced from a day on; it stands for the days
    before, so that what was known on a past day never changes.
    """
    conditions = ["true"]
    if question.first_on is not None:
        conditions.append(f"day >= {_day(question.first_on)}")
    if question.last_on is not None:
        conditions.append(f"day <= {_day(question.last_on)}")
    later = ""
    if question.known_by is not None:
        later = f" OR replaced_on > {_day(question.known_by)}"
        conditions += [
            f"({name} IS NULL OR {name} <= {_day(question.known_by)})"
            for name in ("received_on", "known_on")
            if name in table.columns
        ]
    if "replaced_on" in table.columns:
        conditions.append(f"(replaced_on IS NULL{later})")
    return " AND ".join(conditions)


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def _address(path: Path) -> str:
    """A file's address: exactly this file, never a pattern."""
    return "file://" + "".join(f"\\{c}" if c in "*?[]{}\\" else c for c in str(path.absolute()))


@contextmanager
def _patience(here: Connection) -> Iterator[None]:
    """Give up when no worker comes: a master without a free one would let us wait for ever."""
    context = here.session.sparkContext
    group, done, gave_up = uuid.uuid4().hex, threading.Event(), threading.Event()

    def watch() -> None:
        waited = 0.0
        while not done.wait(1):
            alone = context._jsc.sc().getExecutorMemoryStatus().size() <= 1
            waited = waited + 1 if alone else 0
            if waited >= WAIT_FOR_WORKERS_SECONDS:
                gave_up.set()
                context.cancelJobGroup(group)
                return

    context.setJobGroup(group, "Perennial", interruptOnCancel=True)
    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    except KeyboardInterrupt:
        context.cancelJobGroup(group)
        raise
    except Exception as error:
        if gave_up.is_set():
            raise faults.no_workers(here.address) from error
        raise
    finally:
        done.set()


def _is_stopped(here: Connection) -> bool:
    try:
        return bool(here.session.sparkContext._jsc.sc().isStopped())
    except Exception:  # Java itself is gone
        return True
