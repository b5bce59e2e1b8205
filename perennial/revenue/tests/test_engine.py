"""Two roads to one number: the engine equals the exact rules on the same ledger.

Counts and reasons must be the same, amounts to the cent, rates to six digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from perennial.contracts.rules import Basis, Kind, Line, Pause, resolve
from perennial.revenue.engine import FastBook, NeedsExactRoad, fast_book, ledger_tables
from perennial.revenue.rules import (
    Histories,
    Movements,
    Rates,
    Report,
    RetentionReport,
    histories,
)
from perennial.revenue.rules.cohorts import CohortMetric, CohortTable, cohorts
from perennial.revenue.rules.definitions import Definitions, with_values
from perennial.revenue.rules.renewal import renewals
from perennial.revenue.rules.retention_report import FIGURES
from perennial.revenue.tests.ledger import adds, cancels, day, line, moment, period, reduces
from perennial.revenue.tests.random_ledgers import Ledger, random_ledger, wild
from perennial.units.money import round_half_up
from perennial.units.period import Grain, periods_between

MONTHS = list(periods_between(date(2023, 12, 1), date(2026, 12, 31), Grain.MONTH))
RATES = Rates(plan={"USD": Fraction("7.123"), "CNY": Fraction(2)})
KNOWN = moment(date(2025, 6, 1))
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


def two_roads(
    ledger: Ledger, known_before=None, rates: Rates = RATES, **asked: str
) -> tuple[Histories, FastBook]:
    definitions = with_values(Definitions(), asked)
    terms = resolve(ledger.lines, ledger.pauses, known_before=known_before)
    exact = histories(terms, definitions=definitions, rates=rates)
    tables = ledger_tables(ledger.lines, ledger.pauses)
    fast = fast_book(tables, definitions=definitions, rates=rates, known_before=known_before)
    return exact, fast


def cents(amount: Fraction | None) -> object:
    return None if amount is None else round_half_up(amount)


def digits(rate: Fraction | None) -> object:
    return None if rate is None else round_half_up(rate, places=6)


def told(report: Movements) -> dict[str, object]:
    assert report.start + report.net == report.end
    return {
        "start": cents(report.start),
        "end": cents(report.end),
        "amounts": {kind: cents(amount) for kind, amount in report.amounts.items()},
        "counts": dict(report.counts),
        "customers": (report.start_customers, report.customers),
        "rounding": report.rounding,
        "usage_revenue": report.usage_revenue,
        "unknown": dict(report.unknown),
    }


def kept(report: RetentionReport) -> dict[str, object]:
    parts = report.parts
    return {
        **{name: digits(getattr(report, name)) for name in FIGURES if name not in AMOUNTS},
        **{name: cents(getattr(report, name)) for name in AMOUNTS},
        "logos": (parts.start_logos, parts.kept_logos),
        "parts": [cents(it) for it in (parts.start, parts.kept, parts.end)],
        "reasons": report.reasons,
    }


AMOUNTS = ("start_mrr", "end_mrr")


def table(found: CohortTable) -> list[object]:
    rows = [
        (it.period, it.size, cents(it.start_mrr), list(map(digits, it.cells)), it.unknown)
        for it in found.rows
    ]
    return [*rows, list(map(digits, found.total))]


def moves(found: Iterable) -> list[tuple[object, ...]]:
    return sorted(
        (
            it.customer_id,
            it.unit or "",
            str(it.kind),
            *((cents(state.mrr), state.paying, state.unknown) for state in (it.before, it.after)),
        )
        for it in found
    )


def assert_equal(exact: Histories, fast: FastBook) -> None:
    for report in Report:
        for month, found in zip(MONTHS, fast.many(MONTHS, report), strict=True):
            assert told(found) == told(exact.movements(month, report)), (month.label, report)
    for month, kept_fast in zip(MONTHS, fast.retentions(MONTHS), strict=True):
        expected = exact.retention(month.eve_on, month.last_on)
        assert kept(kept_fast) == kept(expected), month.label
    year = period("2025-01-01", "2025-12-31")
    assert kept(fast.retention(year.eve_on, year.last_on)) == kept(
        exact.retention(year.eve_on, year.last_on)
    )
    assert moves(fast.net(year)) == moves(exact.net(year))
    assert moves(fast.daily(year)) == moves(exact.daily(year))


def company(seed: int, customers: int = 300, *, unknown: bool = False) -> Ledger:
    """A random ledger as a file could hold it: amounts have at most six decimals."""
    currencies = ("CNY", "USD", "EUR") if unknown else ("CNY", "USD")
    ledger = random_ledger(seed, customers=customers, currencies=currencies, unknown=unknown)
    return Ledger([six_places(it) for it in ledger.lines], ledger.pauses)


def six_places(it: Line) -> Line:
    amount, discount = (
        None if value is None else Fraction(round_half_up(value, places=6))
        for value in (it.amount, it.discount)
    )
    return replace(it, amount=amount, discount=discount or Fraction(0))


@pytest.mark.parametrize("known_before", [None, KNOWN], ids=["now", "as known before"])
@pytest.mark.parametrize("asked", DEFINITIONS, ids=lambda it: " ".join(it.values()) or "defaults")
def test_a_random_company_gives_the_same_figures_under_every_definition(asked, known_before):
    assert_equal(*two_roads(company(1), known_before, **asked))


@pytest.mark.parametrize("asked", [{}, {"level": "product"}], ids=["customer", "product"])
def test_unknown_amounts_have_the_same_reasons(asked):
    exact, fast = two_roads(company(2, unknown=True), **asked)
    assert any(fast.movements(month).unknown for month in MONTHS)
    assert_equal(exact, fast)


@given(some.lists(wild(), min_size=30, max_size=30))
@settings(max_examples=10, deadline=None)
def test_ledgers_that_name_one_another_at_will_give_the_same_figures(ledgers):
    assert_equal(*two_roads(merged(ledgers)))


def merged(ledgers: list[Ledger]) -> Ledger:
    """Many small ledgers side by side: each has its own customers and orders."""
    found = Ledger()
    for rank, ledger in enumerate(ledgers):
        for it in ledger.lines:
            found.lines.append(
                replace(
                    six_places(it),
                    customer_id=it.customer_id + 10 * rank,
                    order_id=f"{rank}-{it.order_id}",
                    renews=tuple(f"{rank}-{name}" for name in it.renews),
                )
            )
        for rest in ledger.pauses:
            found.pauses.append(replace(rest, customer_id=rest.customer_id + 10 * rank))
    return found


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


@pytest.mark.parametrize("metric", CohortMetric)
@pytest.mark.parametrize("unknown", [False, True], ids=["known", "unknown"])
def test_cohorts_are_the_same(metric, unknown):
    exact, fast = two_roads(company(4, unknown=unknown))
    for asked in (
        {"grain": Grain.MONTH, "from_on": day("2024-01-01"), "to_on": day("2025-12-31")},
        {"grain": Grain.QUARTER, "from_on": day("2024-02-10"), "to_on": day("2025-11-30")},
        {
            "grain": Grain.YEAR,
            "from_on": day("2024-01-01"),
            "to_on": day("2026-12-31"),
            "known_on": day("2026-02-01"),
        },
    ):
        expected = cohorts(exact, metric=metric, **asked)
        assert table(fast.cohorts(metric=metric, **asked)) == table(expected)


def test_renewals_are_the_same():
    ledger = company(5)
    exact, fast = two_roads(ledger)
    asked = {
        "from_on": day("2025-03-01"),
        "to_on": day("2025-05-31"),
        "known_on": day("2025-06-10"),
    }
    terms = resolve(ledger.lines, ledger.pauses)
    expected = renewals(terms, definitions=exact.definitions, rates=RATES, **asked)
    assert expected.items
    assert fast.renewals(**asked) == expected


def test_a_segment_is_the_same_as_its_customers_alone():
    ledger = company(6, 60)
    exact, fast = two_roads(ledger)
    chosen = set(range(1, 60, 3))
    assert_equal(exact.only(chosen), fast.only(chosen))
    asked = {
        "from_on": day("2025-01-01"),
        "to_on": day("2025-12-31"),
        "known_on": day("2026-02-01"),
    }
    assert {it.customer_id for it in fast.only(chosen).renewals(**asked).items} <= chosen


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


GOLD_AND_SILVER = [  # metric specification B1.3 (ChartMogul 201244842)
    line("G", "2024-01-01", "2025-01-01", 2000),
    adds("S", "2024-03-01", 60),
    cancels("S", "2024-05-15"),
    line("G2", "2025-06-01", None, 150),
]
UP_AND_AWAY = [  # B1.7 (Baremetrics changelog)
    line("A", "2024-01-01", None, 500),
    adds("B", "2024-01-10", 879),
    cancels("A;B", "2024-01-20"),
]
UP_AND_DOWN = [  # B1.12
    line("A", "2024-01-01", None, 100),
    adds("B", "2024-02-03", 50),
    reduces("A", "2024-02-20", -30),
]


@pytest.mark.parametrize(
    ("lines", "first", "last", "expected"),
    [
        (GOLD_AND_SILVER, "2024-01-01", "2024-01-31", {"new": "166.67"}),
        (GOLD_AND_SILVER, "2024-03-01", "2024-03-31", {"expansion": "60.00"}),
        (GOLD_AND_SILVER, "2024-05-01", "2024-05-31", {"contraction": "-60.00"}),
        (GOLD_AND_SILVER, "2025-01-01", "2025-01-31", {"churn": "-166.67"}),
        (GOLD_AND_SILVER, "2025-06-01", "2025-06-30", {"reactivation": "150.00"}),
        (UP_AND_AWAY, "2024-01-02", "2024-01-31", {"churn": "-500.00"}),
        (UP_AND_DOWN, "2024-02-01", "2024-02-29", {"expansion": "20.00"}),
    ],
)
def test_worked_examples(lines, first, last, expected):
    report = fast_book(ledger_tables(lines)).movements(period(first, last))
    found = {str(kind): str(cents(it)) for kind, it in report.amounts.items() if it}
    assert found == expected


def test_the_days_added_up_tell_another_grr():
    """B1.12: endpoint GRR 100 %, NRR 120 %; movement GRR 70 %."""
    found = fast_book(ledger_tables(UP_AND_DOWN)).retention(day("2024-01-31"), day("2024-02-29"))
    assert (found.grr, found.nrr, found.grr_movement) == (1, Fraction(6, 5), Fraction(7, 10))


def test_half_a_cent_is_rounded_as_on_the_exact_road():
    """Odd terms are no whole number of units: a third and two thirds of a day's amount."""
    lines = [
        line("A", "2024-01-01", "2024-01-08", "0.01", basis=Basis.TERM),
        replace(line("B", "2024-01-01", "2024-01-08", "0.99"), customer_id=2),
        replace(line("C", "2024-01-01", None, "0.075"), customer_id=3),
    ]
    exact, fast = two_roads(Ledger(lines))
    january = period("2024-01-01", "2024-01-05")
    assert exact.movements(january).end == fast.movements(january).end
    assert told(fast.movements(january)) == told(exact.movements(january))


def test_a_renewal_without_change_is_no_movement_even_when_its_term_is_odd():
    """Three odd terms for the same amount a month, in other words: 7/31 and 14/31 of it."""
    lines = [
        line("A", "2024-01-01", "2024-01-08", 7),
        line("B", "2024-01-08", "2024-01-22", 14, kind=Kind.RENEWAL, renews=("A",)),
    ]
    report = fast_book(ledger_tables(lines)).movements(period("2024-01-08", "2024-01-10"))
    assert sum(report.counts.values()) == 0
    assert report.start == 31


@pytest.mark.parametrize(
    ("lines", "asked", "rates", "reason"),
    [
        ([line("A", "2024-01-01", None, 1)], {"fx": "spot"}, Rates(), "fx_spot"),
        ([line("A", "2024-01-01", None, Fraction(1, 3))], {}, Rates(), "amount_digits"),
        ([], {}, Rates(plan={"USD": Fraction(1, 2**40)}), "rate_digits"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_what_the_engine_leaves_to_the_exact_road(lines, asked, rates, reason):
    with pytest.raises(NeedsExactRoad) as left:
        two_roads(Ledger(lines), rates=rates, **asked)
    assert left.value.reason == reason


def test_an_empty_ledger_has_nothing():
    book = fast_book(ledger_tables([]))
    assert book.movements(MONTHS[0]).end == 0
    assert book.retention(day("2024-01-01"), day("2024-12-31")).grr is None
    assert book.cohorts(
        grain=Grain.YEAR,
        metric=CohortMetric.NRR,
        from_on=day("2024-01-01"),
        to_on=day("2024-12-31"),
    ).total == (None,)


def test_pauses_that_overlap_pause_once():
    lines = [line("A", "2024-01-01", "2025-01-01", 1200)]
    rests = [
        Pause(1, day("2024-02-01"), day("2024-03-01"), moment(day("2024-02-01"))),
        Pause(1, day("2024-02-10"), None, moment(day("2024-02-02")), "A"),
    ]
    exact, fast = two_roads(Ledger(lines, rests))
    february = period("2024-02-01", "2024-02-29")
    assert told(fast.movements(february)) == told(exact.movements(february))
    assert fast.base(february.last_on + timedelta(60)).customers == 1
