"""Answers from Spark: the snapshot's files as Parquet, and the same expression over them."""

from __future__ import annotations

import os
import tempfile
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from perennial.events.store import functions
from perennial.events.store.answers import Question, prepared, without
from perennial.events.store.door import Store
from perennial.events.store.engine import literal
from perennial.events.store.spark import faults
from perennial.events.store.spark.session import Connection, connection
from perennial.events.store.tables import TABLES, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

WAIT_FOR_WORKERS_SECONDS = 60.0
LOOK_EVERY_SECONDS = 5.0
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
    with faults.named(here.log), _patience(here):
        session = here.session.newSession()
        for name, value in _MEANING.items():
            session.conf.set(name, value)
        for definition in functions.SPARK:
            session.sql(definition)
        with _fresh_files(question, store) as fresh:
            for name in question.tables:
                rows = _rows(question, store, session, name, fresh.get(name))
                rows.createOrReplaceTempView(name)
            return question.typed(session.sql(question.sql("pyspark")).toArrow())


def _rows(
    question: Question, store: Store, session: SparkSession, name: str, fresh: Path | None
) -> DataFrame:
    if name not in TABLES:
        return session.createDataFrame(question.offered[name])
    snapshot = store.snapshot(name)
    files = snapshot.between(question.first_on, question.last_on)
    found = _read(session, snapshot.table, [snapshot.folder / file.path for file in files])
    if not question.ever:
        found = found.where(standing(snapshot.table, known_by=question.known_by))
    if fresh is not None:
        late = _read(session, snapshot.table, [fresh])
        found = found.where(without(question.fresh[name])).unionByName(late)
    return found.where(question.condition)


def _read(session: SparkSession, table: Table, files: Sequence[Path]) -> DataFrame:
    if not files:
        return session.createDataFrame([], columns(table))
    reader = session.read.schema(columns(table)).option("recursiveFileLookup", "true")
    return reader.parquet(*(_address(file) for file in files))


@contextmanager
def _fresh_files(question: Question, store: Store) -> Iterator[dict[str, Path]]:
    """The fresh rows of each table as a Parquet file in the store, where the workers see it."""
    store.scratch.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=store.scratch, suffix=f"-{os.getpid()}") as folder,
        prepared(question, store) as session,
    ):
        files = {}
        for name in question.fresh.keys() & set(question.tables):
            files[name] = Path(folder) / f"{name}.parquet"
            select = question.fresh[name].select
            session.run(f"COPY ({select}) TO {literal(str(files[name]))} (FORMAT parquet)")
        yield files


def columns(table: Table) -> str:
    """A table's columns as Spark declares them; files without one read it as null."""
    types = ((name, _TYPES[str(table.schema.field(name).type)]) for name in table.columns)
    return ", ".join(f"`{name}` {kind}" for name, kind in types)


def standing(table: Table, *, known_by: date | None) -> str:
    """The rows as they were known at the end of a day; None: as known now.

    A row that became known otherwise later is replaced from a day on; it stands for the days
    before, so that what was known on a past day never changes.
    """
    conditions, later = ["true"], ""
    if known_by is not None:
        day = f"DATE '{known_by.isoformat()}'"
        later = f" OR replaced_on > {day}"
        dated = [name for name in ("received_on", "known_on") if name in table.columns]
        conditions += [f"({name} IS NULL OR {name} <= {day})" for name in dated]
    if "replaced_on" in table.columns:
        conditions.append(f"(replaced_on IS NULL{later})")
    return " AND ".join(conditions)


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
        while not done.wait(LOOK_EVERY_SECONDS):
            alone = context._jsc.sc().getExecutorMemoryStatus().size() <= 1
            waited = waited + LOOK_EVERY_SECONDS if alone else 0
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
