"""Cohorts by age and what the base is still worth. Source: metric specification B2, G5."""

from __future__ import annotations

from datetime import date

import pytest

from perennial.revenue.rules.base_value import (
    LEAST_CUSTOMERS,
    age_on,
    base_value,
    cohorts_by_age,
)
from perennial.revenue.rules.lifetime import residual
from perennial.revenue.rules.staying import Stay


@pytest.mark.parametrize(
    ("first", "on", "years"),
    [
        pytest.param("2024-03-15", "2025-03-13", 0, id="two days short of a year"),
        pytest.param("2024-03-15", "2025-03-14", 1, id="the last day of the first year"),
        pytest.param("2024-02-29", "2025-02-27", 1, id="a leap day's year ends on 28 February"),
        pytest.param("2024-03-15", "2024-03-15", 0, id="the first day"),
        pytest.param("2020-01-01", "2024-12-31", 5, id="five whole years"),
    ],
)
def test_age_is_counted_in_whole_years(first: str, on: str, years: int):
    assert age_on(date.fromisoformat(first), date.fromisoformat(on)) == years


def test_a_cohort_counts_who_was_there_after_each_year_and_who_is_there_today():
    stays = {
        2: [
            Stay(12.0, left=True),  # left at the first renewal
            Stay(12.5, left=True),  # renewed once, and left in the second year
            Stay(24.0, left=True),  # left at the second renewal
            Stay(30.0, left=False),
        ],
        0: [Stay(3.0, left=False), Stay(2.0, left=True)],
    }
    found = {cohort.age: cohort.alive for cohort in cohorts_by_age(stays)}
    assert found == {0: (1,), 2: (4, 3, 1)}


def test_whoever_waits_for_a_renewal_is_not_lost():
    pending = Stay(12.0, left=False)
    assert cohorts_by_age({1: [pending]})[0].alive == (1, 1)


def test_with_few_customers_nothing_is_projected():
    found = base_value({1: [Stay(13.0, left=False)] * (LEAST_CUSTOMERS - 1)}, discount=0.1)
    assert (found.n, found.curve, found.reason) == (LEAST_CUSTOMERS - 1, None, "too_few_customers")
    nobody_left = base_value({3: [Stay(40.0, left=False)] * LEAST_CUSTOMERS}, discount=0.1)
    assert (nobody_left.curve, nobody_left.reason) == (None, "nobody_left")


def test_what_is_left_is_the_residual_of_the_cohorts_under_the_curve():
    gone, later = [Stay(12.0, left=True)], [Stay(24.0, left=True)]
    stays = {
        3: gone * 20 + later * 10 + [Stay(40.0, left=False)] * 70,
        1: gone * 15 + [Stay(14.0, left=False)] * 85,
    }
    found = base_value(stays, discount=0.1)
    assert found.curve and found.left and found.n == 200
    again = residual([cohort.alive for cohort in found.cohorts], found.curve, discount=0.1)
    assert found.left.expected == again.expected and found.left.customers == 155
    assert found.survival[0] == pytest.approx(1) and found.survival[1] == pytest.approx(
        0.825, abs=0.02
    )
    assert found.left.naive and found.left.expected and found.left.naive < found.left.expected
