"""The default model: each fact pulls the odds of a loss up or down by its own weight.

The weights are kept small on purpose (ridge). How small is decided on rows that were set aside:
the strictest penalty that is not clearly worse than the best one, since a prudent model ages
better. Source: metric specification D3; the one-standard-error rule of Breiman et al. (1984).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perennial.health.risk.rules.scores import Flags, Floats, losses_of

PENALTIES = tuple(10 ** (power / 2) for power in range(7))  # 1 … 1000, mild to strict
STEPS = 50
TOLERANCE = 1e-7
Rows = NDArray[np.int64]


def sigmoid(log_odds: Floats) -> Floats:
    """Log-odds to probability, without overflow."""
    small = np.exp(-np.abs(log_odds))
    probability: Floats = np.where(log_odds >= 0, 1, small) / (1 + small)
    return probability


def logit(probability: Floats) -> Floats:
    held = np.clip(probability, 1e-6, 1 - 1e-6)
    log_odds: Floats = np.log(held / (1 - held))
    return log_odds


def fit(columns: Floats, lost: Flags, *, penalty: float, start: Floats | None = None) -> Floats:
    """Intercept and weights that minimise Σ log loss + penalty/2 · Σ weight² (Newton's method).

    `columns` is rows × features, standardised. The intercept is not penalised.
    """
    design = np.column_stack([np.ones(len(lost)), columns])
    ridge = np.full(design.shape[1], penalty)
    ridge[0] = 1e-9
    weights = np.zeros(design.shape[1]) if start is None else start
    for _ in range(STEPS):
        probability = sigmoid(design @ weights)
        slope = design.T @ (lost - probability) - ridge * weights
        spread = np.maximum(probability * (1 - probability), 1e-9)
        curve = (design * spread[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        size = float(np.abs(step).max())
        weights = weights + step * min(1.0, 5 / size if size else 1.0)  # no leap at the start
        if size < TOLERANCE:
            break
    return weights


def log_odds(columns: Floats, weights: Floats) -> Floats:
    result: Floats = weights[0] + columns @ weights[1:]
    return result


def path(columns: Floats, lost: Flags, *, at: Floats) -> Floats:
    """Log-odds of the rows `at` for every penalty, strictest first: penalties × rows."""
    found, weights = [], None
    for penalty in reversed(PENALTIES):
        weights = fit(columns, lost, penalty=penalty, start=weights)
        found.append(log_odds(at, weights))
    return np.array(found)


def prudent_penalty(unseen: Floats, lost: Flags, folds: Sequence[Rows]) -> float:
    """The strictest penalty whose loss on unseen rows is within one standard error of the best.

    `unseen` is penalties × rows as `path` orders them; the error is that of the difference,
    over folds."""
    loss = np.array([losses_of(sigmoid(row), lost) for row in unseen])
    by_fold = np.array([loss[:, rows].mean(axis=1) for rows in folds])
    best = int(by_fold.mean(axis=0).argmin())
    worse = by_fold - by_fold[:, [best]]
    error = worse.std(axis=0, ddof=1) / len(folds) ** 0.5
    return tuple(reversed(PENALTIES))[int(np.argmax(worse.mean(axis=0) <= error))]
