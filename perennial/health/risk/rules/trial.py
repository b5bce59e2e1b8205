"""Which model is used, and how good it was on renewals that it had not seen.

Below 200 decided renewals: segment rates. From 200: regularised logistic regression. From 1,000,
where renewals have dates: curves (an EBM), if they tell later renewals clearly better.
With fewer than 30 unseen renewals, or 10 losses, or 10 that stayed, no figure is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from perennial.health.risk.rules import cold_start, scores
from perennial.health.risk.rules.cold_start import ENOUGH_TO_LEARN
from perennial.health.risk.rules.fitted import Fitted, Kind
from perennial.health.risk.rules.folds import FEWEST_OF_A_KIND, folds_of
from perennial.health.risk.rules.labelled import Labelled
from perennial.health.risk.rules.learning import learn, unseen_log_odds, wins
from perennial.health.risk.rules.logistic import logit, sigmoid
from perennial.health.risk.rules.scores import Bin, Flags, Floats
from perennial.units.sentence import sentence

FEWEST_UNSEEN = 30
ENOUGH_FOR_CURVES = 1000
MANY = 500  # below, five groups are drawn instead of ten


class Validation(StrEnum):
    """How the rows that test were kept apart."""

    ROLLING = "rolling_origin"
    GROUPED = "grouped_folds"


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures on unseen renewals; `n` of them, `losses` lost. None with a `reason`."""

    n: int
    losses: int
    auc: float | None = None
    auc_low: float | None = None
    auc_high: float | None = None
    brier: float | None = None
    brier_skill: float | None = None
    log_loss: float | None = None
    ece: float | None = None
    ece_limit: float | None = None
    lift10: float | None = None
    amount_bias: float | None = None
    bins: tuple[Bin, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """The model that is used, how good it was, and what else was tried."""

    model: Fitted
    quality: Quality
    validation: Validation
    folds: int
    other: Kind | None = None  # was tried, too
    other_quality: Quality | None = None
    is_chosen_by_hand: bool = False


def tried(data: Labelled, *, folds: int, seed: int, kind: Kind | None = None) -> Trial:
    """Choose, test and learn. `kind` takes the choice away. The same input gives the same."""
    losses = int(data.lost.sum())
    if kind is Kind.SEGMENT_RATES or not _has_both(losses, len(data)):
        return _segments(data, seed=seed)
    if kind is None and len(data) < ENOUGH_TO_LEARN:
        return _segments(data, seed=seed)
    parts = folds_of(data, wanted=folds, seed=seed)
    how = Validation.GROUPED if data.frozen_on is None else Validation.ROLLING
    first: Kind = kind or Kind.LOGISTIC
    told: dict[Kind, Floats] = {first: unseen_log_odds(data, parts, kind=first, seed=seed)}
    if kind is None and how is Validation.ROLLING and len(data) >= ENOUGH_FOR_CURVES:
        told[Kind.EBM] = unseen_log_odds(data, parts, kind=Kind.EBM, seed=seed)
    chosen = _best(told, data)
    qualities = {name: _of_unseen(odds, data, seed=seed) for name, odds in told.items()}
    if kind is None and not _is_worth(told[chosen], data):
        return replace(_segments(data, seed=seed), other=chosen, other_quality=qualities[chosen])
    other = next((name for name in told if name is not chosen), None)
    return Trial(
        model=learn(data, kind=chosen, seed=seed),
        quality=qualities[chosen],
        validation=how,
        folds=len(parts),
        other=other,
        other_quality=qualities[other] if other else None,
        is_chosen_by_hand=kind is not None,
    )


def _has_both(losses: int, n: int) -> bool:
    return min(losses, n - losses) >= FEWEST_OF_A_KIND


def _is_worth(told: Floats, data: Labelled) -> bool:
    """A model that could not be tested, or is not clearly better than always saying the loss
    rate of the very renewals that it was tested on, is not used."""
    seen = np.isfinite(told)
    rows = data.take(np.flatnonzero(seen))
    if not _has_both(int(rows.lost.sum()), len(rows)):
        return False
    usual = np.full(len(rows), float(logit(np.array([rows.lost.mean()]))[0]))
    return wins(told[seen], usual, rows)


def _best(told: dict[Kind, Floats], data: Labelled) -> Kind:
    if len(told) == 1:
        return next(iter(told))
    seen = np.isfinite(told[Kind.LOGISTIC])
    if not seen.any():
        return Kind.LOGISTIC
    rows = data.take(np.flatnonzero(seen))
    better = wins(told[Kind.EBM][seen], told[Kind.LOGISTIC][seen], rows)
    return Kind.EBM if better else Kind.LOGISTIC


def _of_unseen(log_odds: Floats, data: Labelled, *, seed: int) -> Quality:
    rows = np.flatnonzero(np.isfinite(log_odds))
    return quality(sigmoid(log_odds[rows]), data.take(rows), seed=seed)


def _segments(data: Labelled, *, seed: int) -> Trial:
    """Too few to set some aside: each row is told by the rates of all others."""
    model = cold_start.rates(data)
    told = np.array([])
    if len(data) >= FEWEST_UNSEEN and not model.curves:
        told = model.probability(data.columns)  # all the same: nobody is ranked
    elif len(data) >= FEWEST_UNSEEN:
        folds = folds_of(
            Labelled(data.columns, data.lost, data.groups, data.amount), wanted=10, seed=seed
        )
        told = np.zeros(len(data))
        for fold in folds:
            part = cold_start.rates(data.take(fold.learn))
            told[fold.test] = part.probability(data.take(fold.test).columns)
    found = quality(told, data, seed=seed) if len(told) else _too_few(data)
    return Trial(model, found, Validation.GROUPED, 10)


def _too_few(data: Labelled) -> Quality:
    n, losses = len(data), int(data.lost.sum())
    if losses == 0:
        reason = sentence("No renewal was lost: nothing can be learned from that.")
    elif losses == n:
        reason = sentence("Every renewal was lost: nothing can be learned from that.")
    else:
        reason = sentence(
            "Too few for a figure: at least 30 renewals that the model had not seen, with 10 lost "
            "and 10 kept."
        )
    return Quality(n, losses, reason=reason)


def quality(probability: Floats, data: Labelled, *, seed: int) -> Quality:
    """The figures, or why there are none."""
    lost, n = data.lost, len(data)
    losses = int(lost.sum())
    if n < FEWEST_UNSEEN or not _has_both(losses, n):
        return _too_few(data)
    low, high = scores.auc_interval(probability, lost, groups=data.groups, seed=seed) or (None,) * 2
    return Quality(
        n=n,
        losses=losses,
        auc=scores.auc(probability, lost),
        auc_low=low,
        auc_high=high,
        brier=scores.brier(probability, lost),
        brier_skill=scores.brier_skill(probability, lost),
        log_loss=scores.log_loss(probability, lost),
        ece=scores.ece(probability, lost),
        ece_limit=scores.ece_limit(probability, seed=seed),
        lift10=scores.lift(probability, lost),
        amount_bias=_bias(probability, lost, data.amount),
        bins=tuple(scores.bins(probability, lost, wanted=10 if n >= MANY else 5)),
    )


def _bias(probability: Floats, lost: Flags, amount: Floats | None) -> float | None:
    return None if amount is None else scores.amount_bias(probability, lost, amount)
