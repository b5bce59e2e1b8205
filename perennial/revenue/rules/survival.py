"""How many customers will still be there: curves fitted to a cohort's first periods.

sBG: every customer renews with an own, unknown chance; those with a low one leave first, so the
renewal rate of the rest rises by itself. BdW adds c: chances that also change with age.
S(t) = B(α, β + t^c) ÷ B(α, β), with c = 1 for sBG; S(0) = 1; t counts whole periods.
Fitted by maximum likelihood from five starts; customers not yet gone count as still alive.
Source: metric specification B2; Fader & Hardie 2007 (sBG), 2018 (BdW).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, inf, log
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln
from scipy.stats import chi2

from perennial.revenue.rules.staying import Stay
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

STARTS: Final = ((1.0, 1.0), (0.5, 2.0), (2.0, 8.0), (0.2, 0.8), (5.0, 20.0))
BOUND: Final = log(1e6)  # beyond it all customers are alike
PREFER_BDW_BELOW: Final = 0.05  # p-value of the likelihood-ratio test
FEW_PERIODS: Final = 4


class Model(StrEnum):
    SBG = "sbg"
    BDW = "bdw"


@dataclass(frozen=True, slots=True)
class AliveRow:
    """A row of a survival file: how many customers were alive after `period` periods."""

    row: int
    period: int
    alive: float


@dataclass(frozen=True, slots=True)
class Lives:
    """What was seen: lost[k−1] customers left in period k; alive[k] had been seen through k whole
    periods when last looked at. Several cohorts of several ages add up."""

    lost: tuple[float, ...]
    alive: tuple[float, ...]

    @property
    def periods(self) -> int:
        return len(self.lost)


@dataclass(frozen=True, slots=True)
class Curve:
    """A fitted (or given) survival curve; `c` is 1 for sBG. `ll` is the log-likelihood."""

    model: Model
    alpha: float
    beta: float
    c: float = 1.0
    ll: float = 0.0

    def survival(self, t: int) -> float:
        """S(t), the share alive after t whole periods."""
        return float(np.exp(_log_survival(self.alpha, self.beta, self.c, np.array([t]))[0]))

    def survivals(self, last: int) -> list[float]:
        """S(0) … S(last)."""
        logs = _log_survival(self.alpha, self.beta, self.c, np.arange(last + 1))
        return [float(it) for it in np.exp(logs)]

    def renewal_rate(self, t: int) -> float:
        """r(t) = S(t) ÷ S(t−1): of those alive after t−1 periods, who stays for another. For sBG
        it is (β + t − 1) ÷ (α + β + t − 1)."""
        before, after = _log_survival(self.alpha, self.beta, self.c, np.array([t - 1, t]))
        return float(np.exp(after - before))

    def loss(self, t: int) -> float:
        """P(t) = S(t−1) − S(t): the share of all that leaves in period t."""
        return self.survival(t - 1) - self.survival(t)

    @property
    def mean_lifetime(self) -> float | None:
        """(α + β − 1) ÷ (α − 1) periods, the first included. None for α ≤ 1 (infinite, never
        negative) and for BdW (no closed form)."""
        if self.model is not Model.SBG or self.alpha <= 1:
            return None
        return (self.alpha + self.beta - 1) / (self.alpha - 1)


def alive_counts(rows: Sequence[AliveRow]) -> list[float]:
    """Counts of periods 0, 1, 2, … of one cohort, in any order in the file.

    Raises InputRefused with the row when a period is missing, doubled or negative, when a count
    rises or is negative, or when nobody is there at the start.
    """
    found: list[float] = []
    for expected, one in enumerate(sorted(rows, key=lambda it: it.period)):
        if one.period < 0:
            raise _refused(one, "period", sentence("A period cannot be negative."))
        if one.period < expected:
            raise _refused(one, "period", sentence("Period {period} stands there twice."))
        if one.period > expected:
            raise _refused(one, "period", sentence("Before period {period}, one is missing."))
        if not 0 <= one.alive < inf:
            raise _refused(one, "alive", sentence("“alive” must be a number, zero or more."))
        if found and one.alive > found[-1]:
            raise _refused(
                one, "alive", sentence("More customers alive than a period before: check the row.")
            )
        if not found and one.alive == 0:
            raise _refused(one, "alive", sentence("Nobody is alive at the start."))
        found.append(one.alive)
    if len(found) < 2:
        raise InputRefused(
            "A survival file needs period 0 and at least one more.", code="too_short"
        )
    return found


def lives_of(cohorts: Sequence[Sequence[float]]) -> Lives:
    """Lives of cohorts, each as its counts alive after 0, 1, 2, … periods."""
    longest = max((len(counts) for counts in cohorts), default=1)
    lost, alive = [0.0] * (longest - 1), [0.0] * longest
    for counts in cohorts:
        for period in range(1, len(counts)):
            lost[period - 1] += counts[period - 1] - counts[period]
        alive[len(counts) - 1] += counts[-1]
    return Lives(tuple(lost), tuple(alive))


def lives_of_stays(stays: Iterable[Stay], *, period: float = 12) -> Lives:
    """Lives of single customers whose stay is told in months: one that left after 12 of them was
    lost in period 1, one that pays since 13 was seen through period 1."""
    lost: Counter[int] = Counter()
    alive: Counter[int] = Counter()
    for stay in stays:
        if stay.duration > 0:
            passed = stay.duration / period
            (lost if stay.left else alive)[ceil(passed) if stay.left else int(passed)] += 1
    last = max([*lost, *alive], default=0)
    return Lives(
        tuple(float(lost[it]) for it in range(1, last + 1)),
        tuple(float(alive[it]) for it in range(last + 1)),
    )


def fit(lives: Lives, model: Model = Model.SBG) -> Curve:
    """The curve with the highest likelihood. Raises InputRefused when too few periods were seen
    (two for sBG, three for BdW) or nobody, or everybody at once, left: any curve would fit."""
    least = 2 if model is Model.SBG else 3
    if lives.periods < least:
        raise InputRefused(
            "This model needs at least {least} periods after the start, not {given}.",
            code="too_few_periods",
            params={"least": str(least), "given": str(lives.periods)},
        )
    if not any(lives.lost):
        raise InputRefused("Nobody left in these periods: there is no curve to fit.",
                           code="nobody_left")  # fmt: skip
    if not any(lives.lost[1:]) and not any(lives.alive[1:]):
        raise InputRefused("Everybody left in the first period: there is no curve to fit.",
                           code="everybody_left")  # fmt: skip
    shapes = (0.0,) if model is Model.BDW else ()
    best = min(
        (_climb(lives, [log(alpha), log(beta), *shapes]) for alpha, beta in STARTS),
        key=lambda found: found[0],
    )
    alpha, beta, *c = (float(it) for it in np.exp(best[1]))
    return Curve(model, alpha, beta, c[0] if c else 1.0, ll=-best[0])


def fit_cohort(counts: Sequence[float], *, periods: int, model: Model = Model.SBG) -> Curve:
    """Fitted on periods 0 … `periods` of one cohort; later ones are left for comparing."""
    if not 1 <= periods < len(counts):
        raise InputRefused(
            "Fit on between 1 and {most} periods, not {given}.",
            code="bad_fit_periods",
            params={"most": str(len(counts) - 1), "given": str(periods)},
        )
    return fit(lives_of([counts[: periods + 1]]), model)


@dataclass(frozen=True, slots=True)
class Advice:
    """Which model to trust. `p_value` of the likelihood-ratio test, one degree of freedom."""

    model: Model
    p_value: float
    reason: str


def advice(sbg: Curve, bdw: Curve, *, periods: int) -> Advice:
    """BdW when it fits significantly better, or when so few periods were seen that sBG, which
    cannot bend, is often far off (four years of High End: 13 % against 2 %)."""
    p_value = float(chi2.sf(max(0.0, 2 * (bdw.ll - sbg.ll)), 1))
    if p_value < PREFER_BDW_BELOW:
        return Advice(Model.BDW, p_value, "fits_better")
    if periods <= FEW_PERIODS:
        return Advice(Model.BDW, p_value, "few_periods")
    return Advice(Model.SBG, p_value, "simpler")


def _log_survival(alpha: float, beta: float, c: float, t: NDArray[np.int64]) -> NDArray[np.float64]:
    logs = np.asarray(betaln(alpha, beta + t.astype(float) ** c) - betaln(alpha, beta))
    logs[t == 0] = 0.0
    return logs


def _climb(lives: Lives, start: Sequence[float]) -> tuple[float, list[float]]:
    """Nelder–Mead on the logarithms of the parameters: (−log-likelihood, where)."""
    lost, alive = np.array(lives.lost), np.array(lives.alive)
    periods = np.arange(max(len(alive), len(lost) + 1))

    def cost(where: NDArray[np.float64]) -> float:
        if max(abs(it) for it in where) > BOUND:
            return inf
        alpha, beta, *c = np.exp(where)
        logs = _log_survival(alpha, beta, c[0] if c else 1.0, periods)
        falls = np.diff(logs)
        with np.errstate(divide="ignore", invalid="ignore"):
            leaving = logs[:-1] + np.log(-np.expm1(falls))
        seen = np.where(lost > 0, lost * leaving[: len(lost)], 0.0).sum()
        value = seen + (alive * logs[: len(alive)]).sum()
        return -float(value) if np.isfinite(value) else inf

    found = minimize(
        cost,
        np.array(start),
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 4000, "maxfev": 4000},
    )
    return float(found.fun), list(found.x)


def _refused(one: AliveRow, column: str, message: str) -> InputRefused:
    params = {"period": str(one.period)}
    return InputRefused(message, code=f"bad_{column}", row=one.row, column=column, params=params)
