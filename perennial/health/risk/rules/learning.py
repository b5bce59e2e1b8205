"""Learning a model, and telling unseen rows with it.

Every choice (how strict, how to calibrate) is made on the rows that teach alone, so that the
rows that test stay unseen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perennial.health.risk.rules import boosting, features, logistic
from perennial.health.risk.rules.features import design, parts_of
from perennial.health.risk.rules.fitted import Fitted, Kind, calibrated
from perennial.health.risk.rules.folds import Fold, grouped
from perennial.health.risk.rules.labelled import Labelled, Rows
from perennial.health.risk.rules.logistic import sigmoid
from perennial.health.risk.rules.scores import Floats, losses_of

INNER_FOLDS = 5
INNER_FOLDS_OF_CURVES = 3


def learn(data: Labelled, *, kind: Kind, seed: int) -> Fitted:
    """The same data and seed give the same model."""
    return _curves(data, seed=seed) if kind is Kind.EBM else _weights(data, seed=seed)


def _weights(data: Labelled, *, seed: int) -> Fitted:
    tests = grouped(data, wanted=INNER_FOLDS, seed=seed)
    unseen = np.zeros((len(logistic.PENALTIES), len(data)))
    for test in tests:
        rest = data.take(_others(data, test))
        parts = parts_of(rest.columns)
        at = design(data.take(test).columns, parts)
        unseen[:, test] = logistic.path(design(rest.columns, parts), rest.lost, at=at)
    penalty = logistic.prudent_penalty(unseen, data.lost, tests)
    parts = parts_of(data.columns)
    weights = logistic.fit(features.design(data.columns, parts), data.lost, penalty=penalty)
    chosen = list(reversed(logistic.PENALTIES)).index(penalty)
    shift, stretch = calibrated(unseen[chosen], data.lost)
    return Fitted(
        kind=Kind.LOGISTIC,
        base=float(weights[0]),
        parts=parts,
        weights=tuple(map(float, weights[1:])),
        shift=shift,
        stretch=stretch,
        penalty=penalty,
    )


def _curves(data: Labelled, *, seed: int) -> Fitted:
    unseen = np.zeros(len(data))
    for test in grouped(data, wanted=INNER_FOLDS_OF_CURVES, seed=seed):
        base, curves = boosting.fit(data.take(_others(data, test)), seed=seed)
        part = Fitted(Kind.EBM, base, curves=curves)
        unseen[test] = part.log_odds(data.take(test).columns)
    shift, stretch = calibrated(unseen, data.lost)
    base, curves = boosting.fit(data, seed=seed)
    return Fitted(Kind.EBM, base, curves=curves, shift=shift, stretch=stretch)


def _others(data: Labelled, test: Rows) -> Rows:
    return np.setdiff1d(np.arange(len(data)), test)


def unseen_log_odds(data: Labelled, folds: Sequence[Fold], *, kind: Kind, seed: int) -> Floats:
    """The log-odds of each row by a model that did not see it; nan for rows in no test."""
    found = np.full(len(data), np.nan)
    for fold in folds:
        model = learn(data.take(fold.learn), kind=kind, seed=seed)
        found[fold.test] = model.log_odds(data.take(fold.test).columns)
    return found


def wins(challenger: Floats, holder: Floats, data: Labelled) -> bool:
    """Is the challenger's log loss better by more than one standard error of the difference?"""
    gain = losses_of(sigmoid(holder), data.lost) - losses_of(sigmoid(challenger), data.lost)
    return bool(gain.mean() > gain.std() / len(gain) ** 0.5)
