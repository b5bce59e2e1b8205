"""The engine's sessions: DuckDB with bounded memory, no network, and errors with names."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from deltalake.exceptions import DeltaError

from perennial.units.errors import EnvironmentFault, PerennialError
from perennial.units.sentence import sentence

MEMORY = "1GB"
_ENVIRONMENT = (
    duckdb.OutOfMemoryException,
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.InternalException,
    DeltaError,
)
BATCH_ROWS = 50_000


class QueryError(PerennialError):
    """The engine refused a statement for what its input holds."""

    code = "query_failed"


def identifier(name: str) -> str:
    """A column's name as SQL, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | None) -> str:
    """A text as SQL, whatever characters it has."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def file_literal(path: Path | str) -> str:
    """A file's path as SQL: exactly this file, never a pattern."""
    return literal(_no_pattern(path))


def files_literal(folder: Path, pattern: str) -> str:
    """The files of a folder that match a pattern of ours, as SQL."""
    return literal(f"{_no_pattern(folder)}/{pattern}")


def _no_pattern(path: Path | str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(Path(path).absolute()))


class Session:
    """One piece of work in the engine; statements see the same temporary tables and views."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def run(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Execute one statement for its effect."""
        with named_errors():
            self._cursor.execute(sql, list(parameters))

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows; moments must be turned into something else by the statement."""
        with named_errors():
            return self._cursor.execute(sql, list(parameters)).fetchall()

    def table(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """All rows as an Arrow table."""
        with named_errors():
            return self._cursor.sql(sql, params=list(parameters)).to_arrow_table()

    def batches(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[pa.RecordBatch]:
        """All rows as a stream of Arrow batches."""
        with named_errors():
            found = self._cursor.sql(sql, params=list(parameters))
            reader: pa.RecordBatchReader = found.to_arrow_reader(BATCH_ROWS)
            yield from reader

    def arrays(self, sql: str, parameters: Sequence[object] = ()) -> dict[str, Any]:
        """All rows as one NumPy array per column (masked where values are missing)."""
        with named_errors():
            found: dict[str, Any] = self._cursor.execute(sql, list(parameters)).fetchnumpy()
            return found

    def offer(self, name: str, table: pa.Table) -> None:
        """Let statements of this session read an Arrow table under a name."""
        with named_errors():
            self._cursor.register(name, table)

    def close(self) -> None:
        self._cursor.close()


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn the engine's and the tables' errors into ours: the environment's or the input's."""
    try:
        yield
    except _ENVIRONMENT as error:
        if "No space left" in str(error):
            raise EnvironmentFault("The disk is full. Nothing half written is kept.") from error
        raise EnvironmentFault(
            "The analytical engine stopped: {reason}",
            code="engine",
            params={"reason": str(error).splitlines()[0]},
        ) from error
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except RuntimeError as error:
        if "Query interrupted" not in str(error):  # so the binding tells Ctrl-C while it waits
            raise
        raise KeyboardInterrupt from error
    except duckdb.Error as error:
        raise QueryError(
            sentence("The analytical engine could not read this: {reason}"),
            params={"reason": str(error).splitlines()[0]},
        ) from error


class Engine:
    """One in-memory DuckDB per store and process; its sessions may run in any thread."""

    def __init__(self, scratch: Path) -> None:
        self._config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": str(min(os.cpu_count() or 2, 8)),
            "temp_directory": str(scratch),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "false",
        }
        self._database = duckdb.connect(":memory:", config=self._config)

    def session(self) -> Session:
        try:
            return self._open()
        except (duckdb.Error, EnvironmentFault):  # an error of its own closes it
            self._database = duckdb.connect(":memory:", config=self._config)
            return self._open()

    def _open(self) -> Session:
        session = Session(self._database.cursor())
        session.run("SET TimeZone = 'UTC'")
        session.run("SET enable_progress_bar = false")  # standard output belongs to the command
        return session


@contextmanager
def table_session() -> Iterator[Session]:
    """A session over Arrow tables and Parquet files alone: no store, no home.

    All such sessions of a process share one engine and its memory.
    """
    session = _loose(os.getpid()).session()
    try:
        yield session
    finally:
        session.close()


@lru_cache(maxsize=1)
def _loose(process: int) -> Engine:
    return Engine(Path(tempfile.gettempdir()) / f"perennial-engine-{process}")
