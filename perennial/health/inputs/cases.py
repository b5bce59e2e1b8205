"""Cases, and what was measured of them: a customer at the end of a day, as known then or now.

The day, the preview of a draft and the backtest ask the same way, so that they cannot differ:
the day has one case per served customer, a backtest many cases on many days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from perennial.health.inputs.served import Served, served

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Days: TypeAlias = NDArray[np.datetime64]  # of unit D
Texts: TypeAlias = NDArray[np.object_]

NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Columns of one length. `as_of`: the state at the END of this business day.

    `known`: only what was recorded by the end of that day counts. A negative customer has no
    record: it has usage under its external id, and no facts. `served` is what the day knows of
    its customers already.
    """

    customer: Ints
    external_id: Sequence[str]
    as_of: Days
    known: bool = False
    served: Sequence[Served] | None = None

    def __len__(self) -> int:
        return len(self.customer)

    @classmethod
    def of(
        cls,
        customer: Iterable[int],
        external_id: Sequence[str],
        as_of: Iterable[date] | Days,
        *,
        known: bool = False,
    ) -> Cases:
        """From plain values."""
        days = np.asarray(as_of if isinstance(as_of, np.ndarray) else list(as_of))
        return cls(
            np.asarray(list(customer), "int64"),
            list(external_id),
            days.astype("datetime64[D]"),
            known,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One measure over all cases.

    `value` nan: none. `as_of_on` NaT: as of the case's day. `stale`: what brings it had fallen
    silent, or its validity has run out. `connected`: its source existed here by then.
    `params`: numbers (nan: unknown) and texts for the sentence. `why`: why nobody can have a
    value, e.g. a metric that was retired; '' else.
    """

    value: Floats
    as_of_on: Days
    stale: Flags
    connected: Flags
    params: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Readings(Mapping[str, Column]):
    """Columns by source, as a measure names it. `facts`: what audiences filter by, read when
    asked for; `assumed_rate`: share of the facts read whose moment of recording is assumed."""

    cases: Cases
    columns: Mapping[str, Column]
    facts: Mapping[str, NDArray[Any]]
    assumed_rate: float = 0.0

    def __getitem__(self, source: str) -> Column:
        return self.columns[source]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


def day_cases(
    day: date, *, known: bool = False, customers: Sequence[Served] | None = None
) -> Cases:
    """Everybody served at the end of a day (`customers`: those, already read)."""
    found = served(day, known=known) if customers is None else customers
    days = np.full(len(found), np.datetime64(day, "D"))
    ids = np.array([it.pk for it in found], "int64")
    return Cases(ids, [it.external_id for it in found], days, known, found)


def empty(size: int, *, connected: bool | Flags = False, why: str = "") -> Column:
    """A column without any value."""
    return column(np.full(size, np.nan), connected=connected, why=why)


def column(
    value: Floats,
    *,
    connected: bool | Flags = True,
    as_of_on: Days | None = None,
    stale: Flags | None = None,
    params: Mapping[str, NDArray[Any]] | None = None,
    why: str = "",
) -> Column:
    """A column with the usual rest; values are rounded to four digits, so that a replay from
    the history gives the same score."""
    size = len(value)
    here = np.full(size, connected) if isinstance(connected, bool) else connected
    return Column(
        np.where(here, np.round(value, 4) + 0.0, np.nan),  # never a negative zero
        np.full(size, NEVER) if as_of_on is None else as_of_on,
        np.zeros(size, bool) if stale is None else stale,
        here,
        params or {},
        why,
    )
