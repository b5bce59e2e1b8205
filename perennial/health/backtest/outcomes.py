"""Outcomes in parallel columns: who, when it ended, lost or kept, and what it was worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from perennial.customers.models import Customer

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Days: TypeAlias = NDArray[np.datetime64]  # of unit D
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ended:
    """One outcome. A `control` was not asked for: it only stands beside a loss, to be ranked
    against it, where nothing but losses are known."""

    external_id: str
    ended_on: date
    lost: bool
    amount: Fraction | None = None
    control: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Sorted by day and customer, so that the same facts give the same bytes.

    `customer`: its pk, or a negative number for one that only events name. `horizons`: so many
    days before the end the score is looked at. `left_out`: how many were, by why. `told`: what
    else the settings of a report say about where these come from.
    """

    customer: Ints
    external_id: Sequence[str]
    ended_on: Days
    lost: Flags
    control: Flags
    amount: Sequence[Fraction | None]
    horizons: tuple[int, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, object] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lost)


def columns_of(
    rows: Sequence[Ended],
    *,
    horizons: tuple[int, ...],
    left_out: Mapping[str, int] | None = None,
    told: Mapping[str, object] | None = None,
) -> Outcomes:
    """Rows as columns, in their order."""
    pks = dict(Customer.objects.values_list("external_id", "pk"))
    unknown = sorted({row.external_id for row in rows} - pks.keys())
    pks |= {external_id: -number for number, external_id in enumerate(unknown, start=1)}
    ordered = sorted(rows, key=lambda it: (it.ended_on, it.external_id, it.control, not it.lost))
    return Outcomes(
        np.array([pks[row.external_id] for row in ordered], "int64"),
        [row.external_id for row in ordered],
        np.array([row.ended_on for row in ordered], "datetime64[D]"),
        np.array([row.lost for row in ordered], bool),
        np.array([row.control for row in ordered], bool),
        [row.amount for row in ordered],
        horizons,
        left_out or {},
        told or {},
    )
