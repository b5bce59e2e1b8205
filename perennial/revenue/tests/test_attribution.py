"""Who is credited with an upsell, at the very days and amounts where it turns.

Source: metric specification A7 and seed s2 (增购归属 3~12个月, 权责利一致).
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from perennial.contracts.rules import Basis, Kind, Line, Term, resolve
from perennial.revenue.rules.attribution import (
    Credit,
    CreditRules,
    FirstDeal,
    Source,
    credit,
    first_deals,
    upsells,
    work_before,
)
from perennial.revenue.tests.ledger import cancels, day, line

SIGNED = date(2025, 1, 15)


def worth(term: Term, on: date) -> Fraction | None:
    """Yearly in CNY; for this company dollars have no rate."""
    return term.mrr * 12 if term.currency == "CNY" else None


@pytest.mark.parametrize(
    ("acv", "months"),
    [
        pytest.param("19999.99", 3, id="just below 20,000"),
        pytest.param("20000", 6, id="exactly 20,000 belongs to the middle"),
        pytest.param("100000", 6, id="exactly 100,000 belongs to the middle"),
        pytest.param("100000.01", 12, id="just above 100,000"),
        pytest.param("0.01", 3, id="hardly anything"),
    ],
)
def test_the_window_grows_with_the_first_deal(acv: str, months: int):
    assert CreditRules().months(Fraction(acv)) == months


@pytest.mark.parametrize(
    ("first", "acv", "signed", "to"),
    [
        pytest.param("2025-01-15", 19_999, "2025-04-14", Credit.SALES, id="last day of 3 months"),
        pytest.param("2025-01-15", 19_999, "2025-04-15", Credit.CSM, id="3 months are over"),
        pytest.param("2025-01-15", 20_000, "2025-07-14", Credit.SALES, id="last day of 6 months"),
        pytest.param("2025-01-15", 100_000, "2025-07-15", Credit.CSM, id="6 months are over"),
        pytest.param("2025-01-15", 100_001, "2026-01-14", Credit.SALES, id="last day of 12"),
        pytest.param("2025-01-15", 100_001, "2026-01-15", Credit.CSM, id="12 months are over"),
        pytest.param("2024-11-30", 1, "2025-02-27", Credit.SALES, id="February is clamped"),
        pytest.param("2024-11-30", 1, "2025-02-28", Credit.CSM, id="on the clamped day"),
        pytest.param("2023-11-30", 1, "2024-02-28", Credit.SALES, id="a leap year has one more"),
        pytest.param("2023-11-30", 1, "2024-02-29", Credit.CSM, id="on the leap day"),
        pytest.param("2025-01-15", 1, "2025-01-15", Credit.SALES, id="the day of the first deal"),
    ],
)
def test_sales_before_the_window_is_over_and_the_csm_from_that_day_on(first, acv, signed, to):
    found = credit(day(signed), FirstDeal(day(first), Fraction(acv)), override=None)
    assert (found.to, found.is_overridden) == (to, False)


def test_an_override_stands_beside_what_the_window_says():
    found = credit(SIGNED, FirstDeal(SIGNED, Fraction(1)), override=Credit.CSM)
    assert (found.to, found.by_window, found.is_overridden) == (Credit.CSM, Credit.SALES, True)


@pytest.mark.parametrize(
    ("signed", "to"),
    [
        pytest.param("2025-04-14", Credit.SALES, id="within the shortest window"),
        pytest.param("2025-04-15", None, id="it depends on the size"),
        pytest.param("2026-01-14", None, id="it still does"),
        pytest.param("2026-01-15", Credit.CSM, id="after the longest window"),
    ],
)
def test_a_first_deal_of_unknown_size_is_not_guessed(signed, to):
    found = credit(day(signed), FirstDeal(SIGNED, None), override=None)
    assert (found.to, found.months, found.csm_from_on) == (to, None, None)


def test_the_first_deal_is_everything_recurring_of_the_first_signing_day():
    lines = [
        line("T", "2024-12-01", "2025-01-01", kind=Kind.TRIAL),
        line("F", "2024-12-15", amount=0),
        line("N", "2025-02-01", "2026-02-01", 12_000, signed_on=SIGNED),
        line("M", "2025-02-01", "2027-02-01", 16_000, signed_on=SIGNED, product="B"),
        line("A", "2025-03-01", "2026-03-01", 90_000, kind=Kind.ADDON),
        line("B", "2024-01-01", kind=Kind.BUYOUT, customer_id=2),
    ]
    assert first_deals(resolve(lines), worth=worth) == {1: FirstDeal(SIGNED, Fraction(20_000))}


def test_a_first_deal_in_a_currency_without_a_rate_has_no_known_size():
    dollars = line("N", "2025-01-15", "2026-01-15", 12_000, currency="USD")
    assert first_deals(resolve([dollars]), worth=worth)[1] == FirstDeal(SIGNED, None)


def sold(*lines: Line) -> dict[str, Fraction | None]:
    found = upsells(resolve(lines), worth=worth, grace_days=30)
    return {upsell.order_id: upsell.amount for upsell in found}


FIRST = line("N", "2025-01-01", "2026-01-01", 12_000)


def renewal(order_id: str, amount: int, renews: str = "N", signed: str = "2025-12-20", **also):
    start = also.pop("start", "2026-01-01")
    end = also.pop("end", "2027-01-01")
    named = tuple(renews.split(";"))
    return line(
        order_id, start, end, amount, kind=Kind.RENEWAL, renews=named, signed_on=day(signed), **also
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([line("A", "2025-07-01", "2026-01-01", 3_000, kind=Kind.ADDON)], {"A": 6_000},
                     id="an add-on of half a year counts for a year"),
        pytest.param([renewal("R", 15_000)], {"R": 3_000}, id="a renewal above the amount due"),
        pytest.param([renewal("R", 12_000)], {}, id="a renewal of the same amount"),
        pytest.param([renewal("R", 9_000)], {}, id="a renewal of less"),
        pytest.param([renewal("R", 30_000, end="2028-01-01")], {"R": 3_000},
                     id="two years are compared per year"),
        pytest.param([renewal("R", 8_000), renewal("S", 6_000, signed="2025-12-21")], {"S": 2_000},
                     id="of two renewals the one signed last is above"),
        pytest.param([renewal("R", 13_000), renewal("S", 6_000, signed="2025-12-21")],
                     {"R": 1_000, "S": 6_000}, id="both are above"),
        pytest.param([renewal("R", 15_000, signed="2026-01-30")], {"R": 3_000},
                     id="signed on the last day of grace"),
        pytest.param([renewal("R", 15_000, signed="2026-01-31")], {}, id="signed after grace"),
        pytest.param([renewal("R", 15_000, start="2026-01-31", end="2027-01-31")], {"R": 3_000},
                     id="begun on the last day of grace"),
        pytest.param([renewal("R", 15_000, start="2026-02-01", end="2027-02-01")], {},
                     id="begun after grace"),
        pytest.param([line("A", "2025-07-01", "2026-01-01", 3_000, kind=Kind.ADDON),
                      renewal("R", 18_000, "N;A")], {"A": 6_000},
                     id="a co-termed add-on is part of what falls due"),
        pytest.param([line("D", "2025-07-01", "2026-01-01", -3_000, kind=Kind.DOWNSELL,
                           renews=("N",)), renewal("R", 7_000)], {"R": 1_000},
                     id="a downsell lowers what falls due"),
        pytest.param([renewal("R", 15_000), cancels("R", "2026-01-01")], {},
                     id="a renewal cancelled before it began"),
        pytest.param([renewal("R", 15_000, currency="USD")], {"R": None},
                     id="a renewal in a currency without a rate is not known"),
        pytest.param([renewal("R", 15_000, start="2025-07-01", end="2026-01-01",
                              signed="2025-06-20")], {"R": 18_000},
                     id="a renewal that ends with what it renews"),
        pytest.param([line("M", "2025-06-01", "2026-06-01", 24_000, kind=Kind.ADDON),
                      renewal("R", 45_000, "N;M")], {"M": 24_000, "R": 9_000},
                     id="a renewal of two due groups is shared between them"),
    ],
)  # fmt: skip
def test_an_upsell_is_an_add_on_or_what_a_renewal_adds(lines: list[Line], expected):
    assert sold(FIRST, *lines) == expected


def test_a_group_that_shrinks_does_not_hide_one_that_grows():
    other = line("M", "2025-06-01", "2026-06-01", 12_000)
    shrunk, grown = renewal("R", 6_000, "N"), renewal("S", 15_000, "M")
    assert sold(FIRST, other, shrunk, grown) == {"S": 3_000}


def test_a_renewal_of_an_open_ended_order_is_compared_with_it():
    monthly = line("O", "2025-01-01", amount=1_000, basis=Basis.MRR)
    renewed = renewal("R", 1_200, "O", basis=Basis.MRR)
    assert sold(monthly, renewed) == {"R": 2_400}


def test_orders_are_told_with_where_and_when_they_were_signed():
    add_on = line("A", "2025-07-01", "2026-01-01", 3_000, kind=Kind.ADDON, signed_on=SIGNED)
    (found,) = upsells(resolve([FIRST, add_on]), worth=worth, grace_days=30)
    assert (found.source, found.signed_on, found.start_on) == (
        Source.ADDON,
        SIGNED,
        date(2025, 7, 1),
    )


@pytest.mark.parametrize(
    ("touched", "counted"),
    [
        pytest.param("2025-03-01", 1, id="the day of the signing"),
        pytest.param("2025-03-02", 0, id="the day after"),
        pytest.param("2025-01-01", 1, id="59 days before"),
        pytest.param("2024-12-31", 0, id="60 days before is too long ago"),
    ],
)
def test_work_is_logged_in_the_sixty_days_up_to_the_signing(touched: str, counted: int):
    assert work_before(date(2025, 3, 1), [day(touched)]) == counted
