"""How good were the probabilities? Order, size, and money.

AUC: how often a lost customer was ranked above one that stayed (0.5 is a coin).
Brier: mean squared distance between probability and outcome (0 is perfect).
ECE: what was said against what happened, in ten groups of equal size.
Lift: how many more losses the riskiest tenth holds than a tenth drawn blindly.
Source: metric specification B1 #24 and #25, D3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

BINS = 10
DRAWS = 1000  # of a bootstrap
SIMULATIONS = 400  # of the limit of ECE
CHUNK = 100  # draws at once, so that memory stays small
FEWEST_SCORES = 10  # fewer distinct ones do not rank a tenth (fight-churn)
SMALLEST = 1e-12  # a log needs a positive number


@dataclass(frozen=True, slots=True)
class Bin:
    """One tenth of the customers: what was said on average, what happened, how many."""

    said: float
    happened: float
    count: int


def auc(score: Floats, lost: Flags) -> float | None:
    """Share of pairs (lost, stayed) in the right order, a tie counting half; None when one
    side is empty."""
    losses, kept = int(lost.sum()), int((~lost).sum())
    if not losses or not kept:
        return None
    ranks = rankdata(score)
    return float((ranks[lost].sum() - losses * (losses + 1) / 2) / (losses * kept))


def auc_interval(
    score: Floats, lost: Flags, *, groups: NDArray[np.int64], seed: int, level: float = 0.95
) -> tuple[float, float] | None:
    """The AUC's interval by drawing whole customers (`groups`: one number per row) again."""
    if auc(score, lost) is None:
        return None
    order = np.argsort(score, kind="stable")
    ties = np.unique(score[order], return_inverse=True)[1]
    starts = np.flatnonzero(np.diff(ties, prepend=-1))
    members = np.unique(groups, return_inverse=True)[1][order]
    hit = lost[order]
    random, found = np.random.default_rng(seed), []
    customers = int(members.max()) + 1
    for _ in range(DRAWS // CHUNK):
        drawn = random.multinomial(customers, np.full(customers, 1 / customers), size=CHUNK)
        weight = drawn[:, members].astype(np.float64)
        losses = np.add.reduceat(weight * hit, starts, axis=1)
        kept = np.add.reduceat(weight * ~hit, starts, axis=1)
        below = np.cumsum(kept, axis=1) - kept / 2
        pairs = losses.sum(axis=1) * kept.sum(axis=1)
        right = (losses * below).sum(axis=1)
        found.append(right[pairs > 0] / pairs[pairs > 0])
    tail = (1 - level) / 2
    low, high = np.quantile(np.concatenate(found), [tail, 1 - tail])
    return float(low), float(high)


def brier(probability: Floats, lost: Flags) -> float:
    return float(np.mean((probability - lost) ** 2))


def brier_skill(probability: Floats, lost: Flags) -> float | None:
    """1 − Brier / Brier of always saying the base rate; None when all ended alike."""
    base = brier(np.full(len(lost), lost.mean()), lost)
    return 1 - brier(probability, lost) / base if base else None


def log_loss(probability: Floats, lost: Flags) -> float:
    return float(np.mean(losses_of(probability, lost)))


def losses_of(probability: Floats, lost: Flags) -> Floats:
    """The log loss of each row."""
    right = np.where(lost, probability, 1 - probability)
    loss: Floats = -np.log(np.maximum(right, SMALLEST))
    return loss


def bins(probability: Floats, lost: Flags, *, wanted: int = BINS) -> list[Bin]:
    """Ten groups of equal count, from the least to the most likely."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, wanted) if len(part)]
    return [Bin(float(probability[p].mean()), float(lost[p].mean()), len(p)) for p in parts]


def ece(probability: Floats, lost: Flags) -> float:
    """Expected calibration error: Σ share of the group × |said − happened|."""
    return sum(it.count / len(lost) * abs(it.said - it.happened) for it in bins(probability, lost))


def ece_limit(probability: Floats, *, seed: int) -> float:
    """The ECE that a perfectly calibrated model stays below 95 times of 100, by chance alone,
    for just these probabilities: outcomes are drawn from them."""
    order = np.argsort(probability, kind="stable")
    sorted_ = probability[order]
    starts = np.unique(np.arange(BINS) * len(sorted_) // BINS)
    random, found = np.random.default_rng(seed), []
    for _ in range(SIMULATIONS // CHUNK):
        drawn = random.random((CHUNK, len(sorted_))) < sorted_
        gaps = np.add.reduceat(drawn - sorted_, starts, axis=1)
        found.append(np.abs(gaps).sum(axis=1) / len(sorted_))
    return float(np.quantile(np.concatenate(found), 0.95))


def lift(score: Floats, lost: Flags) -> float | None:
    """Loss rate of the riskiest tenth ÷ loss rate of all. Fewer than ten distinct scores rank
    nobody: 1.0. Those tied at the border count by their share. None without a loss."""
    if not lost.any():
        return None
    if len(np.unique(score)) < FEWEST_SCORES:
        return 1.0
    top = max(1, round(len(score) / 10))
    border = np.sort(score)[-top]
    above, tied = score > border, score == border
    share = (top - above.sum()) / tied.sum()
    hits = lost[above].sum() + share * lost[tied].sum()
    return float(hits / top / lost.mean())


def amount_bias(probability: Floats, lost: Flags, amount: Floats) -> float | None:
    """(Expected − actual) / actual of the money that renews; None when nothing renewed."""
    known = np.isfinite(amount)
    actual = float(amount[known & ~lost].sum())
    expected = float((amount * (1 - probability))[known].sum())
    return expected / actual - 1 if actual else None
