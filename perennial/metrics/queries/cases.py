"""Usage of any cases: customers on days, each as known on its day, in a pass per figure.

A case is the state at the end of a day. Columns have an element per case; nan and NaT are
unknown. Not behind a gate: callers show only what their own gate lets through.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeAlias

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perennial.events.store import answer, open_store
from perennial.metrics.catalog import cases as figures
from perennial.metrics.catalog import windows
from perennial.metrics.catalog.periodic import Selection
from perennial.metrics.catalog.rows import Reading
from perennial.metrics.queries.definitions import definitions, rule_named
from perennial.metrics.queries.named import Named
from perennial.metrics.queries.usage import UsageRow
from perennial.metrics.rules.trend import LEAST_PRIOR_DAYS, PRIOR_DAYS

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Days: TypeAlias = NDArray[np.datetime64]  # of unit D

ALWAYS = np.datetime64("9999-12-31", "D")  # known on this day is known now
_NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True, slots=True)
class Asking:
    """`size` cases, and a row per case and external id that its customer has on that day."""

    size: int
    rows: pa.Table  # case, customer, as_of, known_on

    @property
    def last_on(self) -> date | None:
        found: date | None = max(self.rows.column("as_of").unique().to_pylist(), default=None)
        return found

    @property
    def first_on(self) -> date | None:
        found: date | None = min(self.rows.column("as_of").unique().to_pylist(), default=None)
        return found


@dataclass(frozen=True, slots=True)
class UsageColumns:
    """The columns of `UsageRow` over cases; what has no event yet has no `last_seen_on`."""

    events_7d: Floats
    events_28d: Floats
    events_prior_84d: Floats
    active_people_28d: Floats
    active_people_prior_28d: Floats
    active_days_28d: Floats
    feature_breadth_28d: Floats
    people_known: Floats
    first_seen_on: Days
    last_seen_on: Days
    usage_trend_rate: Floats


@dataclass(frozen=True, slots=True)
class Heard:
    """What the whole installation had heard by the end of each case's day."""

    first_on: Days  # of any event
    last_on: Days  # of any event, or of its arrival
    used_on: Days  # the last day with an event of somebody's
    features: Ints  # how many of the registry were ever used


def usage_columns(asked: Asking) -> UsageColumns:
    """Usage of all cases, with the meaning of `customer_metrics`."""
    how = Reading()
    recent = figures.case_windows(how)
    found = _answer(recent, asked, days=windows.WINDOW_DAYS)
    names = [name for name in recent.columns if name != "case"]
    columns = {name: _placed(found, name, asked.size, absent=0.0) for name in names}
    spans = _answer(figures.case_spans(how), asked, days=None)
    first, last = (_days(spans, name, asked.size) for name in ("first_seen_on", "last_seen_on"))
    as_of = days_of(asked)
    trend = _trend(columns["events_28d"], columns["events_prior_84d"], first, as_of)
    return UsageColumns(**columns, first_seen_on=first, last_seen_on=last, usage_trend_rate=trend)


def columns_of(rows: Sequence[UsageRow | None]) -> UsageColumns:
    """The same from rows of `customer_metrics`, for cases of one day; None: never seen."""
    figures_of = operator.attrgetter(*_FIGURES)
    nothing = (0.0,) * (len(_FIGURES) - 1) + (None,)
    table = np.array([figures_of(row) if row else nothing for row in rows], "float64")
    table = table.reshape(len(rows), len(_FIGURES))
    days = (
        np.array([getattr(row, name) if row else None for row in rows], "datetime64[D]")
        for name in ("first_seen_on", "last_seen_on")
    )
    first, last = days
    return UsageColumns(
        **dict(zip(_FIGURES, table.T, strict=True)), first_seen_on=first, last_seen_on=last
    )


_FIGURES = (
    *(name for name, _, _ in windows.COLUMNS),
    "people_known",
    "usage_trend_rate",  # the last one: unknown without a past
)


def days_of(asked: Asking) -> Days:
    """The day of each case."""
    found = np.full(asked.size, _NEVER)
    found[asked.rows.column("case").to_numpy()] = asked.rows.column("as_of").to_numpy()
    return found


def _trend(now: Floats, before: Floats, first: Days, as_of: Days) -> Floats:
    """`rules.trend.usage_trend_rate`, of all cases at once."""
    from_on = as_of - np.timedelta64(windows.MONTH_DAYS - 1, "D")
    past = (from_on - first).astype(float)
    past[np.isnat(first)] = np.nan
    past = np.minimum(past, PRIOR_DAYS)
    known = (past >= LEAST_PRIOR_DAYS) & (before > 0)
    rate = np.full(len(now), np.nan)
    rate[known] = (now[known] / windows.MONTH_DAYS) / (before[known] / past[known]) - 1
    return rate


def figure_column(
    named: Named, asked: Asking, *, days: int, seats: Floats, heard: Heard, until: Days
) -> Floats:
    """A metric over the `days` up to each case's day. `seats`: of the customer on that day;
    `until`: the last day on which it was watched (NaT: it still is)."""
    as_of = days_of(asked)
    defined = definitions(asked.last_on or date.min)
    selection = None
    if named.event or named.where:
        rule = rule_named(named.event) if named.event else None
        selection = Selection(named.event or None, rule, named.where)
    observed = observed_days(as_of, days=days, heard=heard, until=until)
    facts = _facts(as_of, days=days, seats=seats, observed=observed)
    how = Reading(deep_bits=defined.deep_bits, rules=defined.rules)
    question = figures.CaseQuestion(named.metric, days, how, selection)
    found = _answer(
        figures.case_figures(question),
        asked,
        days=None if question.needs_all else days + named.metric.before_days,
        offered={"case_facts": facts, "features": defined.masks()},
    )
    absent = np.nan if named.metric.absent is None else named.metric.absent
    values = found.column("value")
    if pa.types.is_date(values.type):
        days_ago = (as_of - _days(found, "value", asked.size)).astype(float)
        return np.where(np.isnat(_days(found, "value", asked.size)), np.nan, days_ago)
    column = _placed(found, "value", asked.size, absent=absent)
    return np.where(observed > 0, column, np.nan)


def observed_days(as_of: Days, *, days: int, heard: Heard, until: Days) -> Ints:
    """How many of the `days` up to each day were observed at all."""
    begin = np.fmax(as_of - np.timedelta64(days - 1, "D"), heard.first_on)
    end = np.fmin(np.fmin(as_of, heard.last_on), until)
    found = (end - begin).astype("int64") + 1
    return np.where(np.isnat(heard.first_on), 0, np.maximum(found, 0))


def _facts(as_of: Days, *, days: int, seats: Floats, observed: Ints) -> pa.Table:
    size = len(as_of)
    from_day = as_of.astype("int64") - (days - 1)
    return pa.table(
        {
            "case": pa.array(np.arange(size)),
            "seats": pa.array(np.nan_to_num(seats).astype("int64"), mask=np.isnan(seats)),
            "from_day": pa.array(from_day),
            "days": pa.array(np.full(size, days)),
            "observed_days": pa.array(observed),
        }
    )


def heard(as_of: Days, known_on: Days) -> Heard:
    """What had been heard by the end of each day; as known on another (ALWAYS: now)."""
    store = open_store()
    found = _days_heard((str(store.path), store.snapshot("activity").version))
    day, received, replaced = (
        found.column(name).to_numpy().astype("datetime64[D]")
        for name in ("day", "received_on", "replaced_on")
    )
    counts = found.column("counts").to_numpy().astype(bool)
    bits = found.column("features").to_numpy()
    pairs, which = np.unique(np.stack([as_of, known_on]), axis=1, return_inverse=True)
    rows = [
        _heard(day, received, bits, counts & (day <= on), (received <= by) & ~(replaced <= by))
        for on, by in pairs.T
    ]
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    which = which.ravel()
    first, last, used = (np.array(it, "datetime64[D]")[which] for it in columns[:3])
    return Heard(first, last, used, np.array(columns[3], "int64")[which])


@lru_cache(maxsize=2)
def _days_heard(state: tuple[str, int]) -> pa.Table:  # noqa: ARG001
    return answer(figures.days_heard(), ever=True)


def _heard(
    day: Days, received: Days, bits: Ints, counts: NDArray[np.bool_], known: NDArray[np.bool_]
) -> tuple[np.datetime64, np.datetime64, np.datetime64, int]:
    """`known` rows; those of them that `counts` names are somebody's use by then."""
    if not known.any():
        return _NEVER, _NEVER, _NEVER, 0
    used = known & counts
    features = int(np.bitwise_or.reduce(bits[used])) if used.any() else 0
    last = max(day[known].max(), received[known].max())
    return day[known].min(), last, day[used].max() if used.any() else _NEVER, features.bit_count()


def active_people(asked: Asking, *, people: pa.Table, days: int) -> pa.Table:
    """Columns case, person, active_days (in the last `days`), last_seen_on: of those among
    `people` (case, person) that were ever active until the case's day."""
    expression = figures.case_people(Reading(), days=days)
    return _answer(expression, asked, days=None, offered={"wanted_people": people})


def _answer(
    expression: ir.Table,
    asked: Asking,
    *,
    days: int | None,
    offered: dict[str, pa.Table] | None = None,
) -> pa.Table:
    """`days`: how far back from a case's day its rows are needed; None: all of them."""
    first_on = asked.first_on
    if first_on is not None and days is not None:
        first_on = date.fromordinal(max(first_on.toordinal() - days + 1, 1))
    return answer(
        expression,
        first_on=None if days is None else first_on,
        last_on=asked.last_on,
        offered={"cases": asked.rows, **(offered or {})},
        ever=True,
    )


def _placed(found: pa.Table, name: str, size: int, *, absent: float) -> Floats:
    column: Floats = np.full(size, absent)
    values = found.column(name).cast(pa.float64()).to_numpy()
    column[found.column("case").to_numpy()] = values
    return column


def _days(found: pa.Table, name: str, size: int) -> Days:
    column = np.full(size, _NEVER)
    column[found.column("case").to_numpy()] = found.column(name).to_numpy()
    return column


def asking(
    external_ids: Sequence[str], as_of: Days, known_on: Days, case: Ints, *, size: int
) -> Asking:
    """Rows of cases: an element per case and id; `case` says whose it is."""
    return Asking(
        size,
        pa.table(
            {
                "case": pa.array(case, pa.int64()),
                "customer": pa.array(external_ids, pa.string()),
                "as_of": pa.array(as_of, pa.date32()),
                "known_on": pa.array(known_on, pa.date32()),
            }
        ),
    )
