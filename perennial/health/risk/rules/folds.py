"""Which rows teach and which rows test: never the same customer, never the future.

With dates: rolling origin. The rows are cut by the day on which they were frozen; each block is
told by a model that knew only outcomes recorded before the block begins.
Without dates: folds that hold whole customers and about equally many losses.
Source: metric specification D3, validation.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from perennial.health.risk.rules.labelled import Labelled, Rows

FIRST_SHARE = 0.5  # of the rows are only ever learned from: the past before the first block
FEWEST_OF_A_KIND = 10  # losses, and renewals, without which nothing is learned


@dataclass(frozen=True, slots=True)
class Fold:
    learn: Rows
    test: Rows


def folds_of(data: Labelled, *, wanted: int, seed: int) -> list[Fold]:
    """Rolling origin when the data have dates, whole customers at random otherwise. Folds with
    too little to learn from are left out."""
    if data.frozen_on is None or data.known_on is None:
        return [
            Fold(np.setdiff1d(np.arange(len(data)), test), test)
            for test in grouped(data, wanted=wanted, seed=seed)
        ]
    return [
        fold
        for fold in rolling(data, wanted=wanted)
        if enough(data.take(fold.learn)) and len(fold.test)
    ]


def enough(data: Labelled) -> bool:
    losses = int(data.lost.sum())
    return min(losses, len(data) - losses) >= FEWEST_OF_A_KIND


def grouped(data: Labelled, *, wanted: int, seed: int) -> list[Rows]:
    """Test rows of each fold: whole customers, those with a loss spread evenly."""
    random = np.random.default_rng(seed)
    customers, members = np.unique(data.groups, return_inverse=True)
    has_loss = np.bincount(members, weights=data.lost, minlength=len(customers)) > 0
    shuffled = random.permutation(len(customers))
    order = np.concatenate([shuffled[has_loss[shuffled]], shuffled[~has_loss[shuffled]]])
    fold_of = np.empty(len(customers), dtype=np.int64)
    fold_of[order] = np.arange(len(customers)) % wanted
    return [np.flatnonzero(fold_of[members] == at) for at in range(wanted)]


def rolling(data: Labelled, *, wanted: int) -> list[Fold]:
    """Blocks of later and later rows, each with what was known before it began."""
    assert data.frozen_on is not None and data.known_on is not None
    ordered = np.sort(data.frozen_on)
    places = np.linspace(FIRST_SHARE * len(ordered), len(ordered), wanted + 1).astype(np.int64)
    cuts = [int(ordered[at]) for at in places[:-1]]
    cuts.append(int(ordered[-1]) + 1)
    found = []
    for begins, ends in pairwise(cuts):
        test = np.flatnonzero((data.frozen_on >= begins) & (data.frozen_on < ends))
        known = (data.known_on < begins) & ~np.isin(data.groups, data.groups[test])
        found.append(Fold(np.flatnonzero(known), test))
    return found
