"""Cohorts by first paid period and by renewal cycle (metric specification A5)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from perennial.contracts.rules import Line, Pause, resolve
from perennial.revenue.rules.cohorts import CohortMetric, CohortTable, cohorts
from perennial.revenue.rules.cycles import cycles
from perennial.revenue.rules.definitions import DEFAULT
from perennial.revenue.rules.due_items import due_items
from perennial.revenue.rules.movement import Movement
from perennial.revenue.rules.rates import Rates
from perennial.revenue.tests.ledger import book, cancels, day, line
from perennial.revenue.tests.random_ledgers import random_ledger
from perennial.revenue.tests.renewing import renews
from perennial.units.period import Grain, add_months, period_of

ZERO, HALF = Fraction(0), Fraction(1, 2)
LOGO, GRR, NRR = CohortMetric


def table(
    lines: list[Line],
    metric: CohortMetric = LOGO,
    first: str = "2025-01-01",
    last: str = "2025-04-30",
    *,
    grain: Grain = Grain.MONTH,
    pauses: list[Pause] | None = None,
    known_on: date | None = None,
) -> CohortTable:
    found = book(lines, pauses or [])
    ends = day(first), day(last)
    return cohorts(
        found, grain=grain, metric=metric, from_on=ends[0], to_on=ends[1], known_on=known_on
    )


@pytest.fixture
def ledger() -> list[Line]:
    """January: one grows, one shrinks and leaves. February: one comes and goes at once."""
    return [
        line("A", "2025-01-10", None, 100),
        line("A2", "2025-03-05", None, 50, kind="addon"),
        line("B", "2025-01-20", None, 100, customer_id=2),
        line("D", "2025-02-15", None, -40, kind="downsell", renews=("B",), customer_id=2),
        cancels("B", "2025-04-05", customer_id=2),
        line("C", "2025-02-03", "2025-02-20", 30, customer_id=3),
    ]


EXPECTED = {
    LOGO: [[1, 1, 1, HALF], [0, 0, 0, None], [None] * 4, [None] * 4],
    GRR: [[1, Fraction(4, 5), Fraction(4, 5), HALF], [None] * 4, [None] * 4, [None] * 4],
    NRR: [[1, Fraction(4, 5), Fraction(105, 100), Fraction(3, 4)], [None] * 4, [None] * 4,
          [None] * 4],
}  # fmt: skip


@pytest.mark.parametrize("metric", CohortMetric)
def test_a_cohort_is_followed_period_by_period(ledger, metric):
    found = table(ledger, metric)
    assert [row.period.label for row in found.rows] == ["2025-01", "2025-02", "2025-03", "2025-04"]
    assert [row.size for row in found.rows] == [2, 1, 0, 0]
    assert [row.start_mrr for row in found.rows] == [200, 0, 0, 0]
    assert [list(row.cells) for row in found.rows] == EXPECTED[metric]


def test_the_total_is_weighted_by_the_start_over_cohorts_old_enough(ledger):
    assert table(ledger).total == (Fraction(2, 3), Fraction(2, 3), Fraction(2, 3), HALF)


def test_a_cell_of_a_period_that_is_not_over_is_unknown(ledger):
    found = table(ledger, last="2025-04-29")
    assert found.rows[0].cells == (1, 1, 1, None)
    known = table(ledger, known_on=date(2025, 3, 30))
    assert known.rows[0].cells == (1, 1, None, None)


def test_who_returns_counts_in_the_cohort_of_the_first_payment():
    lines = [
        line("A", "2025-01-01", "2025-02-01", 10),
        line("B", "2025-03-01", None, 10),
    ]
    found = table(lines)
    assert [row.size for row in found.rows] == [1, 0, 0, 0]
    assert found.rows[0].cells == (1, 0, 1, 1)


def test_a_trial_begins_no_cohort():
    lines = [
        line("T", "2025-01-01", "2025-02-01", kind="trial"),
        line("A", "2025-02-01", None, 10, kind="renewal", renews=("T",)),
    ]
    assert [row.size for row in table(lines).rows] == [0, 1, 0, 0]


def test_a_paused_customer_is_still_there_but_pays_nothing():
    rest = Pause(1, day("2025-02-10"), day("2025-03-10"), line("A", "2025-02-10").recorded_at)
    lines = [line("A", "2025-01-01", None, 10)]
    assert table(lines, LOGO, pauses=[rest]).rows[0].cells == (1, 1, 1, 1)
    assert table(lines, NRR, pauses=[rest]).rows[0].cells == (1, 0, 1, 1)


def test_an_unknown_amount_makes_money_unknown_and_leaves_logos():
    lines = [line("A", "2025-01-01", None, 10, currency="USD")]
    (row, *_rest) = table(lines, GRR).rows
    assert (row.size, row.start_mrr, row.cells[0], row.unknown) == (1, None, None, "missing_rate")
    assert table(lines, LOGO).rows[0].cells[0] == 1


def chains() -> list[Line]:
    """Three customers of 2023: one renews twice, one once, one never."""
    first = [line(f"A{pk}", "2023-03-01", "2024-03-01", 1200, customer_id=pk) for pk in (1, 2, 3)]
    return [
        *first,
        renews("A1", "B1", "2024-03-01", "2025-03-01", 1500, customer_id=1),
        renews("A2", "B2", "2024-03-01", "2025-03-01", 600, customer_id=2),
        renews("B1", "C1", "2025-03-01", "2026-03-01", 1800, customer_id=1),
    ]


def cycled(lines: list[Line], metric: CohortMetric = LOGO, last: str = "2025-12-31") -> CohortTable:
    terms = resolve(lines)
    items = due_items(terms, known_on=day(last), definitions=DEFAULT, rates=Rates())
    found = book(lines)
    firsts = ((pk, found.first_paid(pk)) for pk in found.keys())  # noqa: SIM118
    first_paid = {pk: on for pk, on in firsts if on and isinstance(pk, int)}
    return cycles(
        items,
        first_paid=first_paid,
        grain=Grain.YEAR,
        metric=metric,
        from_on=day("2023-01-01"),
        to_on=day(last),
    )


@pytest.mark.parametrize(
    ("metric", "cells"),
    [
        (LOGO, [1, Fraction(2, 3), Fraction(1, 3)]),
        (GRR, [1, HALF, Fraction(1, 3)]),
        (NRR, [1, Fraction(2100, 3600), HALF]),
    ],
)
def test_by_cycle_a_cell_is_what_is_left_after_the_k_th_renewal(metric, cells):
    found = cycled(chains(), metric)
    assert (found.rows[0].size, found.rows[0].start_mrr) == (3, 300)
    assert list(found.rows[0].cells[:3]) == cells


def test_the_length_of_the_terms_does_not_matter_by_cycle():
    half_years = [
        line("A1", "2023-03-01", "2023-09-01", 600),
        renews("A1", "B1", "2023-09-01", "2024-03-01", 600),
        renews("B1", "C1", "2024-03-01", "2026-09-01", 3000),
    ]
    assert cycled(half_years).rows[0].cells == (1, 1, 1)


def test_a_cycle_is_unknown_until_it_is_decided_for_everybody():
    assert cycled(chains(), last="2024-03-15").rows[0].cells == (1, None)
    assert cycled(chains(), last="2025-03-15").rows[0].cells[:2] == (1, Fraction(2, 3))
    assert cycled(chains(), last="2025-03-15").rows[0].cells[2] is None


def test_contracts_without_an_end_and_later_add_ons_have_no_cycle():
    endless = line("E", "2023-05-01", None, 10, customer_id=9)
    later = line("L", "2024-05-01", "2025-05-01", 600, customer_id=1)
    assert cycled([*chains(), endless, later]) == cycled(chains())


@given(some.integers(0, 10**6))
@settings(max_examples=500, deadline=None)
def test_the_starts_of_all_cohorts_are_all_new_revenue(seed):
    ledger = random_ledger(seed)
    found = book(ledger.lines, ledger.pauses)
    firsts = [on for on in map(found.first_paid, found.keys()) if on]
    if not firsts:
        return
    first, last = min(firsts), max(firsts)
    made = cohorts(found, grain=Grain.QUARTER, metric=NRR, from_on=first, to_on=last)
    whole = [row.period for row in made.rows]
    new = [found.movements(period).amounts[Movement.NEW] for period in whole]
    assert [row.start_mrr for row in made.rows] == new
    assert sum(row.size for row in made.rows) == len(firsts)


@given(some.integers(0, 10**6), some.sampled_from(list(CohortMetric)))
@settings(max_examples=150, deadline=None)
def test_a_naive_count_gives_the_same_cells(seed, metric):
    ledger = random_ledger(seed)
    found = book(ledger.lines, ledger.pauses)
    first, last = date(2022, 1, 1), date(2026, 12, 31)
    made = cohorts(found, grain=Grain.YEAR, metric=metric, from_on=first, to_on=last)
    members = defaultdict(list)
    for key in found.keys():  # noqa: SIM118
        if on := found.first_paid(key):
            members[on.year].append(key)
    for rank, row in enumerate(made.rows):
        end = period_of(date(2022 + rank, 1, 1), Grain.YEAR).last_on
        for later, cell in enumerate(row.cells):
            theirs, on = members[2022 + rank], add_months(end, 12 * later)
            was, now = ({k: found.history(k).state(it) for k in theirs} for it in (end, on))
            started = [k for k in theirs if was[k].mrr > 0]
            start = sum(was[k].mrr for k in started)
            kept = {
                LOGO: (sum(now[k].paying for k in theirs), len(theirs)),
                GRR: (sum(min(was[k].mrr, max(now[k].mrr, ZERO)) for k in started), start),
                NRR: (sum(max(now[k].mrr, ZERO) for k in started), start),
            }[metric]
            past = on > last or not kept[1]
            assert cell == (None if past else Fraction(kept[0]) / kept[1])
