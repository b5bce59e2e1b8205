"""Run lengths of charts equal the classic tables (metric specification D1)."""

from __future__ import annotations

import numpy as np
import pytest

from perennial.alerts.rules.arl import (
    count_cusum,
    cusum,
    ewma,
    shewhart,
    two_sided_cusum,
    weeks_between_false,
)

SHIFTS = (0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3)
# Mean a week, k, h; ARL0, ARL after a drop of 50 %, 80 %, a stop; ARL0 of scattered counts (r = 5).
COUNTS = [
    (1, 0.75, 6.5, 533, 23.7, 12.0, 9, 333),
    (2, 1.5, 7.25, 610, 14.4, 7.2, 5, 231),
    (5, 3.5, 6.75, 765, 7.2, 3.3, 2, 86),
    (10, 7.25, 7.25, 565, 3.9, 1.9, 1, 27),
    (20, 14.5, 8, 954, 2.4, 1.1, 1, 12),
    (50, 36, 6, 603, 1.1, 1.0, 1, 5),
]


def near(found: float, printed: float) -> bool:
    """Equal to a figure of a table as far as that was printed."""
    digits = len(str(printed).partition(".")[2].rstrip("0"))
    return bool(abs(found - printed) <= 0.51 * 10.0**-digits)


def test_shewhart_alarms_every_370_values_by_chance_and_every_44_after_one_deviation():
    assert near(shewhart(3), 370.4)
    assert near(shewhart(3, shift=1), 43.9)


@pytest.mark.parametrize(
    ("h", "table"),
    [
        pytest.param(4, (167.7, 74.2, 26.6, 13.3, 8.38, 4.75, 3.34, 2.62, 2.19), id="h = 4"),
        pytest.param(5, (465.4, 139.5, 38.0, 17.1, 10.4, 5.75, 4.01, 3.11, 2.57), id="h = 5"),
    ],
)
def test_a_cusum_runs_as_long_as_the_table_says(h: float, table: tuple[float, ...]):
    for shift, printed in zip(SHIFTS, table, strict=True):
        assert two_sided_cusum(h, shift=shift) == pytest.approx(printed, rel=0.004), shift


@pytest.mark.parametrize(("h", "printed"), [(4, 335.4), (5, 930.9)])
def test_a_one_sided_cusum_runs_twice_as_long(h: float, printed: float):
    assert near(cusum(h), printed)


@pytest.mark.parametrize(
    ("weight", "limit", "table"),
    [
        (0.1, 2.814, (499.6, 31.3, 10.3, 4.36)),
        (0.05, 2.615, (499.9, 28.8, 11.4, 5.22)),
        (0.2, 2.962, (499.7, 41.8, 10.5, 3.74)),
        (0.25, 2.998, (499.8, 48.3, 11.1, 3.61)),
        (0.1, 2.703, (371.9, 28.3, 9.75, 4.18)),
    ],
)
def test_an_ewma_runs_as_long_as_the_table_says(
    weight: float, limit: float, table: tuple[float, ...]
):
    for shift, printed in zip((0, 0.5, 1, 2), table, strict=True):
        assert near(ewma(weight, limit, shift=shift), printed), shift


@pytest.mark.parametrize(
    ("usual", "k", "h", "chance", "half", "fifth", "stop", "scattered"),
    [pytest.param(*row, id=f"{row[0]} a week") for row in COUNTS],
)
def test_a_chart_of_counts_runs_as_long_as_the_table_says(
    usual: float,
    k: float,
    h: float,
    chance: float,
    half: float,
    fifth: float,
    stop: float,
    scattered: float,
):
    assert near(count_cusum(h, k=k, usual=usual), chance)
    assert count_cusum(h, k=k, usual=usual, now=usual / 2) == pytest.approx(half, abs=0.06)
    assert count_cusum(h, k=k, usual=usual, now=usual / 5) == pytest.approx(fifth, abs=0.06)
    assert count_cusum(h, k=k, usual=usual, now=0) == stop
    assert count_cusum(h, k=k, usual=usual, scatter=1 / 5) == pytest.approx(scattered, abs=0.55)


def test_the_slow_chart_of_the_detector_runs_as_long_as_a_simulation_of_it():
    limit, shift, usual, scatter = 3.0, 0.5, 20.0, 0.125
    random, size = np.random.default_rng(3), 1 / scatter
    total, run, runs = np.zeros(4000), np.zeros(4000), []
    for _ in range(600):
        seen = random.poisson(random.gamma(size, usual / size, total.shape))
        step = seen * np.log(shift)
        step = step + (seen + size) * np.log((size + usual) / (size + shift * usual))
        total, run = np.maximum(0, total + step), run + 1
        over = total >= limit
        runs.extend(run[over].tolist())
        total[over], run[over] = 0, 0
    theory = weeks_between_false(limit, shift=shift, usual=usual, scatter=scatter)
    assert theory == pytest.approx(4000 * 600 / len(runs), rel=0.05)
