"""One horizon of a backtest: so many days before the end, what the score said and what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from perennial.health.backtest.rules.confusion import Confusion, confusion, median
from perennial.health.backtest.rules.verdict import (
    Verdict,
    too_few,
    verdict,
)
from perennial.health.risk.rules.scores import auc, auc_interval
from perennial.health.rules.bands import Band

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

WARNING: Final = 5000  # hundredths of a point: a measure below 50 points warns
ENOUGH_FLAGGED: Final = 10  # fewer warnings say nothing about a measure
NO_POINTS: Final = -1
LEVEL: Final = 0.95  # at which the intervals of all horizons hold together


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """What is known of each case at one horizon, in parallel columns.

    `customer`: whose case it is, in any numbers. `score` 0–100. A `control` is only ranked, never
    counted; `matched`: a profile is meant for it. `lead_days`: how long it had been red without a
    break before the end (where it is red). `points` by measure in hundredths, −1 for none;
    `sentiment` 0–10, nan for none.
    """

    customer: Ints
    lost: Flags
    control: Flags
    matched: Flags
    score: Floats
    band: Sequence[Band]
    amount: Sequence[Fraction | None]
    lead_days: Sequence[int]
    points: Mapping[str, Ints]
    sentiment: Floats


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure alone. `flagged` cases have less than 50 points of it. None: too few of them,
    of cases or of losses."""

    measure: str
    n: int
    losses: int
    flagged: int
    auc: float | None
    lift: Fraction | None


@dataclass(frozen=True, slots=True)
class Sentiment:
    """The CSM's own view against the score, on the cases that have both. None: too few."""

    n: int
    losses: int
    auc: float | None
    score_auc: float | None


@dataclass(frozen=True, slots=True)
class Horizon:
    """`n` cases, `losses` of them lost, `judged` with a colour; figures are None where the
    verdict says so. With `controls` nothing but losses is known, and so no precision or lift."""

    days: int
    n: int
    losses: int
    judged: int
    unmatched: int
    customers: int
    controls: int
    verdict: Verdict
    table: Confusion
    auc: float | None
    low: float | None
    high: float | None
    lead_days: Fraction | None
    measures: tuple[MeasureRow, ...]
    sentiment: Sentiment

    @property
    def has_figures(self) -> bool:
        return self.verdict.has_figures

    @property
    def has_base(self) -> bool:
        """Whether there are kept cases, and so a loss rate to compare with."""
        return self.has_figures and self.losses < self.n


def level_each(horizons: int) -> float:
    """The level of each of several intervals, so that they hold together (Bonferroni): of pure
    noise one in twenty backtests, not one in six, shows a horizon that seems to tell something.

    >>> level_each(4)
    0.9875
    """
    return 1 - (1 - LEVEL) / horizons


def horizon(days: int, cases: Cases, *, seed: int, level: float = LEVEL) -> Horizon:
    """All figures of one horizon; the same cases and seed give the same. `level`: of the
    interval, which is narrower where it need not hold together with others."""
    counted = cases.matched & ~cases.control
    coloured = np.array([band is not Band.UNKNOWN for band in cases.band], bool)
    ranked = cases.matched & coloured
    chosen: list[int] = np.flatnonzero(counted).tolist()
    table = confusion(
        [cases.band[it] for it in chosen], cases.lost[chosen], [cases.amount[it] for it in chosen]
    )
    said, ends = _said(cases, counted, ranked, seed=seed, level=level)
    area = auc(-cases.score[ranked], cases.lost[ranked]) if ends else None
    caught = [it for it in chosen if cases.lost[it] and cases.band[it] is Band.RED]
    return Horizon(
        days=days,
        n=table.n,
        losses=table.losses,
        judged=int((counted & coloured).sum()),
        unmatched=int((~cases.matched & ~cases.control).sum()),
        customers=len(np.unique(cases.customer[counted])),
        controls=int((cases.matched & cases.control).sum()),
        verdict=said,
        table=table,
        auc=area,
        low=ends[0] if ends else None,
        high=ends[1] if ends else None,
        lead_days=median(cases.lead_days[it] for it in caught) if ends else None,
        measures=_measures(cases),
        sentiment=_sentiment(cases, ranked),
    )


def _said(
    cases: Cases, counted: Flags, ranked: Flags, *, seed: int, level: float
) -> tuple[Verdict, tuple[float, float] | None]:
    """The verdict, and the ends of the AUC's interval where there is one."""
    n, losses = int(counted.sum()), int(cases.lost[counted].sum())
    few = too_few(n, losses, unmatched=int((~cases.matched & ~cases.control).sum()))
    has_controls = bool((cases.matched & cases.control).any())
    if few and not (few is Verdict.ALL_LOST and has_controls):
        return few, None
    if not _enough(cases.lost[ranked]):
        return Verdict.FEW_JUDGED, None
    ends = auc_interval(
        -cases.score[ranked],
        cases.lost[ranked],
        groups=cases.customer[ranked],
        seed=seed,
        level=level,
    )
    return (verdict(*ends), ends) if ends else (Verdict.FEW_JUDGED, None)


def _enough(lost: Flags) -> bool:
    return too_few(len(lost), int(lost.sum())) is None


def _measures(cases: Cases) -> tuple[MeasureRow, ...]:
    """Each measure alone, what warns best first."""
    rows = [_measure(name, points, cases) for name, points in sorted(cases.points.items())]
    rows = [row for row in rows if row.n]
    return tuple(sorted(rows, key=lambda row: (-(row.lift or -1), -(row.auc or -1), row.measure)))


def _measure(name: str, points: Ints, cases: Cases) -> MeasureRow:
    known = cases.matched & (points > NO_POINTS)
    counted = known & ~cases.control
    n, losses = int(counted.sum()), int(cases.lost[counted].sum())
    flagged = counted & (points < WARNING)
    enough = _enough(cases.lost[known])
    lift = None
    if _enough(cases.lost[counted]) and flagged.sum() >= ENOUGH_FLAGGED:
        lift = Fraction(int(cases.lost[flagged].sum()), int(flagged.sum())) / Fraction(losses, n)
    area = auc(-points[known].astype(float), cases.lost[known]) if enough else None
    return MeasureRow(name, n, losses, int(flagged.sum()), area, lift)


def _sentiment(cases: Cases, ranked: Flags) -> Sentiment:
    both = ranked & ~np.isnan(cases.sentiment)
    lost = cases.lost[both]
    if not _enough(lost):
        return Sentiment(len(lost), int(lost.sum()), None, None)
    return Sentiment(
        len(lost),
        int(lost.sum()),
        auc(-cases.sentiment[both], lost),
        auc(-cases.score[both], lost),
    )
