"""What a model learns from: columns of facts, and how each renewal ended.

`Numbers` hold nan, `Words` hold "" where nothing is known; a model reads that as a fact of its
own, never as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from perennial.health.risk.rules.scores import Flags, Floats

Rows = NDArray[np.int64]
Text = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Numbers:
    values: Floats

    def take(self, rows: Rows) -> Numbers:
        return Numbers(self.values[rows])


@dataclass(frozen=True, slots=True)
class Words:
    values: Text

    def take(self, rows: Rows) -> Words:
        return Words(self.values[rows])


Columns = Mapping[str, Numbers | Words]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Renewals that were decided. `groups` is one number per customer; `frozen_on` the day
    whose end state the columns show and `known_on` the day on which the outcome was known,
    both as day numbers, None when the data have no dates."""

    columns: Columns
    lost: Flags
    groups: Rows
    amount: Floats | None = None
    frozen_on: Rows | None = None
    known_on: Rows | None = None

    def __len__(self) -> int:
        return len(self.lost)

    def take(self, rows: Rows) -> Labelled:
        return replace(
            self,
            columns=taken(self.columns, rows),
            lost=self.lost[rows],
            groups=self.groups[rows],
            amount=None if self.amount is None else self.amount[rows],
            frozen_on=None if self.frozen_on is None else self.frozen_on[rows],
            known_on=None if self.known_on is None else self.known_on[rows],
        )


def taken(columns: Columns, rows: Rows) -> Columns:
    return {name: column.take(rows) for name, column in columns.items()}
