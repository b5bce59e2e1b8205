"""The other model: for each fact a curve in steps, learned little by little (an EBM).

Curves can say 'below half the seats it gets dangerous', which a straight line cannot. In turns,
each fact may correct the sum by one small step, until rows that were set aside get no better;
the mean of several such rounds is kept. No interactions, so that every effect can be shown.
Source: Lou, Caruana, Gehrke (2012); metric specification D3 (from about 1,000 renewals).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perennial.health.risk.rules.labelled import Columns, Labelled, Numbers, Rows, Words
from perennial.health.risk.rules.logistic import sigmoid
from perennial.health.risk.rules.scores import Flags, Floats, log_loss

BINS = 24
MOST_WORDS = 12
BAGS = 6
ASIDE = 0.2  # share of a bag's customers that says when to stop
ROUNDS = 400
RATE = 0.1
PATIENCE = 12
PRUDENCE = 8.0  # rows' worth of spread that pulls a step to zero


@dataclass(frozen=True, slots=True)
class Curve:
    """The effect of one feature by its bins: bin 0 is 'missing', 'other' for words. A number
    lies in bin 1 + how many `edges` are ≤ it; a word in 1 + its place in `words`."""

    feature: str
    edges: tuple[float, ...]
    words: tuple[str, ...]
    effects: tuple[float, ...] = ()


def curves_of(columns: Columns) -> list[Curve]:
    """A curve without effects for each column that varies."""
    return [it for name, column in columns.items() for it in _curve(name, column)]


def _curve(name: str, column: Numbers | Words) -> Iterator[Curve]:
    if isinstance(column, Words):
        words, counts = np.unique(column.values[column.values != ""], return_counts=True)
        most = words[np.lexsort((words, -counts))][:MOST_WORDS]
        if len(most) > 1 or (len(most) == 1 and (column.values == "").any()):
            yield Curve(name, (), tuple(map(str, most)))
        return
    known = column.values[np.isfinite(column.values)]
    if len(known):
        edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS, method="higher"))
        edges = edges[edges > known.min()]
        if len(edges) or len(known) < len(column.values):
            yield Curve(name, tuple(map(float, edges)), ())


def bin_of(column: Numbers | Words | None, curve: Curve, *, rows: int) -> Rows:
    if isinstance(column, Words) and curve.words:
        places = {word: at for at, word in enumerate(curve.words, start=1)}
        return np.array([places.get(word, 0) for word in column.values.tolist()], dtype=np.int64)
    if isinstance(column, Numbers) and not curve.words:
        held = 1 + np.searchsorted(np.array(curve.edges), column.values, side="right")
        return np.where(np.isfinite(column.values), held, 0).astype(np.int64)
    return np.zeros(rows, dtype=np.int64)


def size_of(curve: Curve) -> int:
    return 2 + len(curve.edges) if not curve.words else 1 + len(curve.words)


def fit(data: Labelled, *, seed: int) -> tuple[float, tuple[Curve, ...]]:
    """Base and curves, each centred on the rows of `data`."""
    curves = curves_of(data.columns)
    found = [bin_of(data.columns[it.feature], it, rows=len(data)) for it in curves]
    random = np.random.default_rng(seed)
    customers = np.unique(data.groups)
    effects = [np.zeros(size_of(it)) for it in curves]
    for _ in range(BAGS):
        aside = random.permutation(customers)[: max(1, round(ASIDE * len(customers)))]
        held = np.isin(data.groups, aside)
        for total, bag in zip(effects, _bag(curves, found, data.lost, held), strict=True):
            total += bag / BAGS
    centre = [float(effect[at].mean()) for effect, at in zip(effects, found, strict=True)]
    total = np.sum([effect[at] for effect, at in zip(effects, found, strict=True)], axis=0)
    return _base(total, data.lost) + sum(centre), tuple(
        Curve(it.feature, it.edges, it.words, tuple(map(float, effect - middle)))
        for it, effect, middle in zip(curves, effects, centre, strict=True)
    )


def _base(total: Floats, lost: Flags) -> float:
    """The intercept with which as many are lost as were."""
    base = 0.0
    for _ in range(30):
        probability = sigmoid(base + total)
        base += float((lost - probability).sum() / (probability * (1 - probability)).sum())
    return base


def _bag(curves: list[Curve], found: list[Rows], lost: Flags, held: Flags) -> list[Floats]:
    """One round of learning: the effects at the moment when the rows aside were told best."""
    learn, watch = np.flatnonzero(~held), np.flatnonzero(held)
    learned, watched = [at[learn] for at in found], [at[watch] for at in found]
    effects = [np.zeros(size_of(it)) for it in curves]
    start = float(np.log(max(lost[learn].mean(), 1e-3) / max(1 - lost[learn].mean(), 1e-3)))
    odds, seen = np.full(len(learn), start), np.full(len(watch), start)
    best, kept, waited = np.inf, [it.copy() for it in effects], 0
    for _ in range(ROUNDS):
        for at, curve in enumerate(curves):
            step = _step(learned[at], lost[learn], sigmoid(odds), curve)
            effects[at] += step
            odds += step[learned[at]]
            seen += step[watched[at]]
        loss = log_loss(sigmoid(seen), lost[watch])
        if loss < best - 1e-5:
            best, kept, waited = loss, [it.copy() for it in effects], 0
        elif (waited := waited + 1) > PATIENCE:
            break
    return kept


def _step(bins: Rows, lost: Flags, probability: Floats, curve: Curve) -> NDArray[np.float64]:
    """The best small correction: for a number one split into low and high, for words each."""
    size = size_of(curve)
    pull = np.bincount(bins, weights=lost - probability, minlength=size)
    spread = np.bincount(bins, weights=probability * (1 - probability), minlength=size)
    if curve.words:
        return RATE * pull / (spread + PRUDENCE)
    step = np.zeros(size)
    step[0] = pull[0] / (spread[0] + PRUDENCE)
    if size > 2:
        left, weight = np.cumsum(pull[1:])[:-1], np.cumsum(spread[1:])[:-1]
        right, rest = pull[1:].sum() - left, spread[1:].sum() - weight
        gain = left**2 / (weight + PRUDENCE) + right**2 / (rest + PRUDENCE)
        at = int(gain.argmax())
        step[1 : at + 2] = left[at] / (weight[at] + PRUDENCE)
        step[at + 2 :] = right[at] / (rest[at] + PRUDENCE)
    return RATE * step
