"""Before there is enough to learn from: the loss rates of similar customers.

Below 200 decided renewals each segment (industry, size, tier, …) gets its own loss rate, pulled
towards everybody's: a segment with three renewals says little, one with fifty much (Beta-binomial).
The one way of cutting that tells unseen renewals best is taken, and none unless it clearly helps.
Source: metric specification D3, cold start.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import betaln

from perennial.health.risk.rules.boosting import Curve, bin_of, curves_of
from perennial.health.risk.rules.fitted import Fitted, Kind
from perennial.health.risk.rules.labelled import Labelled, Rows, Words
from perennial.health.risk.rules.logistic import logit
from perennial.health.risk.rules.scores import Flags, Floats, losses_of

FEWEST_RENEWALS = 10  # below, no probability at all
ENOUGH_TO_LEARN = 200
STRENGTHS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)  # renewals that everybody's rate counts as


def rates(data: Labelled) -> Fitted:
    """The segment rates as a model: everybody's log-odds, and what each segment adds."""
    everybody = overall(data.lost)
    best, least = Fitted(Kind.SEGMENT_RATES, everybody), _one_out(data.lost)
    for curve in _cuts(data):
        bins = bin_of(data.columns[curve.feature], curve, rows=len(data))
        losses, counts = _counts(bins, data.lost, 1 + len(curve.words))
        strength = _strength(losses, counts, data.lost)
        loss = _one_out_of(bins, data.lost, strength=strength)
        gain = least - loss
        if gain.mean() > gain.std() / len(gain) ** 0.5:
            rate = shrunk(losses, counts, mean=mean_rate(data.lost), strength=strength)
            effects = tuple(map(float, logit(rate) - everybody))
            best = Fitted(
                Kind.SEGMENT_RATES,
                everybody,
                curves=(Curve(curve.feature, (), curve.words, effects),),
            )
            least = loss
    return best


def mean_rate(lost: Flags) -> float:
    """Everybody's loss rate, never 0 or 1 (half a renewal and half a loss are added)."""
    return (float(lost.sum()) + 0.5) / (len(lost) + 1)


def overall(lost: Flags) -> float:
    return float(logit(np.array([mean_rate(lost)]))[0])


def shrunk(losses: Floats, counts: Floats, *, mean: float, strength: float) -> Floats:
    """(losses + strength · mean) / (count + strength): the Beta-binomial's posterior mean.

    Three losses of four, mean .2, strength 10: (3 + 2) / (4 + 10) = .357.
    """
    rate: Floats = (losses + strength * mean) / (counts + strength)
    return rate


def _cuts(data: Labelled) -> Iterator[Curve]:
    words = {name: it for name, it in data.columns.items() if isinstance(it, Words)}
    yield from curves_of(words)


def _counts(bins: Rows, lost: Flags, size: int) -> tuple[Floats, Floats]:
    losses = np.bincount(bins, weights=lost, minlength=size).astype(np.float64)
    return losses, np.bincount(bins, minlength=size).astype(np.float64)


def _strength(losses: Floats, counts: Floats, lost: Flags) -> float:
    """The most likely strength for these segments (type II maximum likelihood)."""
    mean = mean_rate(lost)

    def likelihood(strength: float) -> float:
        a, b = mean * strength, (1 - mean) * strength
        return float((betaln(a + losses, b + counts - losses) - betaln(a, b)).sum())

    return max(STRENGTHS, key=likelihood)


def _one_out(lost: Flags) -> Floats:
    """The log loss of each row under everybody's rate without that row."""
    rate = (lost.sum() - lost + 0.5) / len(lost)
    return losses_of(rate, lost)


def _one_out_of(bins: Rows, lost: Flags, *, strength: float) -> Floats:
    losses, counts = _counts(bins, lost, int(bins.max()) + 1)
    rate = (losses[bins] - lost + strength * (lost.sum() - lost + 0.5) / len(lost)) / (
        counts[bins] - 1 + strength
    )
    return losses_of(np.clip(rate, 1e-6, 1 - 1e-6), lost)
