"""The engine on worked examples, and on what is hard to count in whole units."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from perennial.contracts.rules import Basis, Kind, Pause
from perennial.revenue.engine import NeedsExactRoad, fast_book, ledger_tables
from perennial.revenue.rules import (
    Rates,
)
from perennial.revenue.rules.cohorts import CohortMetric
from perennial.revenue.tests.ledger import adds, cancels, day, line, moment, period, reduces
from perennial.revenue.tests.random_ledgers import Ledger
from perennial.revenue.tests.roads import MONTHS, cents, told, two_roads
from perennial.units.period import Grain

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


CHEAPER_AND_RENEWED = [  # a downsell may not outlive the open-ended order that it reduces
    line("A", "2024-01-01", None, 100),
    reduces("A", "2024-02-01", -30),
    line("R", "2024-06-01", "2025-06-01", 960, kind=Kind.RENEWAL, renews=("A",)),
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
        (CHEAPER_AND_RENEWED, "2024-06-01", "2024-06-30", {"expansion": "10.00"}),
        (CHEAPER_AND_RENEWED, "2025-06-01", "2025-06-30", {"churn": "-80.00"}),
    ],
)
def test_worked_examples(lines, first, last, expected):
    for book in two_roads(Ledger(lines)):
        amounts = book.movements(period(first, last)).amounts
        assert {str(kind): str(cents(it)) for kind, it in amounts.items() if it} == expected


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


@pytest.mark.parametrize("largest", ["12345678.9", "98765432109876.543210"])
def test_amounts_of_any_size_a_ledger_keeps(largest):
    """Amounts above 9.2 billion billion millionths do not fit into 64 bits."""
    lines = [
        line("A", "2024-01-01", "2025-01-01", largest),
        line("B", "2024-01-01", None, "0.000001", customer_id=2),
        line("C", "2024-01-01", None, None, kind=Kind.TRIAL, customer_id=3),
        reduces("A", "2024-03-01", -7),
    ]
    exact, fast = two_roads(Ledger(lines))
    for month in MONTHS[1:6]:
        assert told(fast.movements(month)) == told(exact.movements(month))
    assert fast.base(day("2024-02-01")).mrr == exact.base(day("2024-02-01")).mrr


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
