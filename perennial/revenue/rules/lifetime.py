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
from math import sqrt
from typing import Final

from perennial.revenue.rules.survival import Curve, Model

NO_DISCOUNT: Final = 1e-8  # below it the continued fraction would need a million steps


def derl(curve: Curve, n: int, *, discount: float) -> float | None:
    """Discounted expected residual lifetime just before renewal n ≥ 1, in payments. None for BdW,
    and where it is not finite (no discount and α ≤ 1)."""
    alpha, beta = curve.alpha, curve.beta
    first = (beta + n - 1) / (alpha + beta + n - 1)
    rest = _payments(curve, n, discount=discount)
    return None if rest is None else first * rest


def del_new(curve: Curve, *, discount: float) -> float | None:
    """Discounted expected lifetime of a customer not yet won: its first payment included."""
    return _payments(curve, 0, discount=discount)


def _payments(curve: Curve, n: int, *, discount: float) -> float | None:
    """₂F₁(1, β+n; α+β+n; 1/(1+d)): one payment now, and those of later renewals."""
    if curve.model is not Model.SBG or discount < 0:
        return None
    alpha, b = curve.alpha, curve.beta + n
    if discount < NO_DISCOUNT:
        return (alpha + b - 1) / (alpha - 1) if alpha > 1 else None
    return _gauss(b, alpha + b, 1 / (1 + discount))


def _gauss(b: float, c: float, z: float) -> float:
    """₂F₁(1, b; c; z) for 0 < z < 1 and c > b > 0, by Gauss's continued fraction (DLMF 15.7.5).
    scipy's hyp2f1 gives nan where b and c are large: a cohort whose customers are much alike."""
    value = 1.0
    for k in range(int(40 / sqrt(1 - z)) + 20, 0, -1):
        odd = (b + k) * (c + k - 1) / ((c + 2 * k - 1) * (c + 2 * k))
        even = k * (c + k - 1 - b) / ((c + 2 * k - 2) * (c + 2 * k - 1))
        value = 1 - even * z / (1 - odd * z / value)
    return 1 / (1 - b / c * z / value)


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
