"""Metric expressions on the engine of the settings: DuckDB in this process, or Spark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

from perennial.events.store import functions
from perennial.events.store.door import Store
from perennial.events.store.tables import TABLES


@dataclass(frozen=True, slots=True)
class Question:
    """An expression, and the rows of the store that it is about.

    Its tables are found by name: those of the store are limited to the days [first_on, last_on]
    and to what was known at the end of `known_by` (None: now); all others are in `offered`.
    """

    expression: ir.Table
    first_on: date | None = None
    last_on: date | None = None
    known_by: date | None = None
    offered: Mapping[str, pa.Table] = field(default_factory=dict)

    @property
    def tables(self) -> list[str]:
        """The names of the tables that the expression reads."""
        return sorted({node.name for node in self.expression.op().find(ops.UnboundTable)})

    def sql(self, dialect: str) -> str:
        """The expression in the words of an engine; building it costs 20 ms, so it is kept."""
        return _sql(self.expression.op(), dialect)

    def typed(self, found: pa.Table) -> pa.Table:
        """An engine's rows with exactly the expression's types."""
        return found.cast(self.expression.schema().to_pyarrow())


@lru_cache(maxsize=128)
def _sql(operation: ops.Node, dialect: str) -> str:
    getattr(ibis, dialect)  # registers the options that its compiler asks for
    return str(ibis.to_sql(operation.to_expr(), dialect=dialect))


def on_duckdb(question: Question, store: Store) -> pa.Table:
    """The answer of the engine in this process."""
    limits = {"first_on": question.first_on, "last_on": question.last_on}
    own = [name for name in question.tables if name in TABLES]
    with store.reading(*own, **limits, known_by=question.known_by) as session:
        for definition in functions.DUCKDB:
            session.run(definition)
        for name in set(question.tables) - set(own):
            session.offer(name, question.offered[name])
        return question.typed(session.table(question.sql("duckdb")))
