"""What an expansion or contraction consists of; ACV, TCV, CMRR and growth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from perennial.contracts.rules import Basis, Kind, resolve
from perennial.revenue.rules import DEFAULT, Rates
from perennial.revenue.rules.committed import committed_change
from perennial.revenue.rules.contracted import acv, tcv
from perennial.revenue.rules.growth import cagr, growth
from perennial.revenue.tests.ledger import (
    adds,
    book,
    cancels,
    day,
    line,
    pause,
    period,
    reduces,
)

FEBRUARY = period("2025-02-01", "2025-02-28")


def base(**also):
    return line("A", "2025-01-01", "2026-01-01", 1200, **also)


def parts(lines, pauses=(), **settings) -> dict[str, int]:
    found = book(lines, pauses, **settings)
    (move,) = found.movers(FEBRUARY)
    told = found.parts(move, FEBRUARY)
    assert sum(told.values()) == move.amount
    return {str(kind): int(amount) for kind, amount in told.items()}


def renewed(amount: int, **also):
    also = {"kind": Kind.RENEWAL, "renews": ("A",), "basis": Basis.MRR} | also
    return line("R", "2025-02-10", "2026-02-10", amount, **also)


CASES = {
    "the same seats cost more": ([base(seats=10), renewed(130, seats=10)], {"price": 30}),
    "more seats at the old price": ([base(seats=10), renewed(120, seats=12)], {"seats": 20}),
    "more seats, each cheaper": (
        [base(seats=10), renewed(150, seats=20)],
        {"seats": 100, "price": -50},
    ),
    "fewer seats": ([base(seats=10), renewed(80, seats=8)], {"seats": -20}),
    "an add-on of seats": (
        [base(seats=10), adds("S", "2025-02-10", 50, seats=5)],
        {"seats": 50},
    ),
    "a downsell of seats": (
        [base(seats=10), reduces("A", "2025-02-10", -20, seats=2)],
        {"seats": -20},
    ),
    "a downsell without seats": ([base(), reduces("A", "2025-02-10", -20)], {"price": -20}),
    "an add-on that ends with the order": (
        [base(), line("S", "2025-02-10", "2026-01-01", 40, kind=Kind.ADDON, basis=Basis.MRR)],
        {"co_term": 40},
    ),
    "an add-on with an end of its own": ([base(), adds("S", "2025-02-10", 40)], {"price": 40}),
    "another product": ([base(), adds("S", "2025-02-10", 40, product="oa")], {"cross_sell": 40}),
    "one product of two dropped": (
        [base(), line("B", "2025-01-01", None, 40, product="oa"), cancels("B", "2025-02-10")],
        {"cross_sell": -40},
    ),
    "one product in place of another": (
        [base(product="basic"), renewed(150, product="pro")],
        {"plan": 50},
    ),
    "a plan and one more product": (
        [base(product="basic"), renewed(150, product="pro"), adds("S", "2025-02-10", 7)],
        {"plan": 57},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), CASES.values(), ids=CASES)
def test_what_a_change_consists_of(lines, expected):
    assert parts(lines) == expected


def test_a_pause_and_its_end():
    lines, rest = [base()], [pause("2025-02-10", "2025-03-10")]
    assert parts(lines, rest) == {"pause": -100}
    assert parts(lines, [pause("2025-01-10", "2025-02-10")]) == {"resume": 100}


def test_the_end_of_a_dated_discount():
    off = {"discount": Fraction(60), "discount_end_on": day("2025-02-15")}
    told = parts([base(**off)], discounts="dated")
    assert set(told) == {"discount"}


def test_parts_are_at_the_rates_of_the_start():
    lines = [base(currency="USD"), adds("S", "2025-02-10", 40, product="oa", currency="USD")]
    rates = Rates(
        spot={"USD": ((day("2025-01-01"), Fraction(7)), (day("2025-02-05"), Fraction(8)))}
    )
    assert parts(lines, rates=rates, fx="spot") == {"cross_sell": 280}


def test_acv_and_tcv_of_a_contract():
    """Seed 000: 50万, two years, 10万 of it implementation: a year is worth 20万."""
    terms = resolve([line("A", "2024-01-01", "2026-01-01", 400_000, one_off=Fraction(100_000))])
    assert (acv(terms), tcv(terms)) == (200_000, 500_000)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param(line("A", "2025-01-01", None, 100), (1200, None), id="open-ended: no total"),
        pytest.param(
            line("A", "2025-01-01", "2026-01-01", 90, basis=Basis.TOTAL),
            (None, None),
            id="拆分缺失",
        ),
        pytest.param(
            line("A", "2025-01-01", "2025-04-01", 300), (1200, 300), id="a quarter: a year is 4"
        ),
    ],
)
def test_what_a_contract_is_worth(order, expected):
    terms = resolve([order])
    assert (acv(terms), tcv(terms)) == expected


def test_cmrr_counts_what_is_signed_and_not_what_was_given_notice():
    """100 stays; 40 was cancelled for May; 25 begins in April; the renewal of 60 is for 80."""
    renewal = line("next", "2025-03-10", None, 80, kind=Kind.RENEWAL, renews=("old",))
    lines = [
        line("stays", "2025-01-01", None, 100),
        line("goes", "2025-01-01", None, 40),
        cancels("goes", "2025-05-01", signed_on=day("2025-02-20")),
        line("comes", "2025-04-01", None, 25, signed_on=day("2025-02-25")),
        line("old", "2024-03-10", "2025-03-10", 720),
        replace(renewal, signed_on=day("2025-02-01")),
        line("unsigned", "2025-04-01", None, 999, signed_on=day("2025-03-15")),
    ]  # fmt: skip
    terms, on = resolve(lines), date(2025, 2, 28)
    change = committed_change(terms, on, definitions=DEFAULT, rates=Rates())
    mrr = book(lines).base(on).mrr
    assert (mrr, change) == (200, -40 + 25 + 80 - 60)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(120, 100, Fraction(1, 5)), (0, 100, -1), (50, 0, None)],
)
def test_growth_over_the_same_day_a_year_before(now, before, expected):
    assert growth(Fraction(now), Fraction(before)) == expected


def test_cagr_over_years():
    assert cagr(Fraction(4), Fraction(1), years=2) == pytest.approx(1.0)
    assert cagr(Fraction(1), Fraction(0), years=2) is None
