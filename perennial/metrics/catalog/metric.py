"""What a metric is: one declared object that says what it is called, means and is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir
from django.utils.functional import Promise

from perennial.metrics.catalog.use import Use
from perennial.metrics.rules.periods import By, Grain

Parts = Mapping[str, ir.Value]


def _as_it_is(row: ir.Table) -> ir.Value:
    return row.value


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of usage per customer, person or product and period.

    `parts` aggregates the people of a span (and, with `before_days`, of the past that it is
    compared with) into named columns; `value` makes the figure of these, and of what stands
    beside them: the span's `days`, how many were observed (`observed_days`), its `from_day`,
    and, where the metric `needs` them, `seats` and `first_day` (days since 1970).
    `is_whole`: the figure is a whole number unless events carry fractions.
    """

    name: str
    title: Promise
    unit: Promise
    definition: Promise
    parts: Callable[[Use, Use | None], Parts]
    value: Callable[[ir.Table], ir.Value] = _as_it_is
    by: tuple[By, ...] = tuple(By)
    grains: tuple[Grain, ...] = tuple(Grain)
    before_days: int = 0
    needs: frozenset[str] = frozenset()
    unknown: Promise | None = None  # why its value is null where days were observed
    is_whole: bool = False
    absent: float | None = 0.0  # for a goal: what no row at all means; None: not known
