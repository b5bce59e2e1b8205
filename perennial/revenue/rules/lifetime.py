"""What customers are still worth: discounted contracts to come, of one customer or a whole base.

DERL(n): expected discounted payments of a customer just before its n-th renewal, that renewal
counted in full: n = 1 is a customer in its first contract period. A naive count with one average
renewal rate is too low: those who stayed are the loyal ones.
DERL(n) = (β+n−1)/(α+β+n−1) · ₂F₁(1, β+n; α+β+n; 1/(1+d)); the new customer's DEL, with the first
payment, = ₂F₁(1, β; α+β; 1/(1+d)). In payments: times the yearly margin it is money.
Source: metric specification B2; Fader & Hardie 2010. sBG only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from scipy.special import hyp2f1

from perennial.revenue.rules.survival import Curve, Model


def derl(curve: Curve, n: int, *, discount: float) -> float | None:
    """Discounted expected residual lifetime just before renewal n ≥ 1, in payments. None for BdW,
    and where it is not finite (no discount and α ≤ 1)."""
    if curve.model is not Model.SBG or discount < 0:
        return None
    alpha, beta = curve.alpha, curve.beta
    first = (beta + n - 1) / (alpha + beta + n - 1)
    return _finite(first * float(hyp2f1(1, beta + n, alpha + beta + n, 1 / (1 + discount))))


def del_new(curve: Curve, *, discount: float) -> float | None:
    """Discounted expected lifetime of a customer not yet won: its first payment included."""
    if curve.model is not Model.SBG or discount < 0:
        return None
    return _finite(float(hyp2f1(1, curve.beta, curve.alpha + curve.beta, 1 / (1 + discount))))


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Residual:
    """Contracts to come from a base. `naive` takes one retention rate for everybody."""

    customers: float
    retention: float | None  # last period, all cohorts together
    naive: float | None
    expected: float | None

    @property
    def naive_error(self) -> float | None:
        """How far the naive figure is off, as a share of the expected one (negative: too low)."""
        if not self.naive or not self.expected:
            return None
        return self.naive / self.expected - 1


def residual(cohorts: Sequence[Sequence[float]], curve: Curve, *, discount: float) -> Residual:
    """`cohorts`: counts alive after 0, 1, … periods of each; its last count is alive now, and
    the next renewal of a cohort with k counts is its k-th."""
    now = [counts[-1] for counts in cohorts]
    older = [counts for counts in cohorts if len(counts) > 1]
    before = sum(counts[-2] for counts in older)
    retention = sum(counts[-1] for counts in older) / before if before else None
    naive = None
    if retention is not None and retention < 1 + discount:
        naive = sum(now) * retention * (1 + discount) / (1 + discount - retention)
    values = [
        (alive, derl(curve, len(counts), discount=discount))
        for alive, counts in zip(now, cohorts, strict=True)
    ]
    expected = 0.0
    for alive, value in values:
        if value is None:
            return Residual(sum(now), retention, naive, expected=None)
        expected += alive * value
    return Residual(sum(now), retention, naive, expected)
