"""The two roads on the demo company, on public data, and on this home's own ledger."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from pyarrow import parquet

from perennial.connectors.ledger_files import read_orders, read_pauses
from perennial.contracts.models import OrderLine
from perennial.contracts.models import Pause as PauseRecord
from perennial.contracts.queries import ledgers
from perennial.contracts.rules import Basis, Kind, Line
from perennial.customers.models import Customer
from perennial.demo.generate import write
from perennial.revenue.engine import ledger_tables, parquet_tables
from perennial.revenue.engine.home import home_tables
from perennial.revenue.engine.tables import LINES, lines_of, pauses_of
from perennial.revenue.rules import Movement, Rates
from perennial.revenue.tests.ledger import day, moment
from perennial.revenue.tests.random_ledgers import Ledger
from perennial.revenue.tests.roads import assert_equal, company, told, two_roads
from perennial.units.period import Grain, periods_between


def test_the_demo_company(tmp_path: Path):
    write(tmp_path, customers=80, events=80, end_on=date(2026, 6, 30))
    orders = read_orders(tmp_path / "orders.csv", skip_bad_rows=True)
    pauses = read_pauses(tmp_path / "pauses.csv", orders).pauses
    ledger = Ledger(orders.lines, pauses)
    assert len(ledger.lines) > 100
    assert_equal(*two_roads(ledger, rates=Rates(plan={"USD": Fraction(7)})))


def test_the_periods_of_the_playbook(shared_data: Path):
    """121 month-aligned periods with reactivations; the spine that they come from starts in 2018
    and forgets who paid before (metric specification A2)."""
    with (shared_data / "mrr_playbook_subscription_periods.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 121
    lines = [
        _line(
            row["subscription_id"],
            int(row["customer_id"]),
            (row["start_date"], row["end_date"]),
            row["monthly_amount"],
        )
        for row in rows
    ]
    exact, fast = two_roads(Ledger(lines))
    months = list(periods_between(date(2017, 1, 1), date(2020, 12, 31), Grain.MONTH))
    found = fast.many(months)
    assert [told(it) for it in found] == [told(exact.movements(it)) for it in months]
    assert any(it.counts[Movement.REACTIVATION] for it in found)


def test_ravenstack(shared_data: Path):
    with gzip.open(shared_data / "ravenstack_subscriptions.csv.gz", "rt", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["start_date"] != row["end_date"]]
    accounts: dict[str, int] = {}
    lines = [
        _line(
            row["subscription_id"],
            accounts.setdefault(row["account_id"], len(accounts)),
            (row["start_date"], row["end_date"]),
            row["mrr_amount"],
            trial=row["is_trial"] == "TRUE",
        )
        for row in rows
    ]
    exact, fast = two_roads(Ledger(lines))
    assert fast.base(day("2024-12-31")).mrr == 10_159_608  # the data's README
    assert fast.base(day("2024-12-31")).customers == 500
    months = list(periods_between(date(2023, 1, 1), date(2024, 12, 31), Grain.MONTH))
    assert [told(it) for it in fast.many(months)] == [told(exact.movements(it)) for it in months]


def _line(
    order_id: str, customer_id: int, term: tuple[str, str], mrr: str, *, trial: bool = False
) -> Line:
    start, end = term
    return Line(
        customer_id=customer_id,
        order_id=order_id,
        kind=Kind.TRIAL if trial else Kind.NEW,
        start_on=day(start),
        end_on=day(end) if end else None,
        signed_on=day(start),
        recorded_at=moment(day(start)),
        currency="CNY",
        amount=Fraction(mrr),
        basis=Basis.MRR,
    )


@pytest.mark.django_db
def test_the_tables_of_the_home_are_its_ledger_and_follow_it():
    customer = Customer.objects.create(
        external_id="c", name="甲公司", recorded_at=datetime(2025, 1, 1, tzinfo=UTC)
    )
    _record(customer, "A", recorded_on=date(2025, 1, 5), renews=[])
    _record(customer, "B", recorded_on=date(2025, 2, 5), renews=["A"])
    PauseRecord.objects.create(
        customer=customer, start_on=date(2025, 3, 1), recorded_at=datetime(2025, 3, 1, tzinfo=UTC)
    )
    tables = home_tables()
    assert tables.lines.schema == LINES
    [ledger] = ledgers().values()
    assert sorted(lines_of(tables.lines), key=str) == sorted(ledger.lines, key=str)
    assert pauses_of(tables.pauses) == ledger.pauses
    assert home_tables() is tables
    _record(customer, "C", recorded_on=date(2025, 4, 5), renews=[])
    assert home_tables().lines.num_rows == 3


def test_lines_come_back_from_parquet_files(tmp_path: Path):
    ledger = company(9, 20)
    tables = ledger_tables(ledger.lines, ledger.pauses)
    parquet.write_table(tables.lines, tmp_path / "lines.parquet")
    parquet.write_table(tables.pauses, tmp_path / "pauses.parquet")
    found = parquet_tables(tmp_path / "lines.parquet", tmp_path / "pauses.parquet")
    assert (lines_of(found.lines), pauses_of(found.pauses)) == (ledger.lines, ledger.pauses)
    assert parquet_tables(tmp_path / "lines.parquet").pauses.num_rows == 0


def test_lines_come_back_from_their_table():
    lines = [
        _line("A", 1, ("2025-01-01", ""), "12.345678"),
        _line("B", 2, ("2025-01-01", "2025-02-01"), "0", trial=True),
    ]
    assert lines_of(ledger_tables(lines).lines) == lines


def _record(customer: Customer, order_id: str, *, recorded_on: date, renews: list[str]) -> None:
    OrderLine.objects.create(
        customer=customer,
        order_id=order_id,
        kind="renewal" if renews else "new",
        start_on=recorded_on,
        end_on=date(2026, 1, 5),
        signed_on=recorded_on,
        recurring_amount="1200.500000",
        basis="term",
        currency="CNY",
        renews=renews,
        recorded_at=datetime(recorded_on.year, recorded_on.month, recorded_on.day, 20, tzinfo=UTC),
        discount_amount="10",
        discount_end_on=date(2025, 6, 1),
        notice_days=30,
        seats=5,
    )
