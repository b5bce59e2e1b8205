"""Recurring revenue: the engine against a month spine, one ledger exactly, a page, a what-if.

`python -m bench.revenue --customers 300000`: about 1.1 million order lines over 120 months. The
named baseline is the month spine of a dbt model (bench/spine.py) on the same engine and lines;
ratios are of the time on all cores, fair also on a busy machine.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from perennial.events.store import Session

CUSTOMERS = 300_000
PAGE_CUSTOMERS = 10_000
FROM, TO = date(2015, 1, 1), date(2024, 12, 31)
LIMITS = {"fast road": 5.0, "ledger": 0.001, "what-if": 0.05, "page": 0.15}  # seconds
LEAST_RATIO = 5.0
ENOUGH = 30_000  # customers from which on the spine shows what it costs
MOST_MB = 3_000
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Taken:
    """Medians: time on the wall, and on all cores."""

    seconds: float
    cpu_seconds: float

    def __str__(self) -> str:
        return f"{self.seconds * 1000:10,.1f} ms {self.cpu_seconds * 1000:10,.1f} CPU-ms"


def taken(work: Callable[[], Any], rounds: int = ROUNDS) -> Taken:
    """The medians of some rounds of the same work."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Taken(statistics.median(walls), statistics.median(cpus))


def roads(customers: int) -> int:
    """The fast road, the physical limit below it, and the spines; how many limits were passed."""
    from pyarrow import parquet

    from bench.ledger import ledger
    from perennial.revenue.engine import LedgerTables, fast_book, parquet_tables
    from perennial.revenue.engine.tables import PAUSES
    from perennial.units.period import Grain, periods_between

    lines = ledger(customers)
    tables = LedgerTables(lines, PAUSES.empty_table())
    months = list(periods_between(FROM, TO, Grain.MONTH))
    print(f"{lines.num_rows:,} lines, {customers:,} customers, {len(months)} months")
    bare = _shown("bare sort of the same rows", taken(lambda: _sort(lines)))
    fast = _shown(
        "fast road: movements, GRR, NRR", taken(lambda: fast_book(tables).retentions(months))
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.parquet"
        parquet.write_table(lines, path, compression="zstd")
        _shown(
            "the same from a Parquet file",
            taken(lambda: fast_book(parquet_tables(path)).retentions(months)),
        )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {fast.cpu_seconds / bare.cpu_seconds:.1f} × the bare sort; peak {memory:,.0f} MB")
    found = fast_book(tables).retentions(months)
    over = (fast.seconds > LIMITS["fast road"] * max(customers / CUSTOMERS, 0.2)) + (
        memory > MOST_MB
    )
    for name, spine in _spines(lines, found[60].movements.counts):
        ratio = spine.cpu_seconds / fast.cpu_seconds
        _shown(name, spine)
        print(f"  {ratio:.1f} × the fast road")
    return over + (ratio < LEAST_RATIO and customers >= ENOUGH)


def _sort(lines: pa.Table) -> None:
    """What no road can do without: the rows, read once and in order."""
    from perennial.events.store import table_session

    with table_session() as session:
        session.offer("lines", lines)
        session.run(
            "CREATE TEMP TABLE sorted AS SELECT customer_id, start_on, end_on, amount, order_id "
            "FROM lines ORDER BY customer_id, start_on"
        )


def _spines(lines: pa.Table, counts: Any) -> list[tuple[str, Taken]]:
    """The spine over each customer's own months, and over all months, from the same lines."""
    from bench.spine import ALL_MONTHS, OWN_MONTHS, SPINE
    from perennial.events.store import table_session

    found = []
    for name, spine in (
        ("spine, each customer's own months", OWN_MONTHS),
        ("spine, customers × months", ALL_MONTHS),
    ):
        with table_session() as session:
            session.run("SET memory_limit = '8GB'")  # with 1 GB, as the others, it gives up

            def run(spine: str = spine, session: Session = session) -> None:
                _periods(session, lines)
                statement = SPINE.format(first=FROM, last=TO.replace(day=1), spine=spine)
                rows = session.rows(statement)
                assert rows[60][7:9] == (counts["new"], counts["churn"]), "other figures"

            found.append((name, taken(run, 1)))
    return found


def _periods(session: Session, lines: pa.Table) -> None:
    """The spine gets the same periods from the same lines."""
    from bench.spine import PERIODS
    from perennial.revenue.engine.amounts import UNITS
    from perennial.revenue.engine.terms import make_due, make_terms, offer_lines
    from perennial.revenue.rules import DEFAULT, Rates

    offer_lines(session, lines)
    make_due(session, definitions=DEFAULT, known_before=None)
    make_terms(session, definitions=DEFAULT, rates=Rates())
    session.run(PERIODS.format(units=UNITS))


def _shown(name: str, work: Taken) -> Taken:
    print(f"{name:<36}{work}", flush=True)
    return work


def one_ledger() -> int:
    """The exact road for one customer: 20 lines, 24 months of movements."""
    from bench.ledger import one_customer
    from perennial.contracts.rules import resolve
    from perennial.revenue.engine.tables import lines_of
    from perennial.revenue.rules import histories
    from perennial.units.period import Grain, periods_between

    lines = lines_of(one_customer(20))
    months = list(periods_between(date(2023, 1, 1), date(2024, 12, 31), Grain.MONTH))

    def work() -> None:
        book = histories(resolve(lines))
        for month in months:
            book.movements(month)

    found = _shown("one ledger exactly, 20 lines, 24 mo.", taken(work, 50))
    return found.cpu_seconds > LIMITS["ledger"]


def what_if() -> int:
    from perennial.revenue.rules.whatif import whatif

    rates = (Fraction(1, 2), Fraction(4, 5))

    def work() -> None:
        whatif(Fraction(1000), growth=Fraction(3, 10), renewals=rates, periods=10)

    return _shown("what-if, ten years, two rates", taken(work, 50)).seconds > LIMITS["what-if"]


def page(customers: int) -> int:
    """Server time of the Revenue page, now and as known a month ago (warm and cold)."""
    from django.test import Client

    from bench.pages import prepare
    from perennial.config.server import collect_static

    client = Client()
    client.force_login(prepare(customers))
    collect_static()
    over = 0
    for name, path in (("now", ""), ("as known in May", "?as_of=2026-05-31&known_at=2026-05-31")):
        ask = partial(client.get, f"/revenue/{path}")
        cold, warm = taken(ask, 1), taken(ask, 10)
        print(f"Revenue page, {customers:,} customers, {name}: first {cold.seconds:.2f} s, then")
        _shown("", warm)
        over += warm.seconds > LIMITS["page"]
    return over


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--page-customers", type=int, default=PAGE_CUSTOMERS)
    parser.add_argument("--home", type=Path, help="a home that was prepared before")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PERENNIAL_HOME"] = str(asked.home or folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "perennial.config.settings"
        import django

        django.setup()
        print(datetime.now(UTC).strftime("%Y-%m-%d"))
        over = roads(asked.customers) + one_ledger() + what_if()
        return over + (page(asked.page_customers) if asked.page_customers else 0)


if __name__ == "__main__":
    sys.exit(main())
