"""Two roads to one number: the engine equals the exact rules on the same ledger.

Counts and reasons must be the same, amounts to the cent, rates to six digits.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from perennial.contracts.rules import resolve
from perennial.revenue.engine import fast_book, ledger_tables
from perennial.revenue.rules.arrears import Arrears
from perennial.revenue.rules.cohorts import CohortMetric, cohorts
from perennial.revenue.rules.exclusions import MERGED, Exclusion
from perennial.revenue.rules.renewal import renewals
from perennial.revenue.tests.ledger import day, period
from perennial.revenue.tests.random_ledgers import wild
from perennial.revenue.tests.roads import (
    KNOWN,
    MONTHS,
    RATES,
    assert_equal,
    cents,
    company,
    merged,
    table,
    two_roads,
)
from perennial.units.period import Grain

DEFINITIONS = [
    {},
    {"churn_recognition": "on_notice"},
    {"churn_recognition": "on_cancel", "pause_policy": "keep"},
    {"reactivation_window_days": "30", "usage_revenue": "include"},
    {"discounts": "dated"},
    {"level": "product", "nrr_reactivation": "true"},
    {"level": "order", "churn_basis": "start_and_new"},
    {"currency": "USD", "retention_basis": "movements", "churn_basis": "start_all_gone"},
]


@pytest.mark.parametrize("known_before", [None, KNOWN], ids=["now", "as known before"])
@pytest.mark.parametrize("asked", DEFINITIONS, ids=lambda it: " ".join(it.values()) or "defaults")
def test_a_random_company_gives_the_same_figures_under_every_definition(asked, known_before):
    assert_equal(*two_roads(company(1), known_before, **asked))


@pytest.mark.parametrize("asked", [{}, {"level": "product"}], ids=["customer", "product"])
def test_unknown_amounts_have_the_same_reasons(asked):
    exact, fast = two_roads(company(2, unknown=True), **asked)
    assert any(fast.movements(month).unknown for month in MONTHS)
    assert_equal(exact, fast)


@pytest.mark.parametrize("asked", [{}, {"level": "product"}], ids=["customer", "product"])
def test_who_does_not_pay_counts_on_neither_road(asked):
    """Spans that overlap, touch, end and do not end; one begins before everything."""
    ledger = company(6, unknown=True)
    starts = [day("2020-01-01"), day("2025-02-10"), day("2025-04-01"), day("2025-04-20")]
    ends = [day("2024-03-01"), day("2025-04-01"), day("2025-05-05"), None]
    late = [
        Arrears(line.customer_id, start, end)
        for line in ledger.lines
        for rank, (start, end) in enumerate(zip(starts, ends, strict=True))
        if (line.customer_id + rank) % 3 == 0
    ]
    exact, fast = two_roads(ledger, late=late, **asked)
    without, _fast = two_roads(ledger, **asked)
    assert exact.movements(MONTHS[18]) != without.movements(MONTHS[18])
    assert_equal(exact, fast)


@given(some.lists(wild(), min_size=30, max_size=30))
@settings(max_examples=10, deadline=None)
def test_ledgers_that_name_one_another_at_will_give_the_same_figures(ledgers):
    assert_equal(*two_roads(merged(ledgers)))


def test_what_is_recorded_later_changes_nothing():
    ledger = company(3, 100)
    before = [it for it in ledger.lines if it.recorded_at < KNOWN]
    assert len(before) < len(ledger.lines)
    rests = [it for it in ledger.pauses if it.recorded_at < KNOWN]
    tables = ledger_tables(ledger.lines, ledger.pauses)
    then = fast_book(tables, rates=RATES, known_before=KNOWN)
    alone = fast_book(ledger_tables(before, rests), rates=RATES)
    assert then.many(MONTHS) == alone.many(MONTHS)
    assert then.retentions(MONTHS) == alone.retentions(MONTHS)


WINDOWS: list[dict[str, Any]] = [
    {"grain": Grain.MONTH, "from_on": day("2024-01-01"), "to_on": day("2025-12-31")},
    {"grain": Grain.QUARTER, "from_on": day("2024-02-10"), "to_on": day("2025-11-30")},
    {
        "grain": Grain.YEAR,
        "from_on": day("2024-01-01"),
        "to_on": day("2026-12-31"),
        "known_on": day("2026-02-01"),
    },
]


@pytest.mark.parametrize("unknown", [False, True], ids=["known", "unknown"])
def test_cohorts_are_the_same(unknown):
    exact, fast = two_roads(company(4, unknown=unknown))
    for metric in CohortMetric:
        for asked in WINDOWS:
            expected = cohorts(exact, metric=metric, **asked)
            assert table(fast.cohorts(metric=metric, **asked)) == table(expected)


def test_renewals_are_the_same():
    ledger = company(5)
    exact, fast = two_roads(ledger)
    asked: dict[str, Any] = {
        "from_on": day("2025-03-01"),
        "to_on": day("2025-05-31"),
        "known_on": day("2025-06-10"),
    }
    terms = resolve(ledger.lines, ledger.pauses)
    expected = renewals(terms, definitions=exact.definitions, rates=RATES, **asked)
    assert expected.items
    assert fast.renewals(**asked) == expected


@pytest.mark.parametrize("merged_base", ["exclude", "move"])
def test_exclusions_are_the_same(merged_base):
    """A merged customer's base moves, also from and to other windows."""
    ledger = company(8, 120)
    exact, fast = two_roads(ledger, merged_base=merged_base)
    terms = resolve(ledger.lines, ledger.pauses)
    window: dict[str, Any] = {"from_on": day("2025-03-01"), "to_on": day("2025-08-31")}
    everything = renewals(
        terms,
        from_on=day("2024-01-01"),
        to_on=day("2026-12-31"),
        known_on=day("2025-09-10"),
        definitions=exact.definitions,
        rates=RATES,
    )
    left_out = [
        Exclusion(item.order_ids[0], MERGED, "register", "finance", survivor_id=customer_id)
        for customer_id, item in enumerate(everything.items[::9], start=1)
    ]
    asked = window | {"known_on": day("2025-09-10"), "exclusions": left_out}
    expected = renewals(terms, definitions=exact.definitions, rates=RATES, **asked)
    assert fast.renewals(**asked) == expected


def test_a_segment_is_the_same_as_its_customers_alone():
    ledger = company(6, 60)
    exact, fast = two_roads(ledger)
    chosen = set(range(1, 60, 3))
    assert_equal(exact.only(chosen), fast.only(chosen))
    found = fast.only(chosen).renewals(
        from_on=day("2025-01-01"), to_on=day("2025-12-31"), known_on=day("2026-02-01")
    )
    assert found.items
    assert {it.customer_id for it in found.items} <= chosen


def test_states_first_days_and_movers_are_the_same():
    exact, fast = two_roads(company(7, 100))
    on, year = day("2025-06-30"), period("2025-01-01", "2025-12-31")
    assert {key: (cents(it.mrr), it.paying) for key, it in fast.states(on).items()} == {
        key: (cents(it.mrr), it.paying) for key, it in exact.states(on).items()
    }
    ever = {key for key in exact.keys() if exact.first_paid(key)}  # noqa: SIM118 - no mapping
    assert set(fast.keys()) == ever
    assert all(fast.first_paid(key) == exact.first_paid(key) for key in ever)
    assert [it.key for it in fast.movers(year)] == [it.key for it in exact.movers(year)]
    assert fast.exact({3}).history(3).steps == exact.history(3).steps
    assert (fast.base(on).customers, cents(fast.base(on).above_zero)) == (
        exact.base(on).customers,
        cents(exact.base(on).above_zero),
    )
