"""The subscription periods of dbt's mrr-playbook against a month spine written in a few lines."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from perennial.contracts.rules import Basis
from perennial.revenue.rules import Histories
from perennial.revenue.tests.ledger import book, counted, line, told
from perennial.units.period import Grain, add_months, period_of


@pytest.fixture(scope="module")
def periods(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data / "mrr_playbook_subscription_periods.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def found(periods: list[dict[str, str]]) -> Histories:
    return book(
        line(
            row["subscription_id"],
            row["start_date"],
            row["end_date"] or None,
            row["monthly_amount"],
            customer_id=int(row["customer_id"]),
            basis=Basis.MRR,
        )
        for row in periods
    )


def spine(periods: list[dict[str, str]]) -> dict[date, dict[int, int]]:
    """By month, what each customer paid in it; from the very first month on."""
    first = min(date.fromisoformat(row["start_date"]) for row in periods)
    months: dict[date, dict[int, int]] = {}
    for number in range(48):
        month = add_months(first, number)
        paid: dict[int, int] = defaultdict(int)
        for row in periods:
            if row["start_date"] <= month.isoformat() < (row["end_date"] or "9999"):
                paid[int(row["customer_id"])] += int(row["monthly_amount"])
        months[month] = dict(paid)
    return months


def compared(before: dict[int, int], now: dict[int, int], known: set[int]) -> dict[str, int]:
    changes: dict[str, int] = defaultdict(int)
    for customer in before.keys() | now.keys():
        was, is_ = before.get(customer, 0), now.get(customer, 0)
        if was == 0 and is_ > 0:
            changes["reactivation" if customer in known else "new"] += is_
        elif is_ == 0:
            changes["churn"] -= was
        elif is_ != was:
            changes["expansion" if is_ > was else "contraction"] += is_ - was
    return dict(changes)


def test_every_month_is_as_the_spine_has_it(periods, found):
    months, known, seen = spine(periods), set[int](), set[str]()
    for month, now in months.items():
        report = found.movements(period_of(month, Grain.MONTH))
        before = months.get(add_months(month, -1), {})
        expected = compared(before, now, known)
        assert told(report) == {kind: Fraction(it) for kind, it in expected.items()}, month
        assert (report.start, report.end) == (sum(before.values()), sum(now.values()))
        assert report.customers == len(now)
        known |= now.keys()
        seen |= expected.keys()
    assert seen == {"new", "expansion", "reactivation", "contraction", "churn"}


def test_a_spine_that_begins_later_calls_returning_customers_new(periods, found):
    """dbt's model builds its months from a fixed one on; who had left before it comes as new."""
    months = spine(periods)
    begin = date(2019, 3, 1)
    before = {pk for month, paid in months.items() if month < begin for pk in paid}
    known, forgotten = set(months[begin]), 0
    for month in (it for it in months if it > begin):
        newcomers = months[month].keys() - known
        forgotten += len(newcomers & before)
        for pk in newcomers & before:
            report = found.only({pk}).movements(period_of(month, Grain.MONTH))
            assert counted(report) == {"reactivation": 1}
        known |= newcomers
    assert forgotten == 2
