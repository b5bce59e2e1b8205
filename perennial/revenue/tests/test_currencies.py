"""Plan and spot rates, and metered revenue beside the committed one: both values of each."""

from __future__ import annotations

from fractions import Fraction

import pytest

from perennial.contracts.rules import Kind
from perennial.revenue.rules import Rates
from perennial.revenue.tests.ledger import (
    activity,
    adds,
    cancels,
    counted,
    day,
    kept,
    line,
    net,
    told,
)

FEBRUARY = ("2025-02-01", "2025-02-28")
SPOT = Rates(
    plan={"USD": Fraction(7)},
    spot={"USD": ((day("2025-01-01"), Fraction(7)), (day("2025-02-14"), Fraction(8)))},
)
DOLLARS = [
    line("S", "2025-01-01", None, 10, currency="USD", customer_id=1),
    line("G", "2025-01-01", None, 10, currency="USD", customer_id=2),
    adds("G2", "2025-02-20", 5, currency="USD", customer_id=2),
    line("L", "2025-01-01", None, 10, currency="USD", customer_id=3),
    cancels("L", "2025-02-25", customer_id=3),
    line("N", "2025-02-20", None, 10, currency="USD", customer_id=4),
    line("H", "2025-01-01", None, 100, customer_id=5),
]


def test_plan_rates_never_move_a_figure():
    found = net(DOLLARS, *FEBRUARY, rates=SPOT)
    assert told(found) == {"new": 70, "expansion": 35, "churn": -70}
    assert (found.start, found.fx, found.end) == (310, 0, 345)


def test_spot_rates_are_a_line_of_their_own():
    """Stripe's separate line: who stays is valued anew, who comes or leaves is not."""
    found = net(DOLLARS, *FEBRUARY, rates=SPOT, fx="spot")
    assert told(found) == {"new": 80, "expansion": 35, "churn": -70}
    assert found.fx == 10 * (8 - 7) + 15 * (8 - 7)
    assert (found.start, found.end) == (310, 310 + 80 + 35 - 70 + 25)
    days = activity(DOLLARS, *FEBRUARY, rates=SPOT, fx="spot")
    assert told(days) == {"new": 80, "expansion": 40, "churn": -80}
    assert (days.fx, days.end) == (30, found.end)


def test_retention_is_told_at_the_rates_of_the_start():
    spot, plan = (
        kept(DOLLARS, "2025-01-31", "2025-02-28", rates=SPOT, fx=fx) for fx in ("spot", "plan")
    )
    assert (spot.grr, spot.nrr, spot.gross_churn) == (plan.grr, plan.nrr, plan.gross_churn)
    assert (spot.end_mrr, plan.end_mrr) == (380, 345)


@pytest.mark.parametrize(("setting", "end"), [("exclude", 100), ("include", 160)])
def test_metered_revenue_counts_only_on_request_but_is_always_told(setting, end):
    lines = [
        line("A", "2025-01-01", None, 100),
        line("U", "2025-02-01", "2025-03-01", 60, kind=Kind.USAGE),
        line("V", "2025-01-15", "2025-02-15", 31, kind=Kind.USAGE),
    ]
    found = net(lines, *FEBRUARY, usage_revenue=setting)
    assert (found.end, found.usage_revenue) == (end, 60 + 14)
    halves = [
        net(lines, a, b, usage_revenue=setting).usage_revenue
        for a, b in (("2025-02-01", "2025-02-09"), ("2025-02-10", "2025-02-28"))
    ]
    assert sum(halves) == found.usage_revenue


def test_metered_revenue_alone_makes_no_paying_customer():
    lines = [line("U", "2025-02-01", "2025-03-01", 60, kind=Kind.USAGE)]
    found = net(lines, *FEBRUARY)
    assert (counted(found), found.customers, found.usage_revenue) == ({}, 0, 60)
