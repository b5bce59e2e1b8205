"""Metric expressions on the engine of the settings: DuckDB in this process, or Spark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

from perennial.events.store import functions
from perennial.events.store.door import Store
from perennial.events.store.engine import Session, identifier
from perennial.events.store.tables import TABLES


@dataclass(frozen=True, slots=True)
class Fresh:
    """Rows that the table's files do not have yet: those of whole days, by a SELECT of the
    embedded engine over the store's files and the offered tables."""

    days: Sequence[date]
    select: str


@dataclass(frozen=True, slots=True)
class Question:
    """An expression, and the rows of the store that it is about.

    Its tables are found by name: those of the store are limited to the days [first_on, last_on]
    and to what was known at the end of `known_by` (None: now); all others are in `offered`.
    The days of `fresh` are not read from the table's files. With `ever`, rows that were replaced
    are among them: the expression itself says which were known when.
    """

    expression: ir.Table
    first_on: date | None = None
    last_on: date | None = None
    known_by: date | None = None
    offered: Mapping[str, pa.Table] = field(default_factory=dict)
    fresh: Mapping[str, Fresh] = field(default_factory=dict)
    ever: bool = False

    @property
    def tables(self) -> list[str]:
        """The names of the tables that the expression reads."""
        return sorted({node.name for node in self.expression.op().find(ops.UnboundTable)})

    @property
    def condition(self) -> str:
        """The days that are meant, as SQL of both engines."""
        limits = ["true"]
        if self.first_on is not None:
            limits.append(f"day >= DATE '{self.first_on.isoformat()}'")
        if self.last_on is not None:
            limits.append(f"day <= DATE '{self.last_on.isoformat()}'")
        return " AND ".join(limits)

    def sql(self, dialect: str) -> str:
        """The expression in the words of an engine; building it costs 20 ms, so it is kept."""
        return _sql(self.expression.op(), dialect)

    def typed(self, found: pa.Table) -> pa.Table:
        """An engine's rows with exactly the expression's types."""
        schema = self.expression.schema().to_pyarrow()
        return found.select(schema.names).cast(schema)


@lru_cache(maxsize=128)
def _sql(operation: ops.Node, dialect: str) -> str:
    getattr(ibis, dialect)  # registers the options that its compiler asks for
    return str(ibis.to_sql(operation.to_expr(), dialect=dialect))


def on_duckdb(question: Question, store: Store) -> pa.Table:
    """The answer of the engine in this process."""
    with prepared(question, store) as session:
        for name in question.tables:
            if name in TABLES:
                view = f"SELECT * FROM ({_rows(question, store, name)}) WHERE {question.condition}"
                session.run(f"CREATE OR REPLACE TEMP VIEW {identifier(name)} AS {view}")
        return question.typed(session.table(question.sql("duckdb")))


@contextmanager
def prepared(question: Question, store: Store) -> Iterator[Session]:
    """A session of the embedded engine that knows the functions and the offered tables."""
    with store.session() as session:
        for definition in functions.DUCKDB:
            session.run(definition)
        for name, table in question.offered.items():
            session.offer(name, table)
        yield session


def _rows(question: Question, store: Store, name: str) -> str:
    snapshot = store.snapshot(name)
    files = snapshot.between(question.first_on, question.last_on)
    if question.ever:
        return snapshot.sql(files)
    rows = snapshot.standing(files, known_by=question.known_by)
    if (fresh := question.fresh.get(name)) is None:
        return rows
    return f"SELECT * FROM ({rows}) WHERE {without(fresh)} UNION ALL BY NAME ({fresh.select})"


def without(fresh: Fresh) -> str:
    """All days but these, as SQL of both engines."""
    listed = ", ".join(f"DATE '{day.isoformat()}'" for day in fresh.days)
    return f"day NOT IN ({listed})" if listed else "true"
