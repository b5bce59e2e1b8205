"""Terms as the metric specification prints them (A0.4, B1)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.units.money import round_half_up
from perennial.units.period import Grain, add_months, period_of, periods_between, term_months

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("start_on", "end_on", "months"),
    [
        pytest.param(date(2024, 3, 1), date(2026, 3, 1), Fraction(24), id="two years"),
        pytest.param(date(2024, 2, 29), date(2025, 2, 28), Fraction(12), id="leap day clamped"),
        pytest.param(date(2024, 1, 31), date(2024, 2, 29), Fraction(1), id="month end clamped"),
        pytest.param(
            date(2025, 1, 15), date(2025, 12, 31), 11 + Fraction(16, 31), id="days left over"
        ),
    ],
)
def test_a_term_is_whole_months_plus_days(start_on: date, end_on: date, months: Fraction):
    assert term_months(start_on, end_on) == months


@pytest.mark.parametrize(
    ("start_on", "end_on", "amount", "arr"),
    [
        (date(2024, 3, 1), date(2026, 3, 1), 400_000, "200000.00"),
        (date(2024, 1, 31), date(2024, 2, 29), 1_000, "12000.00"),
        (date(2025, 1, 15), date(2025, 12, 31), 11_500, "11983.19"),
        (date(2025, 1, 1), date(2025, 7, 1), 6_000, "12000.00"),
    ],
)
def test_arr_never_comes_from_days_over_365(start_on, end_on, amount, arr):
    assert str(round_half_up(amount * 12 / term_months(start_on, end_on))) == arr


def test_an_empty_term_is_refused():
    with pytest.raises(ValueError, match="ends after"):
        term_months(date(2025, 1, 1), date(2025, 1, 1))


@given(DAYS, st.integers(1, 240))
def test_a_term_of_whole_months_measures_that_many(start_on: date, months: int):
    assert term_months(start_on, add_months(start_on, months)) == months


@given(DAYS, st.integers(1, 4000), st.integers(1, 4000))
def test_a_longer_term_never_measures_less(start_on: date, first: int, second: int):
    short, long = sorted((first, second))
    ends = [date.fromordinal(start_on.toordinal() + days) for days in (short, long)]
    assert term_months(start_on, ends[0]) <= term_months(start_on, ends[1])


@pytest.mark.parametrize(
    ("grain", "label"),
    [
        (Grain.DAY, "2025-05-17"),
        (Grain.MONTH, "2025-05"),
        (Grain.QUARTER, "2025-Q2"),
        (Grain.YEAR, "2025"),
    ],
)
def test_periods_are_labelled_as_the_interface_says(grain: Grain, label: str):
    assert period_of(date(2025, 5, 17), grain).label == label


@given(DAYS, st.integers(0, 900), st.sampled_from(list(Grain)))
def test_periods_cover_a_window_without_gap_or_overlap(from_on: date, days: int, grain: Grain):
    to_on = date.fromordinal(from_on.toordinal() + days)
    periods = list(periods_between(from_on, to_on, grain))
    assert periods[0].first_on == from_on
    assert periods[-1].last_on == to_on
    for earlier, later in pairwise(periods):
        assert later.eve_on == earlier.last_on
