"""Did a playbook help? Treated customers against customers like them who were not treated.

1. A treated customer is compared with the nearest untreated ones of the same day, tier and stage:
   nearest in health score, ARR, usage and its trend at the enrolment (standardised).
2. The difference is the change of the treated minus the mean change of those like it; what still
   differs between them is taken off by a straight line through the untreated.
3. The interval comes from drawing customers anew (treated and untreated) with a fixed seed.
4. Fewer than 20 matched customers: no figure, and the reason.
It proves less than a trial: what nobody recorded (a champion, a promise) is not matched.
Source: matching after Rubin (1973), corrected after Abadie & Imbens (2011); Bayesian bootstrap
after Rubin (1981).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST: Final = 20  # matched customers
NEIGHBOURS: Final = 5
CALIPER: Final = 1.0  # mean standardised distance over the known covariates
DRAWS: Final = 1000
SEED: Final = 1


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """A column per covariate; a case is a customer on a day. `block`: only cases of one block are
    compared (day, tier, stage). nan is unknown."""

    customer: NDArray[np.int64]
    treated: NDArray[np.bool_]
    block: Sequence[str]
    covariates: Mapping[str, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """`pairs`: per matched treated case the places of its neighbours. `treated_count`: cases."""

    pairs: Mapping[int, NDArray[np.int64]]
    treated_count: int

    @property
    def share_rate(self) -> float | None:
        return len(self.pairs) / self.treated_count if self.treated_count else None


@dataclass(frozen=True, slots=True)
class Balance:
    """Means of a covariate, and how far apart in standard deviations, before and after."""

    covariate: str
    treated: float | None
    others: float | None
    matched: float | None
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """`difference` with its 95 % interval; None with a `reason`. `n`: treated customers counted."""

    n: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    treated: float | None = None
    others: float | None = None
    reason: str = ""


def match(cases: Cases) -> Matched:
    """The nearest untreated cases of each treated one, with replacement."""
    values = _standardised(cases)
    places: dict[str, tuple[list[int], list[int]]] = {}
    for place, block in enumerate(cases.block):
        places.setdefault(block, ([], []))[int(not cases.treated[place])].append(place)
    pairs: dict[int, NDArray[np.int64]] = {}
    for treated, others in places.values():
        if not others:
            continue
        pool = np.array(others, np.int64)
        for place in treated:
            apart = _distance(values[place], values[pool])
            nearest = np.argsort(apart, kind="stable")[:NEIGHBOURS]
            near = nearest[apart[nearest] <= CALIPER]
            if len(near):
                pairs[place] = pool[near]
    return Matched(pairs, int(cases.treated.sum()))


def _standardised(cases: Cases) -> Floats:
    columns = []
    for column in cases.covariates.values():
        known = column[~np.isnan(column)]
        spread = float(known.std()) if len(known) else 0.0
        centre = float(known.mean()) if len(known) else 0.0
        columns.append((column - centre) / (spread or 1.0))
    return np.stack(columns, axis=1) if columns else np.zeros((len(cases.customer), 0))


def _distance(one: Floats, others: Floats) -> Floats:
    """Root mean square over what is known of both; one side unknown counts as one deviation."""
    apart = others - one
    half = np.isnan(others) != np.isnan(one)
    both = np.isnan(others) & np.isnan(one)
    squares = np.where(half, 1.0, np.where(both, 0.0, np.nan_to_num(apart) ** 2))
    found: Floats = np.sqrt(squares.mean(axis=1)) if squares.shape[1] else np.zeros(len(others))
    return found


def effect(cases: Cases, matched: Matched, outcome: Floats, *, seed: int = SEED) -> Effect:
    """The difference in an outcome. Cases of which it is not known are left out, neighbours too."""
    pairs = {
        place: known
        for place, near in matched.pairs.items()
        if not np.isnan(outcome[place]) and len(known := near[~np.isnan(outcome[near])])
    }
    count = len({int(cases.customer[place]) for place in pairs})
    if count < LEAST:
        return Effect(count, reason="too_few")
    treated, near, owner = _flat(pairs)
    rest = outcome - _line(cases, outcome)
    drawn = _draws(cases, treated, near, owner, rest, seed)
    low, high = np.quantile(drawn, (0.025, 0.975))
    found = _difference(treated, near, owner, rest, np.ones(len(outcome)))
    own = float(outcome[treated].mean())
    return Effect(count, found, float(low), float(high), own, own - found)


def _line(cases: Cases, outcome: Floats) -> Floats:
    """What the covariates alone would let expect, by the untreated; unknown ones count as usual."""
    values = np.nan_to_num(_standardised(cases))
    design = np.column_stack([np.ones(len(values)), values])
    fitted = ~cases.treated & ~np.isnan(outcome)
    line, *_rest = np.linalg.lstsq(design[fitted], outcome[fitted], rcond=None)
    expected: Floats = design @ line
    return expected


Flat = NDArray[np.int64]


def _flat(pairs: Mapping[int, Flat]) -> tuple[Flat, Flat, Flat]:
    """Treated places; neighbours one after the other, and whose each is."""
    treated = np.array(list(pairs), np.int64)
    near = np.concatenate(list(pairs.values()))
    owner = np.repeat(np.arange(len(treated)), [len(it) for it in pairs.values()])
    return treated, near, owner


def _difference(treated: Flat, near: Flat, owner: Flat, outcome: Floats, weights: Floats) -> float:
    """The weighted mean of the treated against their neighbours."""
    mass = np.bincount(owner, weights[near], len(treated))
    beside = np.bincount(owner, weights[near] * outcome[near], len(treated)) / mass
    own = weights[treated]
    return float((own * (outcome[treated] - beside)).sum() / own.sum())


def _draws(
    cases: Cases, treated: Flat, near: Flat, owner: Flat, outcome: Floats, seed: int
) -> Floats:
    """Differences under weights drawn anew for each customer: one who is a neighbour often, or was
    treated twice, counts as one customer."""
    used = np.unique(np.concatenate([treated, near]))
    _names, whose = np.unique(cases.customer[used], return_inverse=True)
    dice = np.random.default_rng(seed)
    weights = np.zeros(len(outcome))
    found = np.empty(DRAWS)
    for draw in range(DRAWS):
        weights[used] = dice.exponential(size=whose.max() + 1)[whose]
        found[draw] = _difference(treated, near, owner, outcome, weights)
    return found


def balance(cases: Cases, matched: Matched) -> list[Balance]:
    """How alike both sides are, covariate by covariate."""
    treated = np.array(list(matched.pairs), np.int64)
    found = []
    for name, column in cases.covariates.items():
        all_others = column[~cases.treated]
        beside = np.array(
            [
                np.nanmean(column[it]) if not np.isnan(column[it]).all() else np.nan
                for it in matched.pairs.values()
            ]
        )
        spread = float(np.nanstd(column)) if not np.isnan(column).all() else 0.0
        own, others, near = (_mean(it) for it in (column[treated], all_others, beside))
        whole = _mean(column[cases.treated])
        found.append(
            Balance(
                name, own, others, near, _apart(whole, others, spread), _apart(own, near, spread)
            )
        )
    return found


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _apart(one: float | None, other: float | None, spread: float) -> float | None:
    if one is None or other is None or not spread:
        return None
    return (one - other) / spread
