"""RavenStack's subscriptions through the rules: the figures of the data's own README."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from perennial.contracts.rules import Basis, Kind, Line
from perennial.revenue.rules import Histories
from perennial.revenue.tests.ledger import book, day, moment


@pytest.fixture(scope="module")
def subscriptions(shared_data: Path) -> list[dict[str, str]]:
    with gzip.open(shared_data / "ravenstack_subscriptions.csv.gz", "rt", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def found(subscriptions: list[dict[str, str]]) -> Histories:
    accounts: dict[str, int] = {}
    lines = (
        Line(
            customer_id=accounts.setdefault(row["account_id"], len(accounts)),
            order_id=row["subscription_id"],
            kind=Kind.TRIAL if row["is_trial"] == "TRUE" else Kind.NEW,
            start_on=day(row["start_date"]),
            end_on=day(row["end_date"]) if row["end_date"] else None,
            signed_on=day(row["start_date"]),
            recorded_at=moment(day(row["start_date"])),
            currency="USD",
            amount=Fraction(row["mrr_amount"]),
            basis=Basis.MRR,
        )
        for row in subscriptions
        if row["start_date"] != row["end_date"]
    )
    return book(lines, currency="USD")


def test_thirteen_subscriptions_end_on_the_day_that_they_start(subscriptions):
    assert len(subscriptions) == 5000
    assert sum(row["start_date"] == row["end_date"] for row in subscriptions) == 13


@pytest.mark.parametrize(
    ("on", "mrr", "accounts"),
    [
        (date(2023, 6, 30), 242_921, 64),
        (date(2023, 12, 31), 1_262_113, 185),
        (date(2024, 6, 30), 3_833_405, 333),
        (date(2024, 12, 31), 10_159_608, 500),
    ],
    ids=str,
)
def test_the_published_mrr_and_paying_accounts(found, on, mrr, accounts):
    base = found.base(on)
    assert (base.mrr, base.customers) == (mrr, accounts)
